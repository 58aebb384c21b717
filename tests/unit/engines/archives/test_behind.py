"""Archives behind something else, where unpackers look for them; and files that are written into texts."""

import base64
import binascii
import gzip
import io
import tarfile
from collections.abc import Callable

import py7zr
import pytest
import rars

from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.report import Why
from mailock.engines import faces
from mailock.engines.archives.seven import theirs
from tests.parts import containers as made
from tests.parts.looking import Seen, archives, looked, specimen
from tests.parts.zipcraft import File, zipped

EVIL = b"X5O-the-payload-that-must-be-seen " * 20
ENGINE = archives()


def seen(content: bytes, *names: str, words: tuple[str, ...] = ()) -> Seen:
    return looked(ENGINE, specimen(content, *names, words=words))


def seven(**options: object) -> bytes:
    sheet = io.BytesIO()
    with py7zr.SevenZipFile(sheet, "w", **options) as archive:  # type: ignore[arg-type]  # options are passed on
        archive.writestr(EVIL, "evil.exe")
    return sheet.getvalue()


def rar() -> bytes:
    builder = rars.RarBuilder(format=rars.RAR50)
    builder.add_bytes(EVIL, "evil.exe")
    octets: bytes = builder.to_bytes()
    return octets


def tar() -> bytes:
    sheet = io.BytesIO()
    with tarfile.open(fileobj=sheet, mode="w") as archive:
        info = tarfile.TarInfo("evil.exe")
        info.size = len(EVIL)
        archive.addfile(info, io.BytesIO(EVIL))
    return sheet.getvalue()


BEHIND: dict[str, Callable[[], bytes]] = {
    "rar": rar,
    "7z": seven,
    "cab": lambda: made.cab({"evil.exe": EVIL}),
    "lha": lambda: made.lha("evil.exe", EVIL),
    "ace": lambda: made.ace(b"evil.exe", EVIL),
}


@pytest.mark.parametrize("kind", BEHIND)
@pytest.mark.parametrize("front", [made.program(), b"\x89PNG\r\n\x1a\n" + bytes(200)])
def test_an_archive_behind_a_program_or_a_picture_is_opened(kind: str, front: bytes) -> None:
    found = seen(front + BEHIND[kind]())
    assert kind in found.type.polyglot
    assert EVIL in found.contents


@pytest.mark.parametrize("kind", BEHIND)
def test_a_signature_that_is_only_one_diverts_nobody(kind: str) -> None:
    octets = BEHIND[kind]()
    decoy = octets[:8] + b"\x01junk" * 30
    found = seen(made.program() + decoy + octets)
    assert EVIL in found.contents


@pytest.mark.parametrize("kind", sorted(set(faces.BEHIND) - {"gz", "xz", "nsis"}))
def test_chance_makes_no_archive(kind: str) -> None:
    _, signature, _ = faces._SOUGHT[kind]
    assert faces.first(kind, b"\x07" * 50 + signature + b"\x07" * 200) == -1


@pytest.mark.skipif(not theirs.there(), reason="7-Zip's library is not installed (p7zip-full)")
def test_an_arj_behind_a_program_is_opened() -> None:
    assert seen(made.program() + made.kept("packed.arj")).names == ["one.txt", "two.bin"]


def test_a_script_that_unpacks_its_own_end_is_a_script_with_an_archive() -> None:
    found = seen(b"#!/bin/sh\ntail -n +3 $0 | tar xz\n" + gzip.compress(tar()), "setup")
    assert (found.type.name, found.contents) == ("sh", [tar()])


@pytest.mark.skipif(not theirs.there(), reason="7-Zip's library is not installed (p7zip-full)")
def test_a_locked_7z_with_ppmd_opens_with_its_word() -> None:
    filters = [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}]
    octets = seven(filters=filters, password="Xk92!qq")
    found = seen(octets, words=("wrong", "Xk92!qq"))
    assert (found.contents, found.why, "archive.unlocked" in found.kinds) == ([EVIL], None, True)
    assert seen(octets, words=("wrong",)).why is Why.ENCRYPTED


@pytest.mark.skipif(not theirs.there(), reason="7-Zip's library is not installed (p7zip-full)")
def test_a_zip_of_ppmd_gives_what_it_holds_and_no_zeros_before_it() -> None:
    found = seen(base64.b64decode(PPMD))
    assert (found.contents, found.kinds, found.why) == ([b"the first file " * 100], set(), None)


PPMD = (
    "UEsDBD8AAABiALELeV3z3W/0GgAAANwFAAAHAAAAb25lLnR4dAcAc/JvLNYk4XjLWk4XrbLrTAABOz9tVAAAUEsBAj8DPwAAAGIA"
    "sQt5XfPdb/QaAAAA3AUAAAcAJAAAAAAAAAAggKSBAAAAAG9uZS50eHQKACAAAAAAAAEAGACVvk5sfHzdAQAAAAAAAAAAAAAAAAAA"
    "AABQSwUGAAAAAAEAAQBZAAAAPwAAAAAA"
)
"""One file, by 7-Zip 26 (`7zz a -tzip -mm=PPMd`)."""


TEXTS = {
    "a.uue": b"begin 644 evil.exe\n"
    + b"".join(binascii.b2a_uu(EVIL[at : at + 45]) for at in range(0, len(EVIL), 45))
    + b"`\nend\n",
    "a.b64": base64.encodebytes(EVIL),
    "a.ics": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=evil.exe:\r\n "
    + base64.encodebytes(EVIL).replace(b"\n", b"\r\n ")
    + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "a.vcf": b"BEGIN:VCARD\r\nPHOTO:data:image/png;base64," + base64.b64encode(EVIL) + b"\r\nEND:VCARD\r\n",
    "a.pem": b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(EVIL) + b"-----END CERTIFICATE-----\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_written_into_a_packed_text_is_given(name: str) -> None:
    packed = FileType(family=Family.ARCHIVE, name="zip", media="application/zip")
    found = looked(ENGINE, specimen(TEXTS[name], name, ancestors=(packed,)))
    assert (found.contents, found.why) == ([EVIL], None)


def test_a_text_is_no_container() -> None:
    for name, content in (("a.txt", EVIL), ("a.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")):
        found = seen(content, name)
        assert (found.children, found.why) == ([], None)
    inside = zipped([File(b"a.uue", TEXTS["a.uue"])])
    assert seen(inside).contents == [TEXTS["a.uue"]]
