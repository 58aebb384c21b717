"""What the bytes of a message are: its header block, and its parts."""
