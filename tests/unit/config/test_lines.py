"""Places in a TOML file: of arrays of tables, dotted keys, inline tables and whatever spans lines."""

import tomllib
from textwrap import dedent

import pytest

from mailock.config.lines import Lines, Path

TRICKY = dedent('''\
    # 1
    title = "a # b"  # not a comment
    "quoted key" = 'x # y'
    dotted . "two words".x = 1

    [a.b]
    text = """
    [not.a.header]
    key = "no"
    """
    literal = \'\'\'
    it''s [[nor.this]]\'\'\'
    list = [
        1,  # ]
        "two ] # no",
        [3,
         4],
    ]
    after = 1

    [[rules]]
    name = "first"
    sub = { x = 1, y = [1, 2], z = { deep = true } }
    [rules.extra]
    n = 1
    [[rules.inner]]
    k = 1
    [[rules.inner]]
    k = 2

    [[ rules ]]   # spaces
    name = "second"
    ends = """"four""""
    [[rules.inner]]
    k = 3
    when = 1979-05-27 07:32:00
    [a]
    late = 1
    static = [ { p = 1 },
               { p = 2, q = 3 } ]
''')

PLACES: dict[Path, int] = {
    ("title",): 2,
    ("quoted key",): 3,
    ("dotted", "two words", "x"): 4,
    ("a", "b"): 6,
    ("a", "b", "text"): 7,
    ("a", "b", "literal"): 11,
    ("a", "b", "list"): 13,
    ("a", "b", "list", 0): 14,
    ("a", "b", "list", 1): 15,
    ("a", "b", "list", 2, 0): 16,
    ("a", "b", "list", 2, 1): 17,
    ("a", "b", "after"): 19,
    ("rules",): 21,
    ("rules", 0, "name"): 22,
    ("rules", 0, "sub", "z", "deep"): 23,
    ("rules", 0, "extra", "n"): 25,
    ("rules", 0, "inner", 0, "k"): 27,
    ("rules", 0, "inner", 1): 28,
    ("rules", 0, "inner", 1, "k"): 29,
    ("rules", 1): 31,
    ("rules", 1, "name"): 32,
    ("rules", 1, "ends"): 33,
    ("rules", 1, "inner", 0, "k"): 35,
    ("rules", 1, "inner", 0, "when"): 36,
    ("a",): 37,
    ("a", "late"): 38,
    ("a", "static", 0, "p"): 39,
    ("a", "static", 1, "q"): 40,
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_place_is_found(newline: str) -> None:
    text = TRICKY.replace("\n", newline)
    tomllib.loads(text)
    lines = Lines(text)
    assert {path: lines.at(path) for path in PLACES} == PLACES


def test_what_is_not_there_has_the_place_of_what_would_hold_it() -> None:
    lines = Lines(TRICKY)
    assert lines.at(("rules", 1, "nothing")) == 31
    assert lines.at(("nowhere", "at", "all")) == 1
    assert lines.at(()) == 1


def test_statements_tell_which_lines_they_take() -> None:
    statements = {(s.path, s.first, s.last, s.is_header) for s in Lines(TRICKY).statements}
    assert (("a", "b", "text"), 7, 10, False) in statements
    assert (("a", "b", "list"), 13, 18, False) in statements
    assert (("rules", 0, "inner", 1), 28, 28, True) in statements


def test_an_empty_file_has_no_statements() -> None:
    assert Lines("").statements == []
    assert Lines("# nothing\n\n").statements == []
    assert Lines("# no end of line").statements == []
