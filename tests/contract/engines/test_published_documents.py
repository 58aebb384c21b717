"""Documents and mail that nobody here wrote: what is active in them is said, and ordinary mail gives no alarm."""

import io
import zipfile
from pathlib import Path

import pytest

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Finding, Severity
from mailock.core.evidence.report import Unfinished
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.mime.parse import parse
from mailock.engines.catalogue import JAILED, identifier
from mailock.engines.office.engine import Office
from tests.parts.data import unpack
from tests.parts.said import Said, look

NAMES = ("urls", "html", "office", "pdf", "qr")
IDENTIFIER = identifier()
OFFICE = Office()
PASSWORD = b"infected-test"
STEP = 8
"""Every eighth ham mail: the whole set takes some ten seconds more and says the same."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with oletools' documents."""
    return unpack("oletools", tmp_path_factory.mktemp("data"))


def said_of(file: Path) -> Said:
    """What is said of a document, which may lie in a zip archive with oletools' password."""
    content = file.read_bytes()
    if file.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0], PASSWORD)
    name = file.name.removesuffix(".zip")
    return look(OFFICE, content, IDENTIFIER.identify(content, (name,), ()).family, name=name)


def all_of(published: Path, pattern: str) -> dict[str, Said]:
    """What is said of the documents whose path has this form."""
    found = {file.name: said_of(file) for file in sorted(published.rglob(pattern)) if file.is_file()}
    assert found
    return found


def test_links_that_start_programs_are_malicious_in_every_format(published: Path) -> None:
    for pattern in ("msodde/dde-*", "ooxml/dde-*"):
        for name, said in all_of(published, pattern).items():
            assert "office.dde" in said.kinds, name
            assert said.worst("office.dde")[0] is Severity.MALICIOUS, name


def test_macros_of_excel_4_are_found_in_every_format(published: Path) -> None:
    for name, said in all_of(published, "excel4-macros/*").items():
        assert said.worst("office.xlm")[0] >= Severity.SUSPICIOUS, name


def test_objects_that_lie_elsewhere_are_found(published: Path) -> None:
    for name, said in all_of(published, "external_link/*").items():
        assert said.worst("office.linked_object") == (Severity.SUSPICIOUS, Confidence.HIGH), name
        assert said.links, name


def test_passwords_are_told(published: Path) -> None:
    for name, said in all_of(published, "encrypted/*").items():
        assert "office.encrypted" in said.kinds, name


def test_an_equation_in_rtf_is_malicious(published: Path) -> None:
    (said,) = all_of(published, "rtfobj/issue_251.rtf").values()
    assert said.worst("office.equation")[0] is Severity.MALICIOUS


def test_clean_documents_are_clean(published: Path) -> None:
    for name, said in all_of(published, "*harmless-clean*").items():
        assert not said.findings, name
        assert said.unfinished is None, name


def test_ordinary_mail_gives_no_alarm(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = unpack("spamassassin-npm", tmp_path_factory.mktemp("data"))
    mails = [file for file in sorted(folder.rglob("*.txt")) if "ham" in file.parent.name][::STEP]
    assert len(mails) > 400
    for file in mails:
        for finding in _findings(file.read_bytes()):
            loud = finding.severity is Severity.MALICIOUS or (
                finding.severity is Severity.SUSPICIOUS and finding.confidence > Confidence.LOW
            )
            assert not loud, (file.name, finding)


def _findings(octets: bytes) -> list[Finding]:
    engines = [JAILED[name](EngineSettings()) for name in NAMES]
    anatomy = parse(octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    found: list[Finding] = []
    for part in anatomy.parts:
        for reading in part.readings:
            kind = IDENTIFIER.identify(reading.content, part.untrusted_names, part.types)
            specimen = Specimen(
                part=part.path,
                content=reading.content,
                type=kind,
                untrusted_names=part.untrusted_names,
                declared=part.types,
                charsets=part.charsets,
                provenance=part.provenance.value,
                whole=Whole(anatomy=anatomy, subject=""),
                purse=Purse(octets=64 << 20, files=100, depth=5),
            )
            for engine in engines:
                if kind.family in engine.manifest.families:
                    try:
                        found += [item for item in engine.look(specimen) if isinstance(item, Finding)]
                    except Unfinished:
                        # A picture that is broken; alarms are what this is about.
                        assert kind.family is Family.IMAGE
    return found
