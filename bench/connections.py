"""What connections cost the process that accepts them: memory of an idle one, processor time of a new one.

    .venv/bin/python bench/connections.py [--idle 10000] [--new 2000] [--loop uvloop|asyncio] [KIND …]

KIND is `plain` or `tls` (our listener), or `loop-tls` (the event loop's own TLS, for comparison). The server is a
process of its own; memory is its resident set from /proc, without the kernel's socket buffers. Processor time depends
little on what else the machine does, so it is what can be compared between runs. `--rsa` takes an RSA-2048 certificate
in place of P-256.
"""

import argparse
import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from mailock.core.mail.origin import Tls
from mailock.net.dialer import NetDialer
from mailock.net.listener import BACKLOG, Listener, bind
from mailock.net.selfsigned import self_signed
from mailock.net.tls import Identity, ServerTls
from mailock.ports.transport import Link, Peer, Target

KINDS = ("plain", "tls", "loop-tls")


class Greeter:
    """A server's side that greets, answers every line, and waits."""

    __slots__ = ("link",)

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        self.link = link
        link.write(b"220 bench ESMTP\r\n")

    def received(self, data: bytes) -> None:
        self.link.write(b"250 OK\r\n")

    def tls_started(self, tls: Tls) -> None: ...

    def ended(self) -> bool:
        return False

    def lost(self, why: str) -> None: ...


class LoopGreeter(asyncio.Protocol):
    """The same for the event loop's own TLS."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(b"220 bench ESMTP\r\n")  # type: ignore[attr-defined]  # uvloop's transports derive from nothing

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"250 OK\r\n")  # type: ignore[attr-defined]  # as above


class Caller:
    """A client's side: waits for the greeting, says one line, waits for the answer."""

    __slots__ = ("answered", "lines", "link")

    def __init__(self) -> None:
        self.answered = asyncio.get_running_loop().create_future()
        self.lines = 0

    def connected(self, link: Link, peer: Peer, tls: Tls | None) -> None:
        self.link = link

    def received(self, data: bytes) -> None:
        self.lines += 1
        if self.lines == 1:
            self.link.write(b"EHLO bench\r\n")
        elif not self.answered.done():
            self.answered.set_result(None)

    def tls_started(self, tls: Tls) -> None: ...

    def ended(self) -> bool:
        return False

    def lost(self, why: str) -> None:
        if not self.answered.done():
            self.answered.set_exception(ConnectionError(why or "closed"))


async def serve(kind: str, certificate: Path) -> None:
    """The server: prints its port and runs until its input ends."""
    identity = Identity(chain=certificate, key=certificate)
    (bound,) = bind(["127.0.0.1"], 0)
    print(bound.getsockname()[1], flush=True)
    if kind == "loop-tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        await asyncio.get_running_loop().create_server(LoopGreeter, sock=bound, ssl=context, backlog=BACKLOG)
    else:
        tls = ServerTls([identity]) if kind == "tls" else None
        await Listener([bound], lambda peer: Greeter(), tls, kind == "tls").start()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def call(port: int, kind: str, count: int, *, keep: bool, at_once: int = 50) -> list[Caller]:
    """Opens connections, each with a greeting and a line, and keeps or closes them."""
    target = Target(host="bench.test", ip="127.0.0.1", port=port, implicit_tls=kind != "plain")
    dialer, kept, gate = NetDialer(), [], asyncio.Semaphore(at_once)

    async def one() -> None:
        async with gate:
            caller = Caller()
            await dialer.dial(target, caller, seconds=60)
            await caller.answered
            if keep:
                kept.append(caller)
            else:
                caller.link.close()

    await asyncio.gather(*(one() for _ in range(count)))
    return kept


def resident(pid: int) -> int:
    """Resident memory in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def processor(pid: int) -> float:
    """Processor seconds used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def figures(pid: int, port: int, kind: str, idle: int, new: int) -> tuple[float, float, float]:
    """KiB of a connection that is idle, and of one that is idle again after 200 KB; µs of a new one."""
    await call(port, kind, 50, keep=False)
    before = resident(pid)
    kept = await call(port, kind, idle, keep=True)
    await asyncio.sleep(1)
    fresh = (resident(pid) - before) / len(kept)
    for start in range(0, len(kept), 20):
        for one in kept[start : start + 20]:
            one.link.write(b"x" * 200_000)
        for one in kept[start : start + 20]:
            await one.link.drained()
        await asyncio.sleep(0.02)
    await asyncio.sleep(3)
    used = (resident(pid) - before) / len(kept)
    started = processor(pid)
    await call(port, kind, new, keep=False)
    microseconds = (processor(pid) - started) / new * 1e6
    for one in kept:
        one.link.abort()
    return fresh, used, microseconds


def measure(kind: str, certificate: Path, options: argparse.Namespace) -> str:
    """One line of the table."""
    command = [sys.executable, __file__, "--serve", kind, "--certificate", str(certificate), "--loop", options.loop]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = int(server.stdout.readline())
        fresh, used, microseconds = uvloop.run(figures(server.pid, port, kind, options.idle, options.new))
        with contextlib.suppress(BrokenPipeError):
            server.stdin.close()
    return (
        f"{kind:10} {options.loop:8} KiB of an idle connection: {fresh:.1f}, after 200 KB: {used:.1f};"
        f" µs of a new one: {microseconds:.0f}"
    )


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--idle", type=int, default=9_000)
    parser.add_argument("--new", type=int, default=2_000)
    parser.add_argument("--loop", choices=("uvloop", "asyncio"), default="uvloop")
    parser.add_argument("--rsa", action="store_true")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--certificate", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        run = uvloop.run if options.loop == "uvloop" else asyncio.run
        run(serve(options.serve, options.certificate))
        return
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "identity.pem"
        if options.rsa:
            subprocess.run(
                f"openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=bench.test -keyout {certificate}"
                f" -out {certificate}.crt".split(),
                check=True,
                capture_output=True,
            )
            certificate.write_bytes(certificate.read_bytes() + Path(str(certificate) + ".crt").read_bytes())
        else:
            certificate.write_bytes(self_signed(["bench.test"], now=datetime.now(UTC)).pem())
        for kind in options.kinds:
            print(measure(kind, certificate, options), flush=True)


if __name__ == "__main__":
    main()
