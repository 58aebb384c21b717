"""Mail that was written for training: kinds and years that the public corpus does not have, in words of our own.

Each text is put into the header of programs that such mail is sent with. What a header says follows its text alone
(a digest of it), so the same texts give the same mail. No text is taken from a collection of real mail.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

TEXTS: Final = Path(__file__).with_name("texts")
_LINK: Final = re.compile(r"\[([^]|]*)\|([^]]+)\]")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Header = list[tuple[str, str]]


def written() -> Iterator[tuple[str, str, bool, bytes]]:
    """Source, name, whether it is spam, and the octets."""
    for spam in (False, True):
        for number, (style, sender, subject, body) in enumerate(_texts(TEXTS / f"{'spam' if spam else 'ham'}.txt")):
            made = _STYLES[style](_Dice(f"{style}{sender}{subject}{body}"), sender, subject, body)
            yield f"written-{'spam' if spam else 'ham'}", f"{number:03}-{style}", spam, made


def _texts(file: Path) -> Iterator[tuple[str, str, str, str]]:
    """Style, author, subject and text of each entry: `==== style`, a line each, an empty line, the text."""
    for entry in file.read_text(encoding="utf-8").split("==== ")[1:]:
        style, sender, subject, _, body = entry.split("\n", 4)
        yield style, sender, subject, body.strip()


class _Dice:
    """Choices that follow a text."""

    def __init__(self, text: str) -> None:
        self._digest = hashlib.sha256(text.encode()).hexdigest()
        self._at = 0
        self._date = self._day()

    def number(self, below: int) -> int:
        self._at = (self._at + 5) % 58
        return int(self._digest[self._at : self._at + 6], 16) % below

    def of(self, *choices: str) -> str:
        return choices[self.number(len(choices))]

    def hex(self, length: int) -> str:
        return (self._digest * 2)[self._at : self._at + length]

    @property
    def date(self) -> str:
        """One for a message."""
        return self._date

    def _day(self) -> str:
        day, hour = 1 + self.number(28), self.number(24)
        zone = self.of("+0000", "+0100", "-0500", "-0700", "+0200")
        year = 2019 + self.number(7)
        return (
            f"{self.of(*_DAYS)}, {day} {self.of('Jan', 'Mar', 'Jun', 'Sep', 'Nov')} {year} {hour:02}:17:{day:02} {zone}"
        )


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip(">")


def _plain(body: str) -> str:
    return _LINK.sub(lambda match: f"{match[1]} {match[2]}".strip(), body)


def _page(body: str, *, laid_out: bool) -> str:
    shown = _LINK.sub(lambda match: f'<a href="{match[2]}">{match[1] or match[2]}</a>', body)
    inside = "".join(f"<p>{line}</p>\r\n" for line in shown.split("\n"))
    if not laid_out:
        return f"<html><body>\r\n{inside}</body></html>"
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><style>p{font-family:Arial}</style></head><body>'
        f'<table width="600" align="center"><tr><td><img src="cid:logo" width="120"></td></tr><tr><td>'
        f"{inside}</td></tr></table></body></html>"
    )


def _message(header: Header, body: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in header)
    return f"{lines}\r\n{body}\r\n".replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _both(header: Header, dice: _Dice, body: str, *, laid_out: bool) -> bytes:
    """Plain text and HTML."""
    mark = f"{dice.of('----=_Part_', '--boundary_', '=-', 'b1_')}{dice.hex(18)}"
    header += [("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative; boundary="{mark}"')]
    page = _page(body, laid_out=laid_out)
    parts = (("text/plain", _plain(body)), ("text/html", page))
    told = "".join(f"--{mark}\n{_typed(kind)}\n{text}\n" for kind, text in parts)
    return _message(header, f"{told}--{mark}--")


def _typed(kind: str) -> str:
    return f'Content-Type: {kind}; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n'


def _only(header: Header, kind: str, body: str) -> bytes:
    header += [
        ("MIME-Version", "1.0"),
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    ]
    return _message(header, body)


def _subject(text: str) -> str:
    return text if text.isascii() else f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _signed(domain: str) -> tuple[str, str]:
    return "DKIM-Signature", f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1; h=from:to:subject; bh=x; b=y"


def _hop(name: str, address: str, date: str) -> tuple[str, str]:
    return "Received", f"from {name} ({name} [{address}]) by mx.example.org with ESMTPS id {len(name)}AB; {date}"


def _start(dice: _Dice, sender: str, subject: str, identifier: str) -> Header:
    date = dice.date
    to = dice.of("reader@example.org", "Robin Reader <reader@example.org>", "r.reader@example.org")
    return [("Date", date), ("From", sender), ("To", to), ("Subject", _subject(subject)), ("Message-ID", identifier)]


def _gmail(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    header = [_hop(f"mail-wr1-f{dice.number(90)}.google.com", "209.85.221.41", dice.date), _signed("gmail.com")]
    header += _start(dice, sender, subject, f"<CA+{dice.hex(20)}-{dice.hex(9)}@mail.gmail.com>")
    return _both(_threaded(header, subject, dice), dice, body, laid_out=False)


def _threaded(header: Header, subject: str, dice: _Dice) -> Header:
    if subject.lower().startswith(("re:", "aw:")):
        header += [("In-Reply-To", f"<{dice.hex(12)}@example.org>"), ("References", f"<{dice.hex(12)}@example.org>")]
    return header


def _exchange(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    header = [_hop("eur05.outbound.protection.outlook.com", "40.107.21.7", dice.date), _signed(_domain(sender))]
    header += _start(dice, sender, subject, f"<AM0PR{dice.hex(12).upper()}@AM0PR04.eurprd04.prod.outlook.com>")
    header += [("Thread-Topic", _subject(subject)), ("Thread-Index", f"AQH{dice.hex(16)}=="), ("X-MS-Has-Attach", "")]
    header += [("Accept-Language", "en-GB, en-US"), ("Content-Language", "en-US")]
    return _both(_threaded(header, subject, dice), dice, body, laid_out=False)


def _person(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    """A mail program at somebody's desk."""
    program = dice.of("Mozilla Thunderbird", "Apple Mail (2.3654.120.0.1.13)", "Microsoft Outlook 16.0", "K-9 Mail")
    header = [_hop(f"mail.{_domain(sender)}", "192.0.2.25", dice.date)]
    header += _start(
        dice, sender, subject, f"<{dice.hex(8)}-{dice.hex(4)}-{dice.hex(4)}-{dice.hex(12)}@{_domain(sender)}>"
    )
    header += [("User-Agent" if "Thunder" in program else "X-Mailer", program)]
    return _only(_threaded(header, subject, dice), "text/plain", _plain(body))


def _newsletter(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    host = dice.of("sendgrid.net", "mailgun.org", "mcsv.net", "amazonses.com", "mailjet.com")
    header = [_hop(f"o{dice.number(99)}.{host}", "198.51.100.8", dice.date), _signed(_domain(sender))]
    header += _start(dice, sender, subject, f"<{dice.hex(22)}@{dice.of(host, _domain(sender))}>")
    stop = f"https://{_domain(sender)}/unsubscribe?u={dice.hex(9)}"
    header += [("List-Unsubscribe", f"<{stop}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]
    header += [(dice.of("Feedback-ID", "X-SG-EID", "X-Mailgun-Sid", "X-CSA-Complaints"), dice.hex(16))]
    return _both(header, dice, f"{body}\n[Unsubscribe|{stop}]", laid_out=True)


def _service(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    """What a shop, a bank or a program sends to its own customers."""
    header = [_hop(f"mta{dice.number(9)}.{_domain(sender)}", "192.0.2.77", dice.date), _signed(_domain(sender))]
    header += _start(dice, sender, subject, f"<{dice.hex(24)}@{_domain(sender)}>")
    return _both(header, dice, body, laid_out=True)


def _list(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    host = dice.of("lists.example.net", "googlegroups.com", "vger.kernel.org", "lists.debian.org")
    header = [_hop(host, "192.0.2.44", dice.date)]
    header += _start(dice, sender, subject, f"<{dice.hex(14)}@{_domain(sender)}>")
    header += [("List-Id", f"<dev.{host}>"), ("List-Post", f"<mailto:dev@{host}>"), ("Precedence", "list")]
    header += [("List-Unsubscribe", f"<mailto:dev-leave@{host}>")]
    return _only(_threaded(header, subject, dice), "text/plain", _plain(body))


def _bounce(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    header = [("Return-Path", "<>"), _hop(_domain(sender), "192.0.2.9", dice.date)]
    header += _start(dice, sender, subject, f"<{dice.hex(14)}@{_domain(sender)}>")
    header += [("Auto-Submitted", "auto-replied"), ("MIME-Version", "1.0")]
    header += [("Content-Type", 'multipart/report; report-type=delivery-status; boundary="r"')]
    told = "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822;x@example.com\nAction: failed\n"
    return _message(header, f"--r\n\n{_plain(body)}\n--r\n{told}\n--r--")


def _automatic(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    header = [_hop(f"mail.{_domain(sender)}", "192.0.2.25", dice.date)]
    header += _start(dice, sender, subject, f"<{dice.hex(18)}@{_domain(sender)}>")
    return _only([*header, ("Auto-Submitted", "auto-generated")], "text/plain", _plain(body))


def _script(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    """A script on a website that was broken into."""
    host = dice.of("vps81.hosting.example", "srv12.example.net", "web4.example.biz")
    header = [_hop(host, "203.0.113.40", dice.date)]
    header += _start(dice, sender, subject, f"<{dice.hex(32)}@{dice.of(host, _domain(sender))}>")
    header += [("X-Mailer", dice.of("PHPMailer 6.1.6 (https://github.com/PHPMailer/PHPMailer)", "Leaf PHPMailer 2.8"))]
    return _only(header, "text/html", _page(body, laid_out=bool(dice.number(2))))


def _rented(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    """A server that was rented for it, or an account at a mailing service that was stolen."""
    header = [_hop(f"mail.{_domain(sender)}", "203.0.113.99", dice.date)]
    header += [_signed(_domain(sender))] if dice.number(2) else []
    header += _start(dice, sender, subject, f"<{dice.hex(20)}@{_domain(sender)}>")
    header += [("List-Unsubscribe", f"<mailto:u@{_domain(sender)}>")] if dice.number(3) == 0 else []
    return _both(header, dice, body, laid_out=bool(dice.number(2)))


def _stolen(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    """The account of a person or an office at Microsoft's or Google's."""
    return _exchange(dice, sender, subject, body)


def _free(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    """An account at a free mail service."""
    return _gmail(dice, sender, subject, body)


def _robot(dice: _Dice, sender: str, subject: str, body: str) -> bytes:
    """A machine at somebody's home that does as its master says, about 2007."""
    number = ".".join(str(20 + dice.number(200)) for _ in range(4))
    name = f"{number.replace('.', '-')}.dsl.dyn.example.com"
    called = dice.of(name, f"pc-{dice.hex(5)}", f"[{number}]")
    hop = f"from {called} ({name} [{number}]) by mx.example.org; {dice.date}"
    token = f"{dice.hex(12)}${dice.hex(8)}${dice.hex(8)}"
    header: Header = [("Received", hop)]
    header += _start(dice, sender, subject, f"<{dice.of(token, token[:20])}@{dice.of(_domain(sender), name)}>")
    header += [("X-Priority", "3"), ("X-MSMail-Priority", "Normal")]
    header += [("X-Mailer", "Microsoft Outlook Express 6.00.2900.3138"), ("X-MimeOLE", "Produced By Microsoft MimeOLE")]
    if dice.number(2):
        return _only(header, "text/plain", _plain(body))
    return _both(header, dice, body, laid_out=False)


_STYLES: Final[dict[str, Callable[[_Dice, str, str, str], bytes]]] = {
    "gmail": _gmail,
    "exchange": _exchange,
    "person": _person,
    "newsletter": _newsletter,
    "service": _service,
    "list": _list,
    "bounce": _bounce,
    "automatic": _automatic,
    "script": _script,
    "rented": _rented,
    "stolen": _stolen,
    "free": _free,
    "robot": _robot,
}
