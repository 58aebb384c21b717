"""Plays a playbook against the core, and writes down what happened in the playbook's own language.

Octets go in whole or one by one; both must come to the same transcript. Chunks of a body are shown as one when the body
is taken, so that where they were cut does not matter.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Direction, Envelope, Notify, Recipient, Ret
from mailock.core.mail.origin import Tls
from mailock.core.smtp import client_effects as reports
from mailock.core.smtp import effects as orders
from mailock.core.smtp import phrases
from mailock.core.smtp.client import Client
from mailock.core.smtp.client_table import ClientSettings, Phase
from mailock.core.smtp.extensions import ALL, Extension
from mailock.core.smtp.grammar import read_path, write_path
from mailock.core.smtp.reply import Reply
from mailock.core.smtp.server import Server
from mailock.core.smtp.settings import BareNewlines, Limits, ServerSettings
from tests.playbooks.script import Playbook, Turn

TLS = Tls(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384")

Cut = Callable[[bytes], Iterable[bytes]]
"""How the input reaches the core."""


def whole(octets: bytes) -> Iterator[bytes]:
    """All at once."""
    yield octets


def one_by_one(octets: bytes) -> Iterator[bytes]:
    """An octet at a time."""
    for octet in octets:
        yield bytes((octet,))


def play(playbook: Playbook, cut: Cut) -> list[list[str]]:
    """What happened: at the opening, and at each turn. The server's replies stand before its notes."""
    stage = ServerStage(playbook) if playbook.side == "server" else ClientStage(playbook)
    happened = [stage.open(playbook.opening)]
    happened.extend(stage.turn(turn, cut) for turn in playbook.turns)
    return happened


def server_settings(playbook: Playbook) -> ServerSettings:
    """The settings of a server's play."""
    fields: dict[str, object] = {"hostname": "mx.example", "size_limit": 1000, **playbook.settings}
    if fields.pop("normalise", False):
        fields["bare_newlines"] = BareNewlines.NORMALISE
    fields["extensions"] = ALL - {Extension(keyword) for keyword in playbook.without}
    fields["limits"] = replace(Limits(), **playbook.limits)  # type: ignore[arg-type]  # words of a text file
    return ServerSettings(**fields)  # type: ignore[arg-type]  # words of a text file


class ServerStage:
    """The server's side."""

    def __init__(self, playbook: Playbook) -> None:
        self.server = Server(server_settings(playbook))
        self.body = b""
        self.sent = b""
        self.notes: list[str] = []
        self.wanted: list[str] = []
        """The notes that the story tells next; they say whether a question is shown, and what is answered."""

    def open(self, expected: tuple[str, ...]) -> list[str]:
        """The connection stands."""
        self._begin(expected)
        self._carry_out(self.server.connected())
        return self._end()

    def turn(self, turn: Turn, cut: Cut) -> list[str]:
        """One turn."""
        self._begin(turn.expected)
        if turn.kind == "octets":
            for piece in cut(turn.octets):
                self._carry_out(self.server.receive(piece))
        else:
            acts = {
                "tls": lambda: self.server.tls_started(TLS),
                "eof": self.server.peer_closed,
                "stop": self.server.stop,
                "timeout": self.server.give_up,
            }
            self._carry_out(acts[turn.act]())
        return self._end()

    def _begin(self, expected: tuple[str, ...]) -> None:
        self.wanted = [line for line in expected if not line.startswith("S:")]
        self.notes, self.sent = [], b""

    def _end(self) -> list[str]:
        lines = self.sent.decode("utf-8").split("\r\n")
        assert lines[-1] == "", "a reply without its CRLF"
        return [f"S: {line}".rstrip() for line in lines[:-1]] + [note.rstrip() for note in self.notes]

    def _next(self) -> str:
        return self.wanted[len(self.notes)] if len(self.notes) < len(self.wanted) else ""

    def _carry_out(self, effects: list[orders.ServerEffect]) -> None:
        for effect in effects:
            match effect:
                case orders.Send(data):
                    self.sent += data
                case orders.Chunk(data):
                    self.body += data
                case orders.StartTls():
                    self.notes.append("* starttls")
                case orders.Close(why):
                    self.notes.append(f"* close {why.value}")
                case orders.DropBody():
                    self.body = b""
                    self.notes.append("* drop")
                case orders.Refused():
                    pass
                case orders.Attacked(attack):
                    self.notes.append(f"* attack {attack.value}")
                case orders.TakeMessage(_, size):
                    assert size == len(self.body)
                    self.notes.append(f"* message {ascii(self.body)[2:-1]}")
                    self.body = b""
                    self._answer(effect)
                case _:
                    self._answer(effect)

    def _answer(self, question: orders.Question) -> None:
        if self._next().startswith("?"):
            self.notes.append("? " + show_question(question))
        reply = phrases.OK
        if self._next().startswith("A:"):
            line = self._next()
            self.notes.append(line)
            reply = read_reply(line[2:].strip())
        self._carry_out(self.server.answer(reply))


class ClientStage:
    """The client's side."""

    def __init__(self, playbook: Playbook) -> None:
        self.client = Client(ClientSettings("client.example", **playbook.settings))  # type: ignore[arg-type]  # words of a text file
        self.actual: list[str] = []

    def open(self, expected: tuple[str, ...]) -> list[str]:
        """The connection stands; the client waits for the greeting."""
        assert not expected
        return []

    def turn(self, turn: Turn, cut: Cut) -> list[str]:
        """One turn."""
        self.actual = []
        if turn.kind == "octets":
            for piece in cut(turn.octets):
                self._carry_out(self.client.receive(piece))
        else:
            verb, _, rest = turn.act.partition(" ")
            self._carry_out(self._act(verb, rest))
        return self.actual

    def _act(self, verb: str, rest: str) -> list[reports.ClientEffect]:
        match verb:
            case "send":
                envelope, size, eight_bit = read_envelope(rest)
                return self.client.send(envelope, size=size, eight_bit=eight_bit)
            case "body":
                return self.client.body(_unescape(rest))
            case "end":
                return self.client.body_end(_unescape(rest))
            case _:
                acts = {
                    "tls": self.client.tls_started,
                    "starttls": self.client.start_tls,
                    "quit": self.client.quit,
                    "reset": self.client.reset,
                    "eof": self.client.peer_closed,
                    "timeout": self.client.timed_out,
                }
                return acts[verb]()

    def _carry_out(self, effects: list[reports.ClientEffect]) -> None:
        for effect in effects:
            match effect:
                case orders.Send(data):
                    self._show_sent(data)
                case orders.StartTls():
                    self.actual.append("* starttls")
                case orders.Close(why):
                    self.actual.append(f"* close {why.value}")
                case reports.Ready(extensions):
                    self.actual.append(" ".join(["* ready", *sorted(extensions.keywords)]))
                case reports.TlsRefused(reply):
                    self.actual.append(f"* tls refused {reply}")
                case reports.BodyWanted(chunked):
                    self.actual.append("* body wanted" + (" chunked" if chunked else ""))
                case reports.Unsendable(missing):
                    self.actual.append(f"* unsendable {missing.value}")
                case reports.Done():
                    self.actual.extend(show_done(effect))
                case reports.Broken(fault, stage, reply):
                    self.actual.append(f"* broken {fault.value} {stage.value}" + (f" {reply}" if reply else ""))

    def _show_sent(self, data: bytes) -> None:
        if self.client.phase in (Phase.BODY, Phase.FINAL):
            self.actual.append("C! " + ascii(data)[2:-1])
        else:
            self.actual.extend(f"C: {line}" for line in data.decode("utf-8").removesuffix("\r\n").split("\r\n"))


def show_done(done: reports.Done) -> Iterator[str]:
    """An account, a line for each recipient."""
    for answer in done.answers:
        whose = " ours" if answer.ours else ""
        path = write_path(answer.recipient.address)
        yield f"* {answer.outcome.value} {path} {answer.stage.value}{whose}: {answer.reply}"
    flags = [word for word, yes in (("dsn", done.dsn_passed_on), ("doubt", done.in_doubt)) if yes]
    yield " ".join(["* done", *flags])


def show_question(question: orders.Question) -> str:
    """A question in the playbook's language."""
    match question:
        case orders.ConnectionGiven(proxy):
            return "connection" + (f" {proxy.source_ip} {proxy.source_port} {proxy.destination_ip}" if proxy else "")
        case orders.HelloGiven(name, extended):
            return f"{'ehlo' if extended else 'helo'} {name}"
        case orders.MailGiven():
            return "mail " + " ".join([write_path(question.sender), *_mail_words(question)])
        case orders.RcptGiven(address, notify, orcpt):
            words = sorted(value.value for value in notify)
            return " ".join(["rcpt", write_path(address), *words, *([orcpt] if orcpt else [])])
        case orders.DataGiven(transaction, chunked):
            return f"{'bdat' if chunked else 'data'} {len(transaction.recipients)}"
        case orders.TakeMessage(transaction, size):
            paths = [write_path(recipient.address) for recipient in transaction.recipients]
            return " ".join(["message", write_path(transaction.mail.sender), *paths, str(size)])
        case orders.AuthGiven(mechanism, identity, password, authorize_as):
            return f"auth {mechanism} {identity} {password} {authorize_as}".rstrip()
        case orders.XclientGiven(claims):
            return f"xclient {claims.ip} {claims.untrusted_name} {claims.untrusted_helo} {claims.login}"


def _mail_words(given: orders.MailGiven) -> Iterator[str]:
    if given.size:
        yield f"size={given.size}"
    if given.body_type is BodyType.EIGHT_BIT:
        yield "8bit"
    if given.smtputf8:
        yield "utf8"
    if given.ret:
        yield given.ret.value
    if given.envid:
        yield f"envid={given.envid}"
    if given.auth:
        yield f"auth={given.auth}"


def read_reply(text: str) -> Reply:
    """`550 5.1.1 No`, or `220 Hello`."""
    code, enhanced, *rest = text.split(" ", 2)
    if enhanced.count(".") == 2:
        return Reply.of(int(code), enhanced, *rest)
    return Reply.of(int(code), "", " ".join([enhanced, *rest]))


def read_envelope(text: str) -> tuple[Envelope, int, bool]:
    """`<sender> <rcpt>,NOTIFY=NEVER,ORCPT=… … size=10 8bit utf8 ret=HDRS envid=x`."""
    words = text.split()
    recipients, size, flags, ret, envid = [], 10, set[str](), None, None
    for word in words[1:]:
        if word.startswith("<"):
            recipients.append(_read_recipient(word))
        elif word.startswith("size="):
            size = int(word[5:])
        elif word.startswith("ret="):
            ret = Ret(word[4:])
        elif word.startswith("envid="):
            envid = word[6:]
        else:
            flags.add(word)
    envelope = Envelope(
        sender=_address(words[0]),
        recipients=tuple(recipients),
        body_type=BodyType.EIGHT_BIT if "8bit" in flags else BodyType.SEVEN_BIT,
        smtputf8="utf8" in flags,
        ret=ret,
        envid=envid,
    )
    return envelope, size, "8bit" in flags


def _read_recipient(word: str) -> Recipient:
    path, *parameters = word.split(",")
    address = _address(path)
    assert address is not None
    given = dict(parameter.split("=", 1) for parameter in parameters)
    notify = frozenset(Notify(value) for value in given["NOTIFY"].split("+")) if "NOTIFY" in given else frozenset()
    return Recipient(address, Direction.OUTGOING, notify, given.get("ORCPT"))


def _address(text: str) -> Address | None:
    path = read_path(text.encode("utf-8"))
    assert path is not None
    return path.address


def _unescape(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")
