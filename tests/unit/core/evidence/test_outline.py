"""What a message consists of, in a few words."""

from dataclasses import replace

import pytest

from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Severity
from mailock.core.evidence.outline import KINDS, outline
from mailock.core.evidence.part import File
from mailock.core.evidence.report import Why
from mailock.core.lifecycle.events import Outline
from tests.parts.evidence import BODY, FILES, HTML, ZIP, examined, file, finding, link, looked, missed

PICTURE = FileType(family=Family.IMAGE, name="png", media="image/png")
PDF = FileType(family=Family.PDF, name="pdf", media="application/pdf")


def test_everything_about_a_message_with_a_program_in_an_archive() -> None:
    seen = examined(
        looked("av", "1.2", finding(), finding(), finding(Severity.NOTE, kind="html.form")),
        missed(Why.ENCRYPTED, "unpack"),
        missed(Why.NOT_CONFIGURED, "clamav"),
        links=[link(), link(), link("https://two.example/")],
    )
    found = outline(seen)
    assert set(found.hashes) == {digest for one in seen.files if one.looked_into for digest in one.sha256}
    assert replace(found, hashes=()) == Outline(
        kind="program",
        attachments=1,
        links=2,
        detections=("office.macro",),
        unfinished=("unpack",),
        files=("a.zip", "run.exe"),
        urls=(link().untrusted_url, "https://two.example/"),
    )


def test_of_what_a_hostile_message_has_without_end_a_little_is_kept() -> None:
    many = [link(f"https://{number}.example/{'x' * 5000}\x1b[2J") for number in range(5000)]
    urls = outline(examined(links=many)).urls
    assert (len(urls), max(map(len, urls))) == (32, 200)
    assert "\x1b" not in outline(examined(links=[link("https://a.example/\x1b[2J")])).urls[0]


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ((BODY, file("1.2", PDF, name="a.pdf"), file("1.3", PICTURE, name="a.png")), "document"),
        ((BODY, file("1.2", ZIP, name="a.zip"), file("1.2/zip:1", PDF)), "archive"),
        ((BODY, file("1.2", HTML), file("1.3", PICTURE)), "media"),
        ((BODY, file("1.2", HTML)), "html"),
        ((BODY,), "text"),
        ((file("1", replace(PDF, family=Family.FONT)),), "other"),
        ((file("1", replace(PDF, family=Family.EMPTY)),), "empty"),
        ((file("1", PICTURE, looked_into=False),), "empty"),
        ((BODY, replace(file("1.2/zip:1", PDF), encrypted=True)), "encrypted"),
        ((replace(BODY, declared=("application/pkcs7-mime",)),), "encrypted"),
    ],
)
def test_the_most_telling_thing_is_its_kind(files: tuple[File, ...], kind: str) -> None:
    assert outline(examined(files=files)).kind == kind
    assert kind in KINDS


def test_files_inside_others_and_of_other_readings_are_no_attachments() -> None:
    other = replace(file("1.4", PDF, name="b.pdf"), alternate=True)
    assert outline(examined(files=(*FILES, other, file("1.3", PDF, name="a.pdf")))).attachments == 2
