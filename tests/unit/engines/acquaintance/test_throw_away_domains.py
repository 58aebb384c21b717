"""A domain that was registered yesterday passes DMARC too: a lure on it weighs no less for that."""

import pytest

from mailock.core.impersonation.known import Known
from mailock.core.impersonation.weigh import weigh
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.engines.impersonation.reading import letter
from mailock.engines.suffixes import load, site
from tests.parts.letters import Letter, button
from tests.unit.engines.acquaintance.test_engine import found

load()
OWN = "https://www.konto-service.example/anmelden"


def concluded(one: Letter) -> frozenset[str]:
    """What is concluded where its sender is proven, and all links are his."""
    seen = tuple(weigh(letter(parse(one.octets()), site), Known(), "impersonation", PartPath("1")))
    address = one.sender.rpartition("<")[2].strip("<>")
    return frozenset(found(one.sender, *seen, proven=address, links=(f"https://{address.partition('@')[2]}/x",)))


MIMICS = (
    Letter(
        name="mailbox",
        sender="Mail Support <help@konto-service.example>",
        subject="Your mailbox is almost full",
        html="<p>Your password expires today. Verify your account to keep your mailbox active.</p>"
        + button(OWN, "Verify account"),
    ),
    Letter(
        name="bank-de",
        sender="Kundendienst <info@konto-service.example>",
        subject="Ihr Konto wurde gesperrt",
        html="<p>Sehr geehrter Kunde, bitte bestätigen Sie Ihre Daten, um Ihr Konto zu entsperren.</p>"
        + button(OWN, "Daten bestätigen"),
    ),
    Letter(
        name="account-change",
        sender="Accounts <office@konto-service.example>",
        subject="Change of bank details",
        text="Please note that our bank details have changed. Please use the new account for all payments.",
    ),
    Letter(
        name="bank-es",
        sender="Avisos <avisos@konto-service.example>",
        subject="Su cuenta ha sido bloqueada",
        html="<p>Verifique sus datos para desbloquear su cuenta en 24 horas.</p>" + button(OWN, "Verificar mi cuenta"),
    ),
)
HONEST = (
    Letter(
        name="newsletter",
        sender="Buchladen <news@buchladen.example>",
        subject="Neu im Mai",
        html="<p>Liebe Anna, unsere neuen Bücher sind da.</p>" + button("https://buchladen.example/mai", "Ansehen"),
    ),
    Letter(
        name="order",
        sender="Radhaus <bestellung@radhaus.example>",
        subject="Ihre Bestellung 100-2231 ist unterwegs",
        html="<p>Guten Tag Anna Berger, Ihr Paket ist unterwegs.</p>"
        + button("https://radhaus.example/o", "Verfolgen"),
    ),
    Letter(
        name="release",
        sender="Forge <noreply@forge.example>",
        subject="Version 2.4 is out",
        html="<p>Hi Anna, here is what is new in this version.</p>" + button("https://forge.example/2.4", "Read on"),
    ),
)


@pytest.mark.parametrize("one", MIMICS, ids=lambda one: one.name)
def test_a_lure_gains_nothing_by_a_proven_domain(one: Letter) -> None:
    assert not {"sender.own_links", "sender.mailing"} & concluded(one)


@pytest.mark.parametrize("one", HONEST, ids=lambda one: one.name)
def test_honest_mail_does(one: Letter) -> None:
    assert "sender.own_links" in concluded(one)
