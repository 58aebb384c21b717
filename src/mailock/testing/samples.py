"""Sample mail for the demo: harmless, but of the kinds that a gateway meets, with what is expected of each.

What is wanted arrives, every byte of it; the industry's test file and spam are kept in quarantine; what must not be
relayed is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from enum import Enum
from functools import cache

OUR_DOMAIN = "example.com"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The industry's test string for virus scanners (eicar.org): it does nothing."""


class Expected(Enum):
    """What should become of a sample."""

    ARRIVES = "arrives unchanged"
    QUARANTINED = "is kept in quarantine"
    REFUSED = "is refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message, its envelope, and what should become of it."""

    name: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    expected: Expected = Expected.ARRIVES


@cache
def samples() -> tuple[Sample, ...]:
    """All samples; made once, since boundaries are random."""
    return (
        _sample("hello", "ann@partner.example", "Lunch on Friday?", "Shall we say half past twelve?\n"),
        _sample("invoice", "billing@supplier.example", "Invoice 2026-1171", "Please find it attached.\n", _invoice),
        _sample("newsletter", "news@shop.example", "This week: kettles", "See the web version.\n", _as_html),
        _sample(
            "spam",
            "prize@lucky.example",
            "You have WON!!!",
            "Claim your 1,000,000 dollars now, dear friend! Send us your bank details, and the money is yours today.\n",
            expected=Expected.QUARANTINED,
        ),
        _sample(
            "phish",
            "security@bank.example",
            "Your account is locked",
            "Dear customer,\n\nunusual activity was seen. Verify your account within 24 hours or it will be closed:\n"
            "http://paypal.com.bank-login.invalid/verify\n",
            expected=Expected.QUARANTINED,
        ),
        _sample("macro", "hr@supplier.example", "New timesheet", "Enable content to see it.\n", _macro),
        _sample(
            "eicar",
            "it@partner.example",
            "Scanner test",
            "The test file of the industry.\n",
            _eicar,
            Expected.QUARANTINED,
        ),
        _sample("umlauts", "jörg@partner.example", "Grüße aus Köln", "Schöne Grüße an alle.\n"),
        _sample("large", "scans@partner.example", "Plans, scanned", "All twelve sheets.\n", _large),
        Sample(
            name="relay attempt",
            sender="spammer@elsewhere.example",
            recipients=("victim@elsewhere.invalid",),
            content=b"Subject: relay\r\n\r\nThis must not get through.\r\n",
            expected=Expected.REFUSED,
        ),
    )


def _sample(
    name: str,
    sender: str,
    subject: str,
    text: str,
    finish: Callable[[EmailMessage], None] | None = None,
    expected: Expected = Expected.ARRIVES,
) -> Sample:
    recipients = (f"you@{OUR_DOMAIN}",) if name != "hello" else (f"you@{OUR_DOMAIN}", f"team@{OUR_DOMAIN}")
    ascii_sender = sender.encode("ascii", "ignore").decode()
    message = EmailMessage(policy=SMTP)
    message["From"] = ascii_sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Message-ID"] = f"<{name}@{sender.partition('@')[2]}>"
    message.set_content(text)
    if finish is not None:
        finish(message)
    return Sample(name=name, sender=ascii_sender, recipients=recipients, content=message.as_bytes(), expected=expected)


def _invoice(message: EmailMessage) -> None:
    message.add_attachment(_page(), maintype="application", subtype="pdf", filename="invoice-2026-1171.pdf")


def _page() -> bytes:
    """A document of one page (ISO 32000-1, 7.5)."""
    text = b"BT /F 18 Tf 72 720 Td (Invoice 2026-1171) Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    document, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(document))
        document += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return document + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def _as_html(message: EmailMessage) -> None:
    message.add_alternative("<h1>Kettles</h1><p>All of them, <b>this week</b>.</p>\n", subtype="html")


def _macro(message: EmailMessage) -> None:
    # What stands in for a document with a macro; the part is text and opens nowhere.
    content = b'Sub AutoOpen()\r\n  MsgBox "harmless"\r\nEnd Sub\r\n'
    message.add_attachment(content, maintype="application", subtype="vnd.ms-word", filename="timesheet.docm")


def _eicar(message: EmailMessage) -> None:
    message.add_attachment(EICAR, maintype="application", subtype="octet-stream", filename="eicar.com")


def _large(message: EmailMessage) -> None:
    message.add_attachment(bytes(range(256)) * 4096, maintype="image", subtype="tiff", filename="plans.tiff")
