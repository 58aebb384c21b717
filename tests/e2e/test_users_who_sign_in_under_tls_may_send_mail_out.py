"""AUTH PLAIN and LOGIN, under TLS only, from a file whose lines `mailock user hash` makes; swaks is the client."""

import asyncio
import base64
from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.swaks import swaks
from tests.parts.talk import talk


def policy(there: object, port: int) -> str:
    """A gateway with a submission listener."""
    return (
        forwarding(("dest.test", str(there)), ("*", str(there), "outgoing"))
        + f'[[mta.listener]]\nname = "submission"\naddress = "127.0.0.1"\nport = {port}\nauth_required = true\n'
        + '[mta.submission]\nenabled = true\nusers_file = "{users}"\n[mta.limits]\ninternal_message_rate = 4\n'
    )


async def test_sign_in_and_send(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    async with hop() as there:
        gateway = start_mailock(policy(there, port), start=False)
        users = gateway.folder / "users"
        gateway.config.write_text(gateway.config.read_text().replace("{users}", str(users)))
        # A file that is not there is told of at the start, and nothing runs.
        gateway.start(ready=False)
        assert gateway.process is not None
        assert await asyncio.to_thread(gateway.process.wait, 20) in (2, 3)
        assert f"the users_file {users} cannot be read (No such file or directory)" in gateway.log()

        line = gateway.run("user", "hash", "anna", input_="open sesame\n").stdout
        assert line.startswith("anna:scrypt$")
        users.write_text(line)
        gateway.start()
        door = ("127.0.0.1", port)
        for mechanism in ("PLAIN", "LOGIN"):
            auth = ["--tls", "--auth", mechanism, "--auth-user", "anna"]
            talked = await swaks(
                door,
                sender="anna@dest.test",
                recipients=["b@far.test"],
                options=[*auth, "--auth-password", "open sesame"],
            )
            assert talked.ok, talked.transcript
            assert any(
                line.startswith("250-AUTH PLAIN LOGIN") or line == "250 AUTH PLAIN LOGIN" for line in talked.replies
            )
            refused = await swaks(door, recipients=["b@far.test"], options=[*auth, "--auth-password", "open sesam"])
            assert refused.exit_code == 28
            assert any(line.startswith("535 5.7.8") for line in refused.replies)
        await there.arrived(2)
        (record, _) = await gateway.tracked("from:anna@dest.test", "delivered", count=2)
        assert (record["authenticated_as"], record["internal"], record["direction"]) == ("anna", True, ["outgoing"])
        assert record["protocol"] == "ESMTPSA"
        assert record["listener"] == "submission"


async def test_nobody_gets_in_without(start_mailock: Callable[..., Mailock]) -> None:
    port = free_port()
    async with hop() as there:
        gateway = start_mailock(policy(there, port), start=False)
        users = gateway.folder / "users"
        users.write_text(gateway.run("user", "hash", "anna", input_="open sesame\n").stdout)
        gateway.config.write_text(gateway.config.read_text().replace("{users}", str(users)))
        gateway.start()
        async with talk(("127.0.0.1", port)) as client:
            # In the clear AUTH is neither offered nor taken.
            assert not any(line.startswith("AUTH") for line in (await client.hello()).lines)
            plain = base64.b64encode(b"\0anna\0open sesame").decode()
            said = await client.say(f"AUTH PLAIN {plain}")
            assert (said.code, said.enhanced) == (538, "5.7.11")
            said = await client.say("MAIL FROM:<anna@dest.test>")
            assert (said.code, said.enhanced) == (530, "5.7.0")
            await client.start_tls()
            assert "AUTH PLAIN LOGIN" in (await client.hello()).lines
            assert (await client.say("MAIL FROM:<anna@dest.test>")).code == 530
            # Nobody may act for somebody else, and nonsense is nobody.
            other = base64.b64encode(b"boss\0anna\0open sesame").decode()
            assert (await client.say(f"AUTH PLAIN {other}")).code == 535
            assert (await client.say("AUTH PLAIN ====")).code == 501
            assert (await client.say("AUTH CRAM-MD5")).code == 504
            assert (await client.say(f"AUTH PLAIN {plain}")).code == 235
            assert (await client.say(f"AUTH PLAIN {plain}")).code == 503
            # A stolen account does no more harm than internal_message_rate lets it.
            for _ in range(4):
                assert (await client.message("anna@dest.test", ["b@far.test"])).code == 250
            said = await client.say("MAIL FROM:<anna@dest.test>")
            assert (said.code, said.enhanced) == (450, "4.7.1")
        # Port 25 knows no AUTH, and the password of a deleted account is none from then on.
        async with talk(gateway.address) as client:
            await client.hello()
            await client.start_tls()
            assert not any(line.startswith("AUTH") for line in (await client.hello()).lines)
        users.write_text("")
        async with talk(("127.0.0.1", port)) as client:
            await client.hello()
            await client.start_tls()
            await client.hello()
            assert (await client.say(f"AUTH PLAIN {plain}")).code == 535
        # Not a letter of a password stands in any log.
        assert "sesame" not in gateway.log()
        assert "sesame" not in gateway.run("track", "--json", "-c", str(gateway.config), code=None).stdout
