"""Encoded words, parameters, names and charsets as clients read them."""

import pytest

from mailock.core.mime import charsets, extended, parameters, words
from mailock.core.mime.naming import Names
from mailock.core.mime.part import Span
from mailock.core.mime.splice import Replacement, splice


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?a=C3=A4?=", "aä"),
        (b"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
        (b"=?utf-8?b?w6Q=?=\r\n =?utf-8?b?w7Y=?=", "äö"),
        (b"=?utf-8*de?q?x?= y", "x y"),
        (b"=?utf-8?q?not closed", "not closed"),
        (b"=?utf-8?x?other?=", "=?utf-8?x?other?="),
        (b"=?nonsense?q?=E4?=", "ä"),
        ("ä".encode(), "ä"),
        (b"\xe4", "ä"),
        (b"=?", "=?"),
    ],
)
def test_encoded_words(value: bytes, text: str) -> None:
    assert words.decode(value) == text


def test_a_letter_may_be_cut_between_two_words() -> None:
    assert words.decode(b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=") == "ä"


@pytest.mark.parametrize(
    ("raw", "found", "odd"),
    [
        (b"a/b; x=y; Z=1", ((b"x", b"y"), (b"z", b"1")), False),
        (b'a/b; x="y; z"', ((b"x", b"y; z"),), True),
        (b'a/b; x="y"', ((b"x", b"y"),), False),
        (b'a/b; x="y', ((b"x", b"y"),), True),
        (b"a/b; x=y z", ((b"x", b"y z"),), True),
        (b'a/b; x="a\\"b"', ((b"x", b'a"b'),), True),
        (b"a/b", (), False),
        (b"a/b;", (), False),
    ],
)
def test_parameters(raw: bytes, found: tuple[tuple[bytes, bytes], ...], odd: bool) -> None:
    value = parameters.split(raw)
    assert (value.first, value.parameters, value.odd) == (b"a/b", found, odd)


def test_comments_are_taken_out_but_not_of_quotes() -> None:
    assert parameters.without_comments(b'a(b(c)d)e "(f)"') == b'ae "(f)"'


def test_values_of_careless_readers_are_hunted() -> None:
    values = {value for _, value in parameters.hunt(b'a/b; x="; name=c.exe"; name="d"e', b"name")}
    assert {b"c.exe", b'c.exe"', b"d"} <= values


def test_continued_parameters_are_joined_in_order() -> None:
    given = ((b"name*1", b"b"), (b"name*0", b"a"), (b"name*2*", b"%63"))
    found, _ = extended.values(given, b"name")
    assert found[0] == (b"", b"abc")


def test_names_come_in_each_spelling() -> None:
    names = Names()
    names.add(b"=?utf-8?q?a=2Eexe?=")
    names.add(b"b%2Eexe")
    names.add(b"c.exe\0.txt")
    assert {"a.exe", "=?utf-8?q?a=2Eexe?=", "b.exe", "b%2Eexe", "c.exe"} <= set(names.listed())


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        (b"+ADw-b+AD4-", "utf-7", "<b>"),
        ("<b>".encode("utf-16-le"), "utf-16le", "<b>"),
        (b"\xff\xfe<\0b\0>\0", "", "<b>"),
        (b"\xc0\xbcb\xc0\xbe", "utf-8", "<b>"),
        (b"\xe0\x80\xbcb", "utf-8", "<b"),
        (b"\xa4\xa4", "big5", "中"),
        (b"\xe4", "nonsense", "ä"),
        (b"\x93a\x94", "iso-8859-1", "\u201ca\u201d"),
        (b"\xf0", "koi8-r", "П"),
    ],
)
def test_texts_hold_what_clients_show(content: bytes, charset: str, text: str) -> None:
    assert text in [shown.removeprefix("\ufeff") for shown in charsets.texts(content, (charset,) if charset else ())]


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "rot13", "base64", "zlib", "mbcs", "x" * 100])
def test_codecs_that_are_no_charsets_of_mail_are_not_reached(name: str) -> None:
    assert charsets.codec(name) is None


@pytest.mark.parametrize(
    "name", ["UTF8", "latin1", "ISO_8859-1", "Windows-1252", "ks_c_5601-1987", "us-ascii", "gb2312"]
)
def test_charsets_are_known_by_many_names(name: str) -> None:
    assert charsets.codec(name)


def test_replacements_stand_where_they_belong() -> None:
    assert splice(b"abcdef", [Replacement(Span(4, 5), b"X"), Replacement(Span(1, 2), b"")]) == b"acdXf"
    with pytest.raises(ValueError, match="replaced already"):
        splice(b"abc", [Replacement(Span(0, 2), b""), Replacement(Span(1, 3), b"")])


def test_text_whose_order_of_octets_nobody_told_is_read_in_both() -> None:
    assert charsets.texts("a".encode("utf-16-be"), ("utf-16",))[1] == "a"
    assert charsets.text_turned(b"\xff\xfea\0", "utf-16") == charsets.text(b"\xff\xfea\0", "utf-16")
    assert words.decode_turned(b"=?utf-16?b?AGE=?=") == "a"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"attachment; na(x)me=a", "a"),
        (b"attachment; na\\me=a", "a"),
        (b"attachment; na\0me=a", "a"),
        (b'attachment; "name"="a"', "a"),
        (b"attachment;\xa0name\xa0=\xa0a", "a"),
        (b"attachment; name *=utf-8''a", "a"),
        (b"attachment; name*0 =a; name *1= b", "ab"),
        (b"attachment; name*0*=utf-8''a; name*1*=utf-8''b", "ab"),
        (b"attachment; name=a;b; x=y", "a;b"),
        (b"attachment; name=a\\;b", "a;b"),
        (b"attachment; name=a.exe\x13", "a.exe"),
        (b'attachment; name="=?utf-8?q?a b?="', "ab"),
    ],
)
def test_names_that_careless_readers_find(raw: bytes, name: str) -> None:
    names = Names()
    names.read(parameters.split(raw))
    assert name in names.found
