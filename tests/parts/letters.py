"""A letter for those who judge letters: `lures` and `honest` hold many."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

TO = "anna.berger@kontor.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message, as much of it as matters."""

    name: str
    sender: str
    subject: str
    html: str = ""
    text: str = ""
    reply_to: str = ""
    to: str = TO
    page: tuple[str, str] = ("", "")
    """Name and content of an attached page."""
    picture: bool = False
    headers: tuple[tuple[str, str], ...] = ()

    def octets(self) -> bytes:
        """As it goes over the wire."""
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self.sender, self.to, self.subject
        message["Date"] = "Tue, 03 Mar 2026 10:12:00 +0000"
        message["Message-ID"] = f"<{self.name}@{self.sender.rpartition('@')[2].strip('>')}>"
        if self.reply_to:
            message["Reply-To"] = self.reply_to
        for name, value in self.headers:
            message[name] = value
        message.set_content(self.text or "This message needs a client that shows HTML.")
        if self.html:
            message.add_alternative(self.html, subtype="html")
        if self.page[0]:
            message.add_attachment(self.page[1].encode(), maintype="text", subtype="html", filename=self.page[0])
        if self.picture:
            message.add_attachment(
                b"\x89PNG\r\n\x1a\n" + bytes(64), maintype="image", subtype="png", filename="image.png"
            )
        return bytes(message)


def button(url: str, label: str) -> str:
    """A link as such mail shows it."""
    return f'<p><a href="{url}" style="background:#0078d4;color:#fff;padding:12px">{label}</a></p>'
