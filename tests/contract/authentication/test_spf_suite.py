"""Every test of the published suites for SPF: 203 of RFC 7208, and those for its predecessor that still hold."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailock.core.authentication import steps
from mailock.core.authentication.questions import Ask, Question, Reply
from mailock.core.authentication.spf import Client, Spf, check_host
from mailock.core.authentication.zone import Zone, read
from tests.parts.data import unpack

DEFAULT = "DEFAULT"
"""What the suite writes for an explanation of the receiver's own."""


@dataclass(frozen=True)
class Case:
    """One test of a suite."""

    name: str
    zone: Zone
    told: dict[str, Any]

    def run(self) -> Spf:
        """What we say."""
        client = Client(
            ip=ipaddress.ip_address(self.told["host"]),
            untrusted_helo=self.told["helo"] or "",
            untrusted_sender=self.told["mailfrom"] or "",
            receiver="receiver.example",
        )

        def answer(question: Question) -> Reply:
            assert isinstance(question, Ask)
            return self.zone.answer(question)

        return steps.run(check_host(client), answer)

    @property
    def results(self) -> list[str]:
        """What is allowed."""
        told = self.told["result"]
        return told if isinstance(told, list) else [told]


def cases(file: Path) -> Iterator[Case]:
    """All tests of a file."""
    for scenario in yaml.safe_load_all(file.read_text(encoding="utf-8")):
        zone = read(scenario["zonedata"])
        for name, told in scenario["tests"].items():
            yield Case(f"{scenario.get('description', '?')}: {name}", zone, told)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack("spf-rfc7208", tmp_path_factory.mktemp("spf")) / "test"


def complaints(case: Case) -> Iterator[str]:
    """What is wrong with our answer."""
    ours = case.run()
    if ours.result.value not in case.results:
        yield f"{case.name}: {ours.result.value} ({ours.reason}), expected {case.results}"
    wanted = case.told.get("explanation")
    if wanted is not None and ours.result.value == "fail":
        said = ours.untrusted_explanation or DEFAULT
        if said != wanted:
            yield f"{case.name}: says {said!r}, expected {wanted!r}"


def test_the_suite_of_rfc_7208(suite: Path) -> None:
    found = list(cases(suite / "rfc7208-tests.yml"))
    assert len(found) == 203
    lines = [line for case in found for line in complaints(case)]
    assert not lines, "\n".join(lines)
