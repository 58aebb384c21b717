"""A filter of system calls, assembled by hand (seccomp(2), Documentation/userspace-api/seccomp_filter.rst).

A program of the kernel's classic BPF looks at the number of each call, and at the lower half of some argument: all that
the calls looked at so here take of it. A call of another architecture's interface, under whose numbers all would mean
something else, ends the process.
"""

import ctypes
import errno
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailock.jail.linux import libc
from mailock.jail.linux.numbers import AARCH64, MACHINE, X86_64, numbers_of

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AND = 0x54
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_ERRNO, _KILL_PROCESS = 0x00050000, 0x80000000
_ARCHITECTURES = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
_X32_BIT = 0x40000000
_MODE_FILTER = 2
_LONGEST_JUMP = 255

ALLOW = 0x7FFF0000
NO_SUCH_CALL = _ERRNO | errno.ENOSYS
NOT_PERMITTED = _ERRNO | errno.EPERM
READ_ONLY = _ERRNO | errno.EROFS


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Allowed where the argument is one of these values."""

    argument: int
    values: tuple[int, ...]
    otherwise: int = NOT_PERMITTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Bits:
    """Allowed where in the argument all bits of `needs` are set and none of `lacks`."""

    argument: int
    needs: int = 0
    lacks: int = 0
    otherwise: int = NOT_PERMITTED


Condition = OneOf | Bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What may be called. A name that the architecture does not have is passed over."""

    conditions: Mapping[str, Condition]
    answers: Mapping[str, int]
    """What is answered to a call without a look at its arguments: ALLOW, or how it is refused."""
    otherwise: int
    """What is answered to all that is not named."""


def is_known_architecture() -> bool:
    """Whether the numbers of this architecture are known."""
    return MACHINE in _ARCHITECTURES


def assemble(calls: Calls, machine: str = MACHINE) -> bytes:
    """The program, as the kernel of a known architecture wants it."""
    numbers = numbers_of(machine)
    program = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_JUMP_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER_AT),
    ]
    if machine == X86_64:
        program += [_step(_JUMP_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _KILL_PROCESS)]
    for name, condition in sorted(calls.conditions.items()):
        if name in numbers:
            program += _when(numbers[name], _condition(condition))
    for name, answer in sorted(calls.answers.items()):
        if name in numbers:
            program += _when(numbers[name], [_step(_RETURN, answer)])
    program.append(_step(_RETURN, calls.otherwise))
    return b"".join(program)


def install(program: bytes) -> None:
    """Puts it on this thread and all that it starts, for good. Needs no_new_privs. Raises OSError."""
    steps = ctypes.create_string_buffer(program, len(program))
    descriptor = struct.pack("@HP", len(program) // 8, libc.address_of(steps))
    libc.prctl_pointing(libc.PR_SET_SECCOMP, _MODE_FILTER, descriptor)


def _when(number: int, then: Sequence[bytes]) -> list[bytes]:
    if len(then) > _LONGEST_JUMP:
        raise ValueError(f"the condition on system call {number} is too long")
    return [_step(_JUMP_EQUAL, number, 0, len(then)), *then]


def _condition(condition: Condition) -> list[bytes]:
    """Ends in a return whatever comes, so that the number need not be loaded again."""
    load = _step(_LOAD, _ARGUMENTS_AT + 8 * condition.argument)
    refuse = _step(_RETURN, condition.otherwise)
    allow = _step(_RETURN, ALLOW)
    match condition:
        case OneOf(values=values):
            steps = [load]
            for value in values:
                steps += [_step(_JUMP_EQUAL, value, 0, 1), allow]
            return [*steps, refuse]
        case Bits(needs=needs, lacks=lacks):
            without = [load, _step(_JUMP_ANY_BIT, lacks, 0, 1), refuse]
            having = [_step(_AND, needs), _step(_JUMP_EQUAL, needs, 1, 0), refuse, allow]
            return [*without, *having]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
