"""The texts that stand where something was: templates with variables, and links that cannot be followed.

A template is the operator's, what it is filled with comes from a hostile message: it is put in once, as it is, in one
line, and is never looked through for variables again.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Final

from mailock.core.mime.compose import one_line

VARIABLES: Final = {
    "filename": "the name of the file that was removed",
    "md5": "the MD5 of its content",
    "sha256": "the SHA-256 of its content",
    "neutralized_url": "the link, written so that it cannot be followed",
    "verdicts": "what was found, a sentence a line",
    "decision": "what became of the message, and for whom",
    "links": "its links, written so that they cannot be followed",
    "source": "where the message came from",
    "sender": "the envelope's sender",
    "recipients": "the envelope's recipients, those of this copy only",
    "subject": "the subject",
    "queue_id": "the id of the message, as `mailock show` takes it",
    "date": "when the message was taken",
}
"""Every variable of the texts, as `$name$`, and what stands for it."""
COPY_TEMPLATE: Final = """\
A copy of a message, for your attention. The message is attached as it came: open it with care.

Message:  $queue_id$, taken $date$
Source:   $source$
From:     $sender$
For:      $recipients$
Subject:  $subject$

What became of it:
$decision$

What was found:
$verdicts$

Its links, written so that they cannot be followed:
$links$
"""
"""What a copy says, as it ships."""
LONGEST: Final = 500
"""Characters of one value at most; a text of several lines may have so many in each."""
MOST_LINES: Final = 100
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SCHEMES: Final = (("https", "hxxps"), ("http", "hxxp"), ("ftp", "fxp"))


def expand(template: str, untrusted: Mapping[str, str]) -> str:
    """A template with its variables filled in. A name that `untrusted` does not hold stays as it stands."""
    pieces: list[str] = []
    rest = template
    while True:
        before, mark, behind = rest.partition("$")
        pieces.append(before)
        if not mark:
            return "".join(pieces)
        name, mark, after = behind.partition("$")
        if mark and name in untrusted:
            pieces.append(_value(untrusted[name]))
            rest = after
        else:
            pieces.append("$")
            rest = behind


def unknown_variables(template: str) -> tuple[str, ...]:
    """Names between dollar signs that no text knows: what an administrator has misspelt."""
    found: list[str] = []
    pieces = template.split("$")
    for name in pieces[1:-1]:
        if name and _NAME.issuperset(name) and name not in VARIABLES and name not in found:
            found.append(name)
    return tuple(found)


def neutralise(untrusted_url: str) -> str:
    """A link as text that no client makes a link of: `hxxp[:]//evil[.]example/x`.

    Each scheme, colon before slashes, dot and at sign in it is broken, for a link may hold another one.
    """
    text = one_line(untrusted_url).strip()
    for scheme, broken in _SCHEMES:
        text = _without_case(text, scheme, broken)
    text = text.replace("[.]", ".").replace("[:]", ":").replace("[@]", "@")
    return text.replace(".", "[.]").replace(":", "[:]").replace("@", "[@]")


def as_html(text: str) -> str:
    """Text as HTML that shows it and does nothing else; lines are kept."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<br>\r\n".join(html.escape(line) for line in lines)


def listed(sentences: Sequence[str]) -> str:
    """Sentences as the lines of a text."""
    return "\n".join(f"- {one_line(sentence)}" for sentence in sentences)


def _value(untrusted: str) -> str:
    lines = untrusted.splitlines() or [""]
    cut = [line if len(line) <= LONGEST else line[: LONGEST - 1] + "…" for line in map(one_line, lines[:MOST_LINES])]
    return "\n".join(cut) if len(lines) <= MOST_LINES else "\n".join([*cut, "…"])


def _without_case(text: str, word: str, instead: str) -> str:
    pieces: list[str] = []
    lower = text.lower()
    position = 0
    # Lower case may be longer than what it was made of; then places in it mean nothing.
    while len(lower) == len(text) and (place := lower.find(word, position)) >= 0:
        pieces += [text[position:place], instead]
        position = place + len(word)
    return "".join([*pieces, text[position:]])
