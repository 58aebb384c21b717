"""Who is known, who passes for somebody known, where a code leads: what follows from all that others found."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from mailock.config.engines import ImpersonationSettings
from mailock.core.authentication.authentication import Authentication
from mailock.core.evidence.finding import Finding, Link, Severity
from mailock.core.impersonation.acquaintance import marks_of
from mailock.core.mime.part import PartPath
from mailock.engines.acquaintance.engine import MANIFEST, Acquaintance
from mailock.ports.engine import Heard
from mailock.storage.memory.correspondents import MemoryCorrespondents
from tests.parts.evidence import finding
from tests.parts.hand_clock import HandClock
from tests.parts.stories import message

PAYS = finding(Severity.NOTE, kind="lure.payment", engine="impersonation", part="1", weight=1.0)
BULK = finding(Severity.NOTE, kind="bulk", engine="spam", part="1")
CODE = finding(Severity.NOTE, kind="qr.link", engine="qr", part="1.2", weight=0.5)


def engine() -> Acquaintance:
    """One that knows Petra Klein of lieferant.de, to whom somebody wrote."""
    clock, known = HandClock(), MemoryCorrespondents()
    known.note("default", marks_of("Petra Klein", "petra@lieferant.de", "lieferant.de"), clock.now(), wrote=True)
    return Acquaintance(ImpersonationSettings(own=("dest.test",)), known, clock)


def found(
    from_: str, *findings: Finding, proven: str = "", links: tuple[str, ...] = (), part: str = "1.1"
) -> dict[str, Finding]:
    authentication = cast(Authentication, SimpleNamespace(authenticated_author=proven)) if proven else None
    led = [Link(part=PartPath(part), untrusted_url=url, untrusted_raw=url) for url in links]
    heard = Heard(message=message(from_=from_), authentication=authentication, findings=findings, links=led)
    told = engine().conclude(heard)
    assert all(one.kind in MANIFEST.kinds for one in told)
    return {one.kind: one for one in told}


def test_a_known_correspondent_speaks_for_a_message_only_where_he_proves_who_he_is() -> None:
    petra = "Petra Klein <petra@lieferant.de>"
    assert found(petra, proven="petra@lieferant.de")["impersonation.known"].weight == -1.0
    assert found(petra) == {}


def test_a_first_contact_weighs_next_to_nothing_by_itself() -> None:
    told = found("Somebody Else <x@elsewhere.de>")
    assert told.keys() == {"impersonation.first_contact"} and told["impersonation.first_contact"].weight < 0.5


@pytest.mark.parametrize(
    ("from_", "kind"),
    [
        ("Petra Klein <petra.klein@gmail.com>", "impersonation.acquaintance"),
        ("Klein, Petra <petra@lieferrant.de>", "impersonation.lookalike"),
        ("Buchhaltung <petra@1ieferant.de>", "impersonation.lookalike"),
        ("Buchhaltung <petra@lieferant-rechnung.de>", "impersonation.cousin"),
    ],
)
def test_who_passes_for_a_correspondent_is_named(from_: str, kind: str) -> None:
    told = found(from_)
    assert kind in told and "phishing.lure" not in told


def test_who_passes_for_a_correspondent_and_changes_an_account_is_a_lure() -> None:
    assert found("Petra Klein <petra.klein@gmail.com>", PAYS)["phishing.lure"].severity is Severity.SUSPICIOUS
    assert "phishing.lure" in found("Petra <petra@1ieferant.de>", PAYS)
    assert "phishing.lure" not in found("Petra Klein <petra@lieferant.de>", PAYS, proven="petra@lieferant.de")
    assert "phishing.lure" not in found("Somebody Else <x@elsewhere.de>", PAYS)


def test_a_code_counts_by_where_it_leads() -> None:
    text = finding(Severity.NOTE, kind="lure.text", engine="impersonation", part="1", weight=0.4)
    url = "https://www.paypa1.com/login"
    told = found("IT <it@elsewhere.de>", CODE, text, links=(url,), part="1.2")
    assert {"impersonation.lookalike", "phishing.lure"} <= told.keys()
    assert "phishing.lure" not in found("IT <it@elsewhere.de>", CODE, links=(url,), part="1.2")
    honest = found("IT <it@elsewhere.de>", CODE, text, links=("https://elsewhere.de/menu",), part="1.2")
    assert not {"impersonation.lookalike", "phishing.lure"} & honest.keys()
    assert "impersonation.lookalike" not in found("IT <it@elsewhere.de>", text, links=(url,))


def test_what_is_proven_and_leads_to_its_sender_alone_weighs_less() -> None:
    from_, own = "Shop <news@shop.de>", ("https://click.shop.de/1",)
    told = found(from_, BULK, proven="news@shop.de", links=own)
    assert told["sender.own_links"].weight < 0 and told["sender.mailing"].weight < 0
    assert "sender.own_links" not in found(from_, BULK, proven="news@shop.de", links=(*own, "https://other.de/"))
    assert "sender.own_links" not in found(from_, BULK, links=own)
    grave = replace(BULK, kind="feed.domain", severity=Severity.MALICIOUS)
    assert (
        not {"sender.own_links", "sender.mailing"} & found(from_, BULK, grave, proven="news@shop.de", links=own).keys()
    )
