"""Settings of all tests."""

from hypothesis import settings

# Machines are shared: how long an example takes says nothing.
settings.register_profile("labeltree", deadline=None)
settings.load_profile("labeltree")
