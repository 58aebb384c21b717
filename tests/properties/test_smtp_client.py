"""Whatever a next hop says, and however it is cut: no exception, and every recipient gets exactly one answer."""

from hypothesis import given
from hypothesis import strategies as st

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Recipient
from mailock.core.smtp import client_effects as fx
from mailock.core.smtp.client import Client
from mailock.core.smtp.client_table import ClientSettings, Phase
from mailock.core.smtp.effects import Send
from tests.properties.smtp_worlds import cut_at

REPLIES = (
    b"220 hop\r\n",
    b"250 ok\r\n",
    b"250-hop\r\n250-PIPELINING\r\n250-SIZE 100\r\n250 CHUNKING\r\n",
    b"354 go\r\n",
    b"550 5.1.1 no\r\n",
    b"452 4.2.2 full\r\n",
    b"421 4.3.2 bye\r\n",
    b"250-a\r\n250 b\r\n",
    b"250-a\r\n",
    b"nonsense\r\n",
    b"552 many\r\n",
    b"503 5.5.1 no\r\n",
    b"251 2.1.5 elsewhere\r\n",
)
HELLO = b"220 hop\r\n250-hop\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
replies = st.lists(st.sampled_from(REPLIES), max_size=12).map(b"".join)
talk = st.one_of(
    replies, replies.map(lambda more: HELLO + more), st.binary(max_size=60), replies.map(lambda r: r + b"2")
)
client_settings = st.builds(ClientSettings, hostname=st.just("c.example"), lmtp=st.booleans(), chunking=st.booleans())
envelopes = st.builds(
    Envelope,
    sender=st.just(None),
    recipients=st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(
        lambda names: tuple(Recipient(Address(name, "x.example"), Direction.OUTGOING) for name in names)
    ),
)


def converse(chosen: ClientSettings, envelope: Envelope, pieces: list[bytes]) -> tuple[list[object], int]:
    """All reports of a client whose shell always sends, and how many transactions it began.

    The shell's acts come in between the octets, so that nothing depends on the cut they are done once all of these are
    in: before that a client would talk into the void.
    """
    client, seen, begun = Client(chosen), list[object](), 0
    pending = list(pieces)
    while True:
        effects: list[fx.ClientEffect] = []
        if pending:
            effects = client.receive(pending.pop(0))
        elif client.phase is Phase.BODY:
            effects = client.body_end(b"text\r\n")
        else:
            effects = client.peer_closed()
        while effects:
            seen += [effect for effect in effects if not isinstance(effect, Send)]
            last, effects = effects[-1], []
            if client.idle and isinstance(last, fx.Ready | fx.Done) and begun < 3:
                begun += 1
                effects = client.send(envelope, size=6, eight_bit=False)
        if client.phase is Phase.CLOSED:
            return seen, begun


@given(client_settings, envelopes, talk, st.lists(st.integers(0, 300), max_size=12))
def test_every_transaction_gets_its_account(
    chosen: ClientSettings, envelope: Envelope, octets: bytes, cuts: list[int]
) -> None:
    seen, begun = converse(chosen, envelope, cut_at(octets, cuts))
    accounts = [effect for effect in seen if isinstance(effect, fx.Done)]
    assert len(accounts) == begun
    for done in accounts:
        assert tuple(answer.recipient for answer in done.answers) == envelope.recipients


@given(client_settings, talk, st.lists(st.integers(0, 300), max_size=12))
def test_the_cut_of_greetings_does_not_matter(chosen: ClientSettings, octets: bytes, cuts: list[int]) -> None:
    # Without a transaction nothing that the shell does comes in between.
    def reports(pieces: list[bytes]) -> list[object]:
        client = Client(chosen)
        return [effect for piece in pieces for effect in client.receive(piece)]

    assert reports([octets]) == reports(cut_at(octets, cuts))
    assert reports([octets]) == reports([octets[n : n + 1] for n in range(len(octets))])


@given(client_settings, envelopes, replies, st.lists(st.integers(0, 300), max_size=12))
def test_the_cut_of_an_envelope_does_not_matter(
    chosen: ClientSettings, envelope: Envelope, octets: bytes, cuts: list[int]
) -> None:
    def reports(pieces: list[bytes]) -> list[object]:
        client = Client(chosen)
        client.receive(HELLO)
        effects = client.send(envelope, size=6, eight_bit=False) if client.idle else []
        for piece in pieces:
            effects += client.receive(piece)
        return list(effects)

    assert reports([octets]) == reports(cut_at(octets, cuts))
