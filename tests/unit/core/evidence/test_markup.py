"""Attributes as they stand: in tags, comments and broken markup, quickly."""

import time

import pytest

from mailock.core.evidence.markup import attributes, plain

WANTED = frozenset({"href", "src"})


def found(text: str) -> list[tuple[str, str, str]]:
    """Element, name and raw value of what is found."""
    return [(tag, name, raw) for tag, name, raw, _ in attributes(text, WANTED)]


@pytest.mark.parametrize(
    "text",
    [
        '<a href="x y">',
        "<a href='x y'>",
        '<A HREF = "x y">',
        '<a title="b"href="x y">',
        '<a/href="x y">',
        '<a\nclass=b\nhref\n=\n"x y"\n>',
        '<a nowrap href="x y" title=z>',
        '<a title=">" href="x y">',
        '<!--[if mso]><a href="x y"><![endif]-->',
        "<a href='x y",
    ],
)
def test_an_attribute_is_found_however_it_is_written(text: str) -> None:
    assert found(text) == [("a", "href", "x y")]


def test_values_without_quotes_end_at_blanks_and_brackets() -> None:
    assert found("<a href=x/y?z=1>t</a><img src=b c>") == [("a", "href", "x/y?z=1"), ("img", "src", "b")]


def test_the_place_of_a_value_is_where_it_stands() -> None:
    text = '<p>é<a href="x&amp;y"><img src=z>'
    assert all(text[start : start + len(raw)] == raw for _, _, raw, start in attributes(text, WANTED))


def test_a_field_of_a_query_is_no_attribute() -> None:
    assert found('<a title="/?src=1&href=2&amp;src=3">') == []


def test_a_quote_in_a_comment_hides_nothing_behind_it() -> None:
    assert ("a", "href", "evil") in found('<!-- <a href=" --> <a href="evil">')


def test_references_are_undone_as_in_attributes() -> None:
    assert plain("&#104;ttp&colon;//a/?b=1&amp;c=2&copy=3&lt=4") == "http://a/?b=1&c=2&copy=3&lt=4"
    assert plain("&#x68;&#000116;&#116p") == "htt" + "p"


@pytest.mark.parametrize(
    "piece", ["<a href=", '<a href="', "href='", "=", "<a a a ", '<a b="<a c" ', " href=\" src='", "<", "& = "]
)
def test_time_is_linear_whatever_is_repeated(piece: str) -> None:
    began = time.process_time()
    list(attributes(piece * (1_000_000 // len(piece)), WANTED))
    assert time.process_time() - began < 8
