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
            receiver="localhost",
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


def test_the_suite_of_rfc_4408_holds_too(suite: Path) -> None:
    found = list(cases(suite / "rfc4408-tests.yml"))
    assert len(found) == 191
    lines = [line for case in found for line in complaints(case)]
    assert not lines, "\n".join(lines)


def test_the_tests_of_pyspf_hold_but_for_a_modifier_that_never_became_standard(suite: Path) -> None:
    found = [case for case in cases(suite / "test.yml") if "default-modifier" not in case.name]
    assert len(found) == 14
    lines = [line for case in found for line in complaints(case)]
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("domain", ["müller.example", "MÜLLER.example", "mu\u0308ller.example."])
def test_a_domain_that_is_not_ascii_is_asked_for_as_the_dns_has_it(domain: str) -> None:
    record = "v=spf1 ip4:192.0.2.1 exists:%{l}.x.example include:%{s}.x.example redirect=%{d}.y.example"
    zone = read(
        {
            "xn--mller-kva.example": [["TXT", record]],
            "xn--mller-kva.example.y.example": [["TXT", "v=spf1 a:%{h} -all"]],
            "mx.xn--mller-kva.example": [["A", "192.0.2.3"]],
        }
    )
    for host, result in (("192.0.2.1", "pass"), ("192.0.2.2", "fail"), ("192.0.2.3", "pass")):
        told = {"host": host, "helo": f"mx.{domain}", "mailfrom": f"jörg@{domain}"}
        assert Case("", zone, told).run().result.value == result, host
    told = {"host": "192.0.2.1", "helo": domain, "mailfrom": ""}
    assert Case("", zone, told).run().result.value == "pass"


DIFFERENT = {
    ("all.yml", "All test"),  # a record with an error anywhere is a permerror (RFC 7208 section 4.6), also behind `all`
    ("basic.yml", "DNS Temp Error"),  # names that the suite's own resolver lets fail
    ("include.yml", "Include match"),  # likewise
    ("basic.yml", "DNS Lookup Limits"),  # counts no void look-ups, which section 4.6.4 recommends to limit to two
    ("basic.yml", "HELO identity"),  # HELO is checked where the reverse-path is null
    ("exists.yml", "Exists"),  # section 5.7: "the lookup type is A even when the connection type is IPv6"
    ("macro.yml", "Macro expansion 2"),  # likewise
    ("ip.yml", "IPv6 match"),  # an ip6 network never matches an IPv4 client (section 5.6)
}
"""Scenarios in which RFC 7208 says otherwise; each other test in them holds."""


def scenarios(file: Path) -> Iterator[tuple[str, Zone, list[dict[str, Any]]]]:
    """The tests of mail-auth: records are lines `type: name value`."""
    for text in file.read_text(encoding="utf-8").split("\n---\n"):
        head, _, tests = text.partition("tests:")
        title = next((line[6:].strip() for line in head.splitlines() if line.startswith("name: ")), "")
        names: dict[str, list[object]] = {}
        for line in head.partition("records:")[2].splitlines():
            kind, _, rest = line.strip().partition(": ")
            name, _, value = rest.strip().partition(" ")
            if kind in ("spf", "exp"):
                names.setdefault(name, []).append(["TXT", value])
            elif kind and not kind.startswith("#"):
                if kind == "ptr":
                    name = ipaddress.ip_address(name).reverse_pointer
                for number, one in enumerate(value.split(","), start=1):
                    host = one.strip()
                    if kind == "mx" and (":" in host or host.replace(".", "").isdigit()):
                        names.setdefault(f"h{number}.{name}", []).append([("AAAA" if ":" in host else "A"), host])
                        host = f"h{number}.{name}"
                    names.setdefault(name, []).append([kind.upper(), [number, host] if kind == "mx" else host])
        if tests:
            yield title, read(names), yaml.safe_load(f"tests:{tests}")["tests"]


def test_the_tests_of_mail_auth(tmp_path: Path) -> None:
    folder = unpack("stalwart-mail-auth", tmp_path) / "resources" / "spf"
    count, different, wrong = 0, 0, []
    for file in sorted(folder.glob("*.yml")):
        if file.name == "examples.yml":
            continue  # written as one story whose records change; the examples are those of RFC 7208 appendix A
        for title, zone, told in scenarios(file):
            for test in told:
                wanted, _, explanation = test["expect"].partition(" ")
                asked = {"host": test["ip"], "helo": test["domain"], "mailfrom": test["sender"], "result": wanted}
                ours = Case(title, zone, asked).run()
                fine = ours.result.value == wanted.lower() and explanation in ("", ours.untrusted_explanation)
                count += 1
                different += not fine
                if not fine and (file.name, title) not in DIFFERENT:
                    wrong.append(f"{file.name}: {title}: {test}: {ours}")
    assert not wrong, "\n".join(wrong)
    assert (count, different) == (128, 8)
