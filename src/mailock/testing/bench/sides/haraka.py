"""Haraka as a side: fetched with npm into a cache when the bench needs it, never part of Mailock.

Mail goes through its outbound queue, which answers 250 only once the message is in a file that was synced. Its other
way, the plugin queue/smtp_forward, has no queue: it lets the client wait for the next hop, and takes no custody.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailock.testing.bench.programs import (
    LOOPBACK,
    CannotMeasureError,
    answers,
    find_program,
    need_program,
    run_to_end,
    started,
)
from mailock.testing.bench.side import After, Serving, Side, Task

_VERSION = "3.3.4"
_INSTALL_SECONDS = 300
# Everything is relayed, and to one place. Written in Haraka's own language, for Haraka's own plug-in loader.
_PLUGIN = """\
exports.hook_lookup_rdns = function (next) {{
    next(OK, 'client.bench.test')
}}
exports.hook_connect = function (next, connection) {{
    connection.relaying = true
    next()
}}
exports.hook_get_mx = function (next) {{
    next(OK, {{ exchange: '{host}', port: {port}, priority: 0 }})
}}
"""


class Haraka(Side):
    """Haraka on Node.js, from npm."""

    @property
    def name(self) -> str:
        return "haraka"

    def prepare(self) -> str:
        folder = _cache()
        if not (folder / "node_modules" / "Haraka" / "package.json").exists():
            npm = need_program("npm", package="npm")
            folder.mkdir(parents=True, exist_ok=True)
            # Its dependencies' build scripts make optional native parts only (syslog), which are not used here.
            install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", f"Haraka@{_VERSION}"]
            run_to_end([npm, *install], within=_INSTALL_SECONDS, folder=folder)
        installed = json.loads((folder / "node_modules" / "Haraka" / "package.json").read_text())["version"]
        node = run_to_end([need_program("node", package="nodejs"), "--version"], within=10).strip()
        return f"{installed} on Node.js {node}"

    def settings(self) -> tuple[str, ...]:
        return (
            "syncs: the outbound queue fsyncs each message's file and renames it before 250",
            "queue: outbound, as for any relaying client; a small plugin sets relaying and names the next hop",
            "no reverse look-up of the client",
            "a worker process per processor (nodes = cpus), no other plugins, local_mx_ok, concurrency_max = 100",
            "it opens a new connection to the next hop for each message: version 3 has no connection pool",
            "logs at notice to a file, as it comes",
        )

    @contextmanager
    def serve(self, task: Task) -> Iterator[Serving]:
        if task.after is After.HOLD or task.certificate is not None:
            raise CannotMeasureError("Haraka is compared in relaying without TLS only")
        port = task.port
        _write_config(task, port)
        node = find_program("node")
        if node is None:
            raise CannotMeasureError("node is not installed: apt-get install nodejs")
        haraka = _cache() / "node_modules" / "Haraka" / "bin" / "haraka"
        with started(
            [node, str(haraka), "-c", str(task.folder)],
            output=task.folder / "haraka.out",
            environment={"NODE_ENV": "production"},
        ) as process:
            process.wait_until(lambda: answers(port), within=15, what="its greeting")
            yield Serving(port=port, process=process)


def _write_config(task: Task, port: int) -> None:
    config, plugins = task.folder / "config", task.folder / "plugins"
    for folder in (config, plugins, task.folder / "queue"):
        folder.mkdir()
    (plugins / "to_next_hop.js").write_text(_PLUGIN.format(host=LOOPBACK, port=task.next_hop))
    shipped = _cache() / "node_modules" / "Haraka" / "config" / "connection.ini"
    files = {
        "plugins": "to_next_hop\n",
        "me": "haraka.bench.test\n",
        "host_list": "",
        "smtp.ini": f"listen={LOOPBACK}:{port}\nnodes=cpus\n",
        # The one that it ships, with room for the largest message: without this file it does not even greet.
        "connection.ini": re.sub(r"(?m)^bytes=\d+", f"bytes={task.size_limit}", shipped.read_text()),
        "outbound.ini": "local_mx_ok=true\nconcurrency_max=100\nenable_tls=false\n",
        "log.ini": "[main]\nlevel=notice\nformat=default\n",
    }
    for name, text in files.items():
        (config / name).write_text(text)


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "mailock" / f"haraka-{_VERSION}"
