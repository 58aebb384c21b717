"""Mail that policy has changed: what is dangerous is taken out, texts are added, those who watch get a copy."""

import json
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from mailock.testing.samples import EICAR
from tests.e2e.submitting import rows
from tests.e2e.test_what_is_dangerous_is_kept_and_the_rest_goes_on import message, send
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding

POLICY = """\
[mta.signature]
enabled = true
text = "Geprüft von Mailock"
[mta.banner]
enabled = true
text = "This came from outside."
[judgement]
suspicious = "deliver"
[malicious_mail]
action = "allow"
subject_prefix = "[ENTSCHÄRFT]"
attachment_text = "$filename$ is gone ($sha256$)."
send_copy_to = ["security@dest.test"]
"""


def read(content: bytes) -> EmailMessage:
    """A message as a client reads it; nothing may be wrong with it."""
    found = message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    assert not [defect for part in found.walk() for defect in part.defects]
    return found


async def test_what_is_dangerous_is_taken_out_and_the_rest_is_the_same(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as server:
        rules = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        gateway = start_mailock(POLICY + rules, engines=True)
        given = message("hello", ("eicar.txt", EICAR), ("photo.bin", bytes(range(256)) * 40))
        await send(gateway, given)
        arrived = await server.arrived(2)
        (changed,) = [one for one in arrived if "user@dest.test" in one.rcpts[0]]
        (copy,) = [one for one in arrived if "security@dest.test" in one.rcpts[0]]

        made = read(changed.content)
        parts = list(made.walk())
        assert made["Subject"] == "[ENTSCHÄRFT] hello"
        assert made["X-Mailock-Verdict"] == "malicious; confidence=high"
        assert parts[1].get_content().splitlines()[:3] == ["This came from outside.", "", "The file is attached."]
        assert "Geprüft von Mailock" in parts[1].get_content()
        assert parts[2].get_filename() == "eicar.txt.removed.txt"
        assert parts[2].get_content().startswith("eicar.txt is gone (275a021bbfb6489e54d471899f7db9d1663fc695")
        assert EICAR not in changed.content
        untouched = given[given.rindex(b'filename="photo.bin"') :]
        assert changed.content.endswith(untouched)

        told = read(copy.content)
        assert copy.mail.startswith("MAIL FROM:<>")
        assert told["Subject"] == "Copy of a message that is malicious: hello"
        attached = [part for part in told.walk() if part.get_content_type() == "message/rfc822"]
        assert len(attached) == 1 and given in copy.content

        (row,) = await gateway.tracked("subject:hello to:user@dest.test", "delivered")
        shown = json.loads(gateway.run("show", row["id"], "--json").stdout)
        changes = shown["recipients"][0]["changes"]
        assert "Removed part 1.2 (eicar.txt)." in changes
        assert "Added a text at the bottom of part 1.1." in changes
        await gateway.emptied()


async def test_texts_are_added_to_what_was_looked_at_and_never_to_what_is_signed(
    start_mailock: Callable[..., Mailock],
) -> None:
    signed = (
        b"From: ann@partner.test\r\nTo: user@dest.test\r\nSubject: signed\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary=s\r\n\r\n'
        b"--s\r\nContent-Type: text/plain\r\n\r\nhello\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n"
        b"-----BEGIN PGP SIGNATURE-----\r\n\r\nx\r\n-----END PGP SIGNATURE-----\r\n--s--\r\n"
    )
    async with hop() as server:
        rules = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        gateway = start_mailock(POLICY + rules, engines=True)
        await send(gateway, signed)
        await send(gateway, message("plain"))
        first, second = await server.arrived(2)
        signed_one, plain = (first, second) if b"Subject: signed" in first.content else (second, first)
        assert signed_one.content.endswith(signed)
        assert "Geprüft von Mailock" in read(plain.content).get_content()


async def test_what_is_released_leaves_without_what_was_found_unless_it_is_released_whole(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as server:
        rules = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        gateway = start_mailock(rules, engines=True)
        for subject in ("cleaned", "whole"):
            await send(gateway, message(subject, ("eicar.txt", EICAR), ("photo.bin", bytes(range(256)))))
            await gateway.tracked(f"subject:{subject}", "quarantined")
        ids = {row["subject"]: row["id"] for row in rows(gateway, "quarantine")}
        said = gateway.run("quarantine", "release", ids["cleaned"], "--reason", "asked for").stdout
        assert "with the changes that were ordered for it" in said
        (cleaned,) = await server.arrived(1)
        assert EICAR not in cleaned.content and bytes(range(256)) == list(read(cleaned.content).walk())[3].get_content()
        assert cleaned.content.count(b"eicar.txt") and b"found to be malicious" in cleaned.content

        gateway.run("quarantine", "release", ids["whole"], "--whole", "--reason", "a sample for the lab")
        whole = (await server.arrived(2))[-1]
        assert list(read(whole.content).walk())[2].get_content() == EICAR
        await gateway.emptied()
