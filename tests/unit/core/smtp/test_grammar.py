"""Paths and xtext, by hand and by the one expression."""

import time

import pytest

from mailock.core.mail.address import Address
from mailock.core.smtp.grammar import LOCAL_OCTETS, Path, is_xtext, read_path, read_xtext, write_path, write_xtext


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        (b"<a@X.example>", Address("a", "x.example")),
        (b"  <a.b+c@x.example>", Address("a.b+c", "x.example")),
        (b'<"a b"@x.example>', Address("a b", "x.example")),
        (b'<"a\\"\\\\b"@x.example>', Address('a"\\b', "x.example")),
        (b"<a@[192.0.2.1]>", Address("a", "[192.0.2.1]")),
        (b"<@r.example:a@x.example>", Address("a", "x.example")),
        (b"<@r.example,@s.example:a@x.example>", Address("a", "x.example")),
        (b"<postMaster>", Address("postMaster", "")),
        ("<ü@x.example>".encode(), Address("ü", "x.example")),
        ('<"ü"@x.example>'.encode(), Address("ü", "x.example")),
        (b"<" + b"a" * 255 + b"@x.example>", Address("a" * 255, "x.example")),
        (b"<a@" + b".".join([b"d" * 63] * 3) + b">", Address("a", ".".join(["d" * 63] * 3))),
        (b"<>", None),
    ],
)
def test_addresses(argument: bytes, address: Address | None) -> None:
    path = read_path(argument)
    assert path is not None
    assert path.address == address
    assert path.parameters == b""


def test_parameters_and_whether_it_was_ascii() -> None:
    assert read_path(b"<a@b>  SIZE=1 X ") == Path(Address("a", "b"), b"SIZE=1 X ", ascii=True)
    assert read_path(b"<> SIZE=1 ") == Path(None, b"SIZE=1", ascii=True)
    assert read_path(b"<a@b> ") == Path(Address("a", "b"), b"", ascii=True)
    assert read_path("<ü@b> X=ü".encode()) == Path(Address("ü", "b"), "X=ü".encode(), ascii=False)


@pytest.mark.parametrize(
    "argument",
    [
        b"",
        b"a@b",
        b"<a@b",
        b"<a@b>X",
        b"<>X",
        b"<a>",
        b"<@b>",
        b"<a@>",
        b"<a@b@c>",
        b"<a..b@c>",
        b"<.a@c>",
        b"<a.@c>",
        b'<"a@b>',
        b'<"a"b@c>',
        b'<"a\x00"@c>',
        b'<"\\\x00"@c>',
        b'<"\\',
        b'<""@c>',
        b"<a b@c>",
        b"<a\x7f@c>",
        b"<\xff@c>",
        b"<@:a@b>",
        b"<@r a@b>",
        b"<@r,s:a@b>",
        b"<@-r:a@b>",
        b"<a@[1.2.3.4>",
        b"<a@[1.2.3.4]x>",
        b"<a@-b>",
        b'<"a"@-b>',
        b"<" + b"a" * 256 + b"@b>",
        b'<"' + b"a" * 256 + b'"@b>',
        "<a@ü..b>".encode(),
        b'<"a"@' + b"b." * 600 + b"b>",
        "<\u200b@b>".encode(),
        "<\u2028@b>".encode(),
    ],
)
def test_no_paths(argument: bytes) -> None:
    assert read_path(argument) is None


def test_local_parts_are_bounded_in_octets() -> None:
    assert read_path(f"<{'ü' * (LOCAL_OCTETS // 2)}@b>".encode()) is not None
    assert read_path(f"<{'ü' * (LOCAL_OCTETS // 2 + 1)}@b>".encode()) is None


def test_hostile_arguments_cost_no_more_than_their_length() -> None:
    start = time.process_time()
    for argument in (
        b"<" + b"a." * 6000,
        b"<a@" + b"a-" * 6000 + b">",
        b"<" + b"a" * 12000,
        b"<a@b> " + b" " * 12000,
        b"<@" * 6000,
    ):
        assert read_path(argument) is None or argument.startswith(b"<a@b>")
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (None, "<>"),
        (Address("a.b", "c"), "<a.b@c>"),
        (Address("a b", "c"), '<"a b"@c>'),
        (Address("ü", "c"), "<ü@c>"),
        (Address("postmaster", ""), "<postmaster>"),
    ],
)
def test_writes(address: Address | None, path: str) -> None:
    assert write_path(address) == path


def test_xtext() -> None:
    assert write_xtext("a+b=c d\x7fü") == "a+2Bb+3Dc+20d+7F+C3+BC"
    assert read_xtext("a+2Bb+3Dc+20d+C3+BC") == "a+b=c dü"
    assert read_xtext("+FF") == "\ufffd"
    assert read_xtext("") == ""
    assert [is_xtext(text) for text in ("a=b", "a b", "+2b", "+2", "ü", "a+")] == [False] * 6
    assert read_xtext("a=b") is None
