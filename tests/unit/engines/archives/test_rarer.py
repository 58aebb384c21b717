"""What 7-Zip's library opens, and acefile, and the reader of exFAT: containers that other programs made."""

import struct
import zlib

import pytest

from mailock.core.evidence.report import Why
from mailock.engines.archives.seven import theirs
from tests.parts import containers as made
from tests.parts.looking import Seen, archives, looked, purse, specimen
from tests.unit.engines.archives.test_kinds import ONE, TWO

ENGINE = archives()
library = pytest.mark.skipif(not theirs.there(), reason="7-Zip's library is not installed (p7zip-full)")


def seen(content: bytes, *names: str, words: tuple[str, ...] = ()) -> Seen:
    return looked(ENGINE, specimen(content, *names, words=words))


KEPT = {
    "packed.arj": "arj",
    "stored.arj": "arj",
    "fastest.arj": "arj",
    "xpress.wim": "wim",
    "lzx.wim": "wim",
    "solid.wim": "wim",
    "fat12.img": "img",
    "fat32.img": "img",
    "ext2.img": "img",
    "files.squashfs": "squashfs",
    "fat-in-dynamic.vhd": "vhd",
    "fat-in-fixed.vhd": "vhd",
    "ntfs.vhdx": "vhdx",
    "gpt.vmdk": "vmdk",
    "mbr.qcow2": "qcow2",
    "mbr.vdi": "vdi",
}


@library
@pytest.mark.parametrize("name", KEPT)
def test_what_another_program_made_gives_its_files_and_nothing_of_its_own(name: str) -> None:
    found = seen(made.kept(name), name)
    assert found.type.name == KEPT[name]
    assert dict(zip(found.names, found.contents, strict=True)) == {"one.txt": ONE, "two.bin": TWO}
    assert (found.kinds, found.why) == (set(), None)


@library
def test_a_help_file_gives_its_pages_beside_its_own_tables() -> None:
    found = seen(made.kept("help.chm"), "help.chm")
    files = dict(zip(found.names, found.contents, strict=True))
    assert (found.type.name, files["one.txt"], files["two.bin"], found.why) == ("chm", ONE, TWO, None)


@library
def test_exfat_gives_files_in_a_row_and_files_in_pieces_at_any_depth() -> None:
    found = seen(made.kept("exfat.img"))
    assert found.names == ["one.txt", "folder/a long name of two.bin"]
    assert found.contents == [ONE, (TWO * 10)[:4196]]
    assert found.why is None


@library
def test_a_folder_of_exfat_that_holds_itself_ends() -> None:
    octets = bytearray(made.kept("exfat.img"))
    entry = octets.index("folder".encode("utf-16-le"))
    root = int.from_bytes(octets[96:100], "little")
    # Its first cluster, in the entry before its name.
    struct.pack_into("<I", octets, entry - 2 - 32 + 20, root)
    assert seen(bytes(octets)).names == ["one.txt"]


@library
def test_the_label_of_a_fat_means_nothing() -> None:
    octets = bytearray(made.kept("fat12.img"))
    octets[3:11], octets[54:62] = b"whatever", b"NOTHING "
    assert seen(bytes(octets)).contents == [ONE, TWO]


@library
def test_a_disk_that_is_a_file_system_and_a_table_of_partitions_is_read_as_both() -> None:
    """Windows takes a virtual disk by its table, and a stick by its first sector."""
    first, second = bytearray(made.kept("fat12.img")), bytearray(made.kept("fat12.img"))
    second[second.index(b"the first file ") : second.index(b"the first file ") + 9] = b"the other"
    first[446:462] = bytes((0, 1, 1, 0, 1, 1, 1, 0)) + struct.pack("<II", 320, 320)
    first[462:510] = bytes(48)
    found = seen(bytes(first + second))
    assert ONE in found.contents
    assert any(content.startswith(b"the other") for content in found.contents)


@library
def test_one_content_under_two_endings_is_given_under_both() -> None:
    """The ending chooses the program: what is a text under one name is run under another."""
    octets = made.kept("fat12.img")
    renamed = octets.replace(b"TWO     BIN", b"TWO     JS ").replace(TWO, ONE.ljust(len(TWO), b" "))
    names = seen(renamed).names
    assert any(name.endswith(".txt") for name in names)
    assert any(name.lower().endswith(".js") for name in names)


@library
def test_a_volume_that_nobody_can_read_is_incomplete() -> None:
    octets = bytearray(made.kept("fat-in-fixed.vhd"))
    octets[1 << 20 : (1 << 20) + 512] = b"\xee" * 512
    assert seen(bytes(octets)).why is Why.UNREADABLE
    octets[(1 << 20) + 3 : (1 << 20) + 11] = b"-FVE-FS-"
    assert seen(bytes(octets)).why is Why.ENCRYPTED


@library
def test_a_disk_is_read_within_the_purse() -> None:
    found = looked(ENGINE, specimen(made.kept("ntfs.vhdx"), money=purse(octets=1000)))
    assert (found.why, found.contents) == (Why.TOO_COSTLY, [])
    assert looked(ENGINE, specimen(made.kept("fat12.img"), money=purse(files=1))).why is Why.TOO_MANY


@library
def test_what_is_damaged_or_locked_is_incomplete() -> None:
    locked = seen(made.kept("garbled.arj"), words=("wrong",))
    assert (locked.why, locked.contents, "archive.encrypted" in locked.kinds) == (Why.ENCRYPTED, [], True)
    for name in ("packed.arj", "lzx.wim", "ntfs.vhdx", "gpt.vmdk", "mbr.qcow2"):
        octets = made.kept(name)
        assert seen(octets[: len(octets) // 2]).why is not None, name
    assert seen(b"ITSF\3\0\0\0" + bytes(90)).why is Why.UNREADABLE


@library
def test_a_volume_of_an_arj_is_incomplete_and_named() -> None:
    octets = bytearray(made.kept("stored.arj"))
    size = int.from_bytes(octets[2:4], "little")
    octets[8] |= 4
    octets[4 + size : 8 + size] = zlib.crc32(octets[4 : 4 + size]).to_bytes(4, "little")
    found = seen(bytes(octets))
    assert (found.why, "archive.several-volumes" in found.kinds) == (Why.UNREADABLE, True)


def test_without_the_library_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theirs, "LIBRARY", None)
    for name in ("packed.arj", "lzx.wim", "ntfs.vhdx"):
        found = seen(made.kept(name))
        assert (found.why, found.contents) == (Why.MISSING, [])
        assert "p7zip-full" in found.detail


def test_ace() -> None:
    found = seen(made.ace(b"one.txt", ONE))
    assert (found.type.name, found.names, found.contents, found.why) == ("ace", ["one.txt"], [ONE], None)
    assert seen(made.ace(b"one.txt", ONE)[:-5]).why is Why.UNREADABLE
    assert seen(made.ace(b"one.txt", ONE, flags=0x4000), words=("wrong",)).why is Why.ENCRYPTED
    assert "archive.traversal" in seen(made.ace(b"..\\..\\a.exe", ONE)).kinds


@pytest.mark.parametrize("name", ["a.7z.002", "a.zip.003", "a.z01", "a.r07", "a.a01", "a.c00", "a.part2.rar"])
def test_a_piece_of_an_archive_is_incomplete_by_its_name(name: str) -> None:
    found = seen(b"\xe1\xf7" + bytes(range(1, 255)) * 9, name)
    assert (found.type.name, found.why, found.kinds) == ("bin", Why.UNREADABLE, {"archive.several-volumes"})
