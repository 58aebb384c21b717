"""What the classifier sees of a message: each trait where it is there, and not where it is not."""

import time

import pytest

from mailock.core.classify.model import SHIPPED
from mailock.core.classify.seen import FAMILIES
from mailock.core.classify.traits import TRAITS
from tests.parts.reading import PLAIN, mail, read

PAGE = 'Content-Type: text/html; charset="utf-8"\r\nMIME-Version: 1.0\r\n'
LINK = '<html><body><p>{}</p><a href="{}">{}</a></body></html>'


def page(body: str, **other: str) -> str:
    return mail(body, more=PAGE, **other)


HOME = (
    "Received: from pool-71-3-2-1.dsl.example.net (pool-71-3-2-1.dsl.example.net [71.3.2.1])\r\n"
    "\tby mx.example.org; Tue, 3 Nov 2026 10:00:01 +0100\r\n"
)
SEEN = [
    ("thread", mail("yes", subject="Re: lunch", more="In-Reply-To: <0@example.org>\r\n")),
    ("subject.false_reply", mail("yes", subject="Re: lunch")),
    ("subject.shout", mail("x", subject="LOSE WEIGHT TODAY")),
    ("subject.recipient", mail("x", subject="bobby, your order").replace("bob@", "bobby@")),
    ("subject.spaced", mail("x", subject="V.i.a.g.r.a for you")),
    ("subject.mixed", mail("x", subject="=?utf-8?b?0KByaWNlIG9mIFDQsNGDUGFs?=")),
    ("from.name_other_address", mail("x", sender='"service@bank.example" <a@example.net>')),
    ("from.brand", mail("x", sender="PayPal Service <help@example.net>")),
    ("from.free", mail("x", sender="Ann <ann@gmail.com>")),
    ("from.broken", mail("x", sender="nobody")),
    ("to.is_from", mail("x", sender="bob@example.org")),
    ("to.missing", PLAIN.replace("To: Bob <bob@example.org>\r\n", "")),
    ("reply.free", mail("x", more="Reply-To: ann@gmail.com\r\n")),
    ("list", mail("x", more="List-Id: <talk.example.com>\r\n")),
    ("bounce", mail("x", more='Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n')),
    ("id.missing", PLAIN.replace("Message-ID: <1@example.com>\r\n", "")),
    ("id.own", PLAIN),
    ("mua.false_outlook", mail("x", more="X-Mailer: Microsoft Outlook Express 6.00.2900.2180\r\nX-MimeOLE: x\r\n")),
    ("mua.unix", mail("x", more="User-Agent: Mutt/1.10.1\r\n")),
    ("date.broken", PLAIN.replace("Tue, 3 Nov 2026 10:00:00 +0100", "yesterday")),
    ("date.odd_zone", PLAIN.replace("+0100", "+2500")),
    ("hops.dial_up", f"{HOME}{PLAIN}"),
    ("html.only", page("<p>a page</p>")),
    ("html.split", page("<p>" + "ch<!--x-->eap " * 6 + "</p>")),
    ("html.entities", page("<p>" + "&#65;" * 30 + "</p>")),
    ("html.encoded", mail("Y2hlYXAgbWVkcw==", more="Content-Transfer-Encoding: base64\r\n")),
    ("html.image_link", page('<a href="http://x.example.net/"><img src="http://x.example.net/a.gif"></a>')),
    ("html.form", page('<form action="http://x.example.net/"><input name="p"></form>')),
    ("text.quoted", mail("> Shall we meet?\r\n> At noon?\r\n\r\nYes.")),
    ("text.spaced", mail("Buy V I A G R A here")),
    ("text.invisible", mail("p\u200bass\u200bword ex\u200bpires \u200btoday")),
    ("text.mixed", mail("verify your \u0440aypal account")),
    ("text.wallet", mail("send it to bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh")),
    ("text.technical", mail("diff --git a/x b/x\r\n--- a/x.c\r\n+++ b/x.c\r\n@@ -1 +1 @@\r\n#include <x.h>")),
    ("link.number", mail("go to http://198.51.100.7/a")),
    ("link.says_other", page(LINK.format("see", "http://evil.example.net/", "www.bank-of-ann.com"))),
    ("link.recipient", mail("go to http://evil.example.net/?e=bob@example.org")),
    ("link.recipient", mail("go to http://evil.example.net/#Ym9iQGV4YW1wbGUub3Jn")),
    ("link.sign_in", mail("go to http://evil.example.net/login/index.php")),
    ("link.brand", mail("go to http://paypal.evil.example.net/")),
    ("link.hosting", mail("go to https://x-1.pages.dev/")),
    ("link.short", mail("go to https://bit.ly/x")),
    ("link.cheap", mail("go to https://offer.example.top/")),
    ("link.own", mail("go to https://www.example.com/")),
    ("say.pharmacy", mail("Viagra without prescription")),
    ("say.mailbox", mail("Ihr Postfach: Ihr Passwort läuft ab, die Speicherplatz Grenze")),
    ("say.account", mail("Votre compte a été suspendu")),
    ("say.account", mail("お客様のアカウント")),
    ("say.extort", mail("I recorded a video of you through your camera")),
    (
        "act.lure",
        mail("Your account has been suspended. Verify your identity, unusual activity: http://x.example.net/"),
    ),
    ("act.asks", mail("My late client, next of kin, ten million dollars, bank account.", sender="Dr X <x@gmail.com>")),
]


@pytest.mark.parametrize(("trait", "message"), SEEN, ids=[trait for trait, _ in SEEN])
def test_it_is_seen_where_it_is(trait: str, message: str) -> None:
    assert trait in read(message).traits


def test_a_letter_between_people_has_none_that_speaks_against_it_much() -> None:
    found = read(PLAIN).traits
    assert not [name for name, amount in found.items() if amount * TRAITS[name].prior >= 1.0]


def test_what_a_report_returns_is_not_its_authors() -> None:
    report = (
        "From: MAILER-DAEMON@mx.example.org\r\nTo: ann@example.com\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nIt could not be delivered.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "Subject: Viagra\r\n\r\nCheap viagra, no prescription, online pharmacy http://x.example.net/\r\n--b--\r\n"
    )
    found = read(report).traits
    assert "bounce" in found
    assert "say.pharmacy" not in found


@pytest.mark.parametrize(
    "other",
    [
        "X-Spam-Status: Yes, score=30\r\n",
        "X-Spam-Flag: YES\r\n",
        "Delivered-To: trap@collector.example\r\n",
        "Received-SPF: fail\r\n",
        "Authentication-Results: mx.example.org; dmarc=fail\r\n",
        "List-Archive: <https://lists.example.org/archive>\r\n",
    ],
)
def test_what_filters_and_the_last_hops_wrote_is_not_learnt(other: str) -> None:
    assert read(other + PLAIN).features == read(PLAIN).features


def test_what_one_site_alone_can_learn_from_is_kept_from_what_ships() -> None:
    hop = "Received: from relay7.example.net (relay7.example.net [192.0.2.44]) by mx.example.org; x\r\n"
    here, there = read(PLAIN).features, read(hop + PLAIN.replace("bob@", "trap@")).features
    assert {name for name in FAMILIES if here[name] != there[name]} == {"route", "hops", "readers"}
    assert not {"route", "hops", "readers", "authors"} & set(SHIPPED)


def test_an_author_s_whole_address_is_one_of_its_own() -> None:
    other = PLAIN.replace("ann@", "anna@", 1)
    assert read(other).features["authors"] != read(PLAIN).features["authors"]


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\r\n",
        b"\x00" * 1000,
        b"From: " + b"<" * 60_000,
        b"Subject: " + b"=?utf-8?b?" * 5000,
        b"Date: " + b"1" * 5000 + b"\r\n\r\n",
        PLAIN.encode() + b"a" * 2_000_000,
        PLAIN.encode() + b"a.b " * 300_000,
        PLAIN.encode() + b"http://a@" * 100_000,
        PLAIN.encode() + b"> " * 500_000,
        PLAIN.encode() + b"A A A A " * 100_000,
        PLAIN.encode() + b"1-2.3-" * 100_000,
        page("<a href=x>" * 100_000).encode(),
        page("&#" * 200_000).encode(),
        page("a<!--" * 100_000).encode(),
        page("<b " * 100_000).encode(),
        ("Received: from " + "a1." * 20_000 + "\r\n" + PLAIN).encode(),
        ("X-Mailer: " + "a1" * 20_000 + "\r\n" + PLAIN).encode(),
    ],
    ids=range(18),
)
def test_hostile_mail_takes_little_time(hostile: bytes) -> None:
    began = time.process_time()
    read(hostile)
    assert time.process_time() - began < 2.0
