"""Recipients that do not exist are refused at RCPT: by the list of their rule, or by a call-out that is remembered."""

from collections.abc import Callable

from tests.parts.hop import Hop, HopSession, hop
from tests.parts.mailock import QUICK, Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.postfix import Postfix
from tests.parts.talk import Said, Talk, talk

OUT = forwarding(("*", "127.0.0.1:1", "outgoing"))


async def ask(client: Talk, recipient: str) -> tuple[int, str]:
    """The codes of the reply to one recipient."""
    said: Said
    (said,) = await client.envelope("a@source.test", recipient)
    await client.say("RSET")
    return said.code, said.enhanced


async def test_a_list_knows_who_exists(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as there:
        rule = forwarding(("dest.test", str(there))) + 'verification = "list"\nrecipients = ["Anna@dest.test"]\n'
        gateway = start_mailock(rule + OUT, start=False)
        listed = gateway.folder / "recipients"
        listed.write_text("bert@dest.test  # the boss\n# nobody@dest.test\n")
        policy = gateway.config.read_text()
        gateway.config.write_text(
            policy.replace('["Anna@dest.test"]', f'["Anna@dest.test"]\nrecipients_file = "{listed}"')
        )
        gateway.start()
        async with talk(gateway.address) as client:
            await client.hello()
            for good in ("anna@dest.test", "ANNA@dest.test", "anna+news@dest.test", "bert@dest.test"):
                assert await ask(client, good) == (250, "2.1.5"), good
            for bad in ("nobody@dest.test", "anna-news@dest.test", "carl@dest.test"):
                assert await ask(client, bad) == (550, "5.1.1"), bad
            # Postmaster has to be there, whatever the list says (RFC 5321 section 4.5.1).
            for always in ("postmaster@dest.test", "PostMaster@dest.test", "postmaster", "postmaster@mx.gateway.test"):
                assert await ask(client, always) == (250, "2.1.5"), always
            listed.write_text("carl@dest.test\n")
            gateway.run("policy", "install", "-c", str(gateway.config))
            assert await ask(client, "carl@dest.test") == (250, "2.1.5")
            assert await ask(client, "bert@dest.test") == (550, "5.1.1")


async def test_a_call_out_asks_a_real_next_hop(
    start_mailock: Callable[..., Mailock], start_next_hop: Callable[..., Postfix]
) -> None:
    there = start_next_hop(
        refuse={"gone@dest.test": "550 5.1.1 No such user", "grey@dest.test": "450 4.7.1 Greylisted"}
    )
    rule = forwarding(("dest.test", f"127.0.0.1:{there.port}")) + 'verification = "callout"\n'
    gateway = start_mailock(rule + OUT)
    async with talk(gateway.address) as client:
        await client.hello()
        assert await ask(client, "user@dest.test") == (250, "2.1.5")
        assert await ask(client, "gone@dest.test") == (550, "5.1.1")
        assert await ask(client, "grey@dest.test") == (450, "4.4.3")
        assert (await client.message("a@source.test", ["user@dest.test"])).code == 250
    await there.arrived(1)
    assert len(there.mailbox()) == 1


async def test_answers_are_remembered_and_no_answer_is_none(start_mailock: Callable[..., Mailock]) -> None:
    def answer(session: HopSession, line: str) -> str | None:
        return "550 5.1.1 nobody" if line.startswith("RCPT TO:<gone@") else None

    port = free_port()
    rule = forwarding(("dest.test", f"127.0.0.1:{port}")) + 'verification = "callout"\n'
    gateway = start_mailock(rule + OUT + QUICK)
    async with talk(gateway.address) as client:
        await client.hello()
        # Nobody is there to be asked: try again later.
        assert await ask(client, "user@dest.test") == (450, "4.4.3")
        there: Hop
        async with hop(port=port, answer=answer) as there:
            for _ in range(3):
                assert await ask(client, "user@dest.test") == (250, "2.1.5")
                assert await ask(client, "gone@dest.test") == (550, "5.1.1")
            asked = [line for session in there.sessions for line in session.commands if line.startswith("RCPT")]
            assert sorted(asked) == ["RCPT TO:<gone@dest.test>", "RCPT TO:<user@dest.test>"]
            senders = {line for session in there.sessions for line in session.commands if line.startswith("MAIL")}
            assert {sender.split(">")[0] for sender in senders} == {"MAIL FROM:<"}
        # It is gone again, and what it said holds on.
        assert await ask(client, "user@dest.test") == (250, "2.1.5")
        assert await ask(client, "gone@dest.test") == (550, "5.1.1")
        assert await ask(client, "new@dest.test") == (450, "4.4.3")
        assert (await client.message("a@source.test", ["user@dest.test"])).code == 250
