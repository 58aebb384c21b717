"""Rules decide for each recipient what becomes of a message; a draft is tried on the mail of the log, and on golden
cases, before it decides about anybody's mail.
"""

import io
import json
import zipfile
from base64 import encodebytes
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.parts.hop import hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.talk import talk

RULES = """
[object.tagged]
group = ["c@dest.test"]
[[rule]]
name = "look first"
when = { recipient = "b@dest.test" }
then = { disposition = "hold" }
[[rule]]
name = "tag"
when = { group = "tagged" }
then = { subject_prefix = "[EXT] " }
[[rule]]
name = "drop"
when = { recipient = "d@dest.test", subject = "OFFER" }
then = { disposition = "discard" }
because = "nobody reads it"
[[rule]]
name = "keep"
when = { sender = "mallory@source.test" }
then = { disposition = "quarantine", quarantine_class = "pest" }
"""
ELSEWHERE = """
[[rule]]
name = "moved"
when = {{ recipient = "old@dest.test" }}
then = {{ rewrite_recipient = "*@dest.example", rewrite_sender = "*@bounces.test", next_hop = "{hop}" }}
[[rule]]
name = "archived"
when = {{ recipient = "a@dest.test" }}
then = {{ add_recipient = ["archive@dest.test"] }}
[[rule]]
name = "lottery"
when = {{ body = "grand lottery" }}
then = {{ disposition = "quarantine", quarantine_class = "pest" }}
[[rule]]
name = "newsletter"
when = {{ "header.list-id" = "news.example" }}
then = {{ subject_prefix = "[NEWS] " }}
"""
WORDS = {
    # The words stand in no octet of the message: one is in base64, the other an encoded word.
    "won": b"Subject: won\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + encodebytes(b"<p>The gr<b></b>and lottery</p>").replace(b"\n", b"\r\n"),
    "news": b"Subject: news\r\nList-Id: =?utf-8?q?News?= <=?utf-8?q?news=2Eexample?=>\r\n\r\nhello\r\n",
    "none": b"Subject: none\r\nList-Id: <other.example>\r\n\r\nA small lottery, and no grand one.\r\n",
}
TEXTS = """
[[rule]]
name = "archives with texts"
when = { "file.inside" = "archive", "file.name" = "*.txt" }
then = { disposition = "quarantine" }
"""


def packed(name: str) -> bytes:
    """A message with a zip that holds a harmless text of this name."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(name, "Nothing to see here.\n" * 20)
    text = encodebytes(archive.getvalue()).replace(b"\n", b"\r\n")
    return (
        b"From: a@source.test\r\nTo: b@dest.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
        b'--b\r\nContent-Type: application/zip; name="a.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + text
        + b"--b--\r\n"
    )


def tried(gateway: Mailock, policy: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and answers of `what-if` for a policy."""
    draft = gateway.folder / "draft.toml"
    draft.write_text(gateway.config.read_text().partition("[[rule]]")[0] + policy)
    done = gateway.run("policy", "what-if", str(draft), "--json", "-c", str(gateway.config), code=None)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


async def test_each_recipient_is_treated_as_his_rule_says_and_a_draft_tells_what_it_would_change(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as there:
        rules = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        gateway = start_mailock(rules + QUICK + "[anti_virus]\nenabled = false\n" + RULES)
        to = [f"{name}@dest.test" for name in "abcd"]
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("x@source.test", to, b"Subject: An offer\r\n\r\nx\r\n")
            await client.message("mallory@source.test", ["a@dest.test"], b"Subject: y\r\n\r\ny\r\n")
        await there.arrived(2)
        assert {taken.rcpts: b"Subject: [EXT] An offer" in taken.content for taken in there.taken} == {
            ("RCPT TO:<a@dest.test>",): False,
            ("RCPT TO:<c@dest.test>",): True,
        }
        (record,) = await gateway.tracked("subject:offer", "hold")
        assert {one["address"][0]: one["status"] for one in record["recipients"]} == {
            "a": "delivered",
            "b": "hold",
            "c": "delivered",
            "d": "discarded",
        }
        assert {one["address"][0]: one["rule"] for one in record["recipients"]}["d"] == "drop"
        (kept,) = await gateway.tracked("from:mallory", "quarantined")
        assert kept["quarantine_class"] == "pest"

        code, same = tried(gateway, RULES.partition("[[rule]]")[1] + RULES.partition("[[rule]]")[2])
        assert (code, same[-1]["same"]) == (0, 2)
        code, answers = tried(gateway, '[[rule]]\nname = "all"\nthen = { disposition = "quarantine" }\n')
        assert (code, answers[-1]["differs"]) == (1, 2)
        changed = {change["recipient"][0]: change for change in answers[1]["changes"]}
        assert changed["d"]["before"]["rule"] == "drop"
        assert changed["d"]["after"]["disposition"] == "quarantine"


async def test_a_rule_sends_mail_another_way_and_gives_an_archive_its_own(
    start_mailock: Callable[..., Mailock],
) -> None:
    async with hop() as there, hop() as other:
        rules = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        gateway = start_mailock(rules + QUICK + "[anti_virus]\nenabled = false\n" + ELSEWHERE.format(hop=other))
        large = b"Subject: all\r\n\r\n" + (b"x" * 76 + b"\r\n") * 20_000
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("x@source.test", ["a@dest.test", "old@dest.test"], large)
        (moved,) = await other.arrived()
        assert moved.mail.startswith("MAIL FROM:<x@bounces.test>")
        assert moved.rcpts == ("RCPT TO:<old@dest.example> ORCPT=rfc822;old@dest.test",)
        straight, archived = sorted(await there.arrived(2), key=lambda taken: taken.rcpts)
        assert straight.mail.startswith("MAIL FROM:<x@source.test>")
        assert straight.rcpts == ("RCPT TO:<a@dest.test>",)
        assert (archived.mail[:12], archived.rcpts) == ("MAIL FROM:<>", ("RCPT TO:<archive@dest.test>",))
        assert archived.content == straight.content
        records = await gateway.tracked("subject:all", "delivered", count=2)
        (record,) = [one for one in records if one["own"] is None]
        because = {one["address"]: one["because"] for one in record["recipients"]}
        assert "rule moved sends it to *@dest.example instead" in because["old@dest.test"]
        assert "rule archived adds archive@dest.test" in because["a@dest.test"]
        assert {one["own"] for one in records} == {None, "archive"}
        code, answers = tried(gateway, ELSEWHERE.format(hop=there).partition('[[rule]]\nname = "archived')[0])
        assert code == 1
        changed = {change["recipient"]: (change["before"], change["after"]) for change in answers[0]["changes"]}
        assert [side["added"] for side in changed["a@dest.test"]] == [["archive@dest.test"], []]
        assert changed["old@dest.test"][1]["way"] == ["from *@bounces.test", "to *@dest.example", f"by {there}"]

        async with talk(gateway.address) as client:
            await client.hello()
            for content in WORDS.values():
                await client.message("x@source.test", ["b@dest.test"], content)
        taken = [one.content for one in (await there.arrived(4))[2:]]
        assert sorted(content.partition(b"Subject: ")[2].partition(b"\r\n")[0] for content in taken) == [
            b"[NEWS] news",
            b"none",
        ]
        (kept,) = await gateway.tracked("subject:won", "quarantined")
        assert (kept["rule"], kept["quarantine_class"]) == ("lottery", "pest")


async def test_a_policy_that_spoils_a_golden_case_is_not_installed(
    start_mailock: Callable[..., Mailock], tmp_path: Path
) -> None:
    golden = tmp_path / "text.eml"
    golden.write_bytes(packed("notes.txt"))
    expecting = f'[[golden]]\nfile = "{golden}"\nexpect = "quarantine"\n'
    async with hop() as there:
        rules = forwarding(("dest.test", str(there)), ("*", str(there), "outgoing")) + QUICK
        gateway = start_mailock(rules, engines=True)
        before = gateway.config.read_text()
        gateway.config.write_text(before + expecting)
        refused = gateway.run("policy", "install", "-c", str(gateway.config), code=3)
        told = refused.stdout + refused.stderr
        assert "is to come to quarantine, and would come to deliver" in told
        assert str(golden) in told
        gateway.config.write_text(before + expecting + TEXTS)
        gateway.run("policy", "install", "-c", str(gateway.config))
        async with talk(gateway.address) as client:
            await client.hello()
            await client.message("a@source.test", ["b@dest.test"], packed("notes.txt"))
            await client.message("a@source.test", ["c@dest.test"], packed("notes.txt").replace(b"Subject: x", b"X: y"))
        kept = await gateway.tracked("", "quarantined", count=2)
        assert {record["rule"] for record in kept} == {"archives with texts"}
        assert not there.taken
