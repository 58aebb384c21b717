"""What is to be changed in a message, as values, and what was changed."""
