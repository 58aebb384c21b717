"""A real Postfix sends through Mailock to another real Postfix, and every byte arrives."""

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

from tests.parts.mailock import Mailock, forwarding
from tests.parts.postfix import Postfix


async def test_mail_goes_from_postfix_through_mailock_to_postfix(
    postfix_next_hop: Postfix,
    start_mailock: Callable[..., Mailock],
    start_previous_hop: Callable[..., Postfix],
) -> None:
    host, port = postfix_next_hop.address
    hop = f"{host}:{port}"
    gateway = start_mailock(forwarding(("dest.test", hop), ("*", hop, "outgoing")))
    previous = start_previous_hop(gateway.address)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@sender.test", "b@dest.test", "Through the airlock"
    message.set_content("Zwölf Boxkämpfer.\n.leading dot\n..two\n" + "x" * 900 + "\n")
    message.add_attachment(bytes(range(256)) * 500, maintype="application", subtype="octet-stream", filename="a.bin")

    await previous.submit(message.as_bytes(), sender="a@sender.test", recipients=["b@dest.test"])

    (delivered,) = await postfix_next_hop.arrived(1, recipient="b@dest.test")
    text, attachment = (part.get_payload(decode=True) for part in delivered.message.walk() if not part.is_multipart())
    assert attachment == bytes(range(256)) * 500
    assert isinstance(text, bytes)
    assert ".leading dot\n..two\n" in text.decode().replace("\r\n", "\n")
    assert sum("mx.gateway.test" in field for field in delivered.message.get_all("Received", [])) == 2
    (record,) = await gateway.tracked("to:b@dest.test", "delivered")
    assert record["recipients"][0]["next_hop_port"] == port
    await gateway.emptied()
