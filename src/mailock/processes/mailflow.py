"""The role mailflow: `python -m mailock.processes.mailflow --config FILE`.

Exits 0 when it was asked to end, 2 where settings are wrong, 3 where it could not start; each with one sentence.
"""

import argparse
import asyncio
import ctypes
import gc
import logging
import os
import signal
import sys
import time
from pathlib import Path

import apsw
import uvloop

from mailock.config.mistakes import Mistakes
from mailock.processes.commands import commands
from mailock.processes.control import ControlServer
from mailock.processes.gateway import open_gateway
from mailock.processes.gauges import gauges
from mailock.processes.home import Home, read_home
from mailock.processes.outages import write_alive
from mailock.processes.privileges import drop, lift_open_files
from mailock.processes.sockets import CHANNEL, is_orphan
from mailock.storage.sqlite.place import NetworkFileSystem, SpoolTaken
from mailock.storage.sqlite.schema import NewerSchema

BEAT_SECONDS = 30.0
OK, WRONG, COULD_NOT = 0, 2, 3
log = logging.getLogger(__name__)


def main() -> int:
    """The process from start to end; returns its exit code."""
    parser = argparse.ArgumentParser(prog="mailock-mailflow")
    parser.add_argument("--config", type=Path, required=True)
    config: Path = parser.parse_args().config
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO, stream=sys.stderr)
    try:
        home = read_home(config)
    except Mistakes as mistakes:
        return _say_all(mistakes)
    except ValueError as fault:
        return _say(fault, WRONG)
    except OSError as fault:
        return _say(fault, COULD_NOT)
    try:
        lift_open_files()
        drop(home.user, home.group, home.data)
    except ValueError as fault:
        return _say(fault, WRONG)
    except OSError as fault:
        return _say(fault, COULD_NOT)
    logging.getLogger().setLevel(home.log_level.value.upper())
    # What is made now lives as long as the process: the collector need not look at it again.
    gc.freeze()
    # Mail makes many small values that die young without cycles; looking for cycles every 700 of them is wasted.
    gc.set_threshold(50_000, 20, 50)
    try:
        return uvloop.run(_run(home))
    except Mistakes as mistakes:
        # Of files that the policy names, such as YARA rules.
        return _say_all(mistakes)
    except (OSError, ValueError, apsw.Error, SpoolTaken, NetworkFileSystem, NewerSchema) as fault:
        return _say(fault, COULD_NOT)


async def _run(home: Home) -> int:
    gateway = await open_gateway(home)
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    _end_with_supervisor()
    await gateway.start()
    await gateway.numbers.start(lambda: gauges(gateway))
    control = ControlServer(home.data, commands(gateway, home))
    await control.start()
    loop.add_signal_handler(signal.SIGHUP, gateway.reload)
    log.info("Mailock is ready: revision %d, data in %s", gateway.standing().revision, home.data)
    beating = asyncio.create_task(_beat(home))
    await ending.wait()
    log.info("Mailock stops")
    await control.stop()
    beating.cancel()
    await gateway.numbers.stop()
    await gateway.stop()
    _note_alive(home)
    return OK


def _end_with_supervisor() -> None:
    """When the supervisor dies, so do we: nobody would start us again (prctl(2), PR_SET_PDEATHSIG)."""
    if CHANNEL in os.environ:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if is_orphan():
            # It died before we asked to be told of it.
            os.kill(os.getpid(), signal.SIGTERM)


async def _beat(home: Home) -> None:
    while True:
        _note_alive(home)
        await asyncio.sleep(BEAT_SECONDS)


def _note_alive(home: Home) -> None:
    try:
        write_alive(home.data, home.outages, time.time())
    except OSError as fault:
        # On a full disk mail is more important; without the note, time that we do not run counts as delay.
        log.warning("that Mailock runs could not be noted: %s", fault)


def _say(fault: BaseException, code: int) -> int:
    text = str(fault)
    if isinstance(fault, OSError) and fault.strerror:
        text = f"{fault.filename}: {fault.strerror}" if fault.filename else fault.strerror
    print(f"mailock: {text}", file=sys.stderr)
    return code


def _say_all(mistakes: Mistakes) -> int:
    for mistake in mistakes.mistakes:
        print(f"mailock: {mistake}", file=sys.stderr)
    return WRONG


if __name__ == "__main__":
    sys.exit(main())
