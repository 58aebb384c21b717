"""Bombs end within the purse, soon, with a name; and what they cost is paid for."""

import bz2
import gzip
import io
import struct
import time
import zipfile
import zlib
from dataclasses import replace

import pytest

from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.report import Why
from tests.parts.looking import Seen, archives, looked, purse, specimen, taken_apart
from tests.parts.zipcraft import File, central, deflated, end, local, zipped

ENGINE = archives()
ZEROS = b"\0" * (33 << 20)


def is_bomb(found: Seen, *whys: Why) -> bool:
    named = any(
        one.kind == "archive.bomb" and one.severity is Severity.SUSPICIOUS and one.confidence is Confidence.HIGH
        for one in found.findings
    )
    return named and found.why in whys


def gzip_of_zeros(times: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(ZEROS) for _ in range(times)) + packer.flush()


def layered(content: bytes, layers: int, width: int) -> bytes:
    """As 42.zip is built: archives of the same archive, layer upon layer."""
    for _ in range(layers):
        content = zipped([File(b"%d.zip" % number, content) for number in range(width)])
    return content


def overlapping(count: int, size: int) -> bytes:
    """After Fifield, "A better zip bomb" (WOOT 2019): each file begins with a stored block that quotes the header of
    the next, and goes on with the next file's stream, down to one kernel.
    """
    kernel = File(b"0", b"\0" * size)
    header = local(kernel.told({}))
    octets = header + kernel.packed
    records = [central(kernel.told({}), 0)]
    unpacked = size
    for number in range(1, count):
        quote = struct.pack("<BHH", 0, len(header), ~len(header) & 0xFFFF)
        unpacked += len(header)
        told = File(b"%d" % number, kernel.content).told({"packed": len(quote) + len(octets), "size": unpacked})
        header = local(told)
        octets = header + quote + octets
        records = [central(told, 0), *(_moved(record, len(header) + len(quote)) for record in records)]
    listed = b"".join(records)
    return octets + listed + end(len(records), len(listed), len(octets))


def _moved(record: bytes, by: int) -> bytes:
    offset = int.from_bytes(record[42:46], "little") + by
    return record[:42] + offset.to_bytes(4, "little") + record[46:]


def test_gzip_of_zeros() -> None:
    found = looked(ENGINE, specimen(gzip_of_zeros(4), money=purse(octets=64 << 20)))
    assert is_bomb(found, Why.TOO_COSTLY)
    assert not found.children


def test_bzip2_of_zeros() -> None:
    assert is_bomb(looked(ENGINE, specimen(bz2.compress(ZEROS))), Why.TOO_COSTLY)


def test_a_zip_of_zeros_in_a_zip() -> None:
    inner = zipped([File(b"zeros", ZEROS)])
    made = zipped([File(b"a.txt", b"x"), File(b"zeros", ZEROS)])
    assert is_bomb(looked(ENGINE, specimen(made, money=purse(octets=30 << 20))), Why.TOO_COSTLY)
    assert is_bomb(looked(ENGINE, specimen(made, money=purse(ratio=100))), Why.TOO_COSTLY)
    assert inner in looked(ENGINE, specimen(zipped([File(b"inner.zip", inner)]))).contents


def test_a_layered_bomb_ends_within_the_purse_and_soon() -> None:
    bomb = layered(zipped([File(b"0.dll", ZEROS)]), layers=4, width=16)
    began = time.process_time()
    money = purse(octets=100 << 20, files=2_000)
    found = taken_apart(bomb, "42.zip", money=money)
    assert time.process_time() - began < 10
    assert len(found) <= 2_000
    assert money.octets >= 0


def test_a_cut_off_bomb_is_paid_for() -> None:
    money = purse(octets=50 << 20, ratio=100)
    looked(ENGINE, specimen(zipped([File(b"zeros", ZEROS)]), money=money))
    assert money.octets < 41 << 20


def test_overlapping_files() -> None:
    made = overlapping(12, 1 << 20)
    found = looked(ENGINE, specimen(made))
    assert "archive.overlap" in found.kinds
    assert sum(map(len, found.contents)) <= 10_000_000 + 1000 * len(made)
    tight = looked(ENGINE, specimen(made, money=purse(octets=3 << 20)))
    assert is_bomb(tight, Why.TOO_COSTLY)


def test_files_that_share_one_header() -> None:
    one = File(b"a", b"\0" * 1_000_000)
    head = local(one.told({})) + one.packed
    told = one.told({})
    listed = b"".join(central(replace(told, name=b"%d" % number), 0) for number in range(5_000))
    found = looked(ENGINE, specimen(head + listed + end(5_000, len(listed), len(head)), money=purse(octets=64 << 20)))
    assert found.why in (Why.TOO_COSTLY, Why.TOO_MANY)


def test_endlessly_many_empty_files() -> None:
    one = File(b"a", b"", method=0)
    count = 60_000
    heads = local(one.told({})) * count
    step = len(heads) // count
    listed = b"".join(central(one.told({}), number * step) for number in range(count))
    made = heads + listed + end(count & 0xFFFF, len(listed), len(heads))
    began = time.process_time()
    assert is_bomb(looked(ENGINE, specimen(made)), Why.TOO_MANY)
    assert time.process_time() - began < 2


def test_an_archive_that_holds_itself() -> None:
    # A quine cannot be written down here; that its layers look alike is what counts: each is opened again, to the end.
    content = b"x"
    for _ in range(30):
        content = gzip.compress(content, mtime=0)
    depths = [depth for depth, _, _ in taken_apart(content, money=purse(depth=10))]
    assert max(depths) == 10
    innermost = content
    for _ in range(10):
        innermost = gzip.decompress(innermost)
    kinds = tuple(specimen(content).type for _ in range(10))
    assert is_bomb(looked(ENGINE, specimen(innermost, ancestors=kinds)), Why.TOO_DEEP)


def test_an_archive_of_many_honest_files_is_no_bomb() -> None:
    made = zipped([File(b"%d.txt" % number, b"content %d " % number * 50) for number in range(200)])
    found = looked(ENGINE, specimen(made, money=purse(files=100)))
    assert (found.why, found.kinds) == (Why.TOO_MANY, set())


def test_a_large_honest_archive_is_too_costly_but_no_bomb() -> None:
    noise = zlib.compress(bytes(1000)) * 20_000
    made = zipped([File(b"a.bin", noise, method=0), File(b"b.bin", noise[:-1], method=0)])
    found = looked(ENGINE, specimen(made, money=purse(octets=len(noise) + 10)))
    assert (found.why, "archive.bomb" in found.kinds, len(found.children)) == (Why.TOO_COSTLY, False, 1)


@pytest.mark.serial
def test_a_thousand_files_of_25_mib_take_well_under_two_seconds() -> None:
    sheet = io.BytesIO()
    noise = deflated(bytes(range(256)) * 40)
    with zipfile.ZipFile(sheet, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(1000):
            archive.writestr(f"folder/{number}.bin", noise * 200 + b"%d" % number)
    found = looked(ENGINE, specimen(sheet.getvalue()))
    assert len(found.children) == 1000
    began = time.process_time()
    looked(ENGINE, specimen(sheet.getvalue()))
    assert time.process_time() - began < 2
