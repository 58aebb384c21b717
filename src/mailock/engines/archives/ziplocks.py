"""Locked files in a zip: the old encryption (APPNOTE.TXT 6.1) and WinZip's AES (AE-1, AE-2).

Both can tell a wrong password soon: the old one by one octet, so that one of 256 wrong ones passes and the checksum
has to decide; AES by two octets, and by a seal over the whole file.
"""

import hashlib
import hmac
import struct
import zlib
from array import array
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_TABLE: Final = array("L", (zlib.crc32(bytes((octet,)), 0xFFFFFFFF) ^ 0xFFFFFFFF for octet in range(256)))
_SALTS: Final = {1: 8, 2: 12, 3: 16}
_ITERATIONS: Final = 1000
_CODE: Final = 10
"""Octets of the seal at the end."""
_STEP: Final = 1 << 20


def spellings(word: str) -> tuple[bytes, ...]:
    """The octets that programs make of a password."""
    if word.isascii():
        return (word.encode(),)
    found: list[bytes] = []
    for charset in ("utf-8", "cp437", "cp1252", "cp850", "cp1251", "cp932", "gbk"):
        try:
            spelt = word.encode(charset)
        except UnicodeEncodeError:
            continue
        if spelt not in found:
            found.append(spelt)
    return tuple(found)


def old_keys(password: bytes) -> tuple[int, int, int]:
    """The three keys of the old encryption."""
    one, two, three = 0x12345678, 0x23456789, 0x34567890
    for octet in password:
        one, two, three = _turned(octet, one, two, three)
    return one, two, three


def _turned(octet: int, one: int, two: int, three: int) -> tuple[int, int, int]:
    one = (one >> 8) ^ _TABLE[(one ^ octet) & 0xFF]
    two = ((two + (one & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    return one, two, (three >> 8) ^ _TABLE[(three ^ (two >> 24)) & 0xFF]


def old_decrypted(data: bytes | memoryview, keys: tuple[int, int, int]) -> bytes:
    """The octets behind the old encryption; the first twelve are its own."""
    one, two, three = keys
    table = _TABLE
    out = bytearray(len(data))
    for place, octet in enumerate(data):
        mixed = three | 2
        plain = octet ^ ((mixed * (mixed ^ 1)) >> 8 & 0xFF)
        out[place] = plain
        one = (one >> 8) ^ table[(one ^ plain) & 0xFF]
        two = ((two + (one & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        three = (three >> 8) ^ table[(three ^ (two >> 24)) & 0xFF]
    return bytes(out)


def old_fits(data: bytes | memoryview, keys: tuple[int, int, int], checks: frozenset[int]) -> bool:
    """Whether the last octet of the twelve is one of those that are expected."""
    return len(data) >= 12 and old_decrypted(data[:12], keys)[11] in checks


def alone(data: bytes | memoryview, told: tuple[int, int, int, int, int]) -> bytes:
    """A zip of one locked file: its flags, method, time, checksum and size."""
    flags, method, time, crc, size = told
    fields = struct.pack("<HHHHIII", flags, method, time, 0, crc, len(data), size)
    local = b"PK\x03\x04\x14\0" + fields + b"\x01\0\0\0x"
    listed = b"PK\x01\x02\x14\0\x14\0" + fields + b"\x01\0" + b"\0" * 16 + b"x"
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), len(local) + len(data), 0)
    return b"".join((local, data, listed, end))


def aes_decrypted(data: bytes | memoryview, password: bytes, strength: int) -> bytes | None:
    """The octets behind WinZip's AES; None where the password is wrong or the seal is broken."""
    salt_length = _SALTS.get(strength)
    if salt_length is None or len(data) < salt_length + 2 + _CODE:
        return None
    size = 8 * (strength + 1)
    salt, check = data[:salt_length], data[salt_length : salt_length + 2]
    derived = hashlib.pbkdf2_hmac("sha1", password, salt, _ITERATIONS, 2 * size + 2)
    if derived[2 * size :] != check:
        return None
    locked = data[salt_length + 2 : -_CODE]
    seal = hmac.new(derived[size : 2 * size], locked, "sha1").digest()[:_CODE]
    if not hmac.compare_digest(seal, data[-_CODE:]):
        return None
    return _counted(locked, derived[:size])


def _counted(locked: bytes | memoryview, key: bytes) -> bytes:
    """Counter mode with a counter that begins at one and counts from its first octet, which no library calls CTR."""
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # the mode is made of single blocks here
    pieces: list[bytes] = []
    for start in range(0, len(locked), _STEP):
        piece = locked[start : start + _STEP]
        first = start // 16 + 1
        blocks = b"".join(number.to_bytes(16, "little") for number in range(first, first + (len(piece) + 15) // 16))
        stream = cipher.update(blocks)[: len(piece)]
        mixed = int.from_bytes(piece, "little") ^ int.from_bytes(stream, "little")
        pieces.append(mixed.to_bytes(len(piece), "little"))
    return b"".join(pieces)
