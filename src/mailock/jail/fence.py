"""The fence around a process that serves pages to the Internet and opens no mail: what it has, it keeps, and no more.

Put up when everything is imported, bound and connected. From then on it reads the folders of Python and its libraries
and nothing else, writes nothing, starts nothing, and makes no connection; where root started it, it is the account
65534, which owns nothing. It goes on answering over the sockets that it has.
"""

import os
from collections.abc import Callable

from mailock.jail.linux import calls, filter, landlock, namespaces, rights


def put_up() -> tuple[str, ...]:
    """Puts it up, for good. Returns what of it the kernel refuses, each in a sentence."""
    lacks: list[str] = []

    def step(what: str, do: Callable[[], None]) -> None:
        try:
            do()
        except OSError as fault:
            lacks.append(f"{what}: {fault.strerror or fault}")

    readable = _handles(lacks)
    step("the account cannot be given up", rights.become_nobody)
    step("capabilities cannot be given up", rights.give_up_capabilities)
    step("its memory cannot be closed to others", rights.hide)
    if readable:
        step("landlock refuses", lambda: landlock.restrict(readable))
    step("the filter of system calls is refused", _filter)
    return tuple(lacks)


def _handles(lacks: list[str]) -> tuple[int, ...]:
    try:
        landlock.version()
        return landlock.handles((*namespaces.libraries(), *namespaces.DEVICES))
    except OSError as fault:
        lacks.append(f"there is no landlock: {fault.strerror or os.strerror(fault.errno or 0)}")
        return ()


def _filter() -> None:
    if not filter.is_known_architecture():
        raise OSError("the numbers of this architecture's system calls are not known")
    filter.install(calls.of_a_server())
