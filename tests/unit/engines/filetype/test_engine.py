"""What is dangerous about types and names is found, at a fitting confidence; ordinary documents have no finding."""

import pytest

from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Confidence, Finding, Severity
from tests.parts.looking import Seen, filetype, looked, specimen
from tests.unit.engines.filetype.test_identifier import BY_OCTETS, GIF, PDF, PE, PNG, WORDS, ZIP

ENGINE = filetype()


def seen(content: bytes, *names: str, declared: tuple[str, ...] = ()) -> Seen:
    return looked(ENGINE, specimen(content, *names, declared=declared))


def finding(found: Seen, kind: str) -> Finding:
    return next(one for one in found.findings if one.kind == kind)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "report.pdf"),
        (PNG, "logo.png"),
        (GIF, "logo.gif"),
        (WORDS, "notes.txt"),
        (ZIP, "photos.zip"),
        (BY_OCTETS["docx"], "letter.docx"),
        (BY_OCTETS["docm"], "letter.docm"),
        (BY_OCTETS["xls"], "table.xls"),
        (BY_OCTETS["ics"], "invite.ics"),
        (BY_OCTETS["vcf"], "me.vcf"),
        (BY_OCTETS["html"], "page.html"),
        (BY_OCTETS["eml"], "forwarded.eml"),
        (BY_OCTETS["pgp"], "signature.asc"),
        (PDF, "Rechnung vom 24.11.2026 .pdf"),
        (PDF, "תרשים.pdf"),
        (PDF, "v1.2.exe-report.pdf"),
    ],
)
def test_ordinary_files_have_no_finding(content: bytes, name: str) -> None:
    assert [one for one in seen(content, name).findings if one.severity > Severity.NOTE] == []


@pytest.mark.parametrize(
    ("content", "name", "kind", "least"),
    [
        (PE, "setup.exe", "dangerous.executable", Confidence.MEDIUM),
        (BY_OCTETS["msi"], "setup.msi", "dangerous.executable", Confidence.MEDIUM),
        (BY_OCTETS["jar"], "a.jar", "dangerous.executable", Confidence.MEDIUM),
        (WORDS, "a.js", "dangerous.script", Confidence.MEDIUM),
        (WORDS, "a.hta", "dangerous.script", Confidence.MEDIUM),
        (BY_OCTETS["vbe"], "a.vbe", "dangerous.script", Confidence.HIGH),
        (BY_OCTETS["py"], "a.py", "dangerous.script", Confidence.LOW),
        (BY_OCTETS["lnk"], "a.lnk", "dangerous.shortcut", Confidence.MEDIUM),
        (BY_OCTETS["settingcontent-ms"], "a.settingcontent-ms", "dangerous.shortcut", Confidence.HIGH),
        (BY_OCTETS["url"], "a.url", "dangerous.shortcut", Confidence.LOW),
        (BY_OCTETS["chm"], "a.chm", "dangerous.help", Confidence.MEDIUM),
        (BY_OCTETS["vhd"], "a.vhd", "dangerous.disk-image", Confidence.MEDIUM),
        (PE, "invoice.pdf", "mismatch.program", Confidence.HIGH),
        (PE, "invoice.pdf.exe", "mismatch.double-extension", Confidence.HIGH),
        (WORDS, "invoice_pdf.js", "mismatch.double-extension", Confidence.HIGH),
        (PE, "invoice\u202efdp.exe", "mismatch.turned-name", Confidence.HIGH),
        (WORDS, "letter\u202etxt.pdf", "mismatch.turned-name", Confidence.MEDIUM),
        (PE, "invoice.pdf" + " " * 90 + ".exe", "mismatch.hidden-extension", Confidence.HIGH),
        (PE, "invoice.exe. . ", "mismatch.hidden-extension", Confidence.HIGH),
        (PE, "a.exe:$DATA", "dangerous.executable", Confidence.MEDIUM),
        (PNG, "<a.exe>", "dangerous.name", Confidence.LOW),
        (PNG, "a.e\x01xe", "dangerous.name", Confidence.LOW),
        (PNG, "a.exe", "dangerous.name", Confidence.LOW),
        (PNG + b"<script>x()</script>", "a.png", "mismatch.polyglot", Confidence.HIGH),
        (PNG + ZIP, "a.png", "mismatch.polyglot", Confidence.MEDIUM),
    ],
)
def test_what_is_dangerous_is_found(content: bytes, name: str, kind: str, least: Confidence) -> None:
    found = finding(seen(content, name), kind)
    assert found.severity is Severity.SUSPICIOUS
    assert found.confidence >= least
    assert found.evidence.isprintable()
    assert len(found.evidence) < 300


def test_any_of_several_names_counts() -> None:
    harmless = [f"{number}.txt" for number in range(20)]
    assert "mismatch.double-extension" in seen(PE, *harmless, "a.pdf.scr").kinds


def test_pieces_of_a_program_are_not_told_one_by_one() -> None:
    jar = FileType(family=Family.EXECUTABLE, name="jar", media="application/java-archive")
    assert looked(ENGINE, specimen(BY_OCTETS["class"], "A.class", ancestors=(jar,))).findings == []


def test_a_script_that_was_cut_out_of_a_document_is_left_to_its_engine() -> None:
    assert looked(ENGINE, specimen(WORDS, "a.js", provenance="pdf")).findings == []


def test_what_only_begins_within_the_octets_is_looked_into() -> None:
    found = seen(GIF + b"\n" + PDF, "a.gif")
    assert found.contents == [PDF]
    assert found.children[0].provenance == "polyglot"
