"""How a message lives: its stages, the moves between them, what each move writes, and what the log makes of it."""
