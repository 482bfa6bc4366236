"""Settings of all tests."""

from hypothesis import settings

# Hypothesis' own profile for shared machines: the same examples on every run, and nothing timed.
settings.load_profile("ci")
