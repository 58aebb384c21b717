"""Codes in pictures, on pages, in letters and in tables."""

import io
import time

import pytest
import zxingcpp
from PIL import Image

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Severity, Shown
from mailock.core.evidence.report import Why
from mailock.engines.qr.engine import Qr
from mailock.engines.qr.pictures import FORMATS
from tests.parts.said import Said, look

ENGINE = Qr()
URL = "https://evil.example.com/login?u=1"


def code(text: str = URL, scale: int = 5, kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.QRCode) -> Image.Image:
    """A picture of a code."""
    made = zxingcpp.create_barcode(text, kind).to_image(scale)
    height, width = made.shape
    return Image.frombytes("L", (width, height), bytes(memoryview(made)))  # type: ignore[arg-type]  # its stub lacks the buffer


def saved(picture: Image.Image, form: str = "PNG") -> bytes:
    """A picture as a file."""
    target = io.BytesIO()
    picture.save(target, form)
    return target.getvalue()


def image(content: bytes) -> Said:
    """What is said of a picture."""
    return look(ENGINE, content, Family.IMAGE)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "AVIF"])
def test_a_code_is_read_in_every_format(form: str) -> None:
    said = image(saved(code(), form))
    assert said.urls == [URL]
    assert said.links[0].shown is Shown.INSIDE
    assert said.worst("qr.link") == (Severity.NOTE, Confidence.HIGH)
    assert said.unfinished is None


@pytest.mark.parametrize(
    "picture",
    [
        code().rotate(17, expand=True, fillcolor=255),
        Image.eval(code(), lambda shade: 255 - shade),
        Image.merge("RGB", [code(), code(), Image.new("L", code().size, 255)]),
        code().transpose(Image.Transpose.ROTATE_90),
        code(scale=1),
        Image.eval(code(), lambda shade: 120 + shade // 4),
    ],
    ids=["turned", "inverted", "coloured", "on its side", "tiny", "pale"],
)
def test_a_code_is_read_however_it_is_drawn(picture: Image.Image) -> None:
    assert image(saved(picture)).urls == [URL]


def test_a_code_that_can_be_seen_through_is_read_on_any_page() -> None:
    mask = Image.eval(code(), lambda shade: 255 - shade)
    for ink in ((0, 0, 0, 255), (255, 255, 255, 255)):
        clear = Image.new("RGBA", mask.size, (0, 0, 0, 0))
        clear.paste(ink, mask=mask)
        assert URL in image(saved(clear)).urls


def test_a_small_code_in_a_large_picture_is_read() -> None:
    page = Image.new("L", (1600, 2000), 255)
    page.paste(code(scale=3), (900, 1200))
    assert image(saved(page)).urls == [URL]


@pytest.mark.parametrize("kind", [zxingcpp.BarcodeFormat.Aztec, zxingcpp.BarcodeFormat.DataMatrix])
def test_other_codes_of_telephones_are_read(kind: zxingcpp.BarcodeFormat) -> None:
    assert image(saved(code(kind=kind))).urls == [URL]


def test_a_code_without_a_link_is_told_and_leads_nowhere() -> None:
    said = image(saved(code("WIFI:S:guest;;")))
    assert said.kinds == {"qr.other"}
    assert not said.links


def test_what_is_odd_about_its_link_is_told() -> None:
    assert "url.hidden_address" in image(saved(code("http://0x7f.1/x"))).kinds


def test_a_code_on_a_page_of_a_pdf_is_read() -> None:
    said = look(ENGINE, saved(code(scale=8), "PDF"), Family.PDF)
    assert said.urls == [URL]
    assert look(ENGINE, b"%PDF-1.4 broken", Family.PDF).unfinished is None  # the engine of PDF says that


def _modules() -> list[list[bool]]:
    picture = code(scale=1)
    return [[picture.getpixel((x, y)) == 0 for x in range(picture.width)] for y in range(picture.height)]


def test_a_code_of_letters_is_read() -> None:
    rows = _modules()
    halves = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    pairs = [
        (rows[at], rows[at + 1] if at + 1 < len(rows) else [False] * len(rows[at])) for at in range(0, len(rows), 2)
    ]
    art = (
        "Scan this:\r\n"
        + "\r\n".join("".join(map(lambda a, b: halves[a, b], *pair)) for pair in pairs)
        + "\r\nThanks\r\n"
    )
    said = look(ENGINE, art.encode())
    assert said.urls == [URL]
    assert said.worst("qr.drawn") == (Severity.SUSPICIOUS, Confidence.MEDIUM)
    wide = "\n".join("".join("██" if dark else "  " for dark in row) for row in rows)
    assert look(ENGINE, wide.encode()).urls == [URL]


def test_a_code_of_table_cells_is_read() -> None:
    cells = {True: '<td bgcolor="#000000">', False: '<td style="background-color:#fff">'}
    table = "".join("<tr>" + "".join(cells[dark] for dark in row) for row in _modules())
    assert look(ENGINE, f"<table>{table}</table>".encode(), Family.HTML).urls == [URL]


def test_pictures_tables_and_texts_without_a_code_are_nothing() -> None:
    assert not image(saved(Image.new("RGB", (300, 100), (200, 30, 30)))).findings
    table = "<table>" + "<tr>" + "<td bgcolor=#eee>1</td>" * 20 + "</tr>" * 20 + "</table>"
    assert not look(ENGINE, table.encode(), Family.HTML).findings
    assert not look(ENGINE, ("▀▄█ " * 20 + "\n").encode() * 40).findings


def test_every_format_that_is_named_has_a_decoder() -> None:
    assert set(FORMATS) <= set(Image.OPEN)


def test_a_picture_that_unpacks_without_end_is_refused() -> None:
    began = time.process_time()
    said = image(saved(Image.new("1", (20_000, 20_000))))
    assert said.unfinished is not None
    assert said.unfinished.why is Why.TOO_COSTLY
    assert time.process_time() - began < 10


def test_a_picture_that_is_cut_off_is_read_as_far_as_it_is_shown() -> None:
    page = Image.new("L", (200, 800), 255)
    page.paste(code(scale=3), (20, 20))
    whole = saved(page, "JPEG")
    assert image(whole[: len(whole) * 3 // 4]).urls == [URL]


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(50), b"\xff\xd8\xff" + bytes(100), b"BM" + bytes(60)]
)
def test_what_is_no_picture_is_unreadable(content: bytes) -> None:
    said = image(content)
    assert said.unfinished is not None
    assert said.unfinished.why is Why.UNREADABLE
