"""YARA rules over every content of every part: rules of our own, which are built in, and those of the administrator."""
