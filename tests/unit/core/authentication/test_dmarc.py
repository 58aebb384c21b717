"""DMARC by RFC 9989: the walk, the policy, alignment, and what could not be learnt."""

from typing import Any

import pytest

from mailock.core.authentication import dmarc, dmarc_record, dmarc_walk, steps
from mailock.core.authentication.author import Author
from mailock.core.authentication.dmarc import Authenticated, Dmarc, DmarcResult
from mailock.core.authentication.dmarc_record import Policy
from mailock.core.authentication.questions import Ask, Found, Question, Unlearnt
from mailock.core.authentication.zone import read

NOBODY = Authenticated(spf="", dkim=())


def judged(domain: str, names: dict[str, Any], behind: Authenticated = NOBODY, asked: list[str] | None = None) -> Dmarc:
    """The outcome for ann@domain in a zone of policies: `{"example.com": "p=reject"}`."""
    zone = read(
        {f"_dmarc.{name}": [["TXT", f"v=DMARC1; {text}"]] for name, text in names.items() if isinstance(text, str)}
        | {name: entries for name, entries in names.items() if not isinstance(entries, str)}
    )

    def answer(question: Question) -> Found | Unlearnt:
        assert isinstance(question, Ask)
        if asked is not None:
            asked.append(question.name)
        return zone.answer(question)

    author = Author(address=f"ann@{domain}", addresses=(f"ann@{domain}",))
    return steps.run(dmarc.evaluate(author, behind), answer)


def test_the_walk_asks_for_eight_names_at_most() -> None:
    asked: list[str] = []
    assert judged("a.b.c.d.e.f.g.h.i.j.mail.example.com", {}, asked=asked).result is DmarcResult.NONE
    below = ["a.b.c.d.e.f.g.h.i.j", "g.h.i.j", "h.i.j", "i.j", "j"]
    wanted = [*(f"{labels}.mail.example.com" for labels in below), "mail.example.com", "example.com", "com"]
    assert asked == [f"_dmarc.{name}" for name in wanted]


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("example.com", ["example.com", "com"]),
        ("com", ["com"]),
        (
            "a.b.c.d.e.f.example.com",
            [
                "a.b.c.d.e.f.example.com",
                "b.c.d.e.f.example.com",
                "c.d.e.f.example.com",
                "d.e.f.example.com",
                "e.f.example.com",
                "f.example.com",
                "example.com",
                "com",
            ],
        ),
    ],
)
def test_names_of_a_walk(domain: str, names: list[str]) -> None:
    assert dmarc_walk.names(domain) == names


@pytest.mark.parametrize(
    ("domain", "record", "policy"),
    [
        ("example.com", "p=reject", Policy.REJECT),
        ("mail.example.com", "p=reject; sp=quarantine; np=none", Policy.QUARANTINE),
        ("gone.example.com", "p=reject; sp=quarantine; np=none", Policy.NONE),
        ("gone.example.com", "p=none; np=reject", Policy.REJECT),
        ("gone.example.com", "p=none; sp=quarantine", Policy.QUARANTINE),
        ("mail.example.com", "p=quarantine; np=reject", Policy.QUARANTINE),
        ("example.com", "p=reject; t=y", Policy.QUARANTINE),
        ("example.com", "p=quarantine; t=y", Policy.NONE),
        ("example.com", "p=none; t=y", Policy.NONE),
        ("example.com", "p=reject; pct=0; rf=afrf; ri=86400", Policy.REJECT),
        ("example.com", "P=Reject", Policy.REJECT),
        ("example.com", "p = reject ; adkim = s", Policy.REJECT),
        ("example.com", "p=reject; sp=bogus; rua=mailto:a@example.com", Policy.NONE),
        ("example.com", "rua=mailto:a@example.com", Policy.NONE),
    ],
)
def test_the_policy_that_was_failed(domain: str, record: str, policy: Policy) -> None:
    names = {"example.com": record, "mail.example.com.": [["A", "192.0.2.1"]]}
    found = judged(domain, names)
    assert (found.result, found.policy) == (DmarcResult.FAIL, policy)


@pytest.mark.parametrize("record", ["p=bogus", "sp=reject", "p=reject; np=bogus", "", "rua=x"])
def test_a_record_without_a_policy_says_nothing(record: str) -> None:
    assert judged("example.com", {"example.com": record}).result is DmarcResult.NONE


@pytest.mark.parametrize(
    "text", ["v=DMARC1x; p=reject", "v=dmarc1; p=reject", "p=reject; v=DMARC1", "v=DMARC2; p=none"]
)
def test_a_record_of_another_version_is_none(text: str) -> None:
    assert judged("example.com", {"_dmarc.example.com": [["TXT", text]]}).result is DmarcResult.NONE


def test_of_two_records_neither_counts() -> None:
    two = {"_dmarc.example.com": [["TXT", "v=DMARC1; p=reject"], ["TXT", "v=DMARC1; p=none"]]}
    assert judged("example.com", two).result is DmarcResult.NONE
    other = {"_dmarc.example.com": [["TXT", "v=DMARC1; p=reject"], ["TXT", "google-site-verification=1"]]}
    assert judged("example.com", other).policy is Policy.REJECT


def test_a_public_suffix_speaks_where_the_organisation_does_not() -> None:
    bank = {"bank": "p=reject; psd=y; np=reject; sp=quarantine", "a.shop.bank.": [["A", "192.0.2.1"]]}
    assert judged("a.shop.bank", bank).policy is Policy.QUARANTINE
    assert judged("a.shop.bank", bank | {"shop.bank": "p=none"}).policy is Policy.NONE


@pytest.mark.parametrize(
    ("names", "ours", "theirs", "aligned"),
    [
        ({"example.com": "p=none"}, "example.com", "example.com", True),
        ({"example.com": "p=none"}, "example.com", "mail.example.com", True),
        ({"example.com": "p=none"}, "a.example.com", "b.example.com", True),
        ({"example.com": "p=none"}, "example.com", "example.org", False),
        ({"example.com": "p=none"}, "example.com", "badexample.com", False),
        ({"example.com": "p=none; adkim=s; aspf=s"}, "example.com", "mail.example.com", False),
        ({"example.com": "p=none; adkim=s; aspf=s"}, "example.com", "example.com", True),
        ({"com": "p=none; psd=y", "example.com": "p=none"}, "example.com", "other.com", False),
        ({"com": "p=none; psd=y"}, "a.example.com", "b.example.com", True),
        ({"com": "p=none; psd=y"}, "example.com", "other.com", False),
        ({"example.com": "p=none", "a.example.com": "p=none; psd=n"}, "x.a.example.com", "b.example.com", False),
        ({"example.com": "p=none", "a.example.com": "p=none; psd=n"}, "x.a.example.com", "y.a.example.com", True),
    ],
)
def test_alignment(names: dict[str, Any], ours: str, theirs: str, aligned: bool) -> None:
    for behind in (Authenticated(spf=theirs, dkim=()), Authenticated(spf="", dkim=("other.test", theirs))):
        found = judged(ours, names, behind)
        assert (found.result is DmarcResult.PASS, found.aligned) == (aligned, aligned)


def test_what_could_not_be_learnt_is_temporary() -> None:
    assert judged("mail.example.com", {"_dmarc.example.com": ["SERVFAIL"]}).result is DmarcResult.TEMPERROR
    assert judged("example.com", {"_dmarc.example.com": ["TIMEOUT"]}).result is DmarcResult.TEMPERROR
    unsure = Authenticated(spf="", dkim=(), unsure=(("mail.example.com", "SPF: no server answered"),))
    assert judged("example.com", {"example.com": "p=reject"}, unsure).result is DmarcResult.TEMPERROR
    gone = {"example.com": "p=none; np=reject", "x.example.com.": ["SERVFAIL"]}
    assert judged("x.example.com", gone).result is DmarcResult.TEMPERROR


@pytest.mark.parametrize(
    "forger",
    [
        Authenticated(spf="", dkim=(), unsure=(("evil.com", "SPF: no server answered"),)),
        Authenticated(spf="", dkim=(), unsure=(("notexample.com", "DKIM: no server answered"),)),
        Authenticated(spf="evil.com", dkim=()),
        Authenticated(spf="", dkim=("evil.com", "a.b.evil.com")),
    ],
)
def test_a_forger_whose_own_names_are_not_answered_fails_all_the_same(forger: Authenticated) -> None:
    silent = {"_dmarc.evil.com": ["TIMEOUT"], "_dmarc.a.b.evil.com": ["TIMEOUT"]}
    found = judged("example.com", {"example.com": "p=reject", **silent}, forger)
    assert (found.result, found.policy) == (DmarcResult.FAIL, Policy.REJECT)


def test_an_identifier_that_could_not_be_learnt_does_not_hide_one_that_is_aligned() -> None:
    names = {"example.com": "p=reject", "_dmarc.sick.example.com": ["SERVFAIL"]}
    both = Authenticated(spf="sick.example.com", dkim=("mail.example.com",))
    assert judged("example.com", names, both).result is DmarcResult.PASS
    alone = Authenticated(spf="sick.example.com", dkim=())
    assert judged("example.com", names, alone).result is DmarcResult.TEMPERROR


def test_an_author_that_is_shown_differently_fails_the_strictest_policy_of_all() -> None:
    zone = read({"_dmarc.a.test": [["TXT", "v=DMARC1; p=none"]], "_dmarc.b.test": [["TXT", "v=DMARC1; p=reject"]]})
    two = Author(address="", addresses=("x@a.test", "y@b.test"), odd=("there are two",))
    found = steps.run(dmarc.evaluate(two, Authenticated(spf="a.test", dkim=("a.test", "b.test"))), zone.answer)  # type: ignore[arg-type]  # only names are asked for
    assert (found.result, found.policy, found.aligned) == (DmarcResult.FAIL, Policy.REJECT, False)
    unknown = Author(address="", addresses=("x@c.test",), odd=("odd",))
    assert steps.run(dmarc.evaluate(unknown, NOBODY), zone.answer).result is DmarcResult.PERMERROR  # type: ignore[arg-type]  # likewise, the wrong type on purpose


def test_a_name_that_shows_somebody_else_makes_pass_a_permerror() -> None:
    zone = read({"_dmarc.a.test": [["TXT", "v=DMARC1; p=reject"]]})
    named = Author(address="x@a.test", addresses=("x@a.test", "y@b.test"), named=("y@b.test",))
    found = steps.run(dmarc.evaluate(named, Authenticated(spf="a.test", dkim=())), zone.answer)  # type: ignore[arg-type]  # only names are asked for
    assert found.result is DmarcResult.PERMERROR


def test_records_are_read_within_bounds() -> None:
    assert dmarc_record.select("a.test", ["v=DMARC1; p=reject;" + "x=y;" * 100_000]) is not None
    assert dmarc_record.select("a.test", ["v=DMARC1;" + ";" * 100_000]) is not None
