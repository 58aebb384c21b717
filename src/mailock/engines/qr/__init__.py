"""Codes that a telephone reads: in pictures, on pages of PDF, and drawn with letters or tables."""
