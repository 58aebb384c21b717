"""Authentication-Results (RFC 8601): what we write, and which fields that came in pretend to be ours.

Everything of the message that goes into the text is a token or a quoted string, without control characters, and
comments hold no parentheses of others: nothing that a sender chose ends a value early or starts another one.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from mailock.core.authentication.authentication import Authentication
from mailock.core.authentication.fields import Field, Split
from mailock.core.mail.address import ATEXT
from mailock.core.mail.unseen import UNSEEN
from mailock.core.mime.headers import fields, unfolded
from mailock.core.mime.words import decode
from mailock.core.smtp.domain import read_domain

NAME: Final = "Authentication-Results"
SIGNATURES: Final = 5
"""Signatures that are told."""
LONGEST: Final = 4096
"""Octets of a field in which its beginning is looked for; of a longer one all counts as that."""
FORGED: Final = 50
"""Fields that pretend to be ours that are told one by one."""
_TOKEN: Final = ATEXT - frozenset("/=?") | frozenset(".@/-_+")


def text(authentication: Authentication, identifier: str) -> str:
    """The value of our field, unfolded; `identifier` is our host name (the authserv-id)."""
    return "; ".join([identifier, *_methods(authentication)])


def _methods(authentication: Authentication) -> Iterator[str]:
    spf = authentication.spf
    if spf is not None:
        where = "smtp.mailfrom" if spf.identity == "mailfrom" else "smtp.helo"
        domain = f" {where}={_value(spf.untrusted_domain)}" if spf.untrusted_domain else ""
        yield f"spf={spf.result.value}{_comment(spf.reason)}{domain}"
    for one in authentication.dkim[:SIGNATURES]:
        named = "".join(
            f" {name}={_value(value)}"
            for name, value in (("header.d", one.domain), ("header.s", one.selector), ("header.a", one.algorithm))
            if value
        )
        yield f"dkim={one.result.value}{_comment(one.reason)}{named}"
    if not authentication.dkim:
        yield "dkim=none"
    dmarc = authentication.dmarc
    policy = f"p={dmarc.policy.word}" if dmarc.policy is not None else ""
    author = f" header.from={_value(dmarc.domain)}" if dmarc.domain else ""
    yield f"dmarc={dmarc.result.value}{_comment(policy or dmarc.reason)}{author}"
    yield f"arc={authentication.arc.result.value}"
    if authentication.iprev is not None:
        yield f"iprev={authentication.iprev.result.value} policy.iprev={_value(authentication.ip)}"


def _value(text_: str) -> str:
    """A token, or a quoted string."""
    if text_ and _TOKEN.issuperset(text_):
        return text_
    kept = "".join(character if " " <= character != "\x7f" else "?" for character in text_[:300])
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _comment(sentence: str) -> str:
    kept = "".join(
        character if " " <= character < "\x7f" and character not in "()\\;" else " " for character in sentence[:200]
    )
    return f" ({' '.join(kept.split())})" if kept.strip() else ""


def forged(message: Split, identifier: str) -> tuple[str, ...]:
    """The beginnings of fields that came in and bear our name: each begins so when it is read, and has to go.

    A field bears it wherever it stands as a word before the first semicolon, however a reader finds that: in quotes, in
    and around comments, encoded, behind a name of the field that only some clients read. Where there are too many, the
    beginning is empty: all have to go.
    """
    ours = read_domain(identifier) or identifier.lower()
    if not ours:
        return ()
    found: dict[str, None] = {}
    for one in fields(message.block):
        if one.read_as != NAME.lower():
            continue
        whole = decode(one.said)
        if any(_bears(head, ours) for head in _heads(one.said, whole)):
            found[whole.partition(";")[0][:500] or whole[:500]] = None
            if len(found) > FORGED:
                return ("",)
    return tuple(found)


def _heads(said: bytes, whole: str) -> set[str]:
    """What a value may be said to begin with, before its first semicolon: of the whole of one that is too long."""
    raw = said.decode("latin-1")
    if len(said) > LONGEST:
        return {whole, raw}
    heads = {decode(said.partition(b";")[0])}
    for text_ in (whole, raw):
        heads |= {text_.partition(";")[0], split_methods(text_)[0]}
    return heads


def _bears(head: str, ours: str) -> bool:
    """Whether our name stands in what results begin with."""
    text_ = head.replace("\\", "")
    if not text_.isascii():
        text_ = unicodedata.normalize("NFKC", text_.translate(UNSEEN))
    text_ = text_.lower()
    for one in (text_, without_comments(text_)) if "(" in text_ and len(text_) <= LONGEST else (text_,):
        if one.isascii() and ours not in one:
            continue
        named = [letter if letter.isalnum() or letter in "-_." else " " for letter in one]
        words = {word.strip(".") for word in "".join(named).split()}
        plain = "".join(letter if letter.isascii() else " " for letter in named).split()
        if ours in words or ours in plain or ours in {read_domain(word) for word in words if not word.isascii()}:
            return True
    return False


def field(authentication: Authentication) -> bytes:
    """Our field, folded, with its CRLF."""
    methods_ = list(_methods(authentication))
    return f"{NAME}: {authentication.receiver};\r\n\t".encode() + ";\r\n\t".join(methods_).encode() + b"\r\n"


def methods(written: Iterable[Field], identifier: str) -> list[str]:
    """What Authentication-Results fields of ours say, method by method, each on one line."""
    found: list[str] = []
    for field in written:
        if field.lower != NAME.lower():
            continue
        pieces = split_methods(unfolded(field.value).decode("utf-8", "replace"))
        if pieces and _server(pieces[0]) == identifier.lower():
            found += [" ".join(piece.split()) for piece in pieces[1:] if piece.strip()]
    return found


def split_methods(text_: str) -> list[str]:
    """A value of results, cut at its semicolons; those in quotes and comments cut nothing."""
    pieces: list[str] = []
    start, depth, quoted, escaped = 0, 0, False, False
    for place, character in enumerate(text_):
        if escaped or character == "\\":
            escaped = not escaped
        elif character == ";" and not quoted and not depth:
            pieces.append(text_[start:place])
            start = place + 1
        elif character == '"' and not depth:
            quoted = not quoted
        elif not quoted:
            depth = max(0, depth + (character == "(") - (character == ")"))
    return [*pieces, text_[start:]]


def _server(head: str) -> str | None:
    """The authserv-id that results begin with, in lower case; None where it cannot be read plainly."""
    words = without_comments(head).split()
    if head.count("(") != head.count(")") or not words or len(words) > 2:
        return None
    name = words[0].removeprefix('"').removesuffix('"').lower()
    return name if _TOKEN.issuperset(name) else None


def without_comments(text_: str) -> str:
    """A text without its comments, nested ones too."""
    plain, depth = [], 0
    for character in text_:
        depth += character == "("
        if not depth:
            plain.append(character)
        depth -= character == ")" and depth > 0
    return "".join(plain)
