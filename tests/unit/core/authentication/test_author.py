"""Who is shown as the author: plain ones are taken, and whatever clients may read in another way never is."""

import pytest

from mailock.core.authentication import looks
from mailock.core.authentication.author import Author, author
from mailock.core.authentication.fields import split

PLAIN = {
    b"ann@shop.example": "ann@shop.example",
    b"<ann@shop.example>": "ann@shop.example",
    b" Ann <ann@SHOP.example> ": "ann@shop.example",
    b'"Ann, of the shop" <ann@shop.example>': "ann@shop.example",
    b"Shop, Inc. <ann@shop.example>": "ann@shop.example",
    b"ann@shop.example (Ann)": "ann@shop.example",
    b"Ann (of the (big) shop) <ann@shop.example>": "ann@shop.example",
    b"=?utf-8?q?J=C3=B6rg?=\r\n <joerg@shop.example>": "joerg@shop.example",
    "Jörg <jörg@müller.example>".encode(): "jörg@xn--mller-kva.example",
    b'"ann@shop.example" <ann@shop.example>': "ann@shop.example",
    b"ann@shop.example <ann@shop.example>": "ann@shop.example",
    b'"john..doe"@shop.example': '"john..doe"@shop.example',
    b"john.@shop.example": "john.@shop.example",
    b"=?iso-2022-jp?b?GyRCMC04PRsoQg==?= <ann@shop.example>": "ann@shop.example",
    b"J\xf6rg <ann@shop.example>": "ann@shop.example",
    b"Ann: <ann@shop.example>": "ann@shop.example",
}
ODD = [
    b"ceo@bank.example, ann@shop.example",
    b"<ceo@bank.example>, <ann@shop.example>",
    b"<ceo@bank.example> <ann@shop.example>",
    b"<ceo@bank.example>ann@shop.example",
    b"ceo@bank.example <ann@shop.example>",
    b"<ceo@bank.example>\\,<ann@shop.example>",
    b"=?utf-8?B?PGNlb0BiYW5rLmV4YW1wbGU+?=, <ann@shop.example>",
    b"=?utf-8?B?PGNlb0BiYW5rLmV4YW1wbGU+?= <ann@shop.example>",
    b"=?utf-8?Q?ceo=40bank.example?=",
    b"<=?utf-8?Q?ceo=40bank.example=3E?=@shop.example>",
    b"<@shop.example,@any.example:ceo@bank.example>",
    b"<@shop.example:ceo@bank.example>",
    b'"ceo@bank.example"@shop.example',
    b'"<ceo@bank.example>" <ann@shop.example>',
    b'"x\\" <ceo@bank.example>, \\"" <ann@shop.example>',
    b"(<ceo@bank.example>) ann@shop.example",
    b"ceo@bank.example(@shop.example",
    b'"ceo"@bank.example <ann@shop.example>',
    b"(ceo)@bank <ann@shop.example>",
    b"Ann @ the shop <ann@shop.example>",
    b"ceo@bank.example\0@shop.example",
    b"ceo@bank.example\0 <ann@shop.example>",
    b"ceo@bank.example\x01 <ann@shop.example>",
    b"group: ceo@bank.example;",
    b"group: ceo@bank.example, ann@shop.example;",
    b"<<ceo@bank.example>>",
    b"<ceo@bank.example",
    b"ceo@bank.example>",
    b"ceo@bank.example, ",
    b"<ceo@bank.example> of <ann@shop.example>",
    b"ceo@bank.example;ann@shop.example",
    b"ceo @bank.example",
    b"ceo@ bank.example",
    b"ceo@bank .example",
    "ceo＠bank.example <ann@shop.example>".encode(),
    "ceo@bank。example".encode(),
    b"ceo@[192.0.2.1]",
    b"ceo@bank.example.",
    b"undisclosed:;",
    b"",
    b"<>",
    b"(comment",
    b'"quote',
    b"ann@shop.example\xff",
    "ann@shop.example\u034f".encode(),
    "ann@sh\u200dop.example".encode(),
    "ann@shop\u3164.example".encode(),
    b"ceo@xn--bank-676a.example",
    b"ceo@xn--bank-.example",
    b"ann@shop.example(x).bank.example",
    b"ann(ceo@bank.example)@shop.example",
    b"ann@shop.example .bank.example <ann@shop.example>",
    b"Ann ann@shop.example <ann@shop.example>",
    "ann@shop.example\u2028 <ceo@bank.example>".encode(),
    b"(" * 50 + b"ceo@bank.example" + b")" * 50,
    b"ceo@bank.example" + b" " * 9000,
]


def of(header: bytes) -> Author:
    return author(split(header + b"\r\nTo: bob@dest.example\r\n\r\nbody\r\n"))


@pytest.mark.parametrize("value", PLAIN)
def test_a_plain_author_is_taken(value: bytes) -> None:
    found = of(b"From:" + value)
    assert (found.address, found.odd, found.named) == (PLAIN[value], (), ())
    assert found.addresses[0] == PLAIN[value]


@pytest.mark.parametrize("value", ODD)
def test_what_can_be_read_in_two_ways_has_no_author(value: bytes) -> None:
    found = of(b"From: " + value)
    assert found.odd or found.named
    assert not found.address or found.named
    if b"@bank.example" in value.replace(b"=40", b"@"):
        assert any("bank.example" in shown for shown in found.addresses), found


@pytest.mark.parametrize(
    "value",
    [
        b'"ceo@bank.example" <ann@shop.example>',
        b"=?utf-8?q?ceo=40bank.example?= <ann@shop.example>",
        b"=?utf-8?b?Y2VvQGJhbmsuZXhhbXBsZQ==?= <ann@shop.example>",
        b"ann@shop.example (ceo@bank.example)",
        b'ceo"@bank.example" <ann@shop.example>',
        b'"ce"o"@bank".example <ann@shop.example>',
        '"ceo\u200b@bank.exa\u200dmple" <ann@shop.example>'.encode(),
        '"ceo＠bank.example" <ann@shop.example>'.encode(),
        b"\"'ceo@bank.example' via list\" <ann@shop.example>",
        '"ceo@ba\u034fnk.exam\u3164ple" <ann@shop.example>'.encode(),
        '"ceo@bank。example" <ann@shop.example>'.encode(),
        '"ceo\u200a@\u2009bank.example" <ann@shop.example>'.encode(),
        '"\u202eelpmaxe.knab@oec\u202c" <ann@shop.example>'.encode(),
        b"=?utf-8?q?ceo=40bank=00.example?= <ann@shop.example>",
        b"=?x?q? =?utf-8?q?ceo=40bank.example?= <ann@shop.example>",
        '"ceo＠bank.example" \xff'.encode().replace(b"\xc3\xbf", b"\xff") + b" <ann@shop.example>",
    ],
)
def test_a_display_name_that_shows_somebody_else_is_told(value: bytes) -> None:
    found = of(b"From: " + value)
    assert found.address == "ann@shop.example"
    assert "ceo@bank.example" in found.named
    assert found.addresses[0] == "ann@shop.example"
    assert "ceo@bank.example" in found.addresses


@pytest.mark.parametrize("name", [b'"Meet @ noon"', b'"info@shop"', b'"a@b"'])
def test_an_at_in_a_display_name_is_not_yet_an_address(name: bytes) -> None:
    assert of(b"From: " + name + b" <ann@shop.example>").named == ()


@pytest.mark.parametrize(
    "header",
    [
        b"From: <a@shop.example>\r\nFrom: <ceo@bank.example>",
        b"From: <a@shop.example>\r\nFROM: <ceo@bank.example>",
        b"From: <a@shop.example>\r\nFrom : <ceo@bank.example>",
        b"From: <a@shop.example>\r\nFrom\t: <ceo@bank.example>",
        b"From: <a@shop.example>\r\nFrom\r\n : <ceo@bank.example>",
        b"From: <a@shop.example>\r\n\0From: <ceo@bank.example>",
        b"From: <a@shop.example>\r\nFr\0om: <ceo@bank.example>",
        b"From: <a@shop.example>\r\nFrom\0x: <ceo@bank.example>",
        b"From: <a@shop.example>\r\nFrom\xa0: <ceo@bank.example>",
        b"\xef\xbb\xbfFrom: <ceo@bank.example>\r\nFrom: <a@shop.example>",
        b"From: <a@shop.example>\rFrom: <ceo@bank.example>",
        b"Subject: x\rFrom: <ceo@bank.example>\r\nFrom: <a@shop.example>",
        b" From: <ceo@bank.example>\r\nFrom: <a@shop.example>",
        b"X-Odd: 1\r\n From: <ceo@bank.example>\r\nFrom: <a@shop.example>",
        b"X-Odd: 1\r\n From: ceo@bank.example\r\nFrom: <a@shop.example>",
        b"From: <a@shop.example>\r\nno field at all\r\nFrom: <ceo@bank.example>",
        b"From: <a@shop.example>\r\n \r\nFrom: <ceo@bank.example>",
        b"From: <a@shop.example>\r\n\x0bFrom: <ceo@bank.example>",
        b"From: a@shop.example\r<ceo@bank.example>",
        b"Subject: x\x0bFrom: <ceo@bank.example>\r\nFrom: <a@shop.example>",
        b"Subject: x\x1cFrom: <ceo@bank.example>\r\nFrom: <a@shop.example>",
        b"Subject: x\xc2\x85From: <ceo@bank.example>\r\nFrom: <a@shop.example>",
        b"Subject: x\xe2\x80\xa8From: <ceo@bank.example>\r\nFrom: <a@shop.example>",
    ],
)
def test_a_second_line_that_some_client_reads_as_from_leaves_no_author(header: bytes) -> None:
    found = of(header)
    assert found.address == ""
    assert found.odd
    assert "ceo@bank.example" in found.addresses


@pytest.mark.parametrize(
    "header",
    [
        b"Sender: ceo@bank.example\r\nno field at all\r\nFrom: a@shop.example",
        b"Sender: ceo@bank.example\r\n \t \r\nFrom: a@shop.example",
        b"Sender: ceo@bank.example\r\nOdd name: x\r\nFrom: a@shop.example",
        b"Sender: ceo@bank.example\r\n: x\r\nFrom: a@shop.example",
        b"From: a@shop.example\r\n\x0b, ceo@bank.example",
        b"From: a@shop.example\r\n\x0c, ceo@bank.example",
        b"From: a@shop.example\r\n\xa0, ceo@bank.example",
        b"From: a@shop.example\r\n\xe3\x80\x80, ceo@bank.example",
        b"From: a@shop.example\r\n\xe2\x80\xa8: ceo@bank.example",
        b"From: a\r\n @shop.example\r\n, ceo@bank.example",
    ],
)
def test_where_some_clients_end_the_header_or_go_on_with_from_there_is_no_author(header: bytes) -> None:
    found = of(header)
    assert found.odd and not found.address
    assert {"a@shop.example", "ceo@bank.example"} <= set(found.addresses)


def test_what_stands_on_top_or_further_below_hides_no_author() -> None:
    for header in (
        b"From a@shop.example Tue Nov 24 02:06:53 2026\r\nFrom: a@shop.example",
        b"From: a@shop.example\r\nSubject: x\r\nno field at all\r\nX: y",
        b"Subject: x\r\n folded\r\n\tagain\r\nFrom: a@shop.example\r\nX : y",
    ):
        assert of(header).address == "a@shop.example"


def test_the_names_that_a_signature_covers_are_no_author() -> None:
    found = of(
        b"DKIM-Signature: v=1; h=To:Date:\r\n From:Subject; i=ann@shop.example;\r\n b=\r\nFrom: ann@shop.example"
    )
    assert found.address == "ann@shop.example"


def test_where_no_from_is_written_as_it_should_be_sender_is_shown() -> None:
    found = of(b"From\r\n : <a@shop.example>\r\nSender: ceo@bank.example\r\nResent-From: cfo@bank.example")
    assert found.odd
    assert found.addresses == ("a@shop.example", "ceo@bank.example", "cfo@bank.example")
    assert of(b"Sender: ceo@bank.example").addresses == ("ceo@bank.example",)


def test_a_hundred_from_fields_are_many() -> None:
    found = of(b"\r\n".join(b"From: <a%d@shop.example>" % number for number in range(100)))
    assert not found.address
    assert len(found.addresses) == looks.MOST
