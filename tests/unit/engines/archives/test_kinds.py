"""Every kind of container gives what is in it."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

import py7zr
import pytest
import rars
from backports import zstd

from mailock.core.evidence.report import Why
from tests.parts import containers as made
from tests.parts.looking import Seen, archives, looked, specimen
from tests.parts.zipcraft import File, zipped

ONE, TWO = b"the first file " * 100, b"and the second one " * 90
FILES = {"one.txt": ONE, "two.bin": TWO}
ENGINE = archives()


def seen(content: bytes, *names: str, words: tuple[str, ...] = ()) -> Seen:
    return looked(ENGINE, specimen(content, *names, words=words))


def seven(**options: object) -> bytes:
    sheet = io.BytesIO()
    with py7zr.SevenZipFile(sheet, "w", **options) as archive:  # type: ignore[arg-type]  # options are passed on
        for name, content in FILES.items():
            archive.writestr(content, name)
    return sheet.getvalue()


def rar(version: str, **options: object) -> bytes:
    builder = rars.RarBuilder(format=version, **options)
    for name, content in FILES.items():
        builder.add_bytes(content, name)
    octets: bytes = builder.to_bytes()
    return octets


def tar(format_: int) -> bytes:
    sheet = io.BytesIO()
    with tarfile.open(fileobj=sheet, mode="w", format=format_) as archive:
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return sheet.getvalue()


CONTAINERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip": ("zip", lambda: zipped([File(name.encode(), content) for name, content in FILES.items()])),
    "7z": ("7z", seven),
    "7z-bzip2": ("7z", lambda: seven(filters=[{"id": py7zr.FILTER_BZIP2}])),
    "7z-ppmd": ("7z", lambda: seven(filters=[{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}])),
    "7z-zstd": ("7z", lambda: seven(filters=[{"id": py7zr.FILTER_ZSTD, "level": 3}])),
    "rar-1.4": ("rar", lambda: rar(rars.RAR14)),
    "rar-2": ("rar", lambda: rar(rars.RAR20)),
    "rar-2.9": ("rar", lambda: rar(rars.RAR29)),
    "rar-4": ("rar", lambda: rar(rars.RAR40)),
    "rar-5": ("rar", lambda: rar(rars.RAR50)),
    "rar-5-solid": ("rar", lambda: rar(rars.RAR50, solid=True)),
    "rar-7": ("rar", lambda: rar(rars.RAR70)),
    "tar-ustar": ("tar", lambda: tar(tarfile.USTAR_FORMAT)),
    "tar-gnu": ("tar", lambda: tar(tarfile.GNU_FORMAT)),
    "tar-pax": ("tar", lambda: tar(tarfile.PAX_FORMAT)),
    "tar-v7": ("tar", lambda: made.written("v7tar", FILES)),
    "cpio": ("cpio", lambda: made.written("cpio_newc", FILES)),
    "cpio-old": ("cpio", lambda: made.written("cpio", FILES)),
    "ar": ("ar", lambda: made.written("ar_bsd", FILES)),
    "xar": ("xar", lambda: made.written("xar", FILES)),
    "cab": ("cab", lambda: made.cab(FILES)),
    "cab-stored": ("cab", lambda: made.cab(FILES, packed=False)),
    "rpm": ("rpm", lambda: made.rpm(FILES)),
    "iso": ("iso", lambda: made.disc(FILES, joliet=False)),
    "iso-joliet": ("iso", lambda: made.disc(FILES)),
    "iso-udf": ("iso", lambda: made.disc(FILES, udf=True)),
    "onenote": ("one", lambda: made.onenote(FILES)),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_container_gives_its_files(kind: str) -> None:
    name, build = CONTAINERS[kind]
    found = seen(build())
    assert found.type.name == name
    assert (sorted(found.contents), found.findings, found.why) == (sorted([ONE, TWO]), [], None)


STREAMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gz": ("gz", gzip.compress),
    "bz2": ("bz2", bz2.compress),
    "xz": ("xz", lzma.compress),
    "zst": ("zst", zstd.compress),
}


@pytest.mark.parametrize("kind", STREAMS)
def test_streams_one_behind_the_other_hold_one_file(kind: str) -> None:
    name, pack = STREAMS[kind]
    found = seen(pack(ONE) + pack(TWO), f"letter.txt.{kind}")
    assert (found.type.name, found.contents, found.names, found.why) == (name, [ONE + TWO], ["letter.txt"], None)


@pytest.mark.parametrize("kind", STREAMS)
def test_what_stands_behind_a_stream_is_a_file(kind: str) -> None:
    name, pack = STREAMS[kind]
    found = seen(pack(ONE) + zipped([File(b"x", TWO)]))
    assert ONE in found.contents or found.why is Why.UNREADABLE
    assert TWO in found.contents or any(content.startswith(b"PK\x03\x04") for content in found.contents), name


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_that_is_cut_off_is_given_as_far_as_it_goes_and_is_incomplete(kind: str) -> None:
    _, pack = STREAMS[kind]
    noise = bytes((number * 7919 >> 3) & 0xFF for number in range(200_000))
    found = seen(pack(noise)[:-20])
    assert found.why is Why.UNREADABLE


def test_the_older_streams() -> None:
    assert seen(lzma.compress(ONE, format=lzma.FORMAT_ALONE)).contents == [ONE]
    for filter_ in ("compress", "lz4", "lzip"):
        found = seen(made.written("ustar", {"one.txt": ONE}, filter_))
        assert found.type.name == {"compress": "z", "lz4": "lz4", "lzip": "lz"}[filter_]
        assert seen(found.contents[0]).contents == [ONE]


def test_lha() -> None:
    found = seen(made.lha("one.txt", ONE))
    assert (found.type.name, found.contents, found.names) == ("lha", [ONE], ["one.txt"])


def test_deb() -> None:
    found = seen(made.deb({"data.tar": tar(tarfile.USTAR_FORMAT)}))
    assert found.type.name == "deb"
    assert tar(tarfile.USTAR_FORMAT) in found.contents


def test_a_file_that_only_one_tree_of_a_disc_shows_is_given() -> None:
    found = seen(made.disc(FILES, udf=True, only_udf={"three.js": b"third"}))
    assert sorted(found.contents) == sorted([ONE, TWO, b"third"])
    assert "three.js" in found.names


def test_what_nobody_can_open_is_named() -> None:
    for content in (
        b"\x60\xea\x22\0\x22" + b"\0" * 60,
        b"x" * 7 + b"**ACE**" + b"\0" * 40,
        b"ITSF\3\0\0\0" + b"\0" * 90,
    ):
        found = seen(content)
        assert found.why is Why.UNREADABLE, found.type.name


def test_signed_mail_gives_its_message() -> None:
    mail = b"Content-Type: text/plain\r\n\r\nclick here\r\n"
    for content in (made.cms(mail), made.cms(mail, pieces=3)):
        found = seen(content, "smime.p7m")
        assert (found.contents, found.why) == ([mail], None)


def test_a_signature_that_is_cut_off_hides_nothing_where_it_is_declared_as_one() -> None:
    cut = made.cms(b"Content-Type: text/plain\r\n\r\nclick here\r\n")[:36]
    assert seen(cut, "smime.p7m").why is Why.UNREADABLE
    declared = specimen(cut, "smime.p7s", declared=("application/x-pkcs7-signature",))
    assert looked(ENGINE, declared).why is None


def test_mail_encrypted_for_a_key_is_incomplete() -> None:
    enveloped = made.cms(b"x" * 200).replace(bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010703"))
    assert seen(enveloped).why is Why.ENCRYPTED


def test_a_message_of_outlook_gives_bodies_and_attachments_at_any_depth() -> None:
    attachment = "__attach_version1.0_#00000000"
    inner = f"{attachment}/__substg1.0_3701000D"
    found = seen(
        made.compound(
            {
                "__properties_version1.0": b"\0" * 32,
                "__substg1.0_1000001F": "Hello Wörld".encode("utf-16-le"),
                "__substg1.0_10130102": b"<p>Hello",
                f"{attachment}/__substg1.0_37010102": ONE,
                f"{attachment}/__substg1.0_3707001F": "one.txt".encode("utf-16-le"),
                f"{inner}/{attachment}/__substg1.0_37010102": TWO * 5,
                f"{inner}/{attachment}/__substg1.0_3704001E": b"two.bin",
            }
        ),
        "letter.msg",
    )
    assert found.type.name == "msg"
    assert dict(zip(found.names, found.contents, strict=True)) == {
        "body.txt": "Hello Wörld".encode(),
        "body.html": b"<p>Hello",
        "one.txt": ONE,
        "two.bin": TWO * 5,
    }


def test_an_installer_gives_its_streams() -> None:
    class_id = bytes.fromhex("84100c0000000000c000000000000046")
    found = seen(made.compound({"\u4840\u3f3f\u4577": b"table", "Binary.evil.dll": ONE}, class_id=class_id))
    assert (found.type.name, found.contents, found.names) == ("msi", [ONE], ["Binary.evil.dll"])


def test_a_document_gives_what_is_packed_into_it() -> None:
    streams = {
        "WordDocument": b"\xec\xa5" + b"\0" * 5000,
        "ObjectPool/_1/\x01Ole10Native": made.packager("evil.exe", ONE),
    }
    found = seen(made.compound(streams), "letter.doc")
    assert (found.type.name, found.contents, found.names) == ("doc", [ONE], ["evil.exe"])


def test_an_office_document_gives_what_is_embedded_and_not_its_own_parts() -> None:
    types = (
        b'<Types><Override PartName="/word/document.xml" ContentType="application/'
        b'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    parts = [
        File(b"[Content_Types].xml", types),
        File(b"word/document.xml", b"<?xml version='1.0'?><w:document/>"),
        File(b"word/media/image1.png", b"\x89PNG\r\n\x1a\n" + ONE),
        File(b"word/embeddings/oleObject1.bin", TWO),
        File(b"word/hidden.xml", b"MZ" + b"\0" * 600),
        File(b"word/afchunk.xml", b"<html><script>alert(1)</script></html>"),
    ]
    found = seen(zipped(parts), "letter.docx")
    assert found.type.name == "docx"
    assert found.names == [
        "word/media/image1.png",
        "word/embeddings/oleObject1.bin",
        "word/hidden.xml",
        "word/afchunk.xml",
    ]


def test_what_is_no_container_is_left_alone() -> None:
    for content in (ONE, b"%PDF-1.7\n" + ONE, b"\x89PNG\r\n\x1a\n" + ONE, b"<html><body>" + ONE):
        found = seen(content)
        assert (found.children, found.findings, found.why) == ([], [], None)


def test_a_stream_that_is_said_to_be_longer_than_its_file_takes_no_more_memory_than_that() -> None:
    octets = bytearray(made.compound({"WordDocument": b"x" * 5000, "A/\x01Ole10Native": made.packager("a", ONE)}))
    entry = octets.index("\x01Ole10Native".encode("utf-16-le"))
    octets[entry + 120 : entry + 124] = b"\xff\xff\xff\x7f"
    found = seen(bytes(octets), "a.doc")
    assert found.why is Why.UNREADABLE
    assert all(len(content) <= len(octets) for content in found.contents)
