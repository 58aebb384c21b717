"""What unpackers disagree about in a zip: every content that any of them may show is given, and the lie is named."""

import io
import zipfile

import pytest

from mailock.core.evidence.report import Why
from tests.parts.looking import Seen, archives, looked, specimen
from tests.parts.zipcraft import File, deflated, local, zipped

EVIL = b"X5O-the-payload-that-must-be-seen " * 20
MILD = b"just a harmless text, nothing to see " * 20
ENGINE = archives()


def seen(content: bytes, *names: str) -> Seen:
    return looked(ENGINE, specimen(content, *names))


def test_an_honest_zip_is_given_whole_and_nothing_is_found() -> None:
    made = zipped([File(b"a.txt", MILD), File(b"b.txt", EVIL, method=0)])
    found = seen(made, "a.zip")
    assert (found.contents, found.names, found.findings, found.why) == ([MILD, EVIL], ["a.txt", "b.txt"], [], None)


def test_what_zipfile_writes_has_no_contradictions() -> None:
    sheet = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, piece: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]  # any buffer
            return sheet.write(piece)

    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        for stream in (Unseekable(), sheet):
            sheet.seek(0)
            sheet.truncate()
            with zipfile.ZipFile(stream, "w", method) as archive:
                archive.writestr("folder/", b"")
                archive.writestr("folder/ä.txt", MILD)
                archive.writestr("empty", b"")
                archive.comment = b"made by a test"
            found = seen(sheet.getvalue())
            assert (found.contents, found.findings, found.why) == ([MILD, b""], [], None), method


def test_two_files_of_one_name_are_both_given() -> None:
    found = seen(zipped([File(b"a.txt", MILD), File(b"a.txt", EVIL)]))
    assert found.contents == [MILD, EVIL]
    assert "archive.duplicate" in found.kinds


@pytest.mark.parametrize("side", ["central", "local"])
def test_a_name_that_only_one_description_has_is_given_too(side: str) -> None:
    file = File(b"a.txt", EVIL)
    getattr(file, side)["name"] = b"a.exe"
    found = seen(zipped([file]))
    assert set(found.names) == {"a.txt", "a.exe"}
    assert "archive.contradiction" in found.kinds


@pytest.mark.parametrize("side", ["central", "local"])
def test_a_method_that_is_a_lie_hides_nothing(side: str) -> None:
    file = File(b"a.txt", EVIL)
    getattr(file, side)["method"] = 0
    found = seen(zipped([file]))
    assert EVIL in found.contents
    assert "archive.contradiction" in found.kinds


def test_an_unknown_method_on_both_sides_hides_nothing() -> None:
    for method in (0, 1, 77, 99):
        file = File(b"a.txt", EVIL, data=deflated(EVIL), central={"method": method}, local={"method": method})
        found = seen(zipped([file]))
        assert EVIL in found.contents or found.why is Why.ENCRYPTED, method


def test_sizes_that_are_lies_hide_nothing() -> None:
    for lies in ({"packed": 5}, {"size": 1}, {"packed": 0, "size": 0}, {"packed": 3, "size": 3}):
        for sides in (("central",), ("local",), ("central", "local")):
            file = File(b"a.txt", EVIL)
            for side in sides:
                getattr(file, side).update(lies)
            found = seen(zipped([file, File(b"b.txt", MILD)]))
            assert EVIL in found.contents, (lies, sides)
            assert MILD in found.contents, (lies, sides)


@pytest.mark.parametrize("sides", [("central",), ("local",), ("central", "local")])
def test_a_lock_that_is_not_there_locks_nothing(sides: tuple[str, ...]) -> None:
    file = File(b"a.txt", EVIL)
    for side in sides:
        getattr(file, side)["flags"] = 1
    found = seen(zipped([file]))
    assert EVIL in found.contents


def test_files_that_no_directory_lists_are_given() -> None:
    found = seen(zipped([File(b"a.txt", MILD), File(b"hidden.exe", EVIL, listed=False), File(b"b.txt", MILD[:50])]))
    assert EVIL in found.contents
    assert "archive.hidden" in found.kinds


def test_octets_between_files_are_given() -> None:
    found = seen(zipped([File(b"a.txt", MILD), File(b"b.txt", MILD[:50], before=EVIL)]))
    assert any(EVIL in content for content in found.contents)
    assert "archive.gap" in found.kinds


def test_octets_behind_the_end_are_given() -> None:
    found = seen(zipped([File(b"a.txt", MILD)]) + EVIL)
    assert EVIL in found.contents
    assert MILD in found.contents


def test_archives_one_behind_the_other_are_all_given() -> None:
    one, two = zipped([File(b"a.txt", MILD)]), zipped([File(b"b.exe", EVIL)])
    for made in (one + two, two + one, one + b"junk" * 20 + two):
        found = seen(made)
        assert {MILD, EVIL} <= set(found.contents)
        assert "archive.concatenated" in found.kinds


@pytest.mark.parametrize("shifted", [False, True])
def test_junk_before_an_archive_hides_nothing(shifted: bool) -> None:
    made = zipped([File(b"a.txt", EVIL)], prefix=b"\xff\xd8\xff\xe0 a picture" + b"\x01" * 500, shifted=shifted)
    found = seen(made, "a.jpg")
    assert found.type.name == "jpg"
    assert found.type.polyglot == ("zip",)
    assert EVIL in found.contents


def test_two_directories_for_one_end_are_both_read() -> None:
    inner = zipped([File(b"evil", EVIL)])
    made = zipped([File(b"good", MILD)], prefix=inner, shifted=True)
    assert {EVIL, MILD} <= set(seen(made).contents)


def test_an_archive_without_its_end_is_read() -> None:
    made = zipped([File(b"a.txt", EVIL), File(b"b.txt", MILD)])
    found = seen(made[: made.index(b"PK\x01\x02")], "a.zip")
    assert found.contents == [EVIL, MILD]


def test_a_header_without_sizes_and_without_a_directory_is_read() -> None:
    file = File(b"a.txt", EVIL, local={"flags": 8, "packed": 0, "size": 0, "crc": 0}, listed=False)
    found = seen(local(file.told(file.local)) + file.packed + b"PK\x07\x08" + b"\0" * 12)
    assert EVIL in found.contents


def test_the_end_of_an_archive_within_a_stored_file_changes_nothing() -> None:
    inner = zipped([File(b"inner.txt", EVIL)])
    found = seen(zipped([File(b"inner.zip", inner, method=0)]))
    assert (found.contents, found.findings) == ([inner], [])


def test_names_that_lead_out_are_named() -> None:
    for name in (b"../../etc/x", b"/etc/x", b"C:\\x.exe", b"a\\..\\..\\x", b"\\\\host\\share\\x"):
        found = seen(zipped([File(name, MILD)]))
        assert "archive.traversal" in found.kinds, name
        assert found.contents == [MILD]


def test_a_stream_that_breaks_in_the_middle_is_given_as_far_as_it_goes() -> None:
    packed = deflated(bytes(range(256)) * 400)
    broken = packed[: len(packed) // 2] + b"\xff" * 40 + packed[len(packed) // 2 + 40 :]
    found = seen(zipped([File(b"a", b"\0" * 102_400, data=broken)]))
    assert found.why is Why.UNREADABLE or "archive.broken" in found.kinds
    assert found.contents[0].startswith(bytes(range(256)))


def test_a_folder_with_content_is_a_file() -> None:
    assert seen(zipped([File(b"folder/", EVIL)])).contents == [EVIL]
