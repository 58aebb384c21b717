"""What the names of files in an archive say, without their contents."""

import re
from typing import Final

_RUNS: Final = frozenset({
    "exe", "scr", "com", "pif", "cpl", "dll", "msi", "jar", "js", "jse", "vbs", "vbe", "wsf", "wsh", "hta", "bat",
    "cmd", "ps1", "lnk", "url", "reg", "chm", "iso", "img", "vhd", "vhdx", "scf", "settingcontent-ms", "one", "xll",
})  # fmt: skip  # packed: a word a line would be longer than it is worth


_VOLUME: Final = re.compile(r"\.(?:\d{3}|[zrasc]\d\d)$|\.part\d+(?:\.\w{2,3})?$", re.IGNORECASE)
"""`a.7z.002`, `a.z01`, `a.r00`, `a.a01`, `a.c01`, `a.part2.rar`."""


def leads_out(untrusted_name: str) -> bool:
    """Whether a name leads out of the folder into which it is unpacked: `../`, an absolute path, a drive."""
    name = untrusted_name.replace("\\", "/")
    return name.startswith("/") or ".." in name.split("/") or name[1:3] == ":/" or (name[1:2] == ":" and len(name) > 2)


def runs(untrusted_name: str) -> bool:
    """Whether a system would run a file of this name."""
    return untrusted_name.rstrip(" .").rpartition(".")[2].lower() in _RUNS


def is_volume(untrusted_name: str) -> bool:
    """Whether unpackers take a file of this name for a volume of an archive in several."""
    return _VOLUME.search(untrusted_name.rstrip(" .")) is not None
