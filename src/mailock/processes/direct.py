"""People's commands while mailflow is down: the spool is locked, the queue opened, one command carried out, all closed.

So an administrator can look, release and delete on a machine whose mailflow does not start (DECISIONS 5). What he
changes is in the log once mailflow runs again: the events wait in the outbox.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mailock.config.compile import compile_policy
from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.config.node import Node
from mailock.core.mail.message import BodyRef
from mailock.core.policy.installed import Installed
from mailock.operations import quarantine, queue, shunt, verdicts
from mailock.operations.desk import Desk
from mailock.operations.lists import ListDesk
from mailock.ports.commands import Refused, Speaker
from mailock.ports.stations import NoStations
from mailock.processes.clock import SystemClock
from mailock.processes.means import means_of
from mailock.processes.reading import reading_jail
from mailock.processes.teaching import Teaching
from mailock.processes.viewing import Viewing
from mailock.storage.entries import FileJournal
from mailock.storage.files import FileBodies
from mailock.storage.ids import ClockIds
from mailock.storage.revisions import FileRevisions
from mailock.storage.sqlite.place import SpoolTaken
from mailock.storage.sqlite.queue import FILE, open_sqlite
from mailock.storage.verdicts import VerdictFile

DOWN = "mailflow is not running: start it with `mailock run`"


async def directly(data: Path, command: str, arguments: Mapping[str, object], speaker: Speaker) -> object:
    """The result of a command. Raises Refused and ValueError as the command does, and what `open_sqlite` raises."""
    if not (data / FILE).exists():
        raise Refused(f"there is no queue in {data}: give the folder with --data, or start Mailock with `mailock run`")
    become_owner(data)
    clock = SystemClock()

    def unreferenced(refs: list[BodyRef]) -> None:
        bodies.drop(refs)

    try:
        store = await open_sqlite(data, ballast=0, on_unreferenced=unreferenced)
    except SpoolTaken as taken:
        raise Refused(f"mailflow is starting or stopping, try again in a moment ({taken})") from None
    bodies = FileBodies(data, 0, small_body=store.small_body)
    cache = VerdictFile(data)
    cache.open()
    means = replace(means_of(Node()), workers=1, lessons=data / "lessons")
    try:
        desk = Desk(
            queue=store,
            bodies=bodies,
            stations=NoStations(),
            notices=None,
            alerts=None,
            clock=clock,
            ids=ClockIds(clock, node=0, floor=store.floor),
            node=socket.getfqdn(),
            standing=lambda: _installed(data),
            teacher=Teaching(means),
            viewer=Viewing(lambda: reading_jail(means)),
        )
        lists = await _lists(data, desk)
        found = {
            **queue.commands(desk),
            **quarantine.commands(desk),
            **shunt.commands(desk),
            **verdicts.commands(cache, desk.standing, clock),
            **lists.commands(),
        }.get(command)
        if found is None:
            raise Refused(DOWN)
        return await found(arguments, speaker)
    finally:
        await cache.close()
        await bodies.close()
        await store.close()


async def _lists(data: Path, desk: Desk) -> ListDesk:
    lists = ListDesk(
        FileJournal(data),
        desk.clock,
        standing=lambda: desk.standing().with_lists(lists.lists()),
        told=lambda added: None,
    )
    await lists.load()
    return lists


def become_owner(data: Path) -> None:
    """From root to the owner of the folder, for good: what root left in it, mailflow could not open."""
    owner = data.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


def _installed(data: Path) -> Installed:
    """The revision that would run. Raises Refused where there is none that can be used."""
    current = FileRevisions(data / "policy").current()
    if current is None:
        raise Refused("no policy was installed yet: start Mailock with `mailock run`")
    try:
        policy = load(current.text, name=f"revision {current.number}").settings.policy
    except Mistakes as mistakes:
        raise Refused(f"the installed policy cannot be used: {mistakes}") from None
    return compile_policy(policy, revision=current.number, hostname=socket.getfqdn(), inside_ips=())
