"""What to say of a key that is not where it stands: that it belongs to another section, or to a later version."""

from collections.abc import Iterator
from typing import Final

from mailock.config.lines import Path
from mailock.config.model import ABSENT_PARTS, Policy
from mailock.config.node import Console, Node
from mailock.config.portal import Portal
from mailock.config.read import dotted, element_of
from mailock.config.setting import Setting, is_section, settings_of

_NOT_YET: Final = {
    (
        "mta",
        "forwarding",
        "virtual_system",
    ): "belongs to a system's own rules: write [[virtual_system.NAME.mta.forwarding]]",
    ("quarantine", "quota"): "a quota of its own is not part of this version: shorten [quarantine.retention]",
    ("log", "quota"): "a quota of its own is not part of this version: shorten retention",
    ("alerts", "mail_from"): "alerts have the null sender, so that they never bounce: remove it",
}


def elsewhere(place: Path) -> str | None:
    """The sentence about an unknown key, or None where there is nothing to say but that it is unknown."""
    words = tuple(part for part in place if isinstance(part, str))
    if words in _NOT_YET:
        return _NOT_YET[words]
    if len(words) > 1 and words[0] in ABSENT_PARTS:
        return f"{ABSENT_PARTS[words[0]]} is not part of this version: remove this, or the section"
    if words[0] == "virtual_system" and _is_setting(words[2:]):
        return "a virtual system cannot set this in this version: remove it; what stands at the top holds"
    homes = [section for section, setting in every_setting() if setting.name == words[-1]]
    if len(homes) == 1 and homes[0] not in (dotted(place[:-1]), ""):
        return f"stands in the wrong section: it belongs to [{homes[0]}]"
    return None


def _is_setting(words: tuple[str, ...]) -> bool:
    """Whether these words are a setting at the top of the file."""
    return any((*filter(None, header.split(".")), known.name) == words for header, known in every_setting())


def every_setting() -> Iterator[tuple[str, Setting]]:
    """Each setting and section with the header of what holds it; those of virtual systems are left out."""
    yield from _beneath(Node, "node")
    yield from _beneath(Console, "console")
    yield from _beneath(Portal, "portal")
    yield from _beneath(Policy, "")


def _beneath(kind: type, header: str) -> Iterator[tuple[str, Setting]]:
    for setting in settings_of(kind):
        yield header, setting
        inner = element_of(setting.kind) or setting.kind
        if is_section(inner) and setting.name != "virtual_system":
            below = f"{header}.{setting.name}" if header else setting.name
            yield from _beneath(inner, f"{below}.NAME" if setting.spec.keyed else below)
