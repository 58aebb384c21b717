"""What has a password is opened with the words of the mail, or is Incomplete; the tries are bounded."""

import hashlib
import hmac
import io
import struct
import zlib
from collections.abc import Callable
from typing import Final

import msoffcrypto.format.ooxml
import py7zr
import pytest
import rars
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mailock.config.engines import EngineSettings
from mailock.core.evidence.report import Why
from mailock.engines.archives import ziplocks
from mailock.engines.archives.engine import Archives
from tests.parts.data import unpack
from tests.parts.looking import Seen, archives, looked, specimen
from tests.parts.zipcraft import File, deflated, zipped

SECRET: Final = b"what the password keeps " * 60
WORDS: Final = ("the", "attached", "pässwörd", "Xk92!qq", "regards")
ENGINE: Final = archives()


def seen(content: bytes, *names: str, words: tuple[str, ...] = WORDS) -> Seen:
    return looked(ENGINE, specimen(content, *names, words=words))


def old_locked(content: bytes, password: bytes) -> bytes:
    """The old encryption of zip: the keys turn with each plain octet."""
    keys = ziplocks.old_keys(password)
    head = bytes(11) + bytes((zlib.crc32(SECRET) >> 24,))
    out = bytearray()
    for octet in head + content:
        mixed = keys[2] | 2
        out.append(octet ^ (mixed * (mixed ^ 1) >> 8 & 0xFF))
        keys = ziplocks._turned(octet, *keys)
    return bytes(out)


def aes_locked(content: bytes, password: bytes, strength: int = 3) -> bytes:
    """WinZip's AES."""
    size = 8 * (strength + 1)
    salt = bytes(range({1: 8, 2: 12, 3: 16}[strength]))
    derived = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 2 * size + 2)
    # The mode is made of single blocks here, with the counter that WinZip counts.
    cipher = Cipher(algorithms.AES(derived[:size]), modes.ECB()).encryptor()
    blocks = b"".join(struct.pack("<QQ", number, 0) for number in range(1, len(content) // 16 + 2))
    stream = cipher.update(blocks)[: len(content)]
    body = bytes(one ^ other for one, other in zip(content, stream, strict=True))
    return salt + derived[2 * size :] + body + hmac.new(derived[size : 2 * size], body, "sha1").digest()[:10]


def zip_old(password: bytes) -> bytes:
    data = old_locked(deflated(SECRET), password)
    return zipped([File(b"a.txt", SECRET, data=data, central={"flags": 1}, local={"flags": 1})])


def zip_aes(password: bytes, strength: int = 3) -> bytes:
    extra = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", strength, 8)
    lies: dict[str, object] = {"flags": 1, "method": 99, "extra": extra, "crc": 0}
    data = aes_locked(deflated(SECRET), password, strength)
    return zipped([File(b"a.txt", SECRET, data=data, central=lies, local=lies)])


def seven(**options: object) -> bytes:
    sheet = io.BytesIO()
    with py7zr.SevenZipFile(sheet, "w", password="Xk92!qq", **options) as archive:  # type: ignore[arg-type]  # passed on
        archive.writestr(SECRET, "a.txt")
    return sheet.getvalue()


def rar(version: str, **options: object) -> bytes:
    builder = rars.RarBuilder(format=version, password="Xk92!qq", **options)
    builder.add_bytes(SECRET, "a.txt")
    octets: bytes = builder.to_bytes()
    return octets


def office(password: str) -> bytes:
    sheet = io.BytesIO()
    types = (
        b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
        b"<Override ContentType='x.wordprocessingml.document.main+xml'/></Types>"
    )
    plain = zipped([File(b"[Content_Types].xml", types), File(b"word/document.xml", b"<w/>" * 3000, method=0)])
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain)).encrypt(password, sheet)
    return sheet.getvalue()


LOCKED: Final[dict[str, Callable[[], bytes]]] = {
    "zip": lambda: zip_old(b"Xk92!qq"),
    "zip-umlaut-of-dos": lambda: zip_old("pässwörd".encode("cp437")),
    "zip-umlaut-of-unicode": lambda: zip_old("pässwörd".encode()),
    "zip-aes-128": lambda: zip_aes(b"Xk92!qq", 1),
    "zip-aes-192": lambda: zip_aes(b"Xk92!qq", 2),
    "zip-aes-256": lambda: zip_aes(b"Xk92!qq"),
    "7z": seven,
    "7z-header": lambda: seven(header_encryption=True),
    "rar-2.9": lambda: rar(rars.RAR29),
    "rar-5": lambda: rar(rars.RAR50),
    "rar-5-header": lambda: rar(rars.RAR50, encrypt_headers=True),
}


@pytest.mark.parametrize("kind", LOCKED)
def test_a_word_of_the_mail_opens_it(kind: str) -> None:
    found = seen(LOCKED[kind]())
    assert (found.contents, found.why) == ([SECRET], None)
    assert found.children[0].encrypted
    assert "archive.unlocked" in found.kinds


@pytest.mark.parametrize("kind", LOCKED)
def test_without_the_word_it_is_incomplete(kind: str) -> None:
    found = seen(LOCKED[kind](), words=("wrong", "Xk92!q"))
    assert (found.contents, found.why) == ([], Why.ENCRYPTED)
    assert "archive.encrypted" in found.kinds


def test_an_office_document_with_a_password() -> None:
    locked = office("Xk92!qq")
    found = seen(locked, "a.docx")
    assert (found.type.name, found.why, found.children[0].encrypted) == ("encrypted-office", None, True)
    assert found.contents[0].startswith(b"PK\x03\x04")
    assert seen(locked, words=("wrong",)).why is Why.ENCRYPTED


def test_a_document_that_only_looks_locked_is_opened() -> None:
    found = seen(office("VelvetSweatshop"), words=())
    assert found.contents[0].startswith(b"PK\x03\x04")
    assert "archive.default-password" in found.kinds


def test_a_locked_program_is_named() -> None:
    data = old_locked(deflated(SECRET), b"unknown")
    made = zipped([File(b"invoice.exe", SECRET, data=data, central={"flags": 1}, local={"flags": 1})])
    assert "archive.encrypted-program" in seen(made).kinds


def test_files_that_are_not_locked_are_given_beside_those_that_are() -> None:
    locked = File(b"a.txt", SECRET, data=old_locked(deflated(SECRET), b"?"), central={"flags": 1}, local={"flags": 1})
    found = seen(zipped([locked, File(b"b.txt", b"open")]))
    assert (found.contents, found.why) == ([b"open"], Why.ENCRYPTED)


def test_tries_are_bounded() -> None:
    few = Archives(EngineSettings(password_tries=3))
    found = looked(few, specimen(zip_old(b"Xk92!qq"), words=("a", "b", "c", "Xk92!qq")))
    assert found.why is Why.ENCRYPTED
    hurried = Archives(EngineSettings(password_seconds=0.0))
    assert looked(hurried, specimen(seven(), words=("Xk92!qq",))).why is Why.ENCRYPTED


def test_documents_of_others_with_the_password_of_the_program(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = unpack("oletools", tmp_path_factory.getbasetemp().parent) / "tests" / "test-data" / "encrypted"
    files = sorted(folder.glob("*standardpassword*"))
    assert len(files) > 4
    for file in files:
        found = seen(file.read_bytes(), file.name, words=())
        assert found.why is None, file.name
        assert found.children[0].encrypted
