"""spamd, private and quick to start: no rule of SpamAssassin's own, only those that a test can hit."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, private_dir, program, running

NEEDLE = b"needle-in-the-hay"
"""Anywhere in the text: 3.5 points for TEST_NEEDLE."""
SPAM = b"spam-in-the-hay"
"""Anywhere in the text: 12 points for TEST_SPAM."""

_RULES = """\
use_bayes 0
skip_rbl_checks 1
util_rb_tld test
dns_available no
body TEST_NEEDLE /needle-in-the-hay/
describe TEST_NEEDLE A needle is in it
score TEST_NEEDLE 3.5
body TEST_SPAM /spam-in-the-hay/
describe TEST_SPAM Spam is in it
score TEST_SPAM 12
header TEST_FRIEND Return-Path =~ /friend.source\\.test/
describe TEST_FRIEND A friend sent it
score TEST_FRIEND -2.0
header TEST_RELAY Received =~ /\\[198\\.51\\.100\\.7\\]/
describe TEST_RELAY It came from the client that our own field names
score TEST_RELAY 0.5
clear_report_template
report Content preview:  _PREVIEW_
report Content analysis details:   (_SCORE_ points, _REQD_ required)
report
report " pts rule name              description"
report  ---- ---------------------- --------------------------------------------------
report _SUMMARY_
"""


@dataclass(kw_only=True)
class Spamd:
    """A running instance."""

    folder: Path
    port: int
    process: Running

    @property
    def address(self) -> str:
        """As settings write it."""
        return f"tcp:{LOOPBACK}:{self.port}"


@contextmanager
def spamd() -> Iterator[Spamd]:
    """One whose rules are those above."""
    command = program("spamd", package="spamd")
    with private_dir("spamd") as folder:
        folder.chmod(0o777)
        for place in ("rules", "site", "home"):
            (folder / place).mkdir()
        (folder / "rules" / "test.cf").write_text(_RULES)
        (folder / "site" / "test.pre").write_text("loadplugin Mail::SpamAssassin::Plugin::Check\n")
        port = free_port()
        user = ["--username=nobody"] if os.geteuid() == 0 else []
        with running(
            [
                command,
                f"--listen={LOOPBACK}:{port}",
                "--allowed-ips=127.0.0.1",
                "--nouser-config",
                "--local",
                "--max-children=2",
                "--min-children=1",
                f"--configpath={folder}/rules",
                f"--siteconfigpath={folder}/site",
                f"--helper-home-dir={folder}/home",
                f"--pidfile={folder}/pid",
                "--syslog=stderr",
                *user,
            ],
            output=folder / "out",
            ready=lambda: answers(LOOPBACK, port),
        ) as process:
            yield Spamd(folder=folder, port=port, process=process)
