"""How a command ends when it does not end well:

one sentence on standard error, and a code that scripts can tell apart.
"""


class Ending(Exception):
    """Ends the command with a sentence. Raise one of the three below."""

    code = 3


class AnswerIsNo(Ending):
    """It was done, and the answer is no: found something, not clean, not empty."""

    code = 1


class WrongUse(Ending):
    """Bad input: what, where, and the mend."""

    code = 2


class CouldNot(Ending):
    """It could not be done, and nothing was lost."""

    code = 3
