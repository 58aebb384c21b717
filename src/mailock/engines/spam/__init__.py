"""How a message reads: what the classifier weighs, seen in the jail."""
