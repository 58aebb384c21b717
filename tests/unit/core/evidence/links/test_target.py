"""URLs as browsers read them: where they lead, whatever they look like."""

import pytest

from mailock.core.evidence.links.target import Oddity, target


@pytest.mark.parametrize(
    ("written", "opened"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://EXAMPLE.COM:80/A b", "http://example.com/A%20b"),
        ("https://example.com:8443/x?y#z", "https://example.com:8443/x?y#z"),
        (" \x01http://example.com/\x00", "http://example.com/"),
        ("ht\ntp://ex\tam\rple.com/", "http://example.com/"),
        ("http:\\\\example.com\\a\\b?c\\d", "http://example.com/a/b?c\\d"),
        ("https:example.com", "https://example.com/"),
        ("http:///example.com", "http://example.com/"),
        ("http://www.bank.example@evil.example/", "http://evil.example/"),
        ("http://a:b@c@evil.example/", "http://evil.example/"),
        ("http://ex%61mple.com/", "http://example.com/"),
        ("http://example.com./x", "http://example.com/x"),
        ("http://example\u3002com/", "http://example.com/"),
        ("http://go\u00adog\u200ble.com/", "http://google.com/"),
        ("http://\uff45xample.com/", "http://example.com/"),
        ("https://почта.рф/x", "https://xn--80a1acny.xn--p1ai/x"),
        ("http://3232235777/", "http://192.168.1.1/"),
        ("http://0xC0.0250.1/", "http://192.168.0.1/"),
        ("http://0x7f000001", "http://127.0.0.1/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
        ("http://bank-\u017fecure.example/", "http://bank-secure.example/"),
        ("http://ban\u212a.example/", "http://bank.example/"),
        ("http://\u0130.example/", "http://xn--i-9bb.example/"),
        ("http://\u3164bank.exa\ufe0fmple/", "http://bank.example/"),
        ("http://0x0x7f.example.0x1/", "http://0x0x7f.example.0x1/"),
        ("http://1_27.0.0.1/", "http://1_27.0.0.1/"),
        ("//example.com/a", "https://example.com/a"),
        ("\\\\host.example\\share\\a", "file://host.example/share/a"),
        ("file://host.example/share", "file://host.example/share"),
        ("JavaScript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_it_leads_where_a_browser_goes(written: str, opened: str) -> None:
    found = target(written)
    assert found is not None
    assert found.untrusted_url == opened


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a/b",
        "?x",
        "#top",
        "/path",
        "http://",
        "http:///",
        "file:///C:/x",
        "http://{a} b/",
        "http://[zz]/",
        "http://%00/",
    ],
)
def test_what_opens_nothing_is_no_target(written: str) -> None:
    assert target(written) is None


@pytest.mark.parametrize(
    ("written", "oddity"),
    [
        ("http://bank.example@evil.example/", Oddity.HOST_AS_USER),
        ("http://user@evil.example/", Oddity.USERINFO),
        ("http://0x7f.1/", Oddity.ODD_ADDRESS),
        ("http:\\\\evil.example/", Oddity.BACKSLASH),
        ("http:evil.example/", Oddity.SLASHES),
        ("http://ev\til.example/", Oddity.BREAKS),
        ("http://ev\u200bil.example/", Oddity.HIDDEN),
        ("http://e%76il.example/", Oddity.ESCAPED_HOST),
        ("http://pаypal.example/", Oddity.MIXED),
        ("http://xn--80ak6aa92e.com/", Oddity.LOOKALIKE),
    ],
)
def test_the_disguise_is_named(written: str, oddity: Oddity) -> None:
    found = target(written)
    assert found is not None
    assert oddity in found.oddities


def test_a_lookalike_says_what_it_is_taken_for() -> None:
    found = target("https://аррӏе.com/")
    assert found is not None
    assert (found.host, found.lookalike) == ("xn--80ak6aa92e.com", "apple.com")


@pytest.mark.parametrize(
    "host", ["münchen.example", "例え.example", "почта.example", "カタカナ漢字.example", "한국語.example"]
)
def test_names_of_one_language_are_no_disguise(host: str) -> None:
    found = target(f"https://{host}/")
    assert found is not None
    assert Oddity.MIXED not in found.oddities


def test_an_ordinary_url_has_nothing_odd() -> None:
    found = target("https://www.example.com/a/b.html?c=d&e=f#g")
    assert found is not None
    assert not found.oddities
    assert (found.path, found.query, found.address) == ("/a/b.html", "c=d&e=f", False)
