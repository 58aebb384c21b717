"""Click links: what was signed comes back, and nothing that was changed does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.mail import signed
from mailock.core.mail.signed import Invalid, Key
from mailock.core.mime.part import PartPath
from mailock.core.notices.passes import Pass, read_pass, write_pass
from mailock.core.rewriting.clicklinks import LONGEST_URL, Click, may_be_rewritten, read_token, rewritten, token
from mailock.core.rewriting.edits import GuardLink

NEW, OLD = Key("k2", b"n" * 32), Key("k1", b"o" * 32)
CLICK = Click(url="https://bad.example/?a=1#b", recipient="ann@dest.example", system="default", until=2_000)


def test_what_was_signed_comes_back() -> None:
    assert read_token(token(CLICK, [NEW, OLD]), [NEW, OLD], 1_999.9) == CLICK


def test_a_link_that_an_older_key_signed_lives_on() -> None:
    assert read_token(token(CLICK, [OLD]), [NEW, OLD], 0) == CLICK
    assert read_token(token(CLICK, [OLD]), [NEW], 0) is Invalid.UNKNOWN_KEY


def test_it_ends_when_it_says() -> None:
    assert read_token(token(CLICK, [NEW]), [NEW], 2_000) is Invalid.EXPIRED


def test_a_link_to_one_thing_opens_no_other() -> None:
    """A pass and a click are signed with the same keys; what each is for is signed too."""
    mine = Pass(system="default", recipient="ann@dest.example", until=2_000)
    assert read_pass(write_pass(mine, [NEW]), [NEW], 0) == mine
    assert read_pass(token(CLICK, [NEW]), [NEW], 0) is Invalid.GARBLED
    assert read_token(write_pass(mine, [NEW]), [NEW], 0) is Invalid.GARBLED
    assert read_pass(signed.token("click", 2_000, ("default", "ann@dest.example"), [NEW]), [NEW], 0) is Invalid.GARBLED


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//bad.example", "", "file:///etc/passwd", "ftp://bad.example/"]
)
def test_it_leads_to_pages_only(url: str) -> None:
    assert read_token(token(replace(CLICK, url=url), [NEW]), [NEW], 0) is Invalid.ELSEWHERE
    assert not may_be_rewritten(url)


@given(st.data())
def test_not_one_letter_can_be_changed(data: st.DataObject) -> None:
    made = token(CLICK, [NEW])
    place = data.draw(st.integers(0, len(made) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_.=é"))
    changed = made[:place] + letter + made[place + 1 :]
    if changed != made:
        assert isinstance(read_token(changed, [NEW, OLD], 0), Invalid)


def test_another_key_of_that_name_does_not_do() -> None:
    assert read_token(token(CLICK, [Key("k2", b"x" * 32)]), [NEW], 0) is Invalid.FORGED


@given(st.text(max_size=80))
def test_garbage_is_no_token(text: str) -> None:
    assert isinstance(read_token(text, [NEW], 0), Invalid)


def test_what_is_signed_may_still_be_nonsense() -> None:
    for payload in (b"7", b"[1,2]", b'["click","y","z","u","v"]', b'["click",9,1,2,3]', b'["click",9,"a"]', b"\xff"):
        said = f"v1.k2.{signed._coded(payload)}"
        assert read_token(f"{said}.{signed._coded(signed._tag(said, NEW))}", [NEW], 0) is Invalid.GARBLED
    assert read_token("v1." + "x" * 9_000, [NEW], 0) is Invalid.GARBLED


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_token_stands_in_a_link_as_it_is(recipient: str, path: str) -> None:
    click = replace(CLICK, recipient=recipient, url=f"http://bad.example/{path}")
    order = GuardLink(part=PartPath("1"), untrusted_raw="x", untrusted_url=click.url, recipient=recipient)
    made = rewritten(order, click, [NEW], "https://portal.example/click/")
    assert (made.clickable, made.part, made.untrusted_raw) == (True, "1", "x")
    page, _, ticket = made.replacement.rpartition("/")
    assert page == "https://portal.example/click"
    assert not set(ticket) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert read_token(ticket, [NEW], 0) == click


def test_a_link_that_is_too_long_is_not_rewritten() -> None:
    assert may_be_rewritten("http://" + "x" * (LONGEST_URL - 7))
    assert not may_be_rewritten("http://" + "x" * (LONGEST_URL - 6))


@pytest.mark.parametrize(("name", "secret"), [("k", b"short"), ("a.b", b"x" * 32), ("", b"x" * 32)])
def test_a_key_that_is_none_is_refused(name: str, secret: bytes) -> None:
    with pytest.raises(ValueError, match=r"key|name"):
        Key(name, secret)


def test_a_key_does_not_show_its_secret() -> None:
    assert repr(NEW) == "Key('k2')"
