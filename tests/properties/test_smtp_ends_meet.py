"""Our client against our server, in memory: what one was told to send the other got, and both agree on the end."""

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Direction, Envelope, Notify, Recipient, Ret
from mailock.core.smtp import client_effects as cx
from mailock.core.smtp import effects as sx
from mailock.core.smtp import phrases
from mailock.core.smtp.client import Client
from mailock.core.smtp.client_table import ClientSettings
from mailock.core.smtp.extensions import ALL, Extension
from mailock.core.smtp.grammar import read_path, read_xtext, write_path, write_xtext
from mailock.core.smtp.reply import Outcome, Reply
from mailock.core.smtp.server import Server
from mailock.core.smtp.settings import ServerSettings

domains = st.sampled_from(("x.example", "a-b.example", "[192.0.2.1]", "[IPv6:2001:db8::1]", "xn--bcher-kva.example"))
locals_ = st.one_of(
    st.sampled_from(("a", "no", "later", "a.b", "a b", 'q"t', "b\\s", "ü", "a@b", "x+y", "<>", ".a")),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20),
)
addresses = st.builds(Address, local=locals_, domain=domains)
notices = st.frozensets(st.sampled_from((Notify.SUCCESS, Notify.FAILURE, Notify.DELAY)))
recipients = st.builds(
    Recipient,
    address=addresses,
    direction=st.just(Direction.OUTGOING),
    notify=st.one_of(notices, st.just(frozenset({Notify.NEVER}))),
    orcpt=st.one_of(st.none(), st.text(min_size=1, max_size=8).map(lambda text: "rfc822;" + write_xtext(text))),
)
envelopes = st.builds(
    Envelope,
    sender=st.one_of(st.none(), addresses),
    recipients=st.lists(recipients, min_size=1, max_size=4).map(tuple),
    body_type=st.sampled_from(BodyType),
    ret=st.one_of(st.none(), st.sampled_from(Ret)),
    envid=st.one_of(st.none(), st.text(min_size=1, max_size=8).map(write_xtext)),
)
bodies = st.lists(st.sampled_from((b"\r\n", b".", b"text", b"\r\n.\r\n", b"\xff")), max_size=10).map(b"".join)
shapes = st.tuples(st.booleans(), st.booleans(), st.frozensets(st.sampled_from((Extension.PIPELINING, Extension.DSN))))


class Wire:
    """Both ends, and what came out of them."""

    def __init__(self, envelope: Envelope, body: bytes, shape: tuple[bool, bool, frozenset[Extension]]) -> None:
        one_piece, chunking, without = shape
        self.server = Server(ServerSettings(hostname="mx", size_limit=0, extensions=ALL - without))
        self.client = Client(ClientSettings("c", chunking=chunking))
        self.envelope, self.body, self.one_piece = envelope, body, one_piece
        self.received, self.taken = b"", list[sx.Transaction]()
        self.done: list[cx.Done] = []

    def run(self) -> None:
        """Until nothing moves any more."""
        self._serve(self.server.connected())

    def _serve(self, effects: list[sx.ServerEffect]) -> None:
        for effect in effects:
            match effect:
                case sx.Send(data):
                    self._report(self.client.receive(data))
                case sx.Chunk(data):
                    self.received += data
                case sx.Refused() | sx.Attacked() | sx.DropBody():
                    raise AssertionError(effect)
                case sx.TakeMessage(transaction):
                    self.taken.append(transaction)
                    self._serve(self.server.answer(phrases.OK))
                case sx.RcptGiven(address) if address.local == "no":
                    self._serve(self.server.answer(Reply.of(550, "5.1.1", "No")))
                case sx.RcptGiven(address) if address.local == "later":
                    self._serve(self.server.answer(Reply.of(450, "4.2.0", "Later")))
                case sx.StartTls() | sx.Close():
                    pass
                case _:
                    self._serve(self.server.answer(phrases.OK))

    def _report(self, effects: list[cx.ClientEffect]) -> None:
        for effect in effects:
            match effect:
                case sx.Send(data):
                    self._serve(self.server.receive(data))
                case cx.Ready():
                    self._report(
                        self.client.send(self.envelope, size=len(self.body), eight_bit=not self.body.isascii())
                    )
                case cx.BodyWanted():
                    middle = len(self.body) // 2
                    if not self.one_piece:
                        self._report(self.client.body(self.body[:middle]))
                    self._report(self.client.body_end(self.body if self.one_piece else self.body[middle:]))
                case cx.Done():
                    self.done.append(effect)
                case _:
                    raise AssertionError(effect)


@given(envelopes, bodies, shapes)
def test_both_ends_agree(envelope: Envelope, body: bytes, shape: tuple[bool, bool, frozenset[Extension]]) -> None:
    wire = Wire(envelope, body, shape)
    # The core refuses nothing that our own client says, apart from DATA for nobody, which pipelining brings with it.
    anybody = any(recipient.address.local not in ("no", "later") for recipient in envelope.recipients)
    if not anybody:
        return
    wire.run()
    (done,), (transaction,) = wire.done, wire.taken
    outcomes = {"no": Outcome.FAILED, "later": Outcome.DEFERRED}
    for answer, recipient in zip(done.answers, envelope.recipients, strict=True):
        assert answer.recipient is recipient
        assert answer.outcome is outcomes.get(recipient.address.local, Outcome.SENT)
    sent = [answer.recipient for answer in done.answers if answer.outcome is Outcome.SENT]
    assert [given.address for given in transaction.recipients] == [recipient.address for recipient in sent]
    assert transaction.mail.sender == envelope.sender
    if done.dsn_passed_on:
        assert [given.notify for given in transaction.recipients] == [recipient.notify for recipient in sent]
        assert [given.orcpt for given in transaction.recipients] == [recipient.orcpt for recipient in sent]
        assert (transaction.mail.ret, transaction.mail.envid) == (envelope.ret, envelope.envid)
    # A body without a last CRLF gets one; an empty one stays empty by DATA.
    assert wire.received in ({body} if body.endswith(b"\r\n") else {body + b"\r\n"} | ({b""} if not body else set()))


@given(addresses)
def test_a_path_reads_back(address: Address) -> None:
    path = read_path(write_path(address).encode("utf-8"))
    assert path is not None
    assert path.address == address


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_xtext_reads_back(text: str) -> None:
    assert read_xtext(write_xtext(text)) == text


@given(st.binary(max_size=80))
def test_no_path_raises(octets: bytes) -> None:
    read_path(octets)
    read_path(b"<" + octets + b">")
    read_path(b"<a@" + octets + b">")
