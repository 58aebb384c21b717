"""A bad file, a port that is taken, a password that is wrong, a next hop that nobody knows: one sentence each, with the
mend, and the right exit code.
"""

import asyncio
import os
import shutil
from collections.abc import Callable

import pytest

from tests.parts.certificates import Authority
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.talk import talk

RULES = forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing"))


def forget_policy(gateway: Mailock) -> None:
    """So that the next start installs the file, as the first one does."""
    shutil.rmtree(gateway.data / "policy", ignore_errors=True)


async def ends(gateway: Mailock) -> tuple[int, list[str]]:
    """The exit code of a start that cannot be, and what it said."""
    gateway.start(ready=False)
    assert gateway.process is not None
    code = await asyncio.to_thread(gateway.process.wait, 30)
    said = [line for line in gateway.log().splitlines() if line.startswith("mailock: ")]
    (gateway.folder / "log").unlink()
    return code, said


async def test_mistakes_in_the_file_are_told_all_at_once_with_their_lines(
    start_mailock: Callable[..., Mailock],
) -> None:
    gateway = start_mailock(RULES, start=False)
    good = gateway.config.read_text()
    bad = good + '[mta.limits]\nrecipients = "many"\nmessage_sise = "5MB"\n[mta.tls]\nminimum_version = "1.0"\n'
    gateway.config.write_text(bad)
    code, said = await ends(gateway)
    lines = bad.splitlines()
    expected = [
        lines.index(line) + 1 for line in ('recipients = "many"', 'message_sise = "5MB"', 'minimum_version = "1.0"')
    ]
    assert code == 2
    assert [int(line.split("mailock.toml:")[1].split(":")[0]) for line in said] == sorted(expected)
    assert any("did you mean message_size?" in line for line in said)
    assert not (gateway.data / "queue.db").exists()
    done = gateway.run("policy", "check", "-c", str(gateway.config), code=2)
    assert all(f"mailock.toml:{number}: " in done.stdout + done.stderr for number in expected)
    for broken in ("[mta\n", "\x00"):
        gateway.config.write_text(broken)
        code, said = await ends(gateway)
        assert (code, len(said)) == (2, 1)
    gateway.config.unlink()
    code, said = await ends(gateway)
    assert code == 2
    assert "mailock.toml" in said[0]
    # With the mistakes mended it starts as if nothing had been.
    gateway.config.write_text(good)
    gateway.start()


async def test_what_the_machine_does_not_give(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(RULES, start=False)
    good = gateway.config.read_text()
    blocker = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", gateway.port)
    code, said = await ends(gateway)
    assert (code, len(said)) == (3, 1)
    assert f"cannot listen on 127.0.0.1:{gateway.port}: another program has it" in said[0]
    blocker.close()
    await blocker.wait_closed()
    for interface, words in (("192.0.2.200", "this machine has no such address"), ("eth77", "there is no interface")):
        gateway.config.write_text(good.replace('interfaces = ["127.0.0.1"]', f'interfaces = ["{interface}"]'))
        forget_policy(gateway)
        code, said = await ends(gateway)
        assert (code in (2, 3), len(said)) == (True, 1), said
        assert words in said[0]
    forget_policy(gateway)
    gateway.config.write_text(good)
    gateway.start()
    # A second one over the same data says so, and the first goes on.
    other = gateway.run("run", "mailflow", "-c", str(gateway.config), code=3)
    last = other.stderr.strip().splitlines()[-1]
    assert last.startswith(f"mailock: {gateway.data} is in use by process {gateway.mailflow()}: stop that Mailock")
    assert "Traceback" not in other.stderr


async def test_a_next_hop_that_nobody_knows_makes_mail_wait_with_that_reason(
    start_mailock: Callable[..., Mailock],
) -> None:
    rules = forwarding(("dest.test", "no-such-host.test"), ("*", "127.0.0.1:1", "outgoing"))
    gateway = start_mailock(rules, node=f'resolvers = ["127.0.0.1:{free_port()}"]\n')
    async with talk(gateway.address) as client:
        await client.hello()
        assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
    (record,) = await gateway.tracked("to:b@dest.test", "deferred")
    assert "DNS could not be asked" in record["reason"]


async def test_a_certificate_that_cannot_be_is_refused_and_the_old_one_stays(
    start_mailock: Callable[..., Mailock], authority: Authority
) -> None:
    gateway = start_mailock(RULES)
    config = ("-c", str(gateway.config))
    mine = authority.issue("mx.gateway.test")
    gateway.run("certificate", "import", str(mine.chain), "--key", str(mine.key), *config)
    other = authority.issue("mx.gateway.test")
    strange = authority.issue("strange.test")
    for arguments, words in (
        ((str(other.chain), "--key", str(mine.key)), "key"),
        ((str(strange.chain), "--key", str(strange.key)), "not for mx.gateway.test"),
        ((str(other.chain),), "no private key"),
        ((str(gateway.folder / "gone.pem"),), "cannot be read"),
        ((str(gateway.config),), "mailock.toml"),
    ):
        done = gateway.run("certificate", "import", *arguments, *config, code=2)
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert len(gateway.run("certificate", "list", *config).stdout.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to make a folder that its user cannot write to")
async def test_commands_without_a_gateway_or_a_log_say_what_to_do(start_mailock: Callable[..., Mailock]) -> None:
    gateway = start_mailock(RULES, start=False)
    done = gateway.run("drain", "-c", str(gateway.config), code=3)
    assert "mailock run" in done.stderr
    done = gateway.run("show", "0CND000000000", "-c", str(gateway.config), code=None)
    assert done.returncode in (1, 3)
    assert done.stderr.count("\n") == 1
    done = gateway.run("run", "mailfow", "-c", str(gateway.config), code=2)
    assert "the roles are mailflow" in done.stderr
