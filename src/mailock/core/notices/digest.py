"""Digests: mail that tells somebody what is kept from him, with a link for each message and one for all of them.

What is shown of a message (who says to have sent it, its subject) comes from whoever sent it: it stands there as text,
in HTML escaped, cut, and never as a link. Links only show a page; nothing is done by following one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType
from mailock.core.mail.shown import header
from mailock.core.mime.compose import ascii_line, field, part
from mailock.core.notices.compose import Letterhead, Written, date

LISTED: Final = 100
"""Messages that one digest lists."""
_CUT: Final = 160
_WORDS: Final = {
    "spam": "unwanted mail",
    "phishing": "phishing",
    "suspicious": "suspicious",
    "encrypted": "locked by a password",
    "unscanned": "could not be examined",
    "ambiguous": "may be read in two ways",
    "policy": "kept by a rule",
    "malware": "malicious",
    "late": "came too late",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One message that is kept from somebody. Times are Unix seconds."""

    name: str
    """Its queue id, as people see it."""
    untrusted_from: str
    untrusted_subject: str
    since: float
    expires: float
    quarantine_class: str
    releasable: bool
    """Whether its recipient may let it go, or only ask for it."""

    @property
    def sender(self) -> str:
        """Who says to have sent it, in one line."""
        return shown(self.untrusted_from) or "(nobody)"

    @property
    def subject(self) -> str:
        """Its subject, in one line."""
        return shown(self.untrusted_subject) or "(no subject)"

    @property
    def why(self) -> str:
        """Why it is kept, in a few words."""
        return class_words(self.quarantine_class)


def shown(untrusted_value: str) -> str:
    """A header field for people: decoded, one line, cut, and broken where a mail program would make a link of it."""
    text = header(untrusted_value).strip().replace("://", "[:]//").replace("www.", "www[.]")
    return text if len(text) <= _CUT else f"{text[: _CUT - 1]}…"


def class_words(quarantine_class: str) -> str:
    """A class of quarantine in a few words."""
    return _WORDS.get(quarantine_class, quarantine_class.replace("_", " "))


def write_digest(
    letterhead: Letterhead, *, to: Address, waiting: Sequence[Waiting], more: int, page: str, until: float
) -> Written:
    """The digest for somebody. `page`: the address of his quarantine, with its pass; `more`: messages beyond those
    that are listed; `until`: when the links end, Unix time.
    """
    utf8 = not to.is_ascii or not letterhead.from_.is_ascii
    count = len(waiting) + more
    subject = f"{count} {'message is' if count == 1 else 'messages are'} kept from you"
    texts = (
        part("text/plain; charset=utf-8", _plain(to, waiting, more, page, until).encode("utf-8", "replace")),
        part("text/html; charset=utf-8", _html(to, waiting, more, page, until).encode("utf-8", "replace")),
    )
    boundary = ascii_line(letterhead.boundary)
    while any(f"--{boundary}".encode() in one for one in texts):
        boundary += "x"
    top = (
        field("Date", date(letterhead.at)),
        field("From", f"Mail gateway <{letterhead.from_}>", utf8=utf8),
        field("To", f"<{to}>", utf8=utf8),
        field("Subject", subject),
        field("Message-ID", f"<{letterhead.message_id}>"),
        field("Auto-Submitted", "auto-generated"),
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
        b"\r\n",
    )
    delimiter = f"--{boundary}\r\n".encode()
    content = b"".join(top) + b"\r\n".join(delimiter + one for one in texts) + f"\r\n--{boundary}--\r\n".encode()
    return Written(
        content=content,
        body_type=BodyType.SEVEN_BIT if content.isascii() else BodyType.EIGHT_BIT,
        smtputf8=utf8,
    )


def _plain(to: Address, waiting: Sequence[Waiting], more: int, page: str, until: float) -> str:
    lines = [f"The mail gateway keeps these messages from {to}. Nothing has to be done: they end by themselves.", ""]
    for one in waiting:
        lines += [
            f"  From:    {one.sender}",
            f"  Subject: {one.subject}",
            f"  Since:   {date(one.since)} ({one.why})",
            f"  {_verb(one)}: {page}/{one.name}",
            "",
        ]
    if more:
        lines += [f"  and {more} more", ""]
    lines += [
        f"All of them: {page}",
        "",
        f"The links show a page, where you decide. They are for you alone, and end on {date(until)}.",
    ]
    return "\n".join(lines) + "\n"


def _html(to: Address, waiting: Sequence[Waiting], more: int, page: str, until: float) -> str:
    rows = "".join(
        f'<tr><td style="padding:8px 10px;border-top:1px solid #dfe3e9"><b>{escape(one.subject)}</b><br>'
        f'{escape(one.sender)}<br><span style="color:#5d6877">{escape(date(one.since))} · {escape(one.why)}</span></td>'
        f'<td style="padding:8px 10px;border-top:1px solid #dfe3e9"><a href="{escape(page)}/{escape(one.name)}">'
        f"{_verb(one)}</a></td></tr>"
        for one in waiting
    )
    rest = f"<p>and {more} more</p>" if more else ""
    return (
        '<!doctype html><html lang="en"><body style="font-family:sans-serif;color:#1b2430">'
        f"<p>The mail gateway keeps these messages from {escape(str(to))}. Nothing has to be done: they end by "
        f'themselves.</p><table style="border-collapse:collapse;text-align:left">{rows}</table>{rest}'
        f'<p><a href="{escape(page)}">All of them</a></p><p style="color:#5d6877">The links show a page, where you '
        f"decide. They are for you alone, and end on {escape(date(until))}.</p></body></html>\n"
    )


def _verb(one: Waiting) -> str:
    return "Let it go" if one.releasable else "Ask for it"
