"""The laws of the jail hold for every engine of ours and for one that others bring, and each sees who breaks it."""

import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mailock.config.engines import EngineSettings
from mailock.config.load import load
from mailock.core.evidence.finding import Confidence, Finding, Severity, Sighting
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.evidence.specimen import Specimen
from mailock.core.mime.part import PartPath
from mailock.engines.catalogue import JAILED, found, make
from mailock.ports.bodies import in_memory
from mailock.ports.engine import Jailed
from mailock.ports.jail import Job
from mailock.processes.charter import MANIFESTS
from mailock.processes.jailed import skills_of
from mailock.processes.jailing import charter_of
from mailock.processes.vocabulary import vocabulary
from mailock.testing.engines import LAWS, Broken, Sample
from mailock.testing.jail import OpenJail

SAMPLE = Sample(content=b"hay needle hay", kinds=frozenset({"needle"}))
PACKAGE = """
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.manifest import Duty, Manifest, Scope, Where


class Needles:
    manifest = Manifest(
        name="needles", version="1", where=Where.JAILED, scope=Scope.PART, duty=Duty.MALWARE,
        kinds={"needle": "A needle is in it."},
    )

    def look(self, specimen):
        if b"needle" in specimen.content:
            yield Finding(
                engine="needles", kind="needle", severity=Severity.MALICIOUS, confidence=Confidence.HIGH,
                part=specimen.part, evidence="A needle is in it",
            )
"""


class Needles:
    """An engine that keeps the laws; those below break one each."""

    manifest = Manifest(
        name="needles",
        version="1",
        where=Where.JAILED,
        scope=Scope.PART,
        duty=Duty.MALWARE,
        kinds={"needle": "A needle is in it."},
    )

    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        """See Jailed."""
        if b"needle" in specimen.content:
            yield self.finding(specimen)

    def finding(self, specimen: Specimen) -> Finding:
        """What it says."""
        return Finding(
            engine="needles",
            kind="needle",
            severity=Severity.MALICIOUS,
            confidence=Confidence.HIGH,
            part=specimen.part,
            evidence="A needle is in it",
        )


class Versionless(Needles):
    manifest = replace(Needles.manifest, version="")


class Blind(Needles):
    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        return ()


class Elsewhere(Needles):
    def finding(self, specimen: Specimen) -> Finding:
        return replace(super().finding(specimen), part=PartPath("1.9"))


class Undeclared(Needles):
    def finding(self, specimen: Specimen) -> Finding:
        return replace(super().finding(specimen), kind="haystack")


class Unreadable(Needles):
    def finding(self, specimen: Specimen) -> Finding:
        return replace(super().finding(specimen), evidence="two\nlines")


class Brittle(Needles):
    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        raise ValueError("it is empty") if not specimen.content else Unfinished(Why.UNREADABLE)


class Mindful(Needles):
    def __init__(self) -> None:
        self._seen = 0

    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        self._seen += 1
        finding = replace(self.finding(specimen), evidence=f"content {self._seen}")
        return (finding,)


class Curious(Needles):
    def look(self, specimen: Specimen) -> Iterable[Sighting]:
        Path("/etc/hostname").exists()
        with Path("/dev/null").open("rb") as nothing:
            nothing.read()
        return super().look(specimen)


BREAKERS: dict[type[Needles], str] = {
    Versionless: "introduces_itself",
    Blind: "finds_what_it_should",
    Elsewhere: "says_only_what_it_declares",
    Undeclared: "says_only_what_it_declares",
    Unreadable: "says_only_what_it_declares",
    Brittle: "breaks_on_nothing",
    Mindful: "says_the_same_again",
    Curious: "stays_inside",
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", JAILED)
def test_ours_keep_the_laws(name: str, law: Callable[..., None]) -> None:
    law(lambda: make(name, EngineSettings(hostname="mx.test")), ())


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_small_one_keeps_them(law: Callable[..., None]) -> None:
    law(Needles, (SAMPLE,))


@pytest.mark.parametrize("breaker", BREAKERS, ids=lambda breaker: breaker.__name__)
def test_each_law_sees_who_breaks_it(breaker: type[Needles]) -> None:
    broken = set()
    for law in LAWS:
        try:
            law(breaker, (SAMPLE,))
        except Broken:
            broken.add(law.__name__)
        except ValueError:
            pass  # the brittle one breaks on the empty content under laws that are not about that
    assert BREAKERS[breaker] in broken


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs a package with an engine, as pip does, under these names of entry points."""

    def install(*names: str, package: str = "acme_needles", value: str = "Needles") -> None:
        (tmp_path / f"{package}.py").write_text(PACKAGE)
        info = tmp_path / f"{package}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        lines = "".join(f"{name} = {package}:{value}\n" for name in names)
        (info / "entry_points.txt").write_text(f"[mailock.engines]\n{lines}")
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(str(tmp_path))
    yield install


def test_an_engine_of_others_is_made_by_its_entry_point(installed: Callable[..., None]) -> None:
    installed("needles")
    engine: Jailed = make("needles", EngineSettings())
    assert engine.manifest.kinds == {"needle": "A needle is in it."}
    for law in LAWS:
        law(lambda: make("needles", EngineSettings()), (SAMPLE,))
    policy = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n[anti_virus]\nengines = ["needles"]\n'
    known = vocabulary(load(policy).settings.policy.anti_virus)
    assert "needle" in known.kinds
    assert "needles" in known.engines


async def test_the_worker_of_the_jail_makes_it_and_has_it_look(installed: Callable[..., None]) -> None:
    installed("needles")
    charter = await charter_of(None, ("filetype", "needles"), EngineSettings())
    jail = OpenJail(skills_of(charter).tasks)
    nothing = in_memory(b"")
    try:
        ended = await jail.run(Job(task=MANIFESTS, order=b"", body=nothing, seconds=5.0))
    finally:
        os.close(nothing)
    (frame,) = ended.untrusted_frames
    manifests = msgspec.msgpack.decode(frame, type=tuple[Manifest, ...])
    assert [one.name for one in manifests] == ["filetype", "needles"]


@pytest.mark.parametrize(
    ("names", "options", "asked", "why"),
    [
        ((), {}, "needles", 'there is no engine "needles": install the package that brings it'),
        (("other",), {}, "needles", "(there are: other)"),
        (("other",), {}, "other", 'the engine "other" calls itself needles'),
        (("needles",), {"value": "Nothing"}, "needles", 'the engine "needles" cannot be made: AttributeError'),
    ],
)
def test_what_is_not_an_engine_is_told(
    installed: Callable[..., None], names: tuple[str, ...], options: dict[str, Any], asked: str, why: str
) -> None:
    if names:
        installed(*names, **options)
    with pytest.raises(ValueError) as told:
        make(asked, EngineSettings())
    assert why in str(told.value)


def test_nobody_takes_the_place_of_ours_nor_of_each_other(installed: Callable[..., None]) -> None:
    installed("needles")
    installed("needles", package="evil_needles")
    with pytest.raises(ValueError, match="several packages bring"):
        found("needles")
    with pytest.raises(ValueError, match="one of Mailock's own"):
        found("archives")
