"""rsyslog: a syslog server that we did not write. It keeps each message as JSON, taken apart as it understood it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.parts.certificates import Authority
from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, private_dir, program, running

_CONFIG = """\
global(workDirectory="{folder}" maxMessageSize="64k" debug.onShutdown="off"
       defaultNetstreamDriverCAFile="{root}" defaultNetstreamDriverCertFile="{certificate}"
       defaultNetstreamDriverKeyFile="{key}")
template(name="all" type="string" string="%jsonmesg%\\n")
module(load="imudp")
module(load="imptcp")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.Authmode="anon")
input(type="imudp" address="{host}" port="{udp}" ruleset="keep")
input(type="imptcp" address="{host}" port="{tcp}" ruleset="keep")
input(type="imtcp" address="{host}" port="{tls}" ruleset="keep")
ruleset(name="keep") {{ action(type="omfile" file="{folder}/messages" template="all") }}
"""


@dataclass(kw_only=True)
class Rsyslog:
    """A running instance, listening three ways."""

    folder: Path
    ports: dict[str, int]
    process: Running

    def url(self, protocol: str) -> str:
        """As a setting names it."""
        return f"{protocol}://{LOOPBACK}:{self.ports[protocol]}"

    def messages(self) -> list[dict[str, Any]]:
        """What came, in order."""
        file = self.folder / "messages"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}")]


@contextmanager
def rsyslog(authority: Authority, *, ports: dict[str, int] | None = None) -> Iterator[Rsyslog]:
    """One whose certificate the authority issued. `ports`: those of an instance that ran before."""
    command = program("rsyslogd", package="rsyslog")
    chosen = ports or {protocol: free_port() for protocol in ("udp", "tcp", "tls")}
    shown = authority.issue(LOOPBACK)
    with private_dir("rsyslog") as folder:
        config = folder / "rsyslog.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                host=LOOPBACK,
                root=authority.root,
                certificate=shown.certificate,
                key=shown.key,
                **chosen,
            )
        )
        with running(
            [command, "-n", "-f", str(config), "-i", str(folder / "pid")],
            output=folder / "out",
            ready=lambda: answers(LOOPBACK, chosen["tls"]) and answers(LOOPBACK, chosen["tcp"]),
        ) as process:
            yield Rsyslog(folder=folder, ports=chosen, process=process)
