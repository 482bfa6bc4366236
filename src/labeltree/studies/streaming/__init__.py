"""Multi-label networks that go on learning from combinations alone (paper 003)."""
