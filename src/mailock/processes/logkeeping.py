"""The log's own process: `python -m mailock.processes.logkeeping --channel N --file PATH --keep SECONDS`.

It writes `track.db` for mailflow, which tells it what happened over a socket (ADR 10). So the records are put together,
stored and indexed on another processor than the mail's, and never hold mailflow's interpreter. It has no state but the
file: when it dies, mailflow starts another, and what was not answered is sent again (batches are written once, however
often they come). It ends when mailflow closes the socket or dies; signals from a terminal are for mailflow, which lets
it finish.

A message each way, the length in four octets before it: what is asked, `[call, arguments]`, and what came of it,
`[kind, value, rows that wait for the index, how those do who get the records elsewhere]`.
"""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, assert_never

import msgspec

from mailock.processes.outward import Outward
from mailock.storage.event_codec import decode_events
from mailock.telemetry.track import TrackLog

NICENESS: Final = 5
"""The mail goes first where both want the same processor."""
_LENGTH: Final = 4


class Call(IntEnum):
    """What mailflow asks for; the methods of `telemetry.drain.Log`."""

    WRITE = 0
    TIDY = 1
    GAP = 2
    FORWARD = 3
    """Where records go besides (`outward`)."""


class Came(IntEnum):
    """What came of it."""

    DONE = 0
    FAULT = 1
    """The file cannot be written; the value says why."""
    BUG = 2
    """Nothing is wrong with the file; the value is the exception."""


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode


def send(channel: socket.socket, message: Sequence[object]) -> None:
    """Sends one message. Raises OSError."""
    document = _encode(message)
    channel.sendall(len(document).to_bytes(_LENGTH, "big") + document)


def receive(channel: socket.socket) -> list[Any] | None:
    """The next message; None where the other side has ended. Raises OSError."""
    head = _exactly(channel, _LENGTH)
    if head is None:
        return None
    document = _exactly(channel, int.from_bytes(head, "big"))
    return None if document is None else list(_decode(document))


def _exactly(channel: socket.socket, size: int) -> bytes | None:
    octets = bytearray(size)
    view, at = memoryview(octets), 0
    while at < size:
        count = channel.recv_into(view[at:])
        if not count:
            return None
        at += count
    return bytes(octets)


def serve(channel: socket.socket, log: TrackLog, outward: Outward) -> None:
    """Does what is asked until the other side ends."""
    while (asked := receive(channel)) is not None:
        try:
            answer: tuple[Came, object] = (Came.DONE, _do(log, outward, Call(asked[0]), asked[1]))
        except OSError as fault:
            answer = (Came.FAULT, str(fault))
        except Exception as bug:
            answer = (Came.BUG, repr(bug))
        send(channel, (*answer, log.unindexed, outward.troubles()))


def _do(log: TrackLog, outward: Outward, call: Call, arguments: Sequence[Any]) -> object:
    match call:
        case Call.WRITE:
            batches = [(sequence, decode_events(document)) for sequence, document in arguments]
            log.write(batches)
            outward.changed(batches)
            return None
        case Call.FORWARD:
            outward.go(*arguments)
            return None
        case Call.TIDY:
            return log.tidy(*arguments)
        case Call.GAP:
            at, since, events = arguments
            log.gap(at=at, since=since, events=events)
            return None
        case _:
            assert_never(call)


def main() -> int:
    """The process from start to end."""
    parser = argparse.ArgumentParser(prog="mailock-logkeeping")
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--keep", type=float)
    chosen = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICENESS)
    log, outward = TrackLog(chosen.file, keep_seconds=chosen.keep), Outward(chosen.file)
    try:
        with socket.socket(fileno=chosen.channel) as channel:
            serve(channel, log, outward)
    except ConnectionError:
        # Mailflow died while it was told something; whoever starts it again asks again.
        return 0
    finally:
        outward.close()
        log.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
