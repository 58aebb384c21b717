"""`mailock demo`: the whole product on loopback, with sample mail through it and a next hop that keeps what arrives."""

import asyncio
import contextlib
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default as default_policy
from pathlib import Path
from typing import Annotated

import typer

from mailock.cli.control import call
from mailock.cli.ending import AnswerIsNo, CouldNot
from mailock.core.lifecycle.query import Query
from mailock.core.mail.message import show_id
from mailock.core.mail.shown import header
from mailock.core.mail.status import Status
from mailock.telemetry.search import TrackReader
from mailock.testing.samples import OUR_DOMAIN, Expected, Sample, samples
from mailock.testing.sink import Sink

READY_SECONDS = 60.0
ARRIVAL_SECONDS = 30.0
WATCH_SECONDS = 0.25
ADMINISTRATOR = "admin"
RECIPIENT = f"you@{OUR_DOMAIN}"
CONFIG = """\
# The demo's policy: mail for {domain} goes to the demo's own next hop, everything else is refused.
[node]
hostname = "gateway.example"
data = "data"
ballast = "1MB"

[console]
enabled = {console_on}
listen = "127.0.0.1:{console}"

[portal]
enabled = {portal_on}
listen = "127.0.0.1:{portal}"
url = "http://127.0.0.1:{portal}"

# What recipients are told of, and may let go themselves or ask for.
[quarantine.recipients]
release = ["spam"]
request = ["phishing"]
[quarantine.recipients.digest]
enabled = {portal_on}
at = ["mo-fr 07:00"]

[mta]
interfaces = ["127.0.0.1"]
port = {port}

[[mta.forwarding]]
name = "demo"
domain = "{domain}"
next_hop = "127.0.0.1:{next_hop}"

# Notices to senders go the same way, so that nothing leaves this machine.
[[mta.forwarding]]
name = "notices"
direction = "outgoing"
next_hop = "127.0.0.1:{next_hop}"

# The senders of the samples do not exist, so there is nobody to ask about them.
[authentication]
enabled = false
"""


def demo(
    port: Annotated[int, typer.Option(help="The gateway's SMTP port on 127.0.0.1; 0 for a free one.")] = 2525,
    console: Annotated[
        int, typer.Option(help="The console's port on 127.0.0.1; 0 for none. Where it is taken, a free one.")
    ] = 8080,
    portal: Annotated[
        int, typer.Option(help="The portal's port on 127.0.0.1; 0 for none. Where it is taken, a free one.")
    ] = 8081,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Where to keep it; without, in a temporary folder.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the summary only.")] = False,
    seconds: Annotated[float | None, typer.Option(help="End by itself after so long.")] = None,
) -> None:
    """Run the whole product on loopback: a gateway, a next hop that keeps what it gets, and sample mail between them.

    It runs until Ctrl-C. With --seconds it ends by itself, and exits with 0 only if every sample became what it
    should.
    """
    with _folder(folder) as place:
        good = asyncio.run(_demo(place, _Ports(port, console, portal), quiet=quiet, seconds=seconds))
    if not good:
        raise AnswerIsNo("not every sample became what it should; the lines above say which")


@contextlib.contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="mailock-demo-") as name:
        yield Path(name)


@dataclass(slots=True)
class _Ports:
    """Where the demo listens; 0 for a page that nobody asked for."""

    smtp: int
    console: int
    portal: int

    def __post_init__(self) -> None:
        if self.smtp and not _is_free(self.smtp):
            # To begin anyway would mean to send the samples to whoever listens there.
            raise CouldNot(f"port {self.smtp} of 127.0.0.1 is taken: name another with --port, or 0 for a free one")
        self.smtp = self.smtp or _free_port()
        self.console = self.console if not self.console or _is_free(self.console) else _free_port()
        self.portal = self.portal if not self.portal or _is_free(self.portal) else _free_port()

    def policy(self, next_hop: int) -> str:
        """The demo's policy, on these ports."""
        on = {"console_on": str(self.console > 0).lower(), "portal_on": str(self.portal > 0).lower()}
        pages = {"console": self.console or 8080, "portal": self.portal or 8081}
        return CONFIG.format(domain=OUR_DOMAIN, port=self.smtp, next_hop=next_hop, **pages, **on)


async def _demo(folder: Path, ports: _Ports, *, quiet: bool, seconds: float | None) -> bool:
    sink = Sink(folder / "maildir")
    await sink.start()
    config = folder / "mailock.toml"
    config.write_text(ports.policy(sink.port))
    gateway = _start(folder, config)
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    try:
        await _ready(gateway, ports.smtp, folder)
        end = None if seconds is None else time.monotonic() + seconds
        link = "none: it was not asked for"
        if ports.console:
            link = await asyncio.to_thread(_invite, folder / "data", ports.console)
        _say(_welcome(ports.smtp, folder, link), quiet=quiet)
        before = len(sink.messages())
        watching = asyncio.create_task(_watch(folder / "data" / "track.db", quiet=quiet))
        refused = await asyncio.to_thread(_send_all, ports.smtp)
        good = await _check(sink, before, refused, folder / "data" / "track.db")
        if ports.portal:
            _say(f"a digest tells {RECIPIENT} what is kept from him: {await _digest(folder, sink)}", quiet=False)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), None if end is None else max(0.0, end - time.monotonic()))
        watching.cancel()
    finally:
        gateway.send_signal(signal.SIGTERM)
        await asyncio.to_thread(gateway.wait)
        sink.stop()
    return good


def _start(folder: Path, config: Path) -> "subprocess.Popen[bytes]":
    log = (folder / "gateway.log").open("wb")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "mailock", "run", "-c", str(config)], stdout=log, stderr=log, start_new_session=True
        )


async def _ready(gateway: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if gateway.poll() is not None:
            raise CouldNot((folder / "gateway.log").read_text().strip().splitlines()[-1])
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    raise CouldNot(f"the gateway was not ready within {READY_SECONDS:.0f} s; {folder / 'gateway.log'} says why")


def _send_all(port: int) -> set[str]:
    """Sends every sample over real SMTP. Returns the names of those that the gateway refused."""
    refused = set()
    for sample in samples():
        with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example") as client:
            try:
                client.sendmail(sample.sender, list(sample.recipients), sample.content)
            except smtplib.SMTPRecipientsRefused:
                refused.add(sample.name)
    return refused


async def _check(sink: Sink, before: int, refused: set[str], track: Path) -> bool:
    """Whether every sample became what it should; prints a line for each that did not, and the sum."""
    expected = [sample for sample in samples() if sample.expected is Expected.ARRIVES]
    await sink.arrived(before + len(expected), seconds=ARRIVAL_SECONDS)
    kept = await _kept(track)
    arrived = sink.messages()[before:]
    good = 0
    for sample in samples():
        became = _became(sample, arrived, kept, refused)
        if became is sample.expected:
            good += 1
        else:
            print(f"NOT AS EXPECTED: the sample {sample.name!r} {sample.expected.value}; it did not", flush=True)
    print(
        f"{good} of {len(samples())} samples became what they should: {len(arrived)} arrived unchanged, {len(kept)} "
        "kept in quarantine",
        flush=True,
    )
    return good == len(samples())


async def _kept(track: Path) -> set[str]:
    """The Message-IDs of what is in quarantine, once the log shows as many as there should be."""
    wanted = sum(sample.expected is Expected.QUARANTINED for sample in samples())
    end = time.monotonic() + ARRIVAL_SECONDS
    while True:
        kept: set[str] = set()
        with contextlib.suppress(OSError), TrackReader(track) as reader:
            kept = {
                record.glimpse.message_id
                for record in reader.find(Query(), limit=100)
                if record.status is Status.QUARANTINED
            }
        if len(kept) >= wanted or time.monotonic() > end:
            return kept
        await asyncio.sleep(WATCH_SECONDS)


async def _digest(folder: Path, sink: Sink) -> str:
    """Has the digests sent that are due, and waits for the one to our recipient. Returns its link to the portal."""
    before = len(sink.messages())
    await asyncio.to_thread(call, folder / "data", "digest.send")
    await sink.arrived(before + 1, seconds=ARRIVAL_SECONDS)
    for one in sink.messages()[before:]:
        letter = message_from_bytes(one, policy=default_policy)
        text = letter.get_body(("plain",))
        links = [word for word in (text.get_content() if text else "").split() if "/quarantine/" in word]
        if RECIPIENT in str(letter["To"]) and links:
            # The last one is that of all messages.
            return str(links[-1])
    return "it did not arrive; the gateway's log says why"


def _became(sample: Sample, arrived: list[bytes], kept: set[str], refused: set[str]) -> Expected | None:
    if sample.name in refused:
        return Expected.REFUSED
    if any(f"Message-ID: {one}".encode() in sample.content for one in kept if one):
        return Expected.QUARANTINED
    return Expected.ARRIVES if sum(one.endswith(sample.content) for one in arrived) == 1 else None


async def _watch(track: Path, *, quiet: bool) -> None:
    """Prints a line for each change of a status, as the log has it."""
    seen: dict[int, Status] = {}
    while not quiet:
        await asyncio.sleep(WATCH_SECONDS)
        with contextlib.suppress(OSError), TrackReader(track) as reader:
            for record in reversed(reader.find(Query(), limit=100)):
                if seen.get(record.queue_id) is record.status:
                    continue
                seen[record.queue_id] = record.status
                message = record.message
                whom = ", ".join(one.address for one in record.recipients)
                subject = header(message.glimpse.subject) if message is not None else ""
                print(f"{show_id(record.queue_id)}  {record.status.value:<12} {whom}  {subject}", flush=True)


def _invite(data: Path, console: int) -> str:
    """Makes the demo's administrator, and the link with which he signs in once."""
    # Imported here: passwords and their libraries are of no use to a demo without a console.
    from mailock.ports.people import Person, Role
    from mailock.storage.people import People

    people = People(data)
    try:
        if people.person(ADMINISTRATOR) is None:
            people.add(Person(name=ADMINISTRATOR, role=Role.ADMINISTRATOR, reads_content=True, created=time.time()))
        return f"http://127.0.0.1:{console}/sign-in/once/{people.make_once(ADMINISTRATOR, time.time())}"
    finally:
        people.close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _welcome(port: int, folder: Path, console: str) -> str:
    return f"""\
Mailock's demo. The gateway listens on 127.0.0.1:{port} and takes mail for {OUR_DOMAIN}.
  the console       {console}
  what arrives      {folder / "maildir" / "new"}
  its policy        {folder / "mailock.toml"}
  its own log       {folder / "gateway.log"}
  send your own     swaks --server 127.0.0.1:{port} --from you@home.example --to you@{OUR_DOMAIN}
  look at the log   mailock track -c {folder / "mailock.toml"}
  look into a file  mailock scan --json FILE
Ctrl-C ends it. One line an event:
"""


def _say(text: str, *, quiet: bool) -> None:
    if not quiet:
        print(text, flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
