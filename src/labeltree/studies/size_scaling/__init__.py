"""Which networks are trained; measured in the next step."""
