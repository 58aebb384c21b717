"""`mailock auth` reads the message in the jail: the same comes out, and what breaks the reader breaks nothing else."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mailock.config.node import Node
from mailock.core.authentication import documents
from mailock.processes import sender
from mailock.processes.means import means_of
from tests.fuzz.fuzz_auth import whole
from tests.parts.signing import IDENTIFIER, key

MEANS = means_of(Node())
CODE = """
import sys
from mailock.core.authentication import documents
documents.evidence = None
from mailock.cli.main import main
main()
"""
"""`mailock`, whose own process cannot read a message."""


async def test_the_jail_says_what_the_reader_says() -> None:
    for message in (whole(), b"\0" * 1000, b""):
        there = await sender.evidence_of(message, IDENTIFIER, MEANS)
        assert there == documents.evidence(message, IDENTIFIER)


async def test_a_message_that_breaks_the_reader_is_told_in_a_sentence() -> None:
    with pytest.raises(sender.Unreadable, match="the jail could not read the message"):
        await sender.evidence_of(b"x" * (200 << 20), IDENTIFIER, replace(MEANS, memory=256 << 20))


def test_the_command_reads_nothing_itself(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(whole())
    record = key("sender.example")
    (tmp_path / "zone.yml").write_text(json.dumps({record.name: [["TXT", record.record]]}))
    command = ["auth", str(tmp_path / "a.eml"), "--client-ip", "192.0.2.9", "--zone", str(tmp_path / "zone.yml")]
    done = subprocess.run(
        [sys.executable, "-c", CODE, *command, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    found = json.loads(done.stdout)
    assert [one["result"] for one in found["dkim"]] == ["pass"]
    assert found["header_from"] == ["ann@sender.example"]
