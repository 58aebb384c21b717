"""Postfix with rspamd as its milter: how most people who build a scanning gateway of free parts build it today."""

import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailock.testing.bench.programs import (
    LOOPBACK,
    CannotMeasureError,
    Started,
    free_port,
    listens,
    need_program,
    processor_seconds,
    run_to_end,
    started,
)
from mailock.testing.bench.side import Scan, Serving, Side, Task
from mailock.testing.bench.sides.postfix import Postfix

_CONFIG = Path("/etc/rspamd/rspamd.conf")
_USER = "_rspamd"
_COMPILING_SECONDS = 60.0
_QUIET = 0.05
"""Processor seconds in a second."""
_LOCAL = {
    "options.inc": 'dns {{ nameserver = ["{host}:{resolver}"]; }}\ntempdir = "{folder}";\n',
    "logging.inc": 'level = "info";\n',
    "worker-normal.inc": "enabled = false;\n",
    "worker-controller.inc": 'bind_socket = "{host}:{controller}";\n',
    "worker-proxy.inc": (
        'bind_socket = "{host}:{milter}";\ncount = 2;\nupstream "local" {{ default = yes; self_scan = yes; }}\n'
    ),
    "actions.conf": "reject = null;\ngreylist = null;\n",
    "fuzzy_check.conf": "enabled = false;\n",
    "rspamd_update.conf": "enabled = false;\n",
    "dkim.conf": "check_local = true;\n",
    "spf.conf": "check_local = true;\n",
    "dmarc.conf": "check_local = true;\n",
    "arc.conf": "check_local = true;\n",
}
_ANTIVIRUS = 'clamav {{ type = "clamav"; symbol = "CLAM_VIRUS"; servers = "{clamd}"; scan_mime_parts = true; }}\n'


class Rspamd(Side):
    """Debian's Postfix and Debian's rspamd. Needs root, as both do."""

    @property
    def name(self) -> str:
        return "postfix+rspamd"

    def prepare(self) -> str:
        postfix = Postfix().prepare()
        told = run_to_end([need_program("rspamd", package="rspamd"), "--version"], within=10)
        if not _CONFIG.is_file():
            raise CannotMeasureError(f"{_CONFIG} is not there: apt-get install rspamd")
        return f"{postfix} + {told.split()[-1]}"

    def settings(self) -> tuple[str, ...]:
        return (
            *Postfix().settings(),
            "smtpd_milters = rspamd's proxy worker, milter_default_action = tempfail; content is judged before 250",
            "rspamd as Debian configures it; two proxy workers that scan by themselves (self_scan), no normal worker",
            "waited until its expressions are compiled for Hyperscan; the log at level info, as Debian has it",
            "no Redis, so neither Bayes nor greylisting nor rate limits; no fuzzy_check, no rule updates: no network",
            "actions: reject and greylist off, so that every message goes on to the next hop",
            "SPF, DKIM, DMARC and ARC for mail from this machine as well (check_local)",
            "DNS: an Unbound on loopback that knows of nothing; with ClamAV: clamd's socket, scan_mime_parts",
        )

    @contextmanager
    def serve(self, task: Task) -> Iterator[Serving]:
        if task.scan is None:
            raise CannotMeasureError("rspamd has nothing to do where nothing is scanned")
        milter = free_port()
        with _rspamd(task.folder, task.scan, milter) as rspamd:
            extra = {
                "smtpd_milters": f"inet:{LOOPBACK}:{milter}",
                "milter_protocol": "6",
                "milter_default_action": "tempfail",
            }
            with Postfix(extra).serve(task) as serving:
                yield Serving(port=serving.port, process=serving.process, beside=(rspamd,))


@contextmanager
def _rspamd(folder: Path, scan: Scan, milter: int) -> Iterator[Started]:
    place = folder / "rspamd"
    local = place / "etc" / "local.d"
    local.mkdir(parents=True)
    files = dict(_LOCAL)
    if scan.clamd is not None:
        files["antivirus.conf"] = _ANTIVIRUS
    values = {
        "host": LOOPBACK,
        "resolver": scan.resolver,
        "controller": free_port(),
        "milter": milter,
        "folder": place,
        "clamd": scan.clamd,
    }
    for name, text in files.items():
        (local / name).write_text(text.format(**values))
    os.chown(place, pwd.getpwnam(_USER).pw_uid, -1)
    told = {"LOCAL_CONFDIR": place / "etc", "DBDIR": place, "RUNDIR": place, "LOGDIR": place}
    command = [
        need_program("rspamd", package="rspamd"),
        *("-f", "-u", _USER, "-g", _USER, "-c", str(_CONFIG)),
        *(f"--var={name}={value}" for name, value in told.items()),
    ]
    with started(command, output=folder / "rspamd.out", log=place / "rspamd.log") as process:
        process.wait_until(lambda: listens(milter), within=60, what="its milter")
        if scan.settled:
            _wait_until_quiet(process)
        yield process


def _wait_until_quiet(process: Started) -> None:
    """A fresh rspamd compiles its expressions for Hyperscan beside its work; that is no part of what is measured."""
    used, end = -1.0, time.monotonic() + _COMPILING_SECONDS
    while (now := processor_seconds(process.pid)) - used > _QUIET and time.monotonic() < end:
        used = now
        time.sleep(1.0)
