"""SMTP dialogues as text, played against both sides of the core. `script.py` says how they are written."""
