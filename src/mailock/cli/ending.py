"""How a command ends when it does not end well:

one sentence on standard error, and a code that scripts can tell apart.
"""


class Ending(Exception):
    """Ends the command with a sentence. Raise one of the three below.

    With --json a command that ends with 2 or 3 says so on standard output too, as `{"error": …}`; `answered` where it
    has said it already, in an object of its own.
    """

    code = 3

    def __init__(self, text: str, *, answered: bool = False) -> None:
        super().__init__(text)
        self.answered = answered


class AnswerIsNo(Ending):
    """It was done, and the answer is no: found something, not clean, not empty."""

    code = 1


class WrongUse(Ending):
    """Bad input: what, where, and the mend."""

    code = 2


class CouldNot(Ending):
    """It could not be done, and nothing was lost."""

    code = 3
