"""Lists of words, written as words with blanks between them: a word a line would be longer than it is worth."""


def words(text: str) -> frozenset[str]:
    """The words, in no order."""
    return frozenset(text.split())


def listed(text: str) -> tuple[str, ...]:
    """The words, in their order."""
    return tuple(text.split())
