"""What evidence quotes of a message: cut, in one line, and without anything that a terminal would obey."""

from mailock.core.mail.shown import cleaned


def quoted(untrusted: str, longest: int = 80) -> str:
    """A text of a message, fit to stand in a sentence; at most `longest` characters."""
    line = " ".join(cleaned(untrusted[: longest * 4]).split())
    if not line.isprintable():
        line = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"
