"""What a file is, by its bytes, against what its name and its header say; and what is dangerous about that alone."""
