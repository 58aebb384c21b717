"""What our side of a preview believes: nothing that is out of bounds, and no letter that turns the text around it."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mailock.operations.preview import wire
from mailock.operations.preview.flowing import blocks
from mailock.operations.preview.outside import heard
from mailock.operations.preview.telling import preview_table
from mailock.ports.jail import End, Ended
from mailock.ports.viewer import Block, BlockKind, CannotView, Passage, Piece, Run


def text(*said: Block, pieces: int = 1, passages: int = 1) -> bytes:
    """The first frame of a job."""
    piece = Piece(part="1", media="text/plain\u202e", name="a\u202efdp.exe", size=3, other=False)
    passage = Passage(part="1", media="text/plain", blocks=said)
    return wire.encode(wire.Text(pieces=(piece,) * pieces, passages=(passage,) * passages, more=False))


def ended(*frames: bytes, end: End = End.DONE, detail: str = "") -> Ended:
    """How a job ended."""
    return Ended(end=end, detail=detail, untrusted_frames=frames)


def block(letters: str, kind: BlockKind = BlockKind.PARAGRAPH, leads: str = "") -> Block:
    """One block of one run."""
    return Block(kind=kind, runs=(Run(text=letters, leads=leads),))


@pytest.mark.parametrize(
    "frames",
    [
        (b"",),
        (b"\xc1",),
        (wire.encode({"pieces": [], "passages": 7, "more": False}),),
        (text(), wire.encode(wire.Pixels(part="1", width=2, height=2, rgb=b"x" * 11))),
        (text(), wire.encode(wire.Pixels(part="1", width=0, height=1, rgb=b""))),
        (text(), wire.encode(wire.Pixels(part="1", width=-1, height=-1, rgb=b"xxx"))),
        (text(), wire.encode(wire.Pixels(part="1", width=1 << 40, height=1, rgb=b"xxx"))),
        (text(), text()),
    ],
)
def test_what_is_no_preview_is_refused_whole(frames: tuple[bytes, ...]) -> None:
    with pytest.raises(CannotView, match="what came out of the jail"):
        heard(ended(*frames))


KINDS = (wire.Text, wire.Pixels, Piece, Passage, Block, Run)
NAMES = sorted({name for kind in KINDS for name in kind.__dataclass_fields__})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), 1 << 63) | st.text(max_size=5) | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.lists(st.binary(max_size=60) | st.builds(wire.encode, JSON), max_size=4), st.booleans())
def test_whatever_a_job_says_it_is_a_preview_or_none(frames: list[bytes], begins_well: bool) -> None:
    given_frames = [text(block("x"))] * begins_well + frames
    try:
        seen = heard(ended(*given_frames))
    except CannotView:
        return
    for one in seen.pictures:
        with Image.open(io.BytesIO(one.png), formats=("PNG",)) as opened:
            opened.load()
    assert "\u202e" not in str(preview_table(seen))


def test_a_job_that_said_nothing_says_why() -> None:
    with pytest.raises(CannotView, match="killed at the deadline"):
        heard(ended(end=End.LATE, detail="killed at the deadline"))


def test_what_came_before_a_death_is_shown_and_the_death_is_told() -> None:
    seen = heard(ended(text(block("hello")), end=End.DIED, detail="signal 11"))
    assert seen.passages[0].blocks[0].runs[0].text == "hello"
    assert seen.notes == ("Reading it was cut short: signal 11.",)


def test_more_than_may_be_said_is_not_shown() -> None:
    seen = heard(ended(text(block("x" * 1_000_000), pieces=900, passages=60)))
    assert (len(seen.pieces), len(seen.passages)) == (wire.MOST_PIECES, wire.MOST_PASSAGES)
    assert sum(len(run.text) for one in seen.passages for b in one.blocks for run in b.runs) <= 2 * wire.MOST_LETTERS
    assert all(one.cut for one in seen.passages)


def test_what_is_over_the_bound_is_cut_off_and_the_rest_is_shown() -> None:
    many = [block("x" * 100, leads="https://a.test/" + "y" * 900) for _ in range(1000)]
    (passage,) = heard(ended(text(*many))).passages
    assert (300 < len(passage.blocks) < 500, passage.cut) == (True, True)


def test_nothing_that_is_shown_can_turn_or_command() -> None:
    plain = block("one\r\n\u202etwo\x1b[2J", BlockKind.PLAIN)
    seen = heard(ended(text(plain, block("a\u2066b\nc", leads="https://x\u202e.test\n"))))
    (first, second), mark = seen.passages[0].blocks, "\N{REPLACEMENT CHARACTER}"
    assert first.runs[0].text == f"one\n{mark}two{mark}[2J"
    assert (second.runs[0].text, second.runs[0].leads) == (f"a{mark}bc", f"https://x{mark}.test")
    assert (seen.pieces[0].name, seen.pieces[0].media) == (f"a{mark}fdp.exe", f"text/plain{mark}")
    told: Any = preview_table(seen)
    assert told["passages"][0]["text"].endswith(f"a{mark}bc <https://x{mark}.test>")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("plain", [("paragraph", "plain")]),
        ("<p>one<p>two", [("paragraph", "one"), ("paragraph", "two")]),
        ("a<br>b", [("paragraph", "a"), ("paragraph", "b")]),
        ("<ul><li>x<li>y</ul>z", [("item", "x"), ("item", "y"), ("paragraph", "z")]),
        ("<blockquote>q<p>r</blockquote>s", [("quote", "q"), ("quote", "r"), ("paragraph", "s")]),
        ("<a href='u:1'><img></a>", [("paragraph", "[picture, not loaded] ")]),
        ("<!--[if mso]><p>no</p><![endif]-->yes", [("paragraph", "yes")]),
        ("<svg><text>no</text></svg><math>no</math>", []),
        ("", []),
    ],
)
def test_pages_flow(page: str, expected: list[tuple[str, str]]) -> None:
    found, spent, cut = blocks(page, 1000, {})
    assert [(one.kind.value, "".join(run.text for run in one.runs)) for one in found] == expected
    leads = sum(len(run.leads) for one in found for run in one.runs)
    assert (spent, cut) == (leads + sum(len(said) for _, said in expected), False)


TAGS = (
    *("p", "div", "b", "a", "h1", "li", "ul", "pre", "blockquote", "table", "tr", "td", "th", "br", "hr", "img"),
    *("input", "form", "svg", "math", "template", "script", "style", "select"),
)
MARKUP = st.lists(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS])
    | st.sampled_from(["<a href='x:1'>", "<img src='cid:a'>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;", "\0", "<"])
    | st.text(max_size=8),
    max_size=40,
)


def test_where_links_lead_counts_too() -> None:
    found, spent, cut = blocks("<p><a href='https://a.test/'>x</a></p>" * 100, 200, {})
    assert (len(found), spent, cut) == (12, 192, True)


@given(MARKUP, st.integers(0, 60))
def test_any_markup_flows_within_its_letters(pieces: list[str], letters: int) -> None:
    found, spent, _ = blocks("".join(pieces), letters, {"a": "1.2"})
    said = sum(len(run.text) + len(run.leads) for one in found for run in one.runs)
    assert said <= spent <= letters
    assert all(one.part == "1.2" for one in found if one.kind is BlockKind.PICTURE)


def test_a_link_without_words_is_told() -> None:
    ((block_,), _, _) = blocks("<a href='https://x.test/'></a>", 1000, {})
    assert [(run.text, run.leads) for run in block_.runs] == [("", "https://x.test/")]


def test_a_long_page_is_cut_and_a_deep_one_is_not_parsed() -> None:
    found, spent, cut = blocks("<p>" + "x" * 500, 100, {})
    assert (len(found[0].runs[0].text), spent, cut) == (100, 100, True)
    deep = "<div><a>" * 400_000
    found, _, cut = blocks(deep, 1000, {})
    assert (found[0].kind, cut) == (BlockKind.PLAIN, True)
    found, _, _ = blocks("<span>" * 5000 + "deep", 1000, {})
    assert found[0].runs[0].text == "deep"
