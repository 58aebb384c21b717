"""The server's handle: what the playbooks do not show, its facts, its waiting, and its misuse."""

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.origin import Tls
from mailock.core.smtp import phrases
from mailock.core.smtp.effects import (
    Attack,
    Attacked,
    AuthGiven,
    Chunk,
    Close,
    ConnectionGiven,
    Ending,
    MailGiven,
    RcptGiven,
    Refused,
    Send,
    ServerEffect,
    TakeMessage,
)
from mailock.core.smtp.server import Server
from mailock.core.smtp.server_table import PATIENCE, State
from mailock.core.smtp.settings import Limits, ServerSettings

TLS = Tls(version="TLSv1.3", cipher="X")
SETTINGS = ServerSettings(hostname="mx", size_limit=0, tls_offered=True, auth_mechanisms=("PLAIN",))


def address(local: str) -> Address:
    """A mailbox at x."""
    return Address(local, "x")


def greeted(settings: ServerSettings = SETTINGS, tls: Tls | None = None) -> Server:
    """A server that has said its banner."""
    server = Server(settings, tls=tls)
    server.connected()
    server.answer(phrases.OK)
    return server


def at(server: Server) -> State:
    """Where it stands."""
    return server.state


def pauses(server: Server) -> bool:
    """Whether it wants the shell to stop reading."""
    return server.wants_pause


def say(server: Server, octets: bytes) -> list[ServerEffect]:
    """Octets, and yes to every question."""
    effects = server.receive(octets)
    while server.asking:
        effects += server.answer(phrases.OK)
    return effects


def test_asks_before_it_greets() -> None:
    server = Server(SETTINGS)
    assert server.connected() == [ConnectionGiven(None)]
    assert server.asking
    assert server.state is State.CONNECTED
    assert server.answer(phrases.OK) == [Send(b"220 mx ESMTP\r\n")]
    assert not server.talked_early


def test_notices_early_talkers() -> None:
    server = Server(SETTINGS)
    server.connected()
    assert server.receive(b"EHLO c\r\n") == []
    assert server.talked_early


def test_notices_early_talkers_behind_a_proxy() -> None:
    server = Server(ServerSettings(hostname="mx", size_limit=0, proxy_expected=True))
    assert server.connected() == []
    assert server.receive(b"PROXY UNKN") == []
    assert server.receive(b"OWN\r\nEHLO c\r\n") == [ConnectionGiven(None)]
    assert server.talked_early


def test_tells_the_protocol() -> None:
    server = greeted(tls=TLS)
    say(server, b"HELO c\r\n")
    assert server.protocol == "SMTP"
    say(server, b"EHLO c\r\n")
    assert server.protocol == "ESMTPS"
    say(server, b"AUTH PLAIN AGJvYgBwdw==\r\n")
    assert server.protocol == "ESMTPSA"
    say(server, "MAIL FROM:<ü@x> SMTPUTF8\r\n".encode())
    assert server.protocol == "UTF8SMTPSA"
    assert (server.untrusted_helo, server.tls, server.authenticated_as) == ("c", TLS, "bob")
    plain = greeted()
    say(plain, b"EHLO c\r\n")
    assert plain.protocol == "ESMTP"


def test_forgets_who_spoke_before_tls() -> None:
    server = greeted()
    say(server, b"EHLO c\r\nSTARTTLS\r\n")
    assert at(server) is State.TLS
    assert server.tls_started(TLS) == []
    assert server.untrusted_helo == ""
    assert at(server) is State.GREETED
    assert server.tls_started(TLS) == []


def test_notes_an_injection_once() -> None:
    server = greeted()
    say(server, b"STARTTLS\r\n")
    assert server.receive(b"") == []
    assert server.receive(b"EHLO c\r\n") == [Attacked(Attack.STARTTLS_INJECTION)]
    assert server.receive(b"EHLO c\r\n") == []


def test_patience_follows_the_state() -> None:
    server = greeted()
    assert server.patience == PATIENCE[State.GREETED]
    say(server, b"EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
    assert server.patience.floor == 100


def test_bids_to_pause_while_much_waits() -> None:
    server = greeted(ServerSettings(hostname="mx", size_limit=0, limits=Limits(pause=10, ahead=30)))
    assert len(server.receive(b"EHLO c\r\n")) == 1
    assert not pauses(server)
    assert server.receive(b"NOOP\r\nNOOP\r\n") == []
    assert pauses(server)
    assert server.answer(phrases.OK)[-1] == Send(server_hello() + b"250 2.0.0 Ok\r\n" * 2)
    assert not pauses(server)


def server_hello() -> bytes:
    """The list of extensions."""
    return ServerSettings(hostname="mx", size_limit=0).hello_plain


def test_cuts_off_who_sends_too_much_ahead() -> None:
    server = greeted(ServerSettings(hostname="mx", size_limit=0, limits=Limits(pause=10, ahead=30)))
    server.receive(b"EHLO c\r\n")
    effects = server.receive(b"x" * 31)
    assert effects == [Send(phrases.TOO_MUCH_AT_ONCE.wire), Close(Ending.LIMIT)]
    assert server.answer(phrases.OK) == []
    assert server.receive(b"x") == []


def test_an_answer_without_a_question_is_a_bug() -> None:
    with pytest.raises(RuntimeError, match="no question"):
        greeted().answer(phrases.OK)


def test_a_lost_client_needs_no_answer() -> None:
    server = greeted()
    server.receive(b"EHLO c\r\n")
    assert server.peer_closed() == [Close(Ending.LOST)]
    assert server.answer(phrases.OK) == []
    assert server.peer_closed() == []
    assert server.give_up() == []


def test_a_lost_client_hears_no_replies() -> None:
    server = greeted()
    say(server, b"EHLO c\r\n")
    server.receive(b"MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n")
    server.answer(phrases.OK)
    assert server.peer_closed() == [Close(Ending.LOST)]


def test_pipelined_replies_are_one_write() -> None:
    server = greeted()
    say(server, b"EHLO c\r\n")
    effects = say(server, b"MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n")
    assert [type(effect).__name__ for effect in effects] == ["MailGiven", "RcptGiven", "RcptGiven", "DataGiven", "Send"]


def test_the_final_reply_waits_for_nothing() -> None:
    server = greeted()
    say(server, b"EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
    effects = server.receive(b"x\r\n.\r\nMAIL FROM:<c@x>\r\n")
    assert isinstance(effects[0], Chunk)
    assert isinstance(effects[-1], TakeMessage)
    assert server.answer(phrases.OK) == [Send(b"250 2.0.0 Ok\r\n"), MailGiven(address("c"))]


def test_the_transaction_is_what_was_answered() -> None:
    server = greeted()
    say(server, b"EHLO c\r\nMAIL FROM:<a@x> SIZE=3\r\nRCPT TO:<b@x>\r\nDATA\r\n")
    take = server.receive(b"x\r\n.\r\n")[-1]
    assert isinstance(take, TakeMessage)
    assert take.transaction.mail == MailGiven(address("a"), 3)
    assert take.transaction.recipients == (RcptGiven(address("b")),)
    assert take.size == 3


def test_passwords_are_not_shown() -> None:
    server = greeted(tls=TLS)
    say(server, b"EHLO c\r\n")
    question = server.receive(b"AUTH PLAIN AGJvYgBwdw==\r\n")[-1]
    assert isinstance(question, AuthGiven)
    assert question.password == "pw"
    assert "pw" not in repr(question)
    server.answer(phrases.OK)
    effects = say(server, b"AUTH PLAIN AGJvYgBwdw==\r\n") + say(server, b"AUTH PLAIN AGJvYgBwdw==\rx\r\n")
    shown = [effect.untrusted_line for effect in effects if isinstance(effect, Refused)]
    assert shown == [b"AUTH", b"AUTH"]


def test_misplaced_credentials_are_not_shown() -> None:
    server = greeted(tls=TLS)
    effects = say(server, b"AUTH PLAIN AGJvYgBwdw==\r\nauth PLAIN AGJvYgBwdw==\r\n")
    assert [effect.untrusted_line for effect in effects if isinstance(effect, Refused)] == [b"AUTH", b"AUTH"]


@pytest.mark.parametrize(
    "line",
    [
        b"EHLO c",
        b"HELO c",
        b"STARTTLS",
        b"XCLIENT ADDR=192.0.2.1",
        b"RSET",
        b"NOOP",
        b"HELP",
        b"VRFY x",
        b"MAIL FROM:<>",
    ],
)
def test_nobody_idles_for_ever(line: bytes) -> None:
    limits = Limits(idle_commands=0)
    server = greeted(ServerSettings(hostname="mx", size_limit=0, tls_offered=True, xclient_allowed=True, limits=limits))
    say(server, b"HELO c\r\n")
    assert say(server, line + b"\r\n")[-1] == Close(Ending.LIMIT)


def test_nobody_guesses_passwords_for_ever() -> None:
    server = greeted(
        ServerSettings(hostname="mx", size_limit=0, auth_mechanisms=("PLAIN",), limits=Limits(idle_commands=0)), TLS
    )
    say(server, b"HELO c\r\n")
    assert say(server, b"AUTH PLAIN\r\n")[-1] == Close(Ending.LIMIT)


def test_a_name_that_is_none_ends_the_exchange() -> None:
    server = greeted(ServerSettings(hostname="mx", size_limit=0, auth_mechanisms=("LOGIN",)), TLS)
    effects = say(server, b"HELO c\r\nAUTH LOGIN ====\r\n")
    assert isinstance(effects[-1], Send)
    assert effects[-1].data.endswith(phrases.BAD_ENCODING.wire)


def test_refused_lines_are_cut() -> None:
    effects = say(greeted(), b"x" * 2000 + b"\r\n")
    assert isinstance(effects[0], Refused)
    assert len(effects[0].untrusted_line) == 512
