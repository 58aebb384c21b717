"""PDF: what acts by itself, where it leads, and what is packed in it."""
