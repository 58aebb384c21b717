"""What the control socket answers: the table of commands, each made by the operation that it belongs to."""

import asyncio
import os
from collections.abc import Awaitable, Mapping
from typing import Final, cast

from mailock.core.mail.address import Address
from mailock.operations import policy_answers, quarantine, queue, reports, shunt, verdicts
from mailock.operations.doctor import failed
from mailock.ports.commands import Arguments, Command, Speaker
from mailock.processes.doctor import examine
from mailock.processes.gateway import Gateway
from mailock.processes.home import Home
from mailock.processes.patient import read_patient

FOREIGN: Final = Address("relay-probe", "example.com")
"""Whom next hops are asked about, to see whether they relay for strangers; the RFCs keep this domain for examples."""


def commands(gateway: Gateway, home: Home) -> dict[str, Command]:
    """Every command of the running mailflow."""
    hands = gateway.hands()

    async def status(arguments: Arguments, speaker: Speaker) -> object:
        counts = await gateway.queue.counts()
        return {
            "pid": os.getpid(),
            "revision": gateway.standing().revision,
            "hostname": home.hostname,
            "listening": [{"name": name, "address": ip, "port": port} for name, ip, port in gateway.listeners.ports()],
            "closed": gateway.capacity.closed,
            "full": gateway.capacity.full,
            "sessions": gateway.reception.guests,
            "connections_out": gateway.send.dispatcher.carriers,
            "messages": {stage.name.lower(): count for stage, count in counts.messages.items()},
            "copies": {stage.name.lower(): count for stage, count in counts.copies.items()},
            "pending": counts.pending,
            "deferred": counts.deferred,
            "oldest": None if counts.oldest is None else max(0.0, hands.clock.now() - counts.oldest),
            "engines": [
                {
                    "name": one.engine,
                    "state": one.state.value,
                    "version": one.version,
                    "since": one.since,
                    "error": one.error,
                }
                for one in gateway.watch.healths()
            ],
        }

    async def reload_certificates(arguments: Arguments, speaker: Speaker) -> object:
        return {"certificates": gateway.encryption.load()}

    return {
        "status": status,
        "doctor": lambda arguments, speaker: _examined(home, status(arguments, speaker)),
        "certificate.reload": reload_certificates,
        **gateway.alerts.commands(),
        **policy_answers.commands(gateway.desk),
        **gateway.doorkeeper.commands(),
        **gateway.threshold.commands(),
        **gateway.users.commands(),
        **queue.commands(hands),
        **quarantine.commands(hands),
        **shunt.commands(hands),
        **reports.commands(gateway.posting.report, gateway.posting.submit, gateway.standing),
        **verdicts.commands(gateway.verdicts, gateway.standing, hands.clock),
    }


async def _examined(home: Home, status: Awaitable[object]) -> object:
    """What `mailock doctor` finds; from here it may see all that mailflow may, and reach what mailflow reaches."""
    alive = await status
    patient, checks = await asyncio.to_thread(read_patient, home.config, lambda _: cast("Mapping[str, object]", alive))
    if patient is not None:
        checks += await examine(patient, FOREIGN, lambda _: None)
    return {"ok": not failed(checks), "checks": [check.table() for check in checks]}
