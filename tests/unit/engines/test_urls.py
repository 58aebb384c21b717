"""The engine of links in plain text."""

from mailock.config.engines import EngineSettings
from mailock.core.evidence.finding import FactKind, Shown
from mailock.core.evidence.report import Why
from mailock.engines.urls import Urls
from tests.parts.said import look

ENGINE = Urls(EngineSettings())


def test_links_of_a_text_are_found_as_they_stand() -> None:
    said = look(ENGINE, b"See http://www.example.com/a and bad[.]example[.]com or https://example.org/b.\r\n")
    assert [(link.untrusted_raw, link.shown) for link in said.links] == [
        ("http://www.example.com/a", Shown.TEXT),
        ("https://example.org/b", Shown.TEXT),
        ("bad[.]example[.]com", Shown.TEXT),
    ]
    assert said.kinds == {"url.disarmed"}
    assert {fact.untrusted_value for fact in said.facts if fact.kind is FactKind.DOMAIN} == {
        "www.example.com",
        "example.org",
        "bad.example.com",
    }


def test_a_bare_name_is_a_link_where_its_suffix_is_one() -> None:
    said = look(ENGINE, b"example.com example.co.uk no-such.suffixx co.uk setup.py notes.md bank.xn--p1ai\r\n")
    assert said.urls == ["http://example.com/", "http://example.co.uk/", "http://bank.xn--p1ai/"]


def test_every_charset_that_a_client_may_take_is_read() -> None:
    wide = "http://wide.example.com/".encode("utf-16")
    assert look(ENGINE, wide, charset="").urls == ["http://wide.example.com/"]
    assert look(ENGINE, b"+AGgAdAB0AHA-://seven.example.com/", charset="utf-7").urls[0] == "http://seven.example.com/"


def test_links_without_end_are_cut_and_said_to_be() -> None:
    text = b"".join(b"http://a.example.com/%d\r\n" % number for number in range(6000))
    said = look(ENGINE, text)
    assert said.unfinished is not None
    assert said.unfinished.why is Why.TOO_MANY
    assert len(said.links) == 5000


def test_a_text_beyond_the_bound_is_read_to_it() -> None:
    said = look(ENGINE, b"http://a.example.com/\r\n" + b"word " * 1_000_000)
    assert said.unfinished is not None
    assert said.unfinished.why is Why.TOO_LARGE
    assert said.urls == ["http://a.example.com/"]


def test_policy_says_how_much_of_a_text_and_how_many_links_are_looked_at() -> None:
    text = b"".join(b"http://a.example.com/%d\r\n" % number for number in range(20))
    few = look(Urls(EngineSettings(links=3)), text)
    assert len(few.links) == 3
    assert few.unfinished is not None
    assert (few.unfinished.why, "more than 3 different links" in str(few.unfinished)) == (Why.TOO_MANY, True)
    short = look(Urls(EngineSettings(link_text=100)), text)
    assert len(short.links) == 4
    assert short.unfinished is not None
    assert short.unfinished.why is Why.TOO_LARGE
