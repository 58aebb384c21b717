"""The fixtures hand out what they promise, and missing things are named."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts import data, programs
from tests.parts.dns_server import DnsServer
from tests.parts.dovecot import Dovecot
from tests.parts.postfix import Postfix
from tests.parts.size import sized
from tests.parts.smtp_sink import SmtpSink
from tests.parts.swaks import swaks


async def test_each_fixture_starts_something_that_takes_mail(
    postfix_next_hop: Postfix,
    start_next_hop: Callable[..., Postfix],
    start_previous_hop: Callable[..., Postfix],
    start_sink: Callable[..., SmtpSink],
    start_lmtp: Callable[..., Dovecot],
) -> None:
    first = start_previous_hop(start_next_hop(hostname="last.test").address)
    for address in (postfix_next_hop.address, first.address, start_sink().address):
        assert (await swaks(address)).ok
    assert (await swaks(start_lmtp(users=["user@dest.test"]).address, protocol="LMTP")).ok


def test_the_dns_fixture_serves_what_is_put_into_it(dns_parts: DnsServer) -> None:
    dns_parts.zone.a("new.test", "127.0.0.1")
    dns_parts.publish()


def test_an_archive_is_unpacked_once(test_data: Callable[[str], Path]) -> None:
    folder = test_data("spf-rfc7208")
    assert list(folder.rglob("*.yml"))
    assert test_data("spf-rfc7208") == folder


def test_missing_data_skips_by_name_or_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAILOCK_TEST_DATA", str(tmp_path))
    monkeypatch.delenv("MAILOCK_REQUIRE_DATA", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-suite"):
        data.unpack("no-such-suite", tmp_path)
    monkeypatch.setenv("MAILOCK_REQUIRE_DATA", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-suite"):
        data.unpack("no-such-suite", tmp_path)


def test_a_missing_program_skips_with_its_package_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILOCK_REQUIRE_PARTS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Debian package nowhere"):
        programs.program("no-such-program", package="nowhere")
    monkeypatch.setenv("MAILOCK_REQUIRE_PARTS", "1")
    with pytest.raises(pytest.fail.Exception, match="Debian package nowhere"):
        programs.program("no-such-program", package="nowhere")


def test_a_program_that_dies_at_once_is_reported_with_what_it_printed(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="this is why"),
        programs.running(["sh", "-c", "echo this is why; exit 3"], output=tmp_path / "out", ready=lambda: False),
    ):
        pass


def test_a_killed_test_run_leaves_no_program_behind(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, signal\n"
        "from tests.parts.programs import Running\n"
        f"started = Running(['sleep', '600'], output=pathlib.Path({str(tmp_path / 'out')!r}))\n"
        "print(started.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    died = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=data.ROOT, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    end = time.monotonic() + 10
    while _runs(int(died.stdout)):
        assert time.monotonic() < end, "the program outlived the run that started it"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_long_runs_are_a_hundredth_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILOCK_FULL_SIZE", raising=False)
    assert (sized(10_000_000), sized(200, part=0.1), sized(5)) == (100_000, 20, 1)
    monkeypatch.setenv("MAILOCK_FULL_SIZE", "1")
    assert sized(200) == 200
