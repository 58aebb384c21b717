"""URLs in running text: found in every extent that clients disagree about, and nothing found in prose."""

import time

import pytest

from mailock.core.evidence.links.written import trimmed, written


def site(host: str) -> str | None:
    """Four suffixes are enough here."""
    labels = host.split(".")
    return ".".join(labels[-2:]) if labels[-1] in ("com", "example", "org", "md") and len(labels) > 1 else None


def urls(text: str) -> list[str]:
    """The URLs of a text."""
    return [found.untrusted_url for found in written(text, site)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see http://a.example/x.", ["http://a.example/x"]),
        ("(http://a.example/x_(y))", ["http://a.example/x_(y)"]),
        ('"http://a.example/x", he said', ["http://a.example/x"]),
        ("www.a.example/x and a.com!", ["http://www.a.example/x", "http://a.com"]),
        ("see:http://a.example", ["http://a.example"]),
        ("<http://a.example/x>", ["http://a.example/x"]),
        ("http:\\\\a.example\\x", ["http:\\\\a.example\\x"]),
        ("HTTPS://A.EXAMPLE", ["HTTPS://A.EXAMPLE"]),
        ("http://a.com,http://b.com", ["http://a.com,http://b.com", "http://a.com", "http://b.com"]),
        ("\\\\host\\share\\a.exe", ["\\\\host\\share\\a.exe"]),
        ("search-ms:query=x&crumb=y", ["search-ms:query=x&crumb=y"]),
    ],
)
def test_what_a_client_makes_a_link_of_is_found(text: str, found: list[str]) -> None:
    assert urls(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hxxp://bad[.]com/x", "http://bad.com/x"),
        ("hXXps[:]//bad[.]com", "https://bad.com"),
        ("h**p://bad(.)com/a", "http://bad.com/a"),
        ("bad [.] com", "http://bad.com"),
        ("bad(dot)com/path", "http://bad.com/path"),
        ("bad{dot}com", "http://bad.com"),
        ("hxxp://1.2.3[.]4/a", "http://1.2.3.4/a"),
        ("fxp://bad[.]com", "ftp://bad.com"),
    ],
)
def test_what_a_reader_mends_by_hand_is_found(text: str, found: str) -> None:
    seen = [(one.untrusted_url, one.untrusted_raw) for one in written(text, site) if one.disarmed]
    assert seen == [(found, text)]


def test_a_url_broken_over_lines_in_angle_brackets_is_joined() -> None:
    assert "http://a.example/long/tail" in urls("<URL:http://a.example/long\r\n/tail>")


def test_a_url_with_letters_of_another_script_behind_it_is_found_in_both_extents() -> None:
    found = urls("请打开http://a.example谢谢")
    assert "http://a.example" in found
    assert "http://a.example谢谢" in found


@pytest.mark.parametrize(
    "text",
    [
        "Please read it. Then write.It is done",
        "e.g. this, i.e. that, version 1.2.3 of 3.14",
        "write to anna.berg@a.example today",
        "open README.md or main.py",
        "data: the figures; search: nothing",
        "12:30 to 13:45, ratio 4:3",
        "C:\\Users\\anna\\x.txt",
        "http: and https: are schemes",
        "a.b.c.d...",
    ],
)
def test_prose_has_no_links(text: str) -> None:
    assert urls(text) == []


def test_every_url_stands_in_the_text_as_its_raw_form_says() -> None:
    text = "x http://a.example/b). www.c.com/?d=e, hxxp://bad[.]com/f f.org"
    found = list(written(text, site))
    assert len(found) == 4
    assert all(one.untrusted_raw in text for one in found)


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "a.a",
        "http://",
        "hxxp[:]//",
        "[.]",
        "www.",
        ")",
        "http://a.com)",
        "<http",
        "\\\\a",
        "ms-",
        "a@b.",
        "://",
        "((((",
        "-.",
        "_.",
    ],
)
def test_time_is_linear_whatever_is_repeated(piece: str) -> None:
    began = time.process_time()
    list(written(piece * (400_000 // len(piece)), site))
    list(written((piece + " [.]") * (200_000 // len(piece)), site))
    assert time.process_time() - began < 8


def test_trimming_many_brackets_is_linear() -> None:
    began = time.process_time()
    assert trimmed("http://a.com/" + ")" * 500_000) == "http://a.com/"
    assert time.process_time() - began < 2
