"""Delivery status notifications: multipart/report with a text for people, a part for machines, and what was returned.

RFC 3464 is the form, RFC 6522 the wrapping, RFC 3461 section 6 what comes back, RFC 6533 what changes with addresses
that are not ASCII: the part for machines is then message/global-delivery-status. Where the notice itself goes to such
an address it is an SMTPUTF8 message with 8bit parts; where it goes to an ASCII address, those parts are encoded and any
server can carry it.

A notice is sent from the null path to the return path, names only the recipients that it reports on, and returns no Bcc
field (DECISIONS 14). All that is new in it (date, Message-ID, boundary) is passed in, so equal arguments give equal
bytes.
"""

from collections.abc import Iterable, Sequence

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType
from mailock.core.mail.message import Message, show_id
from mailock.core.mime.compose import ascii_line, base64_part, crlf, field, is_short, part, part_as_is
from mailock.core.notices.compose import Letterhead, Written, date
from mailock.core.notices.report import Kind, Report
from mailock.core.notices.returned import is_utf8, whole_message, without_blind
from mailock.core.notices.wording import subject, wording
from mailock.core.smtp.grammar import read_xtext


def write_dsn(
    message: Message, reports: Sequence[Report], letterhead: Letterhead, *, header: bytes, whole: bytes | None = None
) -> Written:
    """A notice to the sender of a message, about the recipients in `reports`.

    `header`: the message's header block; `whole`: all of its bytes, where they are to be returned (`report.how_much`).
    What cannot travel as 8bit (long lines, NUL) is not returned whole. Raises ValueError where there is nobody to write
    to, or nothing to tell.
    """
    sender = message.envelope.sender
    if sender is None or not reports:
        raise ValueError("a notice needs a return path and a recipient to report on")
    smtputf8 = not (sender.is_ascii and letterhead.from_.is_ascii)
    returned = None if whole is None else whole_message(whole, message, smtputf8=smtputf8)
    parts = [
        part("text/plain; charset=utf-8", _text(message, reports, letterhead, returned).encode()),
        _status(message, reports, letterhead, smtputf8),
        returned or _header(header, message, smtputf8),
    ]
    content = _assembled(message, sender, reports, letterhead, parts)
    return Written(
        content=content,
        body_type=BodyType.SEVEN_BIT if content.isascii() else BodyType.EIGHT_BIT,
        smtputf8=smtputf8,
    )


def _assembled(
    message: Message, sender: Address, reports: Sequence[Report], letterhead: Letterhead, parts: Sequence[bytes]
) -> bytes:
    boundary = ascii_line(letterhead.boundary)
    while any(f"--{boundary}".encode() in content for content in parts):
        boundary += "x"
    utf8 = not (sender.is_ascii and letterhead.from_.is_ascii)
    top = [
        field("Date", date(letterhead.at)),
        field("From", f"Mail gateway <{letterhead.from_}>", utf8=utf8),
        field("To", f"<{sender}>", utf8=utf8),
        field("Subject", subject(reports)),
        field("Message-ID", f"<{letterhead.message_id}>"),
        *_thread(message),
        field("Auto-Submitted", "auto-replied"),
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/report; report-type=delivery-status; boundary="{boundary}"'),
        b"\r\n",
    ]
    delimiter = f"--{boundary}\r\n".encode()
    # The CRLF before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1); each part keeps its own besides.
    body = b"\r\n".join(delimiter + content for content in parts)
    return b"".join(top) + body + f"\r\n--{boundary}--\r\n".encode()


def _thread(message: Message) -> Iterable[bytes]:
    """References to the message that this is about, where its Message-ID is one that can be repeated."""
    original = message.glimpse.message_id
    plain = original.isascii() and original.isprintable() and " " not in original and len(original) < 250
    if plain and original.startswith("<") and original.endswith(">") and "@" in original:
        yield field("In-Reply-To", original)
        yield field("References", original)


def _text(message: Message, reports: Sequence[Report], letterhead: Letterhead, returned: bytes | None) -> str:
    return wording(
        message,
        reports,
        hostname=letterhead.hostname,
        contact=str(letterhead.from_),
        returned="header of your message" if returned is None else "whole message",
    )


def _status(message: Message, reports: Sequence[Report], letterhead: Letterhead, smtputf8: bool) -> bytes:
    """The part for machines: fields of the message, then fields of each recipient, an empty line between the groups."""
    utf8 = any(not report.recipient.address.is_ascii for report in reports)
    groups = [_of_message(message, letterhead), *(_of_recipient(report, utf8=utf8) for report in reports)]
    content = b"\r\n".join(groups)
    if not utf8:
        return part_as_is("message/delivery-status", content)
    if smtputf8:
        return part_as_is("message/global-delivery-status", content)
    return base64_part("message/global-delivery-status", content)


def _of_message(message: Message, letterhead: Letterhead) -> bytes:
    envid = message.envelope.envid
    lines = [] if envid is None else [field("Original-Envelope-Id", ascii_line(read_xtext(envid) or envid))]
    lines.append(field("Reporting-MTA", f"dns; {ascii_line(letterhead.hostname)}"))
    if message.origin.untrusted_helo:
        lines.append(field("Received-From-MTA", f"dns; {ascii_line(message.origin.untrusted_helo)}"))
    lines.append(field("Arrival-Date", date(message.accepted_at)))
    lines.append(field("X-Mailock-Queue-Id", show_id(message.queue_id)))
    return b"".join(lines)


def _of_recipient(report: Report, *, utf8: bool) -> bytes:
    address = report.recipient.address
    lines = []
    if report.recipient.orcpt is not None:
        lines.append(("Original-Recipient", _original(report.recipient.orcpt)))
    lines.append(("Final-Recipient", f"{'rfc822' if address.is_ascii else 'utf-8'}; {address}"))
    lines.append(("Action", report.kind.value))
    lines.append(("Status", _status_code(report)))
    if report.hop is not None and report.hop.name:
        lines.append(("Remote-MTA", f"dns; {report.hop.name}"))
    if report.response.code or report.response.text:
        said = report.hop is not None and report.hop.ip and report.response.code
        lines.append(("Diagnostic-Code", f"{'smtp' if said else 'x-mailock'}; {report.response}"))
    if report.tried_at is not None:
        lines.append(("Last-Attempt-Date", date(report.tried_at)))
    if report.kind is Kind.DELAYED and report.retry_until is not None:
        lines.append(("Will-Retry-Until", date(report.retry_until)))
    return b"".join(field(name, value if utf8 else ascii_line(value), utf8=utf8) for name, value in lines)


def _status_code(report: Report) -> str:
    """The enhanced code, or the vaguest that fits where the other side gave none (RFC 3464 section 2.3.4)."""
    vague = {Kind.FAILED: "5.0.0", Kind.DELAYED: "4.0.0", Kind.DELIVERED: "2.0.0", Kind.RELAYED: "2.0.0"}
    return report.response.enhanced or vague[report.kind]


def _original(orcpt: str) -> str:
    """ORCPT as the sender meant it: type, and the address read from xtext. The utf-8 type has a coding of its own."""
    kind, _, coded = orcpt.partition(";")
    return f"{kind}; {coded if kind.lower() == 'utf-8' else read_xtext(coded) or coded}"


def _header(header: bytes, message: Message, smtputf8: bool) -> bytes:
    """The header block as a part. RFC 6522 section 3 lets it be encoded where it could not travel as it is."""
    clean = crlf(without_blind(header))
    if message.envelope.smtputf8 and not clean.isascii() and is_utf8(clean):
        if smtputf8 and is_short(clean):
            return part_as_is("message/global-headers", clean)
        return part("message/global-headers", clean)
    return part("text/rfc822-headers", clean)
