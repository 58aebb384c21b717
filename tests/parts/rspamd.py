"""rspamd, private and quick to start: no rule of its own counts, only those that a test can hit."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.ports import LOOPBACK, answers, free_port
from tests.parts.programs import Running, private_dir, program, running

NEEDLE = b"needle-in-the-hay"
"""Anywhere in a message: 7.5 points for TEST_NEEDLE."""
SPAM = b"spam-in-the-hay"
"""Anywhere in a message: 18 points for TEST_SPAM."""
FRIEND = "friend@source.test"
"""The envelope's sender: -2 points for TEST_FRIEND."""
LARGEST = 1 << 20
"""Octets of a message that it takes."""

_RULES = """\
local function holds(text)
  return function(task)
    return tostring(task:get_content()):find(text, 1, true) ~= nil
  end
end
rspamd_config:register_symbol({
  name = 'TEST_NEEDLE', score = 7.5, description = 'A needle is in it', callback = holds('needle-in-the-hay')})
rspamd_config:register_symbol({
  name = 'TEST_SPAM', score = 18, description = 'Spam is in it', callback = holds('spam-in-the-hay')})
rspamd_config:register_symbol({
  name = 'TEST_FRIEND', score = -2, callback = function(task)
    local from = task:get_from('smtp')
    return from and from[1] and from[1].addr == 'friend@source.test'
  end})
rspamd_config:register_symbol({
  name = 'TEST_ENVELOPE', score = 0.1, callback = function(task)
    local to = {}
    for _, one in ipairs(task:get_recipients('smtp') or {}) do table.insert(to, one.addr) end
    return true, 1.0, {tostring(task:get_from_ip()), task:get_helo() or '', task:get_user() or '', unpack(to)}
  end})
"""
_CONFIG = """\
options {{
  filters = ""; pidfile = "{folder}/pid"; tempdir = "{folder}"; hs_cache_dir = "{folder}"; disable_hyperscan = true;
  url_tld = "{folder}/tld"; control_socket = "{folder}/control mode=0600"; max_message = {largest};
  dns {{ nameserver = ["{host}:9"]; }}
}}
logging {{ type = "console"; level = "info"; }}
actions {{ reject = 15; add_header = 6; greylist = null; }}
worker "normal" {{ bind_socket = "{host}:{port}"; count = 1; mime = true; }}
lua = "{folder}/rules.lua";
"""


@dataclass(kw_only=True)
class Rspamd:
    """A running instance."""

    folder: Path
    port: int
    process: Running

    @property
    def url(self) -> str:
        """Its address, as settings write it."""
        return f"http://{LOOPBACK}:{self.port}"


@contextmanager
def rspamd() -> Iterator[Rspamd]:
    """One whose rules are those above."""
    command = program("rspamd", package="rspamd")
    with private_dir("rspamd") as folder:
        # It writes what it compiled into this folder, and drops root's rights for those of `nobody`.
        folder.chmod(0o777)
        (folder / "rules.lua").write_text(_RULES)
        (folder / "tld").write_text("com\nnet\norg\ntest\n")
        port = free_port()
        config = folder / "rspamd.conf"
        config.write_text(_CONFIG.format(folder=folder, host=LOOPBACK, port=port, largest=LARGEST))
        user = ["-u", "nobody", "-g", "nogroup"] if os.geteuid() == 0 else []
        with running(
            [command, "-f", *user, "-c", str(config)],
            output=folder / "out",
            ready=lambda: answers(LOOPBACK, port),
        ) as process:
            yield Rspamd(folder=folder, port=port, process=process)
