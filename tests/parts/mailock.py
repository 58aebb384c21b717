"""Mailock itself as a part: a private instance from a policy text, as an administrator would run it.

It is started, asked and ended from outside, by the commands and the control socket, never by imports. `kill` ends all
of its processes at once, as a power cut would end them; `start` brings it up again over the same data.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.parts.ports import LOOPBACK, free_port
from tests.parts.programs import private_dir

READY_SECONDS = 30.0
QUICK = """\
[mta.delivery]
retry_first = "1s"
retry_maximum = "1s"
retry_jitter = 0
suspend_for = "1s"
dead_for = "1s"
"""
"""Policy text with which what failed is tried again after a second."""
HEAD = """\
[node]
hostname = "mx.gateway.test"
data = "data"
ballast = "1MB"
"""
UNSEARCHED = "\n[anti_virus]\nenabled = false\n"
UNSORTED = "\n[anti_spam]\nenabled = false\n"
UNSCANNED = UNSEARCHED + UNSORTED
"""Policy text with which no engine is started: most tests are about carrying mail, and engines take time to start."""

UNASKED = "\n[authentication]\nenabled = false\n"
"""Policy text with which nobody is asked who sent a message, so that no question leaves this machine."""
UNDELAYED = '\n[reputation]\ngreeting_delay = "0s"\n'
"""Policy text with which nobody waits for his greeting."""


@dataclass(kw_only=True)
class Mailock:
    """A running instance. `port` is where it takes mail."""

    folder: Path
    port: int
    host: str = LOOPBACK
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.host, self.port

    @property
    def config(self) -> Path:
        """Its policy file."""
        return self.folder / "mailock.toml"

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    def log(self) -> str:
        """What it printed so far."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def start(self, *, ready: bool = True) -> None:
        """Starts it; with `ready`, waits until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mailock", "run", "-c", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **self.environment},
            )
        if ready:
            self.wait_until_ready()

    def wait_until_ready(self, within: float = READY_SECONDS) -> None:
        """Returns once its control socket answers; AssertionError with its log when it does not."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"mailock ended with {self.process.returncode}:\n{self.log()}")
            try:
                self.ask("status")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"mailock was not ready within {within} s:\n{self.log()}")

    def ask(self, command: str, **arguments: object) -> Any:
        """The result of a control command; OSError where nobody answers, AssertionError where it is refused."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(60.0)
            link.connect(str(self.data / "control.sock"))
            link.sendall(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
            line = link.makefile("rb").readline()
        if not line:
            raise ConnectionError("it ended meanwhile")
        answer = json.loads(line)
        if "result" not in answer:
            raise AssertionError(answer)
        return answer["result"]

    def run(
        self, *arguments: str, code: int | None = 0, input_: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command of the CLI over this instance, and checks its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "mailock", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            input=input_,
            cwd=self.folder,
            env={**os.environ, **self.environment},
        )
        if code is not None and done.returncode != code:
            raise AssertionError(f"mailock {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def track(self, query: str = "") -> list[dict[str, Any]]:
        """The records that `mailock track QUERY --json` prints, newest first."""
        done = self.run("track", *([query] if query else []), "--json", "-c", str(self.config), code=None)
        return [json.loads(line) for line in done.stdout.splitlines()]

    async def tracked(
        self, query: str, status: str | None = None, *, count: int = 1, within: float = 30.0
    ) -> list[dict[str, Any]]:
        """Waits until the log shows `count` records (of this status); AssertionError when it does not."""
        end = time.monotonic() + within
        while True:
            records = [record for record in self.track(query) if status in (None, record["status"])]
            if len(records) >= count:
                return records
            if time.monotonic() > end:
                there = [(r["status"], r["sender"], r["reason"]) for r in self.track(query)]
                raise AssertionError(f"{len(records)} of {count} {status or 'records'}: {there}\n{self.log()[-4000:]}")
            await asyncio.sleep(0.1)

    async def emptied(self, *, within: float = 60.0) -> None:
        """Waits until nothing is in the queue."""
        end = time.monotonic() + within
        while True:
            status = self.ask("status")
            if not any(status["messages"].values()) and not any(status["copies"].values()):
                return
            if time.monotonic() > end:
                raise AssertionError(f"the queue is not empty: {status}\n{self.log()[-4000:]}")
            await asyncio.sleep(0.05)

    def stop(self, within: float = 40.0) -> int:
        """Asks it to end, and waits; its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within)
        self.process = None
        return code

    def kill(self) -> None:
        """Ends every process of it at once, without a word."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended by itself
        self.process.wait()
        self.process = None

    def mailflow(self) -> int:
        """The pid of the process that carries mail."""
        pid: int = self.ask("status")["pid"]
        return pid


@contextmanager
def mailock(
    policy: str,
    *,
    node: str = "",
    start: bool = True,
    environment: dict[str, str] | None = None,
    engines: bool = False,
    console: bool = False,
) -> Iterator[Mailock]:
    """An instance with this policy. `{port}` in it stands for its port, and is put in where [mta] names none.

    `engines`: with those that are shipped switched on, as they are by default. `console`: with the console, which the
    test says where to listen.
    """
    with private_dir("gateway") as folder:
        port = free_port()
        if "[mta]" not in policy:
            policy = f'[mta]\ninterfaces = ["{LOOPBACK}"]\nport = {port}\n{policy}'
        if not console:
            node += "[console]\nenabled = false\n"
        off = "" if engines or "[anti_virus" in policy else UNSEARCHED
        off += "" if engines or "[anti_spam" in policy else UNSORTED
        off += "" if "[authentication" in policy else UNASKED
        off += "" if "[reputation" in policy else UNDELAYED
        # Without engines a worker has little to do: one is enough, and is what a start waits for.
        workers = "" if engines else "workers = 1\n"
        (folder / "mailock.toml").write_text(HEAD + workers + node + off + policy.replace("{port}", str(port)))
        instance = Mailock(folder=folder, port=port, environment=environment or {})
        try:
            if start:
                instance.start()
            yield instance
        finally:
            instance.kill()


def forwarding(*rules: Sequence[str]) -> str:
    """`forwarding(("a.test", "127.0.0.1:2525"), ("*", "mx:", "outgoing"))` as policy text."""
    text = ""
    for domain, hop, *direction in rules:
        quoted = hop if hop.startswith("[") else f'"{hop}"'
        text += f'[[mta.forwarding]]\ndomain = "{domain}"\nnext_hop = {quoted}\n'
        text += f'direction = "{direction[0]}"\n' if direction else ""
    return text
