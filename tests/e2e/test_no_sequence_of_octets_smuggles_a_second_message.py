"""SMTP smuggling, in and out: whatever somewhere counts as the end of a message, one transaction stays one message.

The sequences are those of the published attacks (SEC Consult 2023 and what followed): everything that one server reads
as the end of data and another does not. Behind Mailock stand a Postfix that takes the loosest of them for an end, and
smtp-sink.
"""

from collections.abc import Iterator

import pytest

from tests.parts.mailock import Mailock, forwarding, mailock
from tests.parts.postfix import Postfix, next_hop
from tests.parts.smtp_sink import SmtpSink, smtp_sink
from tests.parts.talk import talk

ENDS = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "CRLF.LF": b"\r\n.\n",
    "CR.CR": b"\r.\r",
    "CR.LF": b"\r.\n",
    "CR.CRLF": b"\r.\r\n",
    "CRLF.CR": b"\r\n.\r",
    "LF.CR": b"\n.\r",
    "CRLFCR.CRLF": b"\r\n\r.\r\n",
    "CRLF.CRCRLF": b"\r\n.\r\r\n",
    "CRLF NUL.CRLF": b"\r\n\x00.\r\n",
    "CRLF.NUL CRLF": b"\r\n.\x00\r\n",
    "CR NUL LF.CRLF": b"\r\x00\n.\r\n",
    "CRLF.CR NUL LF": b"\r\n.\r\x00\n",
    "VT.VT": b"\x0b.\x0b",
    "NEL.NEL": b"\xc2\x85.\xc2\x85",
    "LS.LS": b"\xe2\x80\xa8.\xe2\x80\xa8",
    "FF.CRLF": b"\x0c.\r\n",
    "CRLF. CRLF": b"\r\n. \r\n",
    "CRLF .CRLF": b"\r\n .\r\n",
    "LF.CRLF stuffed": b"\n..\r\n",
    "CRLF..CRLF": b"\r\n..\r\n",
}
SMUGGLED = (
    b"MAIL FROM:<admin@ours.test>\r\nRCPT TO:<victim@dest.test>\r\nDATA\r\n"
    b"From: admin@ours.test\r\nSubject: SMUGGLED\r\n\r\nbelieve me\r\n"
)
HEAD = b"From: a@source.test\r\nSubject: outer\r\n\r\nouter text"
END = b"\r\n.\r\n"


class Site:
    """A gateway, and what stands behind it."""

    def __init__(self, gateway: Mailock, postfix: Postfix, sink: SmtpSink) -> None:
        self.gateway = gateway
        self.postfix = postfix
        self.sink = sink

    async def messages(self) -> tuple[list[bytes], list[bytes]]:
        """What arrived at both since the last look, once all is delivered; and it is forgotten."""
        await self.gateway.emptied()
        await self.postfix.queue_emptied()
        at_postfix = [mail.raw for mail in self.postfix.mailbox()]
        at_sink = [sunk.content for sunk in self.sink.messages()]
        for path in [*self.postfix.mail.rglob("new/*"), *(self.sink.folder / "dump").iterdir()]:
            path.unlink()
        return at_postfix, at_sink


def site(newlines: str) -> Iterator[Site]:
    """One gateway with both next hops, for all tests of a module: starting them is what costs."""
    # This is how Postfix behaved by default until it was mended: a bare LF ends a line.
    loose = {"smtpd_forbid_bare_newline": "no", "smtpd_forbid_unauth_pipelining": "no"}
    with next_hop(settings=loose) as postfix, smtp_sink() as sink:
        policy = forwarding(
            ("dest.test", f"127.0.0.1:{postfix.port}"),
            ("sink.test", f"127.0.0.1:{sink.port}"),
            ("*", "127.0.0.1:1", "outgoing"),
        )
        with mailock(f'{policy}[mta.limits]\nbare_newlines = "{newlines}"\nerrors = 1000\n') as gateway:
            yield Site(gateway, postfix, sink)


@pytest.fixture(scope="module")
def refusing() -> Iterator[Site]:
    yield from site("refuse")


@pytest.fixture(scope="module")
def normalising() -> Iterator[Site]:
    yield from site("normalise")


def is_bare(octets: bytes) -> bool:
    """Whether a CR or LF stands alone in them."""
    rest = octets.replace(b"\r\n", b"")
    return b"\r" in rest or b"\n" in rest


async def attack(gateway: Mailock, domain: str, octets: bytes, *, cut: int = 0) -> list[int]:
    """The codes of all replies to a message whose data holds the sequence, the smuggled commands, and the true end.

    `cut`: in how many pieces the data comes.
    """
    async with talk(gateway.address) as client:
        await client.hello()
        await client.envelope("a@source.test", f"b@{domain}")
        assert (await client.say("DATA")).code == 354
        size = max(1, len(octets) // cut) if cut else len(octets)
        for start in range(0, len(octets), size):
            client.send(octets[start : start + size])
            if cut:
                await client.settle()
        client.send(b"NOOP\r\nQUIT\r\n")
        return [said.code for said in await client.hear_all()]


@pytest.mark.parametrize("domain", ["dest.test", "sink.test"])
async def test_in_data_there_is_never_a_second_message(refusing: Site, domain: str) -> None:
    lawful = []
    for name, end in ENDS.items():
        codes = await attack(refusing.gateway, domain, HEAD + end + SMUGGLED + END)
        # One answer to the whole of it, the NOOP behind it, and goodbye: nothing in it was a command.
        assert codes[1:] == [250, 221], (name, codes)
        assert codes[0] in (250, 550), (name, codes)
        if codes[0] == 250:
            lawful.append(name)
    assert lawful == [name for name, end in ENDS.items() if not is_bare(end)]
    at_postfix, at_sink = await refusing.messages()
    arrived = at_postfix if domain == "dest.test" else at_sink
    assert len(arrived) == len(lawful)
    assert all(b"Subject: outer" in one.partition(b"\n\n")[0] for one in arrived)


@pytest.mark.parametrize("domain", ["dest.test", "sink.test"])
async def test_normalised_it_is_one_message_too(normalising: Site, domain: str) -> None:
    for name, end in ENDS.items():
        codes = await attack(normalising.gateway, domain, HEAD + end + SMUGGLED + END)
        assert codes == [250, 250, 221], (name, codes)
    at_postfix, at_sink = await normalising.messages()
    arrived = at_postfix if domain == "dest.test" else at_sink
    assert len(arrived) == len(ENDS)
    assert all(b"Subject: outer" in one.partition(b"\n\n")[0] for one in arrived)
    assert all(b"SMUGGLED" in one.partition(b"\n\n")[2] for one in arrived)


async def test_however_it_is_cut(refusing: Site) -> None:
    for end in (b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r\x00\n"):
        octets = HEAD[-20:] + end + SMUGGLED[:30] + END
        codes = await attack(refusing.gateway, "dest.test", b"Subject: outer\r\n\r\n" + octets, cut=len(octets))
        assert codes == [550, 250, 221]
    assert await refusing.messages() == ([], [])


async def test_in_chunks(refusing: Site, normalising: Site) -> None:
    for at in (refusing, normalising):
        for name, end in ENDS.items():
            body = HEAD + end + SMUGGLED + END
            async with talk(at.gateway.address) as client:
                await client.hello()
                await client.envelope("a@source.test", "b@dest.test")
                # The sequence lies across the border of two chunks.
                cut = len(HEAD) + len(end) // 2
                client.send(b"BDAT %d\r\n%b" % (cut, body[:cut]))
                first = await client.hear()
                client.send(b"BDAT %d LAST\r\n%b" % (len(body) - cut, body[cut:]))
                codes = [first.code, (await client.hear()).code, (await client.say("NOOP")).code]
            if at is refusing and is_bare(end):
                assert codes[1] >= 500 or codes[0] >= 500, (name, codes)
            else:
                assert codes == [250, 250, 250], (name, codes)
        at_postfix, _ = await at.messages()
        assert all(b"Subject: outer" in one.partition(b"\n\n")[0] for one in at_postfix)
        assert len(at_postfix) <= len(ENDS)


async def test_in_commands_and_behind_them(refusing: Site) -> None:
    gateway = refusing.gateway
    for line in (
        b"MAIL FROM:<a@source.test>\nRCPT TO:<victim@dest.test>\r\n",
        b"MAIL FROM:<a@source.test>\rRCPT TO:<victim@dest.test>\r\n",
        b"NOOP\nMAIL FROM:<a@source.test>\r\n",
        b"NOOP\r\r\nMAIL FROM:<a@source.test>\r\n",
        b"HELP \rMAIL FROM:<a@source.test>\r\n",
    ):
        async with talk(gateway.address) as client:
            await client.hello()
            client.send(line + b"RCPT TO:<victim@dest.test>\r\nDATA\r\n" + SMUGGLED + END + b"QUIT\r\n")
            replies = await client.hear_all()
            # The connection ends there: who breaks the law of lines is not read on.
            assert [said.code for said in replies] == [500], line
            assert replies[0].reference
    # Pipelined behind a DATA that is refused: the message's octets are commands then, and none of them does anything.
    async with talk(gateway.address) as client:
        await client.hello()
        client.send(b"MAIL FROM:<a@source.test>\r\nRCPT TO:<x@far.test>\r\nDATA\r\n" + HEAD + END + b"QUIT\r\n")
        codes = [said.code for said in await client.hear_all()]
        assert codes[:3] == [250, 550, 554]
        assert 354 not in codes
    # A second transaction behind a true end is one of its own, as it should be, and nobody is fooled about it.
    assert await refusing.messages() == ([], [])


async def test_a_header_that_smuggles_stays_a_header(refusing: Site) -> None:
    """What we write ourselves (Received, notices) holds nothing that a client could have put a line end into."""
    gateway = refusing.gateway
    async with talk(gateway.address) as client:
        for name in ("x\x00y.test", "x\x0by.test", "x\u0085y.test", "(comment).test", "x;y.test"):
            assert (await client.say(f"EHLO {name}")).code in (250, 501)
        await client.hello()
        assert (await client.message("a@source.test", ["b@dest.test"], HEAD + b"\r\n")).code == 250
    ((arrived,), _) = await refusing.messages()
    assert arrived.count(b"\n\n") == 1
