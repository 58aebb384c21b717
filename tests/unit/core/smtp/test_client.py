"""The client's handle: its facts, its misuse, asking about recipients, and what the playbooks cannot say."""

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.smtp.client import Client
from mailock.core.smtp.client_effects import Broken, ClientEffect, Done, Fault, Lack, Stage, Unsendable
from mailock.core.smtp.client_table import PATIENCE, ClientSettings, Phase
from mailock.core.smtp.effects import Send
from mailock.core.smtp.reply import Outcome

HELLO = b"220 hop\r\n250-hop\r\n250 PIPELINING\r\n"
TO = tuple(Recipient(Address(name, "y.example"), Direction.OUTGOING) for name in "bc")


def ready(hello: bytes = HELLO) -> Client:
    """A client that may send."""
    client = Client(ClientSettings("c.example"))
    client.receive(hello)
    assert client.idle
    return client


def envelope(*recipients: Recipient) -> Envelope:
    """From nobody."""
    return Envelope(sender=None, recipients=recipients)


def outcomes(effects: list[ClientEffect]) -> list[tuple[Outcome, Stage]]:
    """Of the account among these."""
    (done,) = [effect for effect in effects if isinstance(effect, Done)]
    return [(answer.outcome, answer.stage) for answer in done.answers]


def test_facts() -> None:
    client = ready()
    assert client.extensions.pipelining
    assert client.patience == PATIENCE[Phase.READY]
    client.send(envelope(*TO), size=1, eight_bit=False)
    assert not client.idle
    assert client.phase is Phase.ENVELOPE


def test_misuse_is_a_bug() -> None:
    client = Client(ClientSettings("c.example"))
    for act in (client.start_tls, client.quit, client.reset):
        with pytest.raises(RuntimeError, match="not idle"):
            act()
    with pytest.raises(RuntimeError, match="not idle"):
        client.send(envelope(*TO), size=1, eight_bit=False)
    with pytest.raises(RuntimeError, match="not idle"):
        client.ask(envelope(*TO))
    with pytest.raises(ValueError, match="without recipients"):
        ready().send(envelope(), size=1, eight_bit=False)


def test_a_body_nobody_wants_is_dropped() -> None:
    client = ready()
    assert client.body(b"x") == []
    assert client.body_end(b"x") == []
    assert client.tls_started() == []


def test_the_last_piece_leaves_with_the_end_mark() -> None:
    client = ready()
    client.send(envelope(TO[0]), size=1, eight_bit=False)
    client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    assert client.body(b"") == []
    assert client.body(b"x\r\n") == [Send(b"x\r\n")]
    assert client.body_end(b".y") == [Send(b"..y\r\n.\r\n")]


def test_an_unlawful_piece_breaks_off() -> None:
    client = ready()
    client.send(envelope(TO[0]), size=1, eight_bit=False)
    client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    effects = client.body(b"a\nb")
    assert effects[-1] == Broken(Fault.UNLAWFUL_BODY, Stage.BODY, None)
    assert outcomes(effects) == [(Outcome.FAILED, Stage.BODY)]
    assert client.phase is Phase.CLOSED


@pytest.mark.parametrize(("octets", "fault"), [(b"x" * 5000, Fault.OVERLONG), (b"250-x\r\n" * 200, Fault.OVERLONG)])
def test_endless_replies_break_off(octets: bytes, fault: Fault) -> None:
    assert ready().receive(octets) == [Broken(fault, Stage.IDLE, None)]


def test_plaintext_behind_starttls_breaks_off() -> None:
    client = ready()
    client.start_tls()
    effects = client.receive(b"220 go\r\n250 injected\r\n")
    assert isinstance(effects[0], Broken)
    assert effects[0].fault is Fault.INJECTED


def test_in_doubt_only_after_the_end_mark() -> None:
    for acts, doubt in ((False, False), (True, True)):
        client = ready()
        client.send(envelope(TO[0]), size=1, eight_bit=False)
        client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
        if acts:
            client.body_end(b"x")
        done = client.peer_closed()[0]
        assert isinstance(done, Done)
        assert done.in_doubt is doubt


def test_a_strange_final_reply_is_in_doubt() -> None:
    client = ready()
    client.send(envelope(TO[0]), size=1, eight_bit=False)
    client.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    client.body_end(b"x")
    done = client.receive(b"354 more?\r\n")[0]
    assert isinstance(done, Done)
    assert done.in_doubt


@pytest.mark.parametrize("hello", [HELLO, b"220 hop\r\n250 hop\r\n"])
def test_asks_about_recipients_and_resets_afterwards(hello: bytes) -> None:
    client = ready(hello)
    sent = client.ask(envelope(*TO))
    for reply in (b"250 ok\r\n", b"250 ok\r\n", b"550 5.1.1 no\r\n"):
        effects = client.receive(reply)
        sent += [effect for effect in effects if isinstance(effect, Send)]
    assert not any(isinstance(effect, Send) and b"DATA" in effect.data for effect in sent)
    assert outcomes(effects) == [(Outcome.SENT, Stage.RCPT), (Outcome.FAILED, Stage.RCPT)]
    assert client.idle
    (again,) = client.send(envelope(*TO), size=1, eight_bit=False)
    assert isinstance(again, Send)
    assert again.data.startswith(b"RSET\r\n")


def test_asking_may_lack_what_sending_lacks() -> None:
    recipient = Recipient(Address("ü", "y.example"), Direction.OUTGOING)
    assert ready().ask(envelope(recipient)) == [Unsendable(Lack.SMTPUTF8)]
