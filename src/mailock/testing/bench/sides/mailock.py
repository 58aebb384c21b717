"""Mailock as a side: the product as a user runs it, `mailock run -c mailock.toml`, under the bench's interpreter."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailock import __version__
from mailock.testing.bench.programs import LOOPBACK, answers, free_port, started
from mailock.testing.bench.side import Serving, Side, Task


class Mailock(Side):
    """The version that the bench itself belongs to."""

    @property
    def name(self) -> str:
        return "mailock"

    def prepare(self) -> str:
        return __version__

    def settings(self) -> tuple[str, ...]:
        return ("to be written when it runs",)

    @contextmanager
    def serve(self, task: Task) -> Iterator[Serving]:
        port = free_port()
        file = task.folder / "mailock.toml"
        file.write_text(_configuration(task, port))
        with started(
            [str(Path(sys.executable).with_name("mailock")), "run", "-c", str(file)], output=task.folder / "mailock.out"
        ) as process:
            process.wait_until(lambda: answers(port), within=60, what="its greeting")
            yield Serving(port=port, process=process)


def _configuration(task: Task, port: int) -> str:
    return f"""\
[node]
hostname = "mailock.bench.test"
data = "{task.folder / "data"}"

[mta]
interfaces = ["{LOOPBACK}"]
port = {port}

[[mta.forwarding]]
domain = "*"
next_hop = "{LOOPBACK}:{task.next_hop}"
"""
