"""Letters, weighed whole: lures are seen, and honest mail is left alone."""

import pytest

from mailock.core.evidence.finding import Finding, Severity
from mailock.core.impersonation.known import Known, Person
from mailock.core.impersonation.weigh import weigh
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.engines.impersonation.reading import letter
from mailock.engines.suffixes import load, site
from tests.parts.honest import HONEST
from tests.parts.letters import Letter
from tests.parts.lures import LURES

load()


def weighed(one: Letter, known: Known | None = None) -> list[Finding]:
    return list(weigh(letter(parse(one.octets()), site), known or Known(), "impersonation", PartPath("1")))


@pytest.mark.parametrize("one", LURES, ids=lambda one: one.name)
def test_a_lure_is_phishing(one: Letter) -> None:
    found = weighed(one)
    (lure,) = [finding for finding in found if finding.kind == "phishing.lure"]
    assert lure.severity is Severity.SUSPICIOUS
    assert sum(finding.weight for finding in found) >= 5
    assert all(finding.severity is Severity.NOTE for finding in found if finding is not lure)


@pytest.mark.parametrize("one", HONEST, ids=lambda one: one.name)
def test_honest_mail_is_not(one: Letter) -> None:
    found = weighed(one)
    assert all(finding.severity is Severity.NOTE for finding in found)
    assert sum(finding.weight for finding in found) < 2


def test_the_name_of_a_protected_person_counts_from_addresses_of_others_only() -> None:
    known = Known(people=(Person(name="Anna Berger", addresses=frozenset({"anna@kontor.example"})),))
    other = Letter(name="a", sender='"Berger, Anna" <anna.b@gmail.com>', subject="Hi", text="Call me.")
    own = Letter(name="b", sender='"Anna Berger" <anna@kontor.example>', subject="Hi", text="Call me.")
    assert "impersonation.person" in {finding.kind for finding in weighed(other, known)}
    assert weighed(own, known) == []


@pytest.mark.parametrize(
    "name",
    [
        "PayPaI",
        "Раураl Service",
        "Pay\u034fPal",
        "P a y P a l",
        "P.a.y.P.a.l",
        "PayPal®",
        "Payp@l",
        "\u202elaPyaP",
        "𝐏𝐚𝐲𝐏𝐚𝐥",
        "PɑyPɑl Security",
        "M1crosoft Support",
        "Micros0ft",
    ],
)
def test_a_brand_in_a_name_is_seen_through_disguises(name: str) -> None:
    one = Letter(name="a", sender=f'"{name}" <x@y.example>', subject="Hi", text="Call me.")
    assert "impersonation.brand" in {finding.kind for finding in weighed(one)}


@pytest.mark.parametrize("name", ["Аnna Berger", "Anna\u200b Bergеr", "Anпa Berger", "Ａｎｎａ Berger", "Ann@ B3rger"])
def test_a_person_in_a_name_is_seen_through_disguises(name: str) -> None:
    known = Known(people=(Person(name="Anna Berger", addresses=frozenset({"anna@kontor.example"})),))
    one = Letter(name="a", sender=f'"{name}" <x@y.example>', subject="Hi", text="Call me.")
    assert "impersonation.person" in {finding.kind for finding in weighed(one, known)}


@pytest.mark.parametrize(
    "name", ["Mcintosh, IAN", "Анна Бергер", "3M", "Ilse Al-Ibrahim", "J. R. R. T. Smith", "李 小龍", ""]
)
def test_an_honest_name_is_nobody_elses(name: str) -> None:
    one = Letter(name="a", sender=f'"{name}" <x@y.example>', subject="Hi", text="Call me.")
    assert weighed(one, Known(people=(Person(name="Anna Berger"),))) == []


def test_a_name_after_our_domain_counts_whoever_the_letter_is_for() -> None:
    known = Known(own=frozenset({"werft.example"}), partners=frozenset({"lieferant.example"}))
    for address, kinds in (
        ("x@y.example", {"impersonation.recipient"}),
        ("x@lieferant.example", set()),
        ("x@werft.example", set()),
    ):
        one = Letter(name="a", sender=f'"werft.example IT" <{address}>', subject="Hi", text="Call me.")
        assert {finding.kind for finding in weighed(one, known)} == kinds


def test_a_domain_that_looks_like_ours_or_a_partners_counts() -> None:
    known = Known(own=frozenset({"kontor.example"}), partners=frozenset({"lieferant.example"}))
    near = Letter(name="a", sender="Karl <karl@kontoor.example>", subject="Hi", text="Call me.")
    cousin = Letter(name="b", sender="Karl <karl@lieferant-invoice.example>", subject="Hi", text="Call me.")
    ours = Letter(name="c", sender="Karl <karl@kontor.example>", subject="Hi", text="Call me.")
    assert [finding.kind for finding in weighed(near, known)] == ["impersonation.lookalike"]
    assert [finding.kind for finding in weighed(cousin, known)] == ["impersonation.lookalike"]
    assert weighed(ours, known) == []


POSED = (
    "kontor.example.evil.example",
    "login.kontor.example.evil.example",
    "kontor-example.evil.example",
    "kontor.example-login.evil.example",
    "k0ntor.example.evil.example",
    "lieferant.example.evil.example",
    "paypal.com.evil.example",
    "paypal-com.evil.example",
    "www.commerzbank.de.evil.example",
)


@pytest.mark.parametrize("host", POSED)
def test_a_name_before_anothers_domain_counts_of_senders_and_of_links(host: str) -> None:
    known = Known(own=frozenset({"kontor.example"}), partners=frozenset({"lieferant.example"}))
    sender = Letter(name="a", sender=f"Karl <karl@{host}>", subject="Hi", text="Call me.")
    link = Letter(name="b", sender="Karl <k@y.example>", subject="Hi", text=f"See https://{host}/x and call me.")
    assert [(one.kind, one.weight >= 4) for one in weighed(sender, known)] == [("impersonation.lookalike", True)]
    assert "impersonation.cousin" in {one.kind for one in weighed(link, known)}


@pytest.mark.parametrize("host", ["k0ntor.example", "kontor-login.example", "1ieferant.example", "paypa1.com"])
def test_a_link_to_what_looks_like_ours_or_a_partners_counts(host: str) -> None:
    known = Known(own=frozenset({"kontor.example"}), partners=frozenset({"lieferant.example"}))
    link = Letter(name="b", sender="Karl <k@y.example>", subject="Hi", text=f"See https://{host}/x and call me.")
    assert "impersonation.lookalike" in {one.kind for one in weighed(link, known)}


@pytest.mark.parametrize(
    "host",
    [
        "mail.kontor.example",
        "lieferant.example",
        "kontor.sharing.example",
        "kontor-example.mail.lieferant.example",
        "finance.lists.example",
        "paypal.mailings.example",
        "mail.paypal.com.au",
        "a.b.c.d.e.f.example",
    ],
)
def test_honest_hosts_pose_as_nobody(host: str) -> None:
    known = Known(own=frozenset({"kontor.example"}), partners=frozenset({"lieferant.example"}))
    sender = Letter(name="a", sender=f"Karl <karl@{host}>", subject="Hi", text="Call me.")
    assert not [one for one in weighed(sender, known) if one.kind.startswith("impersonation")]


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("www.paypal.com", 3.0),
        ("»https://www.paypal.com/login.«", 3.0),
        ("https:\\\\www.paypal.com", 3.0),
        ("//paypal.com/a", 3.0),
        ("www\u2024paypal\u3002com", 3.0),
        ("www.pay\u200bpal.com", 3.0),
        ("ｗｗｗ.ｐａｙｐａｌ.com", 3.0),
        ("https://paypal.com@evil.example/", 3.0),
        ("kontor.example", 3.0),
        ("Log in at paypal.com now", 1.0),
        ("service@paypal.com", 1.0),
        ("shop.example", 1.0),
        ("More at shop.example", 0.0),
        ("Read on …", 0.0),
        ("evil.example", 0.0),
        ("y.example", 0.0),
        ("3.5 stars.", 0.0),
    ],
)
def test_the_host_that_a_link_shows_is_found_however_it_is_written(text: str, weight: float) -> None:
    page = f'<p>Hello, <a href="https://evil.example/x">{text}</a></p>'
    one = Letter(name="a", sender="Karl <k@y.example>", subject="Hi", html=page)
    found = weighed(one, Known(own=frozenset({"kontor.example"})))
    assert sum(one.weight for one in found if one.kind == "lure.leads_elsewhere") == weight


def test_a_list_may_write_for_others() -> None:
    one = Letter(
        name="a",
        sender='"Karl via PayPal Users" <users@lists.example>',
        reply_to="karl@gmail.com",
        subject="Re: Login",
        text="It works now.",
        headers=(("List-Id", "<users.lists.example>"),),
    )
    assert sum(finding.weight for finding in weighed(one)) < 2
