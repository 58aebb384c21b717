"""What the host and the warm program tell each other, over a socket that keeps messages apart. Both sides are ours.

One octet says what it is; the rest has a fixed shape, or is UTF-8 text. Descriptors travel beside it (SCM_RIGHTS).
No child ever holds this socket.
"""

import array
import os
import socket
import struct
from dataclasses import dataclass, field

from mailock.jail.limits import Limits
from mailock.jail.protection import Lack, Protection, Strength

LARGEST = 65_536
_JOB = struct.Struct(">IdQQII?")
_KILL = struct.Struct(">I")
_ENDED = struct.Struct(">Ii")
_PROTECTIONS = tuple(Protection)
_BETWEEN = "\x1e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """What the warm program makes itself ready with, once; beside it the descriptor of its document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A job to fork a child for; beside it the descriptors of frames, order, body and, if any, output."""

    number: int
    seconds: float
    limits: Limits
    output: bool
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """End that job, and all that it started."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The warm program is in the jail and takes jobs."""

    strength: Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It cannot be in the jail, or cannot be made ready; it ends."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A job's child and all that it started are dead and buried."""

    number: int
    status: int
    """As waitpid(2) has it."""


Message = Charter | Start | Kill | Ready | Refused | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message, and the descriptors that came with it, which now are the receiver's to close."""

    message: Message
    descriptors: tuple[int, ...] = field(default=())


def send(channel: socket.socket, message: Message, descriptors: tuple[int, ...] = ()) -> None:
    """Raises OSError where the other side is gone."""
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    channel.sendmsg([_packed(message)], ancillary)


def receive(channel: socket.socket) -> Received | None:
    """The next message; None where the other side is gone. Raises OSError, and ValueError for what is no message."""
    room = socket.CMSG_SPACE(8 * array.array("i").itemsize)
    octets, ancillary, _, _ = channel.recvmsg(LARGEST, room, socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    if not octets:
        return None
    try:
        return Received(message=_unpacked(octets), descriptors=tuple(descriptors))
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as fault:
        for descriptor in descriptors:
            os.close(descriptor)
        raise ValueError(f"not a message between the host and its worker: {fault}") from None


def _packed(message: Message) -> bytes:
    match message:
        case Charter():
            return b"C"
        case Start(number=number, seconds=seconds, limits=bounds, output=output, task=task):
            fixed = (number, seconds, bounds.memory, bounds.output, bounds.tasks, bounds.descriptors, output)
            return b"S" + _JOB.pack(*fixed) + task.encode()
        case Kill(number=number):
            return b"K" + _KILL.pack(number)
        case Ready(strength=strength):
            lacks = (f"{_PROTECTIONS.index(lack.protection)}{lack.because}" for lack in strength.lacks)
            return b"R" + _BETWEEN.join(lacks).encode()
        case Refused(sentence=sentence):
            return b"N" + sentence.encode("utf-8", "replace")[: LARGEST // 2]
        case Ended(number=number, status=status):
            return b"E" + _ENDED.pack(number, status)


def _unpacked(octets: bytes) -> Message:
    kind, rest = octets[:1], octets[1:]
    match kind:
        case b"C":
            return Charter()
        case b"S":
            number, seconds, memory, most, tasks, descriptors, output = _JOB.unpack_from(rest)
            limits = Limits(memory=memory, output=most, tasks=tasks, descriptors=descriptors)
            task = rest[_JOB.size :].decode()
            return Start(number=number, seconds=seconds, limits=limits, output=output, task=task)
        case b"K":
            return Kill(number=_KILL.unpack(rest)[0])
        case b"R":
            lacks = (part for part in rest.decode().split(_BETWEEN) if part)
            return Ready(strength=Strength(lacks=tuple(_lack(part) for part in lacks)))
        case b"N":
            return Refused(sentence=rest.decode("utf-8", "replace"))
        case b"E":
            number, status = _ENDED.unpack(rest)
            return Ended(number=number, status=status)
        case _:
            raise ValueError(f"there is no message of kind {kind!r}")


def _lack(text: str) -> Lack:
    return Lack(protection=_PROTECTIONS[int(text[0])], because=text[1:])
