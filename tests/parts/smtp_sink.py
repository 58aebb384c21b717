"""smtp-sink, Postfix's test server that takes mail as fast as it can: a next hop for load, or one that refuses."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, private_dir, program, running

_PSEUDO_HEADERS = (b"X-Client-Addr", b"X-Client-Proto", b"X-Helo-Args", b"X-Mail-Args", b"X-Rcpt-Args")


@dataclass(frozen=True, kw_only=True)
class Sunk:
    """One message that the sink took, with the arguments as the client gave them.

    Its dump holds the message with LF line ends; `content` is the message without what the sink wrote on top.
    """

    client: str
    protocol: str
    helo: str
    mail_from: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(kw_only=True)
class SmtpSink:
    """A running sink. With `keep` it has every message as a file; without, it only swallows."""

    host: str
    port: int
    folder: Path
    process: Running

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.host, self.port

    def messages(self) -> list[Sunk]:
        """What it has taken so far, oldest first. A transaction that was cut off leaves a dump too."""
        dumps = sorted((self.folder / "dump").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return [_parse(path.read_bytes()) for path in dumps]

    async def arrived(self, count: int = 1, *, within: float = 20.0) -> list[Sunk]:
        """Waits until at least `count` were taken; AssertionError when they do not come."""
        end = time.monotonic() + within
        while len(found := self.messages()) < count:
            if time.monotonic() > end:
                raise AssertionError(f"{len(found)} of {count} messages after {within} s")
            await asyncio.sleep(0.05)
        return found


@contextmanager
def smtp_sink(
    *,
    keep: bool = True,
    lmtp: bool = False,
    options: Sequence[str] = (),
    backlog: int = 256,
    host: str = LOOPBACK,
    port: int | None = None,
) -> Iterator[SmtpSink]:
    """Start one. `options` are smtp-sink's own: ["-r", "RCPT"] answers RCPT with a temporary error, ["-f", "DATA"] with
    a permanent one, ["-w", "5"] waits 5 s before it answers DATA, ["-p"] offers no PIPELINING, ["-e"] no EHLO.
    """
    with private_dir("sink") as folder:
        (folder / "dump").mkdir()
        (folder / "dump").chmod(0o777)
        port = port or free_port(host)
        dump = ["-d", f"{folder}/dump/%Y%m%d%H%M%S."] if keep else []
        with running(
            [
                program("smtp-sink", package="postfix"),
                *(["-u", "nobody"] if os.geteuid() == 0 else []),
                *(["-L"] if lmtp else []),
                *dump,
                *options,
                f"[{host}]:{port}",
                str(backlog),
            ],
            output=folder / "sink.out",
            ready=lambda: answers(host, port),
        ) as process:
            yield SmtpSink(host=host, port=port, folder=folder, process=process)


def _parse(dump: bytes) -> Sunk:
    told: dict[bytes, list[str]] = {name: [] for name in _PSEUDO_HEADERS}
    rest = dump
    while True:
        line, _, following = rest.partition(b"\n")
        name, _, value = line.partition(b": ")
        if name in told:
            told[name].append(value.decode(errors="surrogateescape"))
        else:
            break
        rest = following
    return Sunk(
        client="".join(told[b"X-Client-Addr"]),
        protocol="".join(told[b"X-Client-Proto"]),
        helo="".join(told[b"X-Helo-Args"]),
        mail_from="".join(told[b"X-Mail-Args"]),
        recipients=tuple(told[b"X-Rcpt-Args"]),
        content=rest,
    )
