"""The kernel's means of confinement, called by hand: no other program, no library."""
