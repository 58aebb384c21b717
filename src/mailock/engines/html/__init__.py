"""HTML: where it leads, what it hides, what it asks for, and what its scripts would build."""
