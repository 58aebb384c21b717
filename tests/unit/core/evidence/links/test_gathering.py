"""Links are gathered once each, out of their wrappers, with facts and findings, and within a bound."""

import pytest

from mailock.core.evidence.finding import Confidence, Fact, FactKind, Finding, Link, Severity, Shown, Sighting
from mailock.core.evidence.links.gathering import KINDS, MOST_LINKS, Gathering
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mime.part import PartPath


def site(host: str) -> str | None:
    """The last two labels."""
    return ".".join(host.split(".")[-2:]) if "." in host else None


def gathered(raw: str, text: str = "", *, opened: bool = True) -> list[Sighting]:
    """What is gathered of one link."""
    found = list(Gathering("urls", PartPath("1"), site).add(raw, Shown.HTML, untrusted_text=text, opened=opened))
    assert {item.kind for item in found if isinstance(item, Finding)} <= set(KINDS)
    return found


def kinds(raw: str, text: str = "", *, opened: bool = True) -> dict[str, tuple[Severity, Confidence]]:
    """The findings of one link."""
    found = gathered(raw, text, opened=opened)
    return {item.kind: (item.severity, item.confidence) for item in found if isinstance(item, Finding)}


def test_a_link_comes_with_facts_to_ask_about() -> None:
    assert gathered("http://www.a.example/x#y") == [
        Link(
            part=PartPath("1"),
            untrusted_url="http://www.a.example/x#y",
            untrusted_raw="http://www.a.example/x#y",
            shown=Shown.HTML,
        ),
        Fact(part=PartPath("1"), kind=FactKind.URL, untrusted_value="http://www.a.example/x"),
        Fact(part=PartPath("1"), kind=FactKind.DOMAIN, untrusted_value="www.a.example"),
    ]


def test_every_hop_of_a_redirect_is_a_fact_and_the_raw_form_is_kept() -> None:
    raw = "https://t.example/?u=https://evil.example/"
    found = gathered(raw)
    assert [item.untrusted_url for item in found if isinstance(item, Link)] == [raw, "https://evil.example/"]
    assert {item.untrusted_raw for item in found if isinstance(item, Link)} == {raw}
    assert {item.untrusted_value for item in found if isinstance(item, Fact) and item.kind is FactKind.DOMAIN} == {
        "t.example",
        "evil.example",
    }


def test_a_known_wrapper_is_not_what_the_link_leads_to() -> None:
    found = gathered("https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2F")
    assert [item.untrusted_url for item in found if isinstance(item, Link)] == ["https://evil.example/"]


def test_what_opens_no_page_is_no_link() -> None:
    for raw in ("mailto:a@b.example", "tel:+123", "cid:x", "#top", "", "  ", "sms:1", "/relative"):
        assert gathered(raw) == []


@pytest.mark.parametrize(
    ("raw", "kind", "level"),
    [
        ("http://bank.example@evil.example/", "url.userinfo", (Severity.SUSPICIOUS, Confidence.LOW)),
        ("http://192.0.2.1/", "url.address_host", (Severity.NOTE, Confidence.HIGH)),
        ("http://0x7f.1/", "url.hidden_address", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
        ("http:\\\\evil.example", "url.backslash", (Severity.SUSPICIOUS, Confidence.LOW)),
        ("http://pаypal.com/", "url.mixed_script", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
        ("http://аррӏе.com/", "url.lookalike", (Severity.SUSPICIOUS, Confidence.LOW)),
        ("javascript:eval(atob('x'))", "url.script", (Severity.SUSPICIOUS, Confidence.LOW)),
        ("javascript:void(0)", "url.script", (Severity.NOTE, Confidence.LOW)),
        ("data:text/html,<script>", "url.data", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
        ("\\\\192.0.2.1\\s\\x", "url.share", (Severity.SUSPICIOUS, Confidence.LOW)),
        ("ms-msdt:/id PCWDiagnostic", "url.handler", (Severity.MALICIOUS, Confidence.MEDIUM)),
        ("search-ms:query=x&crumb=y", "url.handler", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
        ("https://a.example/setup.exe", "url.program", (Severity.NOTE, Confidence.LOW)),
        ("https://192.0.2.1/setup.js?x", "url.program", (Severity.SUSPICIOUS, Confidence.LOW)),
    ],
)
def test_what_is_odd_is_said_at_its_weight(raw: str, kind: str, level: tuple[Severity, Confidence]) -> None:
    assert kinds(raw)[kind] == level


@pytest.mark.parametrize(
    ("text", "raw", "said"),
    [
        ("www.bank.example", "https://evil.test/", True),
        ("https://www.bank.example/login", "https://evil.test/", True),
        ("www.bank.example", "https://login.bank.example/", False),
        ("Click here", "https://evil.test/", False),
        ("Read more at our page. It is good.", "https://evil.test/", False),
        ("anna@bank.example", "https://evil.test/", False),
    ],
)
def test_a_text_that_names_another_domain_is_noted(text: str, raw: str, *, said: bool) -> None:
    found = kinds(raw, text)
    assert ("url.other_domain" in found) is said
    assert found.get("url.other_domain", (Severity.NOTE, Confidence.LOW)) == (Severity.NOTE, Confidence.LOW)


def test_a_text_that_names_a_domain_over_a_hidden_address_is_suspicious() -> None:
    assert kinds("http://0x7f.1/", "www.bank.example")["url.other_domain"] == (Severity.SUSPICIOUS, Confidence.MEDIUM)


def test_an_ordinary_newsletter_link_has_no_finding() -> None:
    assert kinds("https://click.news.example/?u=1&i=2&s=https%3A%2F%2Fshop.example%2Fa", "Shop now") == {}


def test_a_link_is_gathered_once() -> None:
    gathering = Gathering("urls", PartPath("1"), site)
    assert list(gathering.add("http://a.example/", Shown.TEXT))
    assert not list(gathering.add("http://a.example/", Shown.TEXT))


def test_links_without_end_are_cut_and_said_to_be() -> None:
    gathering = Gathering("urls", PartPath("1"), site)
    with pytest.raises(Unfinished) as met:
        for number in range(MOST_LINKS + 1):
            list(gathering.add(f"http://a.example/{number}", Shown.TEXT))
    assert met.value.why is Why.TOO_MANY


def test_evidence_is_one_line_that_a_terminal_may_show() -> None:
    found = gathered("http://a@evil.example/\x1b[2J\u202egpj.exe" + "x" * 5000)
    for item in found:
        if isinstance(item, Finding):
            assert item.evidence.isprintable()
            assert len(item.evidence) < 400
