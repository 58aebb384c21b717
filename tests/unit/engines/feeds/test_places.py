"""One place has one spelling, however a list or a mail writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.engines.feeds.places import Place, folders, parents, read_host, read_place


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.test/a/b",
        "https://evil.test/a/b",
        "evil.test/a/b",
        "hxxps://evil[.]test/a/b",
        "HTTP://user:pw@EVIL.test:80/a/b#part",
        "https://evil.test.:443/a/./c/../b",
        "http://evil.test//a//b",
        "http://evil.test/%61/%62",
        "http://evil.test/%2561/b",
        "http:\\\\evil.test\\a\\b",
        " http://evil.te\nst/a/b ",
        "//evil.test/a/b",
    ],
)
def test_spellings_of_one_place(text: str) -> None:
    assert read_place(text) == Place("evil.test", None, "/a/b", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://evil.test", "evil.test/"),
        ("http://evil.test:8080?q=a b", "evil.test:8080/?q=a%20b"),
        ("http://192.0.2.1/x/", "192.0.2.1/x/"),
        ("http://[2001:DB8:0::1]/x", "2001:db8::1/x"),
        ("http://straße.example/ä", "xn--strae-oqa.example/%C3%A4"),
        ("http://evil.test/a/..", "evil.test/"),
        ("http://evil.test/../../a/", "evil.test/a/"),
        ("http://a_b.evil.test/", "a_b.evil.test/"),
    ],
)
def test_what_a_place_is_written_as(text: str, expected: str) -> None:
    place = read_place(text)
    assert place is not None
    assert place.text == expected


@pytest.mark.parametrize(
    "text", ["", "mailto:a@b.test", "javascript:alert(1)", "http://", "http://[::1", "http://a b/", "http://a.test:x/"]
)
def test_what_leads_to_no_server_is_no_place(text: str) -> None:
    assert read_place(text) is None


@given(st.text(max_size=200))
def test_a_spelling_is_its_own_spelling_and_nothing_raises(text: str) -> None:
    place = read_place(text)
    if place is not None:
        again = read_place(f"http://{_bracketed(place)}{place.path}" + (f"?{place.query}" if place.query else ""))
        assert again == place
        assert all(place.text.startswith(folder) for folder in folders(place))


@given(st.from_regex(r"(https?://)?([a-z0-9-]{1,9}\.){1,3}[a-z]{2,5}(/[A-Za-z0-9_.~-]{1,6}){0,4}/?", fullmatch=True))
def test_the_quick_way_gives_what_the_long_way_gives(text: str) -> None:
    assert read_place(text) == read_place(f"{text}#")


def _bracketed(place: Place) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return host if place.port is None else f"{host}:{place.port}"


def test_a_name_is_beneath_its_parents_and_an_address_beneath_nothing() -> None:
    assert list(parents("a.b.evil.test")) == ["a.b.evil.test", "b.evil.test", "evil.test"]
    assert list(parents("evil.test")) == ["evil.test"]
    assert list(parents("192.0.2.1")) == ["192.0.2.1"]
    assert list(parents("x." * 100 + "evil.test"))[-1] == "evil.test"
    assert len(list(parents("x." * 100 + "evil.test"))) < 20


def test_a_place_is_in_its_folders() -> None:
    assert list(folders(Place("h.test", 8080, "/a/b/c", "q"))) == ["h.test:8080/", "h.test:8080/a/", "h.test:8080/a/b/"]
    assert len(list(folders(Place("h.test", None, "/a" * 4000, "")))) < 30


def test_hosts() -> None:
    assert read_host("EVIL[.]Test.") == "evil.test"
    assert read_host("[2001:db8:0:0::1]") == "2001:db8::1"
    for wrong in ("", "a b", "a..b", "-a.test", "a/b"):
        assert read_host(wrong) is None
