"""What a page would cost is reckoned before it is paid; ordinary pages of any size are parsed."""

import time

import pytest

from mailock.core.evidence.nesting import parsable


@pytest.mark.parametrize(
    "piece",
    [
        "<tr><td style='x'><a href='y'>z</a><br><img src=z></td></tr>\n",
        "<div><p>a<p>b<span>c</div>",
        "<ul><li>a<li>b</ul>",
        "<b>x</b></i></b>",
        "a < b << c < ",
    ],
)
def test_long_pages_are_parsed(piece: str) -> None:
    assert parsable("<html><body>" + piece * 20_000)


@pytest.mark.parametrize(
    "piece", ["<div>", "<span class=x>y", "<table><tr><td>", "<a href=x>", "<b><i>", "<div></x></y>"]
)
def test_depth_without_end_is_refused(piece: str) -> None:
    assert not parsable(piece * 100_000)


@pytest.mark.parametrize("piece", ["<", "</div>", "<div>", "<x></x>", "<a1234567890123456789>"])
def test_reckoning_is_quick(piece: str) -> None:
    began = time.process_time()
    parsable(piece * (4_000_000 // len(piece)))
    assert time.process_time() - began < 10
