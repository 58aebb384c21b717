"""The filters of system calls, run by an interpreter of the kernel's BPF, for both architectures."""

import errno
import re
import struct
from pathlib import Path

import pytest

from mailock.jail.linux import calls
from mailock.jail.linux.filter import ALLOW, NO_SUCH_CALL, NOT_PERMITTED, READ_ONLY
from mailock.jail.linux.numbers import AARCH64, X86_64, numbers_of

ARCHITECTURES = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
I386 = 0x40000003
KILL = 0x80000000
SELF = 77
THREAD = 0x3D0F00
"""The flags with which the C library makes a thread."""


def verdict(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel would answer (Documentation/userspace-api/seccomp_filter.rst, the structure seccomp_data)."""
    data = struct.pack("<IIQ6Q", number, architecture, 0, *(arguments + (0,) * 6)[:6])
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(f"step {code:#x}")


class Filtered:
    """Both filters, as they lie on a child: the stricter answer counts."""

    def __init__(self, machine: str) -> None:
        self.numbers = numbers_of(machine)
        self.architecture = ARCHITECTURES[machine]
        self.worker = calls.of_the_worker(machine)
        self.child = calls.for_process(calls.of_a_child(machine), SELF)
        self.server = calls.of_a_server(machine)

    def of_the_worker(self, name: str, *arguments: int) -> int:
        """Of the worker itself."""
        return verdict(self.worker, self.architecture, self.numbers[name], *arguments)

    def of_a_server(self, name: str, *arguments: int) -> int:
        """Of a process that faces the Internet."""
        return verdict(self.server, self.architecture, self.numbers[name], *arguments)

    def of_a_child(self, name: str, *arguments: int) -> int:
        """Of a child of it; an error takes precedence over what is allowed (seccomp(2))."""
        answers = (
            self.of_the_worker(name, *arguments),
            verdict(self.child, self.architecture, self.numbers[name], *arguments),
        )
        return min(answers)


@pytest.fixture(params=list(ARCHITECTURES))
def filtered(request: pytest.FixtureRequest) -> Filtered:
    """On each architecture."""
    return Filtered(request.param)


@pytest.mark.parametrize("name", ["read", "write", "mmap", "futex", "pread64", "exit_group", "getrandom", "fstat"])
def test_what_python_needs_is_allowed(name: str, filtered: Filtered) -> None:
    assert filtered.of_a_child(name) == ALLOW


@pytest.mark.parametrize(
    "name",
    [
        "socket",
        "connect",
        "bind",
        "sendto",
        "recvfrom",
        "execve",
        "execveat",
        "ptrace",
        "process_vm_writev",
        "mount",
        "unshare",
        "setns",
        "setuid",
        "capset",
        "keyctl",
        "bpf",
        "perf_event_open",
        "userfaultfd",
        "io_uring_setup",
        "memfd_create",
        "shmget",
        "pidfd_getfd",
        "open_by_handle_at",
        "init_module",
        "personality",
        "kcmp",
        "seccomp",
    ],
)
def test_what_an_attack_needs_is_refused_to_worker_and_child(name: str, filtered: Filtered) -> None:
    assert filtered.of_the_worker(name) == filtered.of_a_child(name) == NOT_PERMITTED


@pytest.mark.parametrize("name", ["kill", "sendmsg", "recvmsg", "pidfd_open", "setsid"])
def test_what_the_worker_lives_by_is_taken_from_the_child(name: str, filtered: Filtered) -> None:
    assert filtered.of_the_worker(name) == ALLOW
    assert filtered.of_a_child(name) == NOT_PERMITTED


def test_a_child_makes_threads_and_no_processes(filtered: Filtered) -> None:
    fork = 0x01200011
    assert filtered.of_the_worker("clone", fork) == ALLOW
    assert filtered.of_a_child("clone", fork) == NOT_PERMITTED
    assert filtered.of_a_child("clone", THREAD) == ALLOW


@pytest.mark.parametrize("flag", [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
def test_no_clone_makes_a_namespace(flag: int, filtered: Filtered) -> None:
    assert filtered.of_the_worker("clone", flag | 17) == filtered.of_a_child("clone", flag | THREAD) == NOT_PERMITTED


def test_clone3_does_not_exist_so_that_the_c_library_takes_clone(filtered: Filtered) -> None:
    assert filtered.of_a_child("clone3") == NO_SUCH_CALL


@pytest.mark.parametrize("number", [435, 439 + 1000, 600, 0xFFFFFFFF])
def test_a_call_that_nobody_named_does_not_exist_or_kills(number: int, filtered: Filtered) -> None:
    answer = verdict(filtered.worker, filtered.architecture, number)
    assert answer == NO_SUCH_CALL or (answer == KILL and number == 0xFFFFFFFF)
    assert NO_SUCH_CALL & 0xFFFF == errno.ENOSYS


@pytest.mark.parametrize("flags", [1, 2, 0o100, 0o1000, 0o20200000, 0o1101])
def test_nothing_is_opened_for_writing(flags: int, filtered: Filtered) -> None:
    assert filtered.of_a_child("openat", 0xFFFFFF9C, 0, flags) == READ_ONLY
    assert filtered.of_a_child("openat", 0xFFFFFF9C, 0, 0o2000000) == ALLOW
    if "open" in filtered.numbers:
        assert filtered.of_a_child("open", 0, flags) == READ_ONLY


def test_calls_that_name_a_process_name_the_own_one(filtered: Filtered) -> None:
    assert filtered.of_a_child("tgkill", SELF, SELF, 6) == ALLOW
    assert filtered.of_a_child("tgkill", 1, 1, 9) == NOT_PERMITTED
    assert filtered.of_a_child("prlimit64", 0, 7) == ALLOW
    assert filtered.of_a_child("prlimit64", SELF, 7) == ALLOW
    assert filtered.of_a_child("prlimit64", 1, 7) == NOT_PERMITTED


@pytest.mark.parametrize(
    ("name", "argument", "good", "bad"),
    [
        ("fcntl", 1, (1, 2, 3, 4, 1030, 1034), (8, 10, 15, 1024, 1026)),
        ("ioctl", 1, (0x5401, 0x5451), (0x5412, 0x5413, 0xAE01)),
        ("prctl", 0, (15, 16), (4, 22, 23 + 100, 38 + 100, 59)),
    ],
)
def test_of_calls_with_many_uses_the_harmless_ones_are_left(
    name: str, argument: int, good: tuple[int, ...], bad: tuple[int, ...], filtered: Filtered
) -> None:
    for value in good:
        assert filtered.of_a_child(name, *[0] * argument, value) == ALLOW, value
    for value in bad:
        assert filtered.of_a_child(name, *[0] * argument, value) == NOT_PERMITTED, value


def test_the_numbers_of_another_architecture_kill(filtered: Filtered) -> None:
    assert verdict(filtered.worker, I386, 20) == KILL
    assert verdict(filtered.child, I386, 20) == KILL


def test_the_x32_interface_kills() -> None:
    filtered = Filtered(X86_64)
    assert verdict(filtered.worker, filtered.architecture, 0x40000000 | 39) == KILL


@pytest.mark.parametrize(
    ("machine", "header"),
    [(X86_64, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (AARCH64, "/usr/include/asm-generic/unistd.h")],
)
def test_the_numbers_are_those_of_the_kernels_headers(machine: str, header: str) -> None:
    path = Path(header)
    if not path.exists():
        pytest.skip(f"missing: {header} (Debian package linux-libc-dev)")
    listed = dict(re.findall(r"^#define\s+__NR(?:3264)?_(\w+)\s+(\d+)\b", path.read_text(), re.MULTILINE))
    # In the table of AArch64 two calls have the names of their 32-bit relatives.
    listed |= {"newfstatat": listed.get("newfstatat", listed.get("fstatat", ""))}
    wrong = {name: number for name, number in numbers_of(machine).items() if listed.get(name) != str(number)}
    assert wrong == {}


@pytest.mark.parametrize("name", ["accept4", "recvfrom", "sendto", "epoll_ctl", "shutdown", "read", "futex"])
def test_a_server_talks_over_what_it_has(name: str, filtered: Filtered) -> None:
    assert filtered.of_a_server(name) == ALLOW
    assert filtered.of_a_server("clone", THREAD) == ALLOW


@pytest.mark.parametrize(
    "name",
    ["socket", "connect", "bind", "socketpair", "execve", "ptrace", "clone3", "kill", "unlinkat", "memfd_create"],
)
def test_a_server_connects_nowhere_and_starts_nothing(name: str, filtered: Filtered) -> None:
    assert filtered.of_a_server(name) in (NOT_PERMITTED, NO_SUCH_CALL, READ_ONLY)
    assert filtered.of_a_server("clone", 0) == NOT_PERMITTED
    assert filtered.of_a_server("openat", 0, 0, 1) == READ_ONLY
    assert verdict(filtered.server, I386, 1) == KILL
