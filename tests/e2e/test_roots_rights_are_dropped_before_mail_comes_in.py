"""Started by root with `[node] user`, the process that carries mail is that account, with the data folder its own."""

import pwd
import smtplib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts.mailock import Mailock, forwarding
from tests.parts.programs import need_root
from tests.parts.smtp_sink import SmtpSink


async def test_roots_rights_are_dropped_before_mail_comes_in(
    start_sink: Callable[..., SmtpSink], start_mailock: Callable[..., Mailock]
) -> None:
    need_root("dropping root's rights")
    if not _may_read_python():
        pytest.skip(f"the account nobody may not read the Python in {sys.base_prefix}")
    nobody = pwd.getpwnam("nobody")
    sink = start_sink()
    gateway = start_mailock(forwarding(("*", f"127.0.0.1:{sink.port}")), node='user = "nobody"\n')
    status = Path(f"/proc/{gateway.mailflow()}/status").read_text()
    assert f"Uid:\t{nobody.pw_uid}\t{nobody.pw_uid}\t{nobody.pw_uid}" in status
    assert f"Gid:\t{nobody.pw_gid}\t{nobody.pw_gid}\t{nobody.pw_gid}" in status
    assert {place.stat().st_uid for place in (gateway.data, *gateway.data.rglob("*"))} == {nobody.pw_uid}
    with smtplib.SMTP(*gateway.address) as client:
        client.sendmail("a@b.test", ["c@dest.test"], b"Subject: x\r\n\r\n" + b"large " * 40_000 + b"\r\n")
    await sink.arrived(1)
    assert gateway.stop() == 0


async def test_an_account_that_is_not_there_is_said_in_a_sentence(start_mailock: Callable[..., Mailock]) -> None:
    need_root("dropping root's rights")
    gateway = start_mailock(forwarding(("*", "127.0.0.1:1")), node='user = "no-such-account"\n', start=False)
    gateway.start(ready=False)
    assert gateway.process is not None
    assert gateway.process.wait(20) == 2
    assert "there is no account 'no-such-account' on this machine: make it" in gateway.log()


async def test_an_account_that_may_not_read_the_program_is_said_in_a_sentence(
    start_mailock: Callable[..., Mailock],
) -> None:
    need_root("dropping root's rights")
    if _may_read_python():
        pytest.skip(f"every account may read the Python in {sys.base_prefix}")
    gateway = start_mailock(forwarding(("*", "127.0.0.1:1")), node='user = "nobody"\n', start=False)
    gateway.start(ready=False)
    assert gateway.process is not None
    assert gateway.process.wait(20) == 2
    assert "the account 'nobody' may not read " in gateway.log()


def _may_read_python() -> bool:
    """Whether every account may read the interpreter that runs us."""
    interpreter = Path(sys.base_prefix)
    return all(folder.stat().st_mode & 0o001 for folder in (interpreter, *interpreter.parents))
