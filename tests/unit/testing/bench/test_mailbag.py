"""What the scanning bench sends is mail: parsed by somebody else's parser, it is what its name says."""

import io
import random
import tarfile
import zipfile
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from mailock.testing.bench.mailbag import COLLECTION, all_sorts, stuffed, thousand_files, typical
from mailock.testing.bench.programs import CannotMeasureError


def test_the_typical_mail_has_text_html_and_a_picture_and_about_12_kib() -> None:
    content = typical()
    mail = message_from_bytes(content, policy=SMTP)
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "image/png",
    ]
    assert not any(part.defects for part in mail.walk())
    assert 11_000 < len(content) < 13_000
    assert typical() == content


def test_the_large_one_has_its_size_and_its_files() -> None:
    content = thousand_files(1 << 20, 50)
    assert abs(len(content) - (1 << 20)) < 20_000
    attached = message_from_bytes(content).get_payload(decode=True)
    assert isinstance(attached, bytes)
    archive = zipfile.ZipFile(io.BytesIO(attached))
    assert len(archive.namelist()) == 51
    assert archive.testzip() is None


def test_mail_of_all_sorts_is_different_mail_with_crlf(tmp_path: Path) -> None:
    chance = random.Random(1)
    with tarfile.open(tmp_path / COLLECTION, "w:xz") as archive:
        for number in range(6):
            name = f"x/data/{chance.choice(['easy-ham-1', 'spam-2'])}/{number}.txt"
            # The last two are the same.
            octets = f"From x\nReceived: by a; {min(number, 4)}\nFrom: <a@b.test>\n\n.dot\n".encode()
            member = tarfile.TarInfo(name)
            member.size = len(octets)
            archive.addfile(member, io.BytesIO(octets))
        archive.addfile(tarfile.TarInfo("x/LICENSE"), io.BytesIO())
    found = all_sorts(tmp_path, 5)
    assert len(set(found)) == 5
    assert all(one.startswith(b"Received: by a") and one.count(b"\n") == one.count(b"\r\n") for one in found)
    with pytest.raises(CannotMeasureError, match="5 fitting"):
        all_sorts(tmp_path, 6)


def test_without_the_collection_the_option_is_named(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(CannotMeasureError, match="--data"):
            all_sorts(folder, 1)


def test_dots_are_doubled_and_the_end_is_there() -> None:
    assert stuffed(b".a\r\nb\r\n..\r\n") == b"..a\r\nb\r\n...\r\n.\r\n"
    assert stuffed(b"a") == b"a\r\n.\r\n"
