"""Attempts to get out, made from inside. Each returns what it got hold of; an empty text or an OSError is a wall.

The order is a JSON object: `attempt` names one, and the rest says what there would be outside: `pid` of a process,
`port` of a TCP listener, `socket` and `abstract` of Unix ones, `file` with a secret, `folder` that all may write to.
"""

import array
import ctypes
import encodings.idna  # noqa: F401 - what sockets load on first need, and root may keep from the account
import json
import mmap
import os
import platform
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

Emit = Callable[[bytes], None]
Outside = Mapping[str, Any]
_LIBC = ctypes.CDLL(None, use_errno=True)
_BEFORE_THE_FORK = ctypes.create_string_buffer(16)


def escape(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """The task: makes one attempt and says what it got."""
    outside = json.loads(order)
    try:
        got = ATTEMPTS[outside["attempt"]](outside)
    except OSError as wall:
        emit(b"wall: " + str(wall).encode())
        return
    emit(b"GOT: " + got.encode() if got else b"wall")


def _first(attempts: Mapping[str, Callable[[], object]]) -> str:
    """The name of the first of several attempts that was not refused."""
    for name, attempt in attempts.items():
        try:
            attempt()
        except (OSError, ValueError, RuntimeError):
            continue
        return name
    return ""


def connect_tcp(outside: Outside) -> str:
    socket.create_connection(("127.0.0.1", outside["port"]), timeout=2).sendall(b"out")
    return "a connection"


def send_udp(outside: Outside) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"out", ("127.0.0.1", outside["port"]))
    return "a datagram"


def connect_unix(outside: Outside) -> str:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(outside["socket"])
    return "a connection"


def connect_abstract(outside: Outside) -> str:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\0" + outside["abstract"])
    return "a connection"


def open_raw_sockets(outside: Outside) -> str:
    return _first(
        {
            "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
            "packet": lambda: socket.socket(17, socket.SOCK_RAW),
        }
    )


def listen(outside: Outside) -> str:
    """A socket that somebody outside could connect to; within an own network nobody can."""
    with socket.socket(socket.AF_INET) as one:
        one.bind(("0.0.0.0", 0))
        one.listen()
        return "" if _is_alone() else "a listener"


def _is_alone() -> bool:
    return [name for _, name in socket.if_nameindex()] == ["lo"]


def send_descriptors(outside: Outside) -> str:
    """Gives what it has to whoever listens to its frames."""
    frames = socket.socket(fileno=os.dup(3))
    frames.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [4]))])
    return "a descriptor given away"


def receive_descriptors(outside: Outside) -> str:
    os.set_blocking(3, False)
    return f"{os.read(3, 1)!r} from the host"


def read_files(outside: Outside) -> str:
    def read(path: str) -> bytes:
        return Path(path).read_bytes()

    paths = [
        "/etc/passwd",
        "/etc/shadow",
        "/etc/hostname",
        outside["file"],
        "/proc/self/status",
        "/proc/1/environ",
        "/proc/self/root/etc/passwd",
        "/sys/kernel/notes",
        "/usr/lib/../../etc/passwd",
        "/dev/fd/4/../../etc/passwd",
        "/dev/kmsg",
        "/dev/mem",
        "/dev/tty",
        "../../../../etc/passwd",
        "/var/lib/dpkg/status",
    ]
    return _first({path: partial(read, path) for path in paths})


def list_folders(outside: Outside) -> str:
    for folder in ("/etc", "/home", "/proc", "/var", "/tmp", "/sys", "/run", outside["folder"]):
        try:
            found = [path.name for path in Path(folder).iterdir()]
        except OSError:
            continue
        # A folder that only leads to the libraries shows nothing but the next step to them.
        strangers = [name for name in found if not any(f"{folder}/{name}" in path for path in sys.path)]
        if strangers:
            return f"{folder}: {strangers[:3]}"
    return ""


def write_files(outside: Outside) -> str:
    def create(path: str) -> None:
        Path(path).write_bytes(b"out")

    library = Path(os.__file__)
    places = ["/", "/tmp", "/dev", "/dev/shm", "/run", "/usr/lib", str(library.parent), outside["folder"]]
    creations = {place: partial(create, f"{place}/jailbird") for place in places}
    return _first(
        {
            **creations,
            "a library overwritten": lambda: library.open("r+b"),
            "a library removed": library.unlink,
            "a library's mode": lambda: library.chmod(0o777),
            "a library's time": lambda: os.utime(library),
            "a link": lambda: Path("/tmp/jailbird").symlink_to("/etc"),
            "a device": lambda: os.mknod("/tmp/jailbird", 0o20666, os.makedev(1, 1)),
            "a nameless file": lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),
            "a secret overwritten": lambda: create(outside["file"]),
        }
    )


def leave_the_root(outside: Outside) -> str:
    def climb() -> None:
        os.chroot("/usr")
        os.chdir("../../../..")
        Path("etc/passwd").read_bytes()

    return _first(
        {
            "chroot": climb,
            "mount": lambda: _call("mount", b"proc", b"/usr", b"proc", 0, 0),
            "remount": lambda: _call("mount", b"none", b"/", 0, 32, 0),
            "unmount": lambda: _call("umount2", b"/usr/lib", 2),
            "bind": lambda: _call("mount", b"/usr", b"/dev", 0, 4096, 0),
            "handle": lambda: _call("open_by_handle_at", 4, b"\0" * 64, 0),
            "pivot": lambda: _call("pivot_root", b"/usr", b"/usr"),
        }
    )


def run_programs(outside: Outside) -> str:
    return _first(
        {
            path: partial(os.execv, path, [path, "--version"])
            for path in ("/bin/sh", "/usr/bin/env", sys.executable, "/proc/self/exe")
        }
    )


def run_the_loader(outside: Outside) -> NoReturn:
    """A library that is a program."""
    loader = "/lib64/ld-linux-x86-64.so.2" if platform.machine() == "x86_64" else "/lib/ld-linux-aarch64.so.1"
    os.execv(loader, [loader, "--version"])


def signal_others(outside: Outside) -> str:
    pid = outside["pid"]
    return _first(
        {
            "kill": lambda: os.kill(pid, signal.SIGKILL),
            "a group": lambda: os.killpg(pid, signal.SIGKILL),
            "a thread": lambda: _call("tgkill", pid, pid, 9),
            "a pidfd": lambda: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL),
            "a queue": lambda: _call("rt_sigqueueinfo", pid, 9, b"\0" * 128),
            "limits": lambda: _call("prlimit64", pid, 0, b"\0" * 16, 0),
            "priority": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        }
    )


def signal_the_worker(outside: Outside) -> str:
    """Tries to end or to stop the process that it was forked from; the next job shows whether that worked."""
    worker = os.getppid()
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV, signal.SIGUSR1):
        try:
            os.kill(worker, number)
        except OSError:
            pass
    return ""


def signal_by_descriptor(outside: Outside) -> str:
    """Has the kernel send a signal for it, as the owner of a pipe that becomes readable (fcntl(2), F_SETSIG)."""
    import fcntl

    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, outside["pid"])
    fcntl.fcntl(reading, 10, int(signal.SIGKILL))
    fcntl.fcntl(reading, fcntl.F_SETFL, fcntl.fcntl(reading, fcntl.F_GETFL) | os.O_ASYNC)
    os.write(writing, b"x")
    return ""


def trace(outside: Outside) -> str:
    attach = 16
    return _first(
        {
            "a process outside": lambda: _call("ptrace", attach, outside["pid"], 0, 0),
            "the worker": lambda: _call("ptrace", attach, os.getppid(), 0, 0),
            "the worker, seized": lambda: _call("ptrace", 0x4206, os.getppid(), 0, 0),
            "the worker's memory": lambda: Path(f"/proc/{os.getppid()}/mem").open("rb"),
            "its memory by number": lambda: _read_memory(os.getppid()),
            "its descriptors": lambda: _call("pidfd_getfd", os.pidfd_open(os.getppid()), 3, 0),
        }
    )


def _read_memory(pid: int) -> None:
    """Of another process, at an address where both have something, because one was forked from the other."""
    into = ctypes.create_string_buffer(16)
    local = struct.pack("@PN", ctypes.addressof(into), 16)
    remote = struct.pack("@PN", ctypes.addressof(_BEFORE_THE_FORK), 16)
    _call("process_vm_readv", pid, local, 1, remote, 1, 0)


def become_root(outside: Outside) -> str:
    return _first(
        {
            "setuid": lambda: os.setuid(0),
            "setresuid": lambda: os.setresuid(0, 0, 0),
            "setgid": lambda: os.setgid(0),
            "setgroups": lambda: os.setgroups([0]),
            "capset": lambda: _call("capset", b"\x22\x05\x08\x20\0\0\0\0", b"\xff" * 24),
        }
    )


def make_namespaces(outside: Outside) -> str:
    kinds = {"user": 0x10000000, "net": 0x40000000, "mount": 0x20000, "pid": 0x20000000, "user and net": 0x50000000}
    return _first({name: partial(_call, "unshare", flag) for name, flag in kinds.items()})


def clone_namespaces(outside: Outside) -> str:
    return _first(
        {
            "clone": lambda: _child_or_raise(_call("clone", 0x10000000 | int(signal.SIGCHLD), 0, 0, 0, 0)),
            "clone3": lambda: _child_or_raise(_call("clone3", b"\0\0\0\x10" + b"\0" * 60, 64)),
        }
    )


def _child_or_raise(pid: int) -> None:
    if pid == 0:
        os._exit(0)


def ask_the_kernel(outside: Outside) -> str:
    """Interfaces of the kernel that no parser needs and that exploits begin with."""
    return _first(
        {
            "bpf": lambda: _call("bpf", 5, b"\0" * 72, 72),
            "perf": lambda: _call("perf_event_open", b"\0" * 128, 0, -1, -1, 0),
            "userfaultfd": lambda: _call("userfaultfd", 1),
            "io_uring": lambda: _call("io_uring_setup", 4, ctypes.create_string_buffer(256)),
            "keys": lambda: _call("add_key", b"user", b"jailbird", b"x", 1, -3),
            "keyring": lambda: _call("keyctl", 0, -3, 1),
            "a file in memory": lambda: _call("memfd_create", b"jailbird", 0),
            "shared memory": lambda: _call("shmget", 0, 1 << 20, 0o1600),
            "the kernel's log": lambda: _call("syslog", 3, b"\0" * 64, 64),
            "watching files": lambda: _call("inotify_init1", 0),
            "personality": lambda: _call("personality", 0x0040000),
        }
    )


def use_another_architecture(outside: Outside) -> str:
    """Calls the kernel by the interface of 32-bit programs, under other numbers: getpid is 20 there."""
    if platform.machine() != "x86_64":
        return ""
    code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    answer = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    return f"an answer: {answer}"


def use_x32(outside: Outside) -> str:
    if platform.machine() != "x86_64":
        return ""
    ctypes.set_errno(0)
    answer = _LIBC.syscall(ctypes.c_long(0x40000000 + 39))
    return f"an answer: {answer}" if answer >= 0 else ""


def _call(name: str, *arguments: Any) -> int:
    from mailock.jail.linux.numbers import NUMBERS

    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    answer: int = _LIBC.syscall(ctypes.c_long(NUMBERS[name]), *passed)
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


ATTEMPTS: dict[str, Callable[[Outside], str]] = {
    attempt.__name__: attempt
    for attempt in (
        connect_tcp,
        send_udp,
        connect_unix,
        connect_abstract,
        open_raw_sockets,
        listen,
        send_descriptors,
        receive_descriptors,
        read_files,
        list_folders,
        write_files,
        leave_the_root,
        run_programs,
        run_the_loader,
        signal_others,
        signal_the_worker,
        signal_by_descriptor,
        trace,
        become_root,
        make_namespaces,
        clone_namespaces,
        ask_the_kernel,
        use_another_architecture,
        use_x32,
    )
}
