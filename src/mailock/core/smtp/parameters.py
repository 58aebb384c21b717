"""The parameters of MAIL and RCPT (RFC 5321 section 4.1.2), each read by the extension that defines it.

A parameter that was not offered, or that nobody knows, is 555; a known one with a bad value, or given twice, is 501.
ENVID and ORCPT stay as they stood on the wire (xtext), since a relay must hand them on unchanged (RFC 3461 section
4); `grammar.read_xtext` shows what they say.
"""

import re
from typing import Final

from mailock.core.mail.envelope import BodyType, Notify, Ret
from mailock.core.smtp import phrases
from mailock.core.smtp.effects import MailGiven, RcptGiven
from mailock.core.smtp.extensions import Extension
from mailock.core.smtp.grammar import Path, is_xtext
from mailock.core.smtp.reply import Reply

MAIL_PARAMETERS: Final[dict[str, Extension | None]] = {
    "SIZE": Extension.SIZE,
    "BODY": Extension.EIGHT_BIT,
    "SMTPUTF8": Extension.SMTPUTF8,
    "RET": Extension.DSN,
    "ENVID": Extension.DSN,
    "AUTH": None,
}
RCPT_PARAMETERS: Final[dict[str, Extension | None]] = {"NOTIFY": Extension.DSN, "ORCPT": Extension.DSN}
ENVID_OCTETS: Final = 100
ORCPT_OCTETS: Final = 500

_KEYWORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_ORCPT: Final = re.compile(r"[A-Za-z0-9-]+;")


def read_mail(path: Path, offered: frozenset[Extension]) -> MailGiven | Reply:
    """What MAIL gave, or the reply that refuses it."""
    if path.address is not None and not path.address.domain:
        return phrases.BAD_SENDER
    if not path.parameters:
        return MailGiven(path.address) if path.ascii else phrases.NEEDS_SMTPUTF8
    given = _split(path.parameters, MAIL_PARAMETERS, offered)
    if isinstance(given, Reply):
        return given
    smtputf8 = "SMTPUTF8" in given
    if not path.ascii and not smtputf8:
        return phrases.NEEDS_SMTPUTF8
    size = _read_size(given.get("SIZE", "0"))
    body, ret = given.get("BODY", "7BIT").upper(), given.get("RET", "").upper()
    envid, auth = given.get("ENVID"), given.get("AUTH")
    sound = (
        size is not None
        and body in ("7BIT", "8BITMIME")
        and ret in ("", "FULL", "HDRS")
        and not given.get("SMTPUTF8")
        and (envid is None or (0 < len(envid) <= ENVID_OCTETS and is_xtext(envid)))
        and (auth is None or (auth != "" and is_xtext(auth)))
    )
    if not sound:
        return phrases.BAD_PARAMETER
    return MailGiven(path.address, size or 0, BodyType(body), smtputf8, Ret(ret) if ret else None, envid, auth)


def read_rcpt(path: Path, offered: frozenset[Extension], smtputf8: bool) -> RcptGiven | Reply:
    """What RCPT gave, or the reply that refuses it. `smtputf8` is whether MAIL said so."""
    if path.address is None:
        return phrases.BAD_RECIPIENT
    if not (path.ascii or smtputf8):
        return phrases.NEEDS_SMTPUTF8
    if not path.parameters:
        return RcptGiven(path.address)
    given = _split(path.parameters, RCPT_PARAMETERS, offered)
    if isinstance(given, Reply):
        return given
    notify = _read_notify(given["NOTIFY"]) if "NOTIFY" in given else frozenset[Notify]()
    orcpt = given.get("ORCPT")
    if notify is None or not (orcpt is None or _is_orcpt(orcpt, smtputf8)):
        return phrases.BAD_PARAMETER
    return RcptGiven(path.address, notify, orcpt)


def _split(octets: bytes, known: dict[str, Extension | None], offered: frozenset[Extension]) -> dict[str, str] | Reply:
    """The parameters by upper-case keyword; one without a value has the empty one."""
    given: dict[str, str] = {}
    for word in octets.decode("utf-8", "replace").split(" "):
        keyword, equals, value = word.partition("=")
        if not word:
            continue
        if not _KEYWORD.fullmatch(keyword) or (equals and not value):
            return phrases.SYNTAX
        name = keyword.upper()
        extension = known.get(name, _UNKNOWN)
        if extension is _UNKNOWN or not (extension is None or extension in offered):
            return phrases.UNKNOWN_PARAMETER
        if name in given or not (value.isprintable() and (equals or name == "SMTPUTF8")):
            return phrases.BAD_PARAMETER
        given[name] = value
    return given


_UNKNOWN: Final = object()


def _read_size(text: str) -> int | None:
    """RFC 1870 section 4: up to twenty digits."""
    return int(text) if len(text) <= 20 and text.isascii() and text.isdigit() else None


def _read_notify(text: str) -> frozenset[Notify] | None:
    """RFC 3461 section 4.1: NEVER alone, or a list of the others."""
    words = text.upper().split(",")
    if any(word not in Notify.__members__ for word in words):
        return None
    notify = frozenset(map(Notify, words))
    return None if Notify.NEVER in notify and len(notify) > 1 else notify


def _is_orcpt(text: str, smtputf8: bool) -> bool:
    """RFC 3461 section 4.2; with SMTPUTF8 its address may be UTF-8 (RFC 6533 section 3)."""
    kind = _ORCPT.match(text)
    if kind is None or kind.end() == len(text) or len(text) > ORCPT_OCTETS:
        return False
    address = text[kind.end() :]
    return is_xtext(address) if address.isascii() else smtputf8
