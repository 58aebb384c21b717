"""What we offer, and what is offered to us."""

from mailock.core.smtp.extensions import NONE, Extensions, offer
from mailock.core.smtp.reply import Reply


def test_offers() -> None:
    assert offer("mx", ["SIZE 5", "DSN"]) == b"250-mx\r\n250-SIZE 5\r\n250 DSN\r\n"
    assert offer("mx", []) == b"250 mx\r\n"


def test_reads_every_extension() -> None:
    lines = (
        "hop hello",
        "pipelining",
        "SIZE 100",
        "8BITMIME",
        "SMTPUTF8",
        "CHUNKING",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "STARTTLS",
    )
    found = Extensions.read(Reply.of(250, "", *lines, "AUTH PLAIN LOGIN", "X-MINE a b"))
    assert found.pipelining
    assert found.size == 100
    assert found.eight_bit
    assert found.smtputf8
    assert found.chunking
    assert found.dsn
    assert found.enhanced
    assert found.starttls
    assert found.auth == ("PLAIN", "LOGIN")
    assert "X-MINE" in found.keywords


def test_reads_nothing_from_the_greeting() -> None:
    assert Extensions.read(Reply.of(250, "", "PIPELINING")) == NONE


def test_odd_sizes_are_no_limit() -> None:
    for text in ("SIZE", "SIZE x", "SIZE -1", "SIZE ²", "SIZE " + "9" * 30):
        assert Extensions.read(Reply.of(250, "", "hop", text)).size == 0


def test_old_auth_and_empty_lines() -> None:
    found = Extensions.read(Reply.of(250, "", "hop", "AUTH=LOGIN", "", "müll", "SIZE 1", "SIZE 2"))
    assert found.auth == ("LOGIN",)
    assert found.keywords == {"AUTH", "SIZE"}
    assert found.size == 1
