"""`mailock auth` and `mailock key`, on a zone that is written down."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mailock.cli.ending import WrongUse
from mailock.cli.main import build
from mailock.core.authentication import documents
from tests.parts.signing import key, signed

APP = build(["auth", "key"])
RSA = key("sender.example")
MESSAGE = b"From: Ann <ann@sender.example>\r\nSubject: hello\r\n\r\nHello.\r\n"
ZONE = f"""
sender.example:
  - [TXT, "v=spf1 ip4:192.0.2.0/24 -all"]
_dmarc.sender.example: [[TXT, ["v=DMARC1; ", "p=reject"]]]
{RSA.name}.:
  - TXT: {RSA.record}
"""


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads messages here, and not in a jail: tests/contract/authentication/test_in_the_jail.py does that."""

    async def read(message: bytes, identifier: str, means: object) -> documents.Evidence:
        return documents.evidence(message, identifier)

    monkeypatch.setattr("mailock.cli.auth.evidence_of", read)


def asked(folder: Path, message: bytes, *options: str, zone: str = ZONE) -> tuple[int, dict[str, object]]:
    """The exit code, and the JSON."""
    (folder / "a.eml").write_bytes(message)
    (folder / "zone.yml").write_text(zone)
    arguments = ["auth", str(folder / "a.eml"), "--zone", str(folder / "zone.yml"), "--json", *options]
    done = CliRunner().invoke(APP, arguments)
    if isinstance(done.exception, WrongUse):
        raise done.exception
    return done.exit_code, json.loads(done.stdout) if done.stdout else {}


def test_a_message_that_is_in_order(tmp_path: Path) -> None:
    message = signed(MESSAGE, RSA)
    code, found = asked(
        tmp_path,
        message,
        "--client-ip",
        "192.0.2.7",
        "--helo",
        "mx.sender.example",
        "--mail-from",
        "<b@sender.example>",
    )
    assert code == 0
    assert (found["spf"], found["arc"], found["header_from"]) == ("pass", "none", ["ann@sender.example"])
    assert found["dmarc"] == {
        "result": "pass",
        "policy": "reject",
        "aligned": True,
        "aligned_by": ["spf", "dkim"],
        "domain": "sender.example",
        "reason": "SPF and DKIM for sender.example",
    }
    assert isinstance(found["dkim"], list)
    told = [(one["domain"], one["selector"], one["result"]) for one in found["dkim"]]
    assert told == [("sender.example", "s1024-rsa", "pass")]


def test_a_spoofed_author_is_exit_1(tmp_path: Path) -> None:
    code, found = asked(tmp_path, MESSAGE, "--client-ip", "198.51.100.1", "--mail-from", "x@sender.example")
    assert code == 1
    assert found["spf"] == "fail"
    two = b"From: x@other.example\r\n" + MESSAGE
    code, found = asked(tmp_path, two, "--client-ip", "192.0.2.7", "--mail-from", "x@sender.example")
    assert code == 1
    assert found["header_from"] == ["x@other.example", "ann@sender.example"]


def test_a_file_with_lf_is_read_as_crlf_and_a_mix_is_a_defect(tmp_path: Path) -> None:
    message = signed(MESSAGE, RSA).replace(b"\r\n", b"\n")
    code, found = asked(tmp_path, message, "--client-ip", "2001:db8::1")
    assert (code, found["defects"]) == (0, [])
    code, found = asked(tmp_path, message.replace(b"\n", b"\r\n", 1), "--client-ip", "2001:db8::1")
    assert (code, found["defects"]) == (0, ["mixed-line-ends"])


def test_in_words_too(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MESSAGE)
    (tmp_path / "zone.yml").write_text("")
    done = CliRunner().invoke(
        APP, ["auth", str(tmp_path / "a.eml"), "--zone", str(tmp_path / "zone.yml"), "--client-ip", "192.0.2.1"]
    )
    assert done.exit_code == 0
    assert "none: sender.example publishes no DMARC policy" in done.stdout


@pytest.mark.parametrize(
    "zone", ["[1, 2]", "a: b: c", "a.test: [[MX, [x, y]]]", "a.test: 5", "a.test: [[[[]]]]", "&a [*a]"]
)
def test_a_zone_that_is_none_is_wrong_use(tmp_path: Path, zone: str) -> None:
    with pytest.raises(WrongUse, match="is no zone"):
        asked(tmp_path, MESSAGE, "--client-ip", "192.0.2.1", zone=zone)


def test_a_zone_runs_nothing(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="is no zone"):
        asked(tmp_path, MESSAGE, "--client-ip", "192.0.2.1", zone="!!python/object/apply:os.system ['true']")


def test_an_address_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="is no address"):
        asked(tmp_path, MESSAGE, "--client-ip", "somewhere")


def test_a_key_is_made_changed_over_and_listed(tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, list[dict[str, object]]]:
        done = CliRunner().invoke(APP, ["key", *words, "--data", str(tmp_path), "--json"])
        if isinstance(done.exception, WrongUse):
            raise done.exception
        return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]

    code, (made,) = run("generate", "Example.com", "--selector", "s1", "--bits", "1024")
    assert (code, made["state"], made["name"]) == (0, "waiting", "s1._domainkey.example.com")
    code, (active,) = run("rotate", "example.com", "--force")
    assert (active["selector"], active["state"]) == ("s1", "active")
    code, (following,) = run("rotate", "example.com")
    assert (following["state"], following["selector"] != "s1") == ("waiting", True)
    run("rotate", "example.com", "--force")
    code, listed = run("list")
    assert [one["state"] for one in listed] in (["retired", "active"], ["active", "retired"])
    for wrong in (("generate", "example.com", "--selector", "s1"), ("generate", "no domain"), ("rotate", "com")):
        with pytest.raises(WrongUse):
            run(*wrong)
