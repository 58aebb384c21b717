"""Texts with variables, and links that cannot be followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.rewriting.texts import LONGEST, MOST_LINES, as_html, expand, listed, neutralise, unknown_variables


def test_variables_are_filled_in() -> None:
    text = expand("$filename$ had $sha256$, $filename$.", {"filename": "a.exe", "sha256": "ab"})
    assert text == "a.exe had ab, a.exe."


@pytest.mark.parametrize("template", ["costs 5$", "$", "$$", "$nothing$", "$ filename $", "a $filename"])
def test_other_dollar_signs_stay(template: str) -> None:
    assert expand(template, {"filename": "x"}) == template


def test_a_name_between_dollars_that_belong_to_others_is_found() -> None:
    assert expand("5$ for $filename$", {"filename": "x"}) == "5$ for x"


def test_what_is_filled_in_is_not_looked_through_again() -> None:
    assert expand("$filename$", {"filename": "$sha256$", "sha256": "secret"}) == "$sha256$"


def test_a_value_stays_in_its_line_and_is_cut() -> None:
    assert expand("<$filename$>", {"filename": "a\x00\tb"}) == "<a? b>"
    assert len(expand("$filename$", {"filename": "x" * 9999})) == LONGEST
    many = expand("$verdicts$", {"verdicts": "\n".join(["line"] * 500)})
    assert many.count("\n") == MOST_LINES


def test_an_empty_value_is_nothing() -> None:
    assert expand("<$filename$>", {"filename": ""}) == "<>"


def test_misspelt_variables_are_named() -> None:
    assert unknown_variables("$filename$ $filname$ $sha1$ costs 5$ or 6$ $filname$") == ("filname", "sha1")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://evil.example/x.html", "hxxp[:]//evil[.]example/x[.]html"),
        ("HTTPS://Evil.example:8080/", "hxxps[:]//Evil[.]example[:]8080/"),
        ("ftp://a.example", "fxp[:]//a[.]example"),
        ("mailto:a@b.example", "mailto[:]a[@]b[.]example"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("https://a.example/?u=http://b.example", "hxxps[:]//a[.]example/?u=hxxp[:]//b[.]example"),
        ("hxxp[:]//evil[.]example", "hxxp[:]//evil[.]example"),
        ("http://a.example/\r\nBcc: x", "hxxp[:]//a[.]example/  Bcc[:] x"),
    ],
)
def test_links_are_neutralised(url: str, shown: str) -> None:
    assert neutralise(url) == shown


@given(st.text())
def test_whatever_is_neutralised_has_nothing_to_click(url: str) -> None:
    done = neutralise(url)
    assert "http:" not in done.lower() and "https:" not in done.lower()
    assert "\n" not in done and "\r" not in done
    bare = done.replace("[.]", "").replace("[:]", "").replace("[@]", "")
    assert not {".", ":", "@"} & set(bare)
    assert neutralise(done) == done


def test_text_as_html_shows_and_does_nothing() -> None:
    assert as_html('<b onclick="x">&\nnext') == "&lt;b onclick=&quot;x&quot;&gt;&amp;<br>\r\nnext"


def test_sentences_become_lines() -> None:
    assert listed(["one\nstill one", "two"]) == "- one still one\n- two"
