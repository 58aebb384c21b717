"""What a message says, read in a real jail."""
