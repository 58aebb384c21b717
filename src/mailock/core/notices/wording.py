"""The words of our notices, for somebody who is woken by one and knows nothing of mail servers.

What happened comes first, in a sentence; then what the other server said, as it said it; then whether anything is still
to be done. Nothing here is for machines: they have the part behind it.
"""

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Final, assert_never

from mailock.core.mail.message import Message, show_id
from mailock.core.mime.compose import one_line
from mailock.core.notices.compose import date
from mailock.core.notices.report import Kind, Report

_WIDTH: Final = 72

_MEANINGS: Final = {
    "1.1": "There is no such mailbox. Please check the address for spelling mistakes.",
    "1.2": "There is no such domain. Please check what stands behind the @ for spelling mistakes.",
    "1.3": "The address is not written as mail addresses are.",
    "1.6": "The mailbox has moved, and its new address is not known.",
    "1.10": "The domain says that it takes no mail at all.",
    "2.1": "The mailbox is switched off.",
    "2.2": "The mailbox is full.",
    "2.3": "The message is larger than this mailbox takes.",
    "3.1": "The other server has no room left.",
    "3.4": "The message is larger than the other server takes.",
    "4.1": "The other server cannot be reached.",
    "4.2": "The connection to the other server broke.",
    "4.3": "The address book of the Internet (DNS) could not be asked for the other server.",
    "4.4": "The domain names no server that could be reached.",
    "4.6": "The message goes round in circles between servers.",
    "4.7": "The message waited for as long as it may.",
    "6.7": "The address has letters that the other server cannot handle.",
    "7.1": "The other server does not accept this message.",
}
"""What the second and third number of a status code mean (RFC 3463), for those with which somebody can do something."""

_SUBJECTS: Final = {
    Kind.FAILED: "Your message was not delivered",
    Kind.DELAYED: "Your message is late, and still on its way",
    Kind.DELIVERED: "Your message was delivered",
    Kind.RELAYED: "Your message was passed on",
}

_FIRST: Final = {
    Kind.FAILED: "could not deliver your message to:",
    Kind.DELAYED: "has not been able to deliver your message yet to:",
    Kind.DELIVERED: "has delivered your message, as you asked to be told, to:",
    Kind.RELAYED: "has passed your message on, to a server that sends no reports of its own, for:",
}


def subject(reports: Sequence[Report]) -> str:
    """The subject of a notice: that of the worst which it tells."""
    kinds = [report.kind for report in reports]
    return _SUBJECTS[min(kinds, key=list(Kind).index)]


def wording(message: Message, reports: Sequence[Report], *, hostname: str, contact: str, returned: str) -> str:
    """The text of a notice, lines ended by a bare newline. `returned` says what is attached."""
    lines: list[str] = []
    for kind in Kind:
        told = [report for report in reports if report.kind is kind]
        if told:
            opening = f"{'It' if lines else f'This is the mail gateway {hostname}. It'} {_FIRST[kind]}"
            lines += [*wrap(opening, _WIDTH), ""]
            for report in told:
                lines += [*_of_one(report), ""]
            lines += [*wrap(_outlook(kind, told), _WIDTH), ""]
    lines += [
        "About the message:",
        f"  it came in    {date(message.accepted_at)}",
        f"  reference     {show_id(message.queue_id)}",
        "",
        *wrap(f"For help, write to {contact} and give the reference. The {returned} is attached.", _WIDTH),
    ]
    return "\n".join(one_line(line) for line in lines) + "\n"


def _of_one(report: Report) -> Iterable[str]:
    yield f"  {report.recipient.address}"
    if report.kind in (Kind.DELIVERED, Kind.RELAYED):
        return
    detail = report.response.enhanced.partition(".")[2]
    meaning = _MEANINGS.get(detail)
    # A refusal for the moment is often greylisting: "does not accept" would send people on a search for nothing.
    if meaning and not (report.kind is Kind.DELAYED and detail == "7.1"):
        yield from _indented(meaning)
    hop = report.hop
    if hop is not None and hop.ip and report.response.code:
        yield from _indented(f"The server {hop.name} [{hop.ip}] answered:")
    elif hop is not None and hop.name:
        yield from _indented(f"The last try, at {hop.name}:")
    yield from _indented(one_line(str(report.response)) or "The connection broke.", "      ")


def _outlook(kind: Kind, reports: Sequence[Report]) -> str:
    match kind:
        case Kind.FAILED:
            return "It will not be tried again. If you want it to arrive, mend the cause above and send it once more."
        case Kind.DELAYED:
            until = max((report.retry_until for report in reports if report.retry_until is not None), default=None)
            limit = "" if until is None else f" until {date(until)}"
            return f"It is tried again and again{limit}. You need not do anything, and need not send it once more."
        case Kind.DELIVERED:
            return "That does not say that somebody has read it."
        case Kind.RELAYED:
            return "That does not say that it arrived. Should it fail later on, another server may tell you."
        case never:
            assert_never(never)


def _indented(text: str, blanks: str = "    ") -> list[str]:
    return wrap(text, _WIDTH, initial_indent=blanks, subsequent_indent=blanks, break_on_hyphens=False)
