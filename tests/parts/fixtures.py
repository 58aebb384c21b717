"""The pytest fixtures made from the parts beside this file; every test sees them by name."""
