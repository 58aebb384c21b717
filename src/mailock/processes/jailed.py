"""The worker of the jail: `python -I -m mailock.processes.jailed --channel NUMBER`, started by the host, never by hand.

It imports the tasks once, goes into the jail, and forks a child for each message.
"""

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from mailock.engines.authentication.digests import TASK as DIGEST
from mailock.engines.authentication.digests import digest_task
from mailock.engines.authentication.jailed import EVIDENCE, evidence_task
from mailock.engines.catalogue import identifier, make
from mailock.engines.yara.engine import NAME as YARA
from mailock.engines.yara.engine import Yara
from mailock.jail.child import Emit, Task
from mailock.jail.worker import Skills, own_channel, serve
from mailock.operations.preview.inside import preview
from mailock.operations.preview.pixels import load
from mailock.operations.preview.wire import TASK as PREVIEW
from mailock.ports.engine import Identifier, Jailed
from mailock.processes.charter import MANIFESTS, read_charter
from mailock.processes.warming import warm
from mailock.stations.examine.inside import examine
from mailock.stations.examine.wire import TASK as EXAMINE
from mailock.stations.remake.inside import TASK as REMAKE
from mailock.stations.remake.inside import remake

_CHUNK: Final = 1 << 20


def main() -> int:
    """The process from start to end; returns its exit code."""
    parser = argparse.ArgumentParser(prog="mailock-jailed")
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--reduced", action="store_true")
    given = parser.parse_args()
    return serve(own_channel(given.channel), skills_of, reduced=given.reduced)


def skills_of(charter: bytes) -> Skills:
    """What can be done here, made ready as the charter says."""
    told, rules = read_charter(charter)
    engines: dict[str, Jailed] = {}
    for name in told.engines:
        if name == YARA:
            engines[name] = Yara(rules, seconds=told.settings.rules_seconds)
        else:
            engines[name] = make(name, told.settings)
    looking = _examining(engines, identifier())
    # YARA's limit in time is kept by a thread, and there must be none before the fork; it has warmed itself up.
    rehearse = warm(looking, (name for name in engines if name != YARA))
    load()
    tasks: dict[str, Task] = {
        EXAMINE: looking,
        REMAKE: _remaking,
        PREVIEW: _previewing,
        MANIFESTS: _introducing(engines),
        DIGEST: digest_task(_read),
        EVIDENCE: evidence_task(_read),
    }
    return Skills(tasks=tasks, rehearse=rehearse)


def _examining(engines: Mapping[str, Jailed], identifier: Identifier) -> Task:
    def task(order: bytes, body: int, output: int | None, emit: Emit) -> None:
        expose = None if output is None else _exposing(output)
        examine(_read(body), order, engines=engines, identifier=identifier, emit=emit, expose=expose)

    return task


def _remaking(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    if output is None:
        raise ValueError("a remake needs an output")
    remake(_read(body), order, emit=emit, write=lambda content: _put(output, content))


def _previewing(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    preview(_read(body), emit)


def _introducing(engines: Mapping[str, Jailed]) -> Task:
    def task(order: bytes, body: int, output: int | None, emit: Emit) -> None:
        emit(msgspec.msgpack.encode([engine.manifest for engine in engines.values()]))

    return task


def _exposing(output: int) -> Callable[[bytes], int]:
    """Writes contents to the output, one behind the other, and says where each stands."""
    end = 0

    def expose(content: bytes) -> int:
        nonlocal end
        start = end
        _put(output, content)
        end += len(content)
        return start

    return expose


def _put(output: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(output, left) :]


def _read(body: int) -> bytes:
    pieces, start = [], 0
    while piece := os.pread(body, _CHUNK, start):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


if __name__ == "__main__":
    # Nothing of an interpreter's ending is of use to the worker, and its threads, if any, are not waited for.
    os._exit(main())
