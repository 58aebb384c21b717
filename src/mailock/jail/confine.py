"""Puts the worker into the jail, layer by layer, and says which layers hold.

The order matters. Namespaces come before the tasks are imported, because they need a process with one thread, and the
world of a namespace is made before the rights to make it are given up. Landlock and the filter of system calls come
last: each forbids something that an earlier step needs.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mailock.jail.linux import calls, filter, landlock, libc, namespaces, rights
from mailock.jail.protection import Lack, Protection, Strength

_WORLD = namespaces.NEWNS | namespaces.NEWNET | namespaces.NEWPID | namespaces.NEWIPC | namespaces.NEWUTS
_PIECES: tuple[tuple[int, Protection], ...] = (
    (namespaces.NEWNET, Protection.NETWORK),
    (namespaces.NEWNS, Protection.FILES),
    (namespaces.NEWPID, Protection.PROCESSES),
)
_GIVEN_UP_FIRST = "500"
_OVERRIDE = 'or set [node] jail = "reduced" and accept the danger'


@dataclass(slots=True)
class Confinement:
    """One worker's way into the jail. `withhold` leaves protections out, for tests of what the others do alone."""

    withhold: frozenset[Protection] = frozenset()
    _lacks: dict[Protection, str] = field(default_factory=dict)

    @property
    def strength(self) -> Strength:
        """What holds, once all steps are taken."""
        lacks = (Lack(protection=one, because=self._lacks[one]) for one in Protection if one in self._lacks)
        return Strength(lacks=tuple(lacks))

    def holds(self, protection: Protection) -> bool:
        """Whether a protection is in force, or still may be."""
        return protection not in self._lacks

    def make_world(self) -> None:
        """Makes the namespaces; the next child of this process is the first process of its own world."""
        for protection in self.withhold:
            self._lacks[protection] = "withheld"
        flags = _WORLD
        for flag, protection in _PIECES:
            if protection in self.withhold:
                flags &= ~flag
        enter = namespaces.enter_as_root if os.geteuid() == 0 else namespaces.enter_user_namespace
        try:
            enter(flags)
        except OSError as fault:
            for _, protection in _PIECES:
                if protection not in self._lacks:
                    self._lacks[protection] = (
                        f"the kernel refuses namespaces ({fault.strerror}): {_mend_of_namespaces()}"
                    )

    def close(self, kept: tuple[str, ...]) -> None:
        """Takes away files, account and rights, in the first process of the world, when all is imported."""
        _be_given_up_first()
        self._step(Protection.FILES, lambda: namespaces.empty_file_system(kept))
        readable = landlock.handles((*kept, *namespaces.DEVICES)) if self.holds(Protection.LANDLOCK) else ()
        was_root = os.geteuid() == 0
        self._step(Protection.ACCOUNT, rights.become_nobody)
        if was_root and self.holds(Protection.ACCOUNT):
            _count_apart()
        rights.give_up_capabilities()
        rights.hide()
        self._step(Protection.LANDLOCK, lambda: landlock.restrict(readable))
        self._step(Protection.SECCOMP, _filter)

    def _step(self, protection: Protection, step: Callable[[], None]) -> None:
        if not self.holds(protection):
            return
        try:
            step()
        except OSError as fault:
            self._lacks[protection] = str(fault)


def _be_given_up_first() -> None:
    """When the machine runs out of memory, a job of ours is less of a loss than anything else (proc(5))."""
    try:
        Path("/proc/self/oom_score_adj").write_text(_GIVEN_UP_FIRST)
    except OSError:
        # The choice is then the kernel's own; no protection rests on it.
        pass


def _count_apart() -> None:
    """In a user namespace of its own the bound on tasks counts ours alone, not all that this account runs."""
    try:
        libc.unshare(namespaces.NEWUSER)
    except OSError:
        # They are counted with the others then: a job may get fewer threads, and none gets more.
        pass


def _filter() -> None:
    if not filter.is_known_architecture():
        raise OSError("the numbers of this architecture's system calls are not known")
    filter.install(calls.of_the_worker())


def _mend_of_namespaces() -> str:
    """What an administrator has to do, from what the kernel says of itself."""
    if _value("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            f"allow them (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile), {_OVERRIDE}"
        )
    if _value("kernel/unprivileged_userns_clone") == "0":
        return f"allow them (sysctl kernel.unprivileged_userns_clone=1), {_OVERRIDE}"
    if _value("user/max_user_namespaces") == "0":
        return f"allow them (sysctl user.max_user_namespaces=15000), {_OVERRIDE}"
    return f"in a container, start it with user namespaces allowed or CAP_SYS_ADMIN, {_OVERRIDE}"


def _value(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
