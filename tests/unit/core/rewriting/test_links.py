"""Links replaced wherever they stand, and nothing that only looks alike."""

import pytest

from mailock.core.mime.part import PartPath
from mailock.core.rewriting import links
from mailock.core.rewriting.edits import ReplaceLink
from tests.unit.core.rewriting.test_adding import CASES, single, text_of
from tests.unit.core.rewriting.test_carry import MIXED, body, done

BAD = "http://bad.example/x"
GONE = "hxxp[:]//bad[.]example/x"
CLICK = "https://click.example/t/abc"


def link(raw: str = BAD, replacement: str = GONE, *, clickable: bool = False, part: str = "1") -> ReplaceLink:
    """An order."""
    return ReplaceLink(part=PartPath(part), untrusted_raw=raw, replacement=replacement, clickable=clickable)


def plain(text: str, *orders: ReplaceLink) -> str:
    """A text afterwards."""
    return links.in_plain(text, orders).text


def page(text: str, *orders: ReplaceLink) -> str:
    """A page afterwards."""
    return links.in_html(text, orders).text


def test_every_occurrence_in_a_text_is_replaced() -> None:
    assert plain(f"a {BAD} b <{BAD}>, {BAD}.", link()) == f"a {GONE} b <{GONE}>, {GONE}."


def test_what_may_not_be_followed_is_broken_within_longer_links_too() -> None:
    assert plain(f"{BAD}yz", link()) == f"{GONE}yz"


@pytest.mark.parametrize("longer", ["yz", "/y", "?q=1", "#f", ".html", "-y", "%20"])
def test_another_link_that_begins_alike_stays(longer: str) -> None:
    order = link(replacement=CLICK, clickable=True)
    assert plain(f"{BAD}{longer} {BAD}", order) == f"{BAD}{longer} {CLICK}"


@pytest.mark.parametrize("behind", ["", " ", ".", ")", ">", ", and", "\r\n", "...", '"'])
def test_a_link_ends_where_its_sentence_does(behind: str) -> None:
    assert plain(BAD + behind, link(replacement=CLICK, clickable=True)) == CLICK + behind


def test_the_longest_of_two_counts() -> None:
    longer = link(f"{BAD}/y", "LONG")
    assert plain(f"{BAD}/y {BAD}", link(replacement="SHORT"), longer) == "LONG SHORT"


def test_a_link_that_is_broken_over_lines_is_found() -> None:
    assert plain("see http://bad.\r\nexample/x now", link()) == f"see {GONE} now"
    assert plain("see http://bad. \r\n> example/x now", link("http://bad. \r\n> example/x")) == f"see {GONE} now"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<a href="{BAD}">click</a>', "<a >click</a>"),
        (f"<a href='{BAD}' id=x>click</a>", "<a  id=x>click</a>"),
        (f"<a href={BAD}>click</a>", "<a >click</a>"),
        (f"<A HREF = '\r\n {BAD}\t'>click</A>", "<A >click</A>"),
        (f'<a href="{BAD}">{BAD}</a>', f"<a >{GONE}</a>"),
        ('<a href="&#104;ttp://bad.example/x">c</a>', "<a >c</a>"),
        ('<a href="ht\ntp://bad.example/x">c</a>', "<a >c</a>"),
        (f'<p style="background:url({BAD})">', f'<p style="background:url({GONE})">'),
        (f'<meta http-equiv=refresh content="0;url={BAD}">', f'<meta http-equiv=refresh content="0;url={GONE}">'),
        (f"<!--[if mso]><v:rect href='{BAD}'><![endif]-->", f"<!--[if mso]><v:rect href='{GONE}'><![endif]-->"),
        (f"<script>location='{BAD}'</script>", f"<script>location='{GONE}'</script>"),
        (f"plain {BAD} text", f"plain {GONE} text"),
        (f'<img src="{BAD}" alt=x><form action="{BAD}">', "<img  alt=x><form >"),
        (f'<a href="{BAD}', f'<a href="{GONE}'),
    ],
)
def test_in_a_page_the_target_is_lost_and_the_text_is_broken(before: str, after: str) -> None:
    assert page(before, link()) == after
    assert not links.remaining(page(before, link()), [link()], markup=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<a href="{BAD}">click</a>', f'<a href="{CLICK}">click</a>'),
        (f"<a href={BAD}>click</a>", f'<a href="{CLICK}">click</a>'),
        (f'<a href="{BAD}">{BAD}</a> {BAD}', f'<a href="{CLICK}">{BAD}</a> {CLICK}'),
        (f"<a name=x>{BAD}</a>", f"<a name=x>{CLICK}</a>"),
        (f'<a href="{BAD}y">c</a>', f'<a href="{BAD}y">c</a>'),
    ],
)
def test_in_a_page_the_target_is_another(before: str, after: str) -> None:
    assert page(before, link(replacement=CLICK, clickable=True)) == after


def test_entities_are_one_link_with_and_without() -> None:
    order = link("http://bad.example/?a=1&amp;b=2", "GONE")
    assert page('<a href="http://bad.example/?a=1&b=2">http://bad.example/?a=1&amp;b=2</a>', order) == "<a >GONE</a>"


def test_what_is_put_in_cannot_leave_its_place() -> None:
    evil = link(replacement='"><script>alert(1)</script>', clickable=True)
    assert "<script>" not in page(f'<a href="{BAD}">x</a> {BAD}', evil)


def test_many_links_of_a_page_are_replaced_at_once() -> None:
    orders = [link(f"http://bad.example/{n}", f"GONE{n}") for n in range(300)]
    text = "".join(f'<a href="http://bad.example/{n}">http://bad.example/{n}</a> ' for n in range(300))
    made = links.in_html(text, orders)
    assert "http:" not in made.text and made.found == frozenset(orders)
    assert "GONE299" in made.text


def test_what_is_not_there_is_not_found() -> None:
    assert links.in_html("<p>x", [link()]).found == frozenset()
    assert links.in_plain("x", [link(), link(" ")]).found == frozenset()


@pytest.mark.parametrize(("charset", "encoding", "text"), CASES)
def test_links_are_replaced_in_every_charset_and_encoding(charset: str, encoding: str, text: str) -> None:
    mail = single(charset, encoding, f"{text} {BAD} {text}\r\n".encode(charset))
    shown = text_of(body(mail, link()))
    assert (GONE in shown, BAD in shown, shown.count(text)) == (True, False, 2)


def test_a_link_is_replaced_in_text_of_no_charset() -> None:
    mail = single("utf-8", "8bit", b"\xff\xfe " + BAD.encode() + b" \xff\r\n")
    assert body(mail, link()) == mail.replace(BAD.encode(), GONE.encode())


def test_a_part_that_is_read_in_two_ways_has_one_afterwards() -> None:
    mail = (
        b"Subject: x\r\nContent-Type: text/plain\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"http://bad.example/x =41\r\n"
    )
    content = body(mail, link())
    assert content.count(b"Content-Type:") == content.count(b"Content-Transfer-Encoding:") == 1
    assert b"http://bad" not in content


def test_the_receipt_says_which_link_became_what() -> None:
    mail = MIXED.replace(b"Hello.\r\n--b2\r\nContent", BAD.encode() + b"\r\n--b2\r\nContent", 1)
    (change,) = done(mail, link(part="1.1.1")).receipt.changes
    assert change.did == f"Neutralised the link {GONE} in part 1.1.1."
    assert change.before != change.after


def test_only_what_a_reader_clicks_asks_first() -> None:
    """A picture that came from us would not be shown, and a form would send us what is typed."""
    order = link(replacement=CLICK, clickable=True)
    stays = f'<img src="{BAD}"><form action="{BAD}"></form><link href="{BAD}">'
    assert page(stays, order) == stays
    assert page(f'{stays}<a href="{BAD}">x</a><area href="{BAD}">', order) == (
        f'{stays}<a href="{CLICK}">x</a><area href="{CLICK}">'
    )
    assert page(f'<img src="{BAD}"> {BAD}', order) == f'<img src="{BAD}"> {CLICK}'
