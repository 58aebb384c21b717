"""Whether a text quotes what it answers, and how much of it is a program's: seen line by line, each of them once."""

import re
from typing import Final

_REPORTED: Final = (
    "wrote:",
    "writes:",
    "schrieb:",
    "a écrit:",
    "a écrit :",
    "escribió:",
    "ha scritto:",
    "said:",
)
_LONGEST_REPORT: Final = 120
"""Characters of a line that says who wrote what follows."""
_BLANKS: Final = 3
"""Blanks that may stand before a mark of quoting."""
_STARTS: Final = (
    "+++ ",
    "--- ",
    "@@ -",
    "diff -",
    "#include",
    "Traceback",
    "sudo",
    "rpm",
    "apt-get",
    "make",
    "gcc",
    "perl",
    "python",
    "$ ",
    "# ",
)
_WORDS: Final = frozenset({"def", "class", "import", "function", "if", "for", "while"})
_TAG: Final = re.compile(r"</?[a-z]+>")
_FRAME: Final = re.compile(r"at [\w.$]+\([\w.]+:\d+\)|index [0-9a-f]{7}")
_NAMED: Final = re.compile(r"\.(?<=[\w/]\.)(?:c|h|py|pl|cpp|java|sh|conf|rpm|tar\.gz)\b")
"""A file of a programmer or of a distribution."""


def manners(text: str) -> tuple[bool, int]:
    """Whether it quotes, and the marks of a program in it."""
    quotes = "---Original" in text or "--- Original" in text or f"{'_' * 20}\nFrom:" in text
    marks = len(_NAMED.findall(text))
    for line in text.split("\n"):
        bare = line.strip()
        if not bare:
            continue
        quotes = quotes or _quotes(line, bare)
        marks += _is_technical(bare)
    return quotes, marks


def _quotes(line: str, bare: str) -> bool:
    if bare[0] in ">|":
        return len(bare) > 1 and line.find(bare[0]) <= _BLANKS
    return bare[-1] == ":" and len(bare) < _LONGEST_REPORT and bare.endswith(_REPORTED)


def _is_technical(bare: str) -> bool:
    if bare.startswith(_STARTS) or bare.endswith(");"):
        return True
    if bare[-1] in ":{(;" and bare.partition(" ")[0] in _WORDS:
        return True
    if bare[0] == "<":
        return _TAG.fullmatch(bare) is not None
    return bare[-1].isalnum() is False and "(" in bare and _FRAME.search(bare) is not None
