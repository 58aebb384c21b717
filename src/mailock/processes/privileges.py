"""What a role may do: no more than its duty needs. Root's rights are dropped for good before the first foreign byte.

Ports are bound by the supervisor, which keeps its rights for that alone; so a role can give up its own at once. A
role that was started alone, without a supervisor, gives them up too, and then cannot have ports below 1024.
"""

import grp
import logging
import os
import pwd
import resource
from pathlib import Path

log = logging.getLogger(__name__)


def drop(user: str | None, group: str | None, data: Path) -> None:
    """Becomes the account of the settings, where root started us, and gives it the data folder if root had that.

    Raises ValueError with a sentence for an account that is not there, or that may not read this program.
    """
    if os.geteuid() != 0:
        return
    if user is None:
        log.warning("Mailock runs as root: set [node] user to an account of its own, and its rights are dropped")
        return
    account = _account(user)
    gid = account.pw_gid if group is None else _group(group)
    if data.stat().st_uid == 0 and account.pw_uid != 0:
        _give(data, account.pw_uid, gid)
    os.initgroups(account.pw_name, gid)
    os.setresgid(gid, gid, gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    # Modules are read when they are first needed: better now a sentence than later a surprise.
    for place in (Path(os.__file__), Path(__file__)):
        if not os.access(place, os.R_OK):
            raise ValueError(f"the account {user!r} may not read {place}: install Mailock and its Python where it may")
    log.info("root's rights are dropped: this process is %s now", user)


def lift_open_files() -> None:
    """Takes all the open files that the system grants; its usual 1,024 would be fewer than the connections allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _give(folder: Path, uid: int, gid: int) -> None:
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(place) / name, uid, gid, follow_symlinks=False)
    # Last, so that an interrupted walk is made again.
    os.chown(folder, uid, gid)


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        mend = f"make it (`useradd --system {user}`) or correct [node] user"
        raise ValueError(f"there is no account {user!r} on this machine: {mend}") from None


def _group(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise ValueError(f"there is no group {group!r} on this machine: make it or correct [node] group") from None
