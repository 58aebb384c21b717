"""Scanned mail: what is dangerous is kept with its reasons, everything else goes on as it came."""

import io
import json
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from mailock.testing.samples import EICAR
from tests.e2e.submitting import rows
from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk


def message(subject: str, *files: tuple[str, bytes]) -> bytes:
    """A mail with attachments."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "ann@partner.test", "user@dest.test", subject
    made.set_content("The file is attached.\n")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def zipped(name: str, content: bytes) -> bytes:
    """An archive with one file."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return octets.getvalue()


async def send(gateway: Mailock, content: bytes) -> None:
    """Gives the gateway a message."""
    async with talk(gateway.address) as client:
        await client.hello()
        said = await client.message("ann@partner.test", ["user@dest.test"], content)
        assert said.code == 250, said


async def test_what_is_dangerous_is_kept_and_the_rest_goes_on(start_mailock: Callable[..., Mailock]) -> None:
    nested = zipped("inner.zip", zipped("eicar.com", EICAR))
    async with hop() as server:
        gateway = start_mailock(forwarding(("dest.test", str(server)), ("*", str(server), "outgoing")), engines=True)
        clean = message("minutes", ("minutes.txt", b"Present: all.\r\n"), ("photo.bin", bytes(range(256)) * 300))
        await send(gateway, clean)
        for subject, name, content in (("plain", "eicar.com", EICAR), ("packed", "files.zip", nested)):
            await send(gateway, message(subject, (name, content)))
        (arrived,) = await server.arrived(1)
        assert arrived.content.endswith(clean)
        await gateway.tracked("subject:plain", "quarantined")
        (packed,) = await gateway.tracked("subject:packed", "quarantined")
        kept = rows(gateway, "quarantine")
        assert {(row["subject"], row["class"]) for row in kept} == {("plain", "malware"), ("packed", "malware")}

        shown = json.loads(gateway.run("show", packed["id"], "--json").stdout)
        assert (shown["verdict"], shown["recipients"][0]["rule"]) == ("malicious", "malicious-mail")
        assert any("eicar" in sentence for sentence in shown["recipients"][0]["because"])
        assert any(part["path"] == "1.2/zip:1/zip:1" for part in shown["scan"]["parts"])
        (delivered,) = await gateway.tracked("subject:minutes", "delivered")
        assert (delivered["verdict"], delivered["class"]) == ("benign", "ham")
        assert "every part was examined" in " ".join(delivered["because"])
        # What it says is read in the jail, while mailflow runs and while it does not.
        for _ in range(2):
            seen = json.loads(gateway.run("quarantine", "preview", packed["id"], "--json").stdout)
            assert [one["text"].strip() for one in seen["passages"]] == ["The file is attached."]
            assert [(one["part"], one["name"]) for one in seen["parts"] if one["name"]] == [("1.2", "files.zip")]
            gateway.stop()
    assert len(server.taken) == 1


async def test_a_message_may_be_scanned_before_anything_runs(
    tmp_path: Path, start_mailock: Callable[..., Mailock]
) -> None:
    file = tmp_path / "bad.eml"
    file.write_bytes(message("scan", ("eicar.com", EICAR)))
    gateway = start_mailock(forwarding(("dest.test", "127.0.0.1:1")), start=False)
    done = gateway.run("scan", str(file), "--json", code=1)
    found = json.loads(done.stdout)
    assert (found["verdict"], found["disposition"], found["coverage"]) == ("malicious", "quarantine", "complete")
    assert (found["recipients"][0]["address"], found["recipients_from"]) == ("user@dest.test", "header")
