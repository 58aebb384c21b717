"""The engine of impersonation over hostile messages: bounded, and never at a loss."""

import time

from mailock.config.engines import EngineSettings, ImpersonationSettings
from mailock.core.mime.parse import parse
from mailock.engines.impersonation.engine import Impersonation
from mailock.engines.impersonation.reading import letter
from mailock.engines.suffixes import site
from tests.parts.lures import LURES
from tests.parts.said import look_at_message

ENGINE = Impersonation(EngineSettings())


def kinds(octets: bytes, engine: Impersonation = ENGINE) -> set[str]:
    return look_at_message(engine, octets).kinds


def test_a_lure_is_found_in_the_whole_message() -> None:
    assert "phishing.lure" in kinds(LURES[0].octets())


def test_policy_adds_people_partners_and_brands() -> None:
    settings = ImpersonationSettings(
        people=(("Anna Berger", ("anna@kontor.example",)),),
        own=("kontor.example",),
        partners=("lieferant.example",),
        brands=(("Beispielbank", ("beispielbank.example",)),),
    )
    engine = Impersonation(EngineSettings(impersonation=settings))
    assert "impersonation.person" in kinds(b"From: Anna Berger <x@gmail.com>\r\n\r\nHi\r\n", engine)
    assert "impersonation.brand" in kinds(b'From: "Beispielbank Service" <x@y.example>\r\n\r\nHi\r\n', engine)
    assert "impersonation.lookalike" in kinds(b"From: a@1ieferant.example\r\n\r\nHi\r\n", engine)
    assert "impersonation.lookalike" in kinds(b"From: a@k0ntor.example\r\n\r\nHi\r\n", engine)


def test_every_line_that_a_client_may_take_for_from_is_read() -> None:
    octets = b"From: Anna <a@b.example>\r\nFrom: PayPal <x@y.example>\r\n\r\nHi\r\n"
    assert "impersonation.brand" in kinds(octets)


def test_hostile_headers_and_pages_cost_little() -> None:
    names = b"".join(b'From: "PayPal %d" <a%d@b%d.example>\r\n' % (n, n, n) for n in range(100))
    page = b"".join(b'<a href="https://h%d.example/%d">www.paypal.com</a>' % (n, n) for n in range(10_000))
    octets = (
        names
        + b"To: "
        + b"a@b.example, " * 20_000
        + b"\r\nSubject: "
        + b"verify your account " * 20_000
        + b"\r\nContent-Type: text/html\r\n\r\n"
        + page
    )
    anatomy = parse(octets)
    began = time.process_time()
    found = letter(anatomy, site)
    look_at_message(ENGINE, octets)
    assert time.process_time() - began < 5
    assert len(found.authors) <= 20
    assert len(found.leads) <= 400


def test_what_is_no_address_and_no_text_is_read_all_the_same() -> None:
    for octets in (
        b"",
        b"From:\r\n\r\n",
        b"From: \xff\xfe<\r\nTo: @@@\r\n\r\n\x00\xff",
        b"From: =?utf-8?b?!!?= <a@>\r\n\r\nx",
    ):
        assert "phishing.lure" not in kinds(octets)
