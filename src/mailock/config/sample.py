"""The file that `mailock init` writes: two rules that work, and every other setting with its default, commented out.

A line that starts with `#` and a key can be switched on by taking the `#` away; what starts with `# ` is prose.
"""

import textwrap
from collections.abc import Iterator
from typing import Final

from mailock.config.model import Policy
from mailock.config.read import element_of
from mailock.config.reference import Section, sections, toml
from mailock.config.reference import choices as choices_of
from mailock.config.setting import Setting, is_section, settings_of

_WIDTH: Final = 100
_ARRAYS: Final = frozenset(one.name for one in settings_of(Policy) if is_section(element_of(one.kind)))
"""Sections at the top that are lists."""
_HEAD: Final = """\
# The policy of Mailock. `mailock policy check` says whether this file is right, and what to look at;
# `mailock policy install` puts it into force. Every setting is explained in docs/settings.md.
#
# Amounts have units: "30s", "60m", "5d" · "50MB" (1000s), "64KiB" (1024s).
# What is commented out below is the default, or an example where there is none.
"""
_RULES: Final = """
# Where mail goes. The first rule that takes a recipient wins; a rule without a direction is for mail from outside.
[[mta.forwarding]]
domain = "example.com"              # "*" | "example.com" | "*.example.com" | "user@example.com" | a list
next_hop = "mail.internal:25"       # host | object | ["a", "b backup"] | "lmtp:…" | "mx:" | "0.0.0.0" = scan only
#verification = "callout"

# Where mail from inside goes, and what Mailock itself has to tell people elsewhere.
[[mta.forwarding]]
direction = "outgoing"
domain = "*"
next_hop = "mx:"                    # the recipient's own servers
"""


def sample() -> str:
    """The whole file."""
    parts = [_HEAD]
    seen: set[type] = set()
    later = [section.header.strip("[]") for section in sections() if _comes_later(section)]
    for section in sections():
        if section.header == "[[mta.forwarding]]":
            parts.append(_RULES)
        elif section.settings and not any(_is_in(section, header) for header in later):
            settings = [one for one in section.settings if one.is_required or section.kind not in seen]
            parts.append("\n".join(["", *_lines(section, settings)]) + "\n")
        seen.add(section.kind)
    return "".join(parts)


def _comes_later(section: Section) -> bool:
    """Whether this version refuses to switch it on."""
    return any(one.name == "enabled" and "true" in one.spec.later for one in section.settings)


def _is_in(section: Section, header: str) -> bool:
    return f"{section.header.strip('[]')}.".startswith(f"{header}.")


def _is_repeated(section: Section) -> bool:
    """Whether it stands there as often as one likes, or belongs to one that does."""
    first = section.header.strip("[]").partition(".")[0]
    return section.header.startswith("[[") or ".NAME" in section.header or first in _ARRAYS


def _lines(section: Section, settings: list[Setting]) -> Iterator[str]:
    yield from _prose(section.doc)
    yield f"#{section.header}" if _is_repeated(section) else section.header
    for one in settings:
        if one.name == "name" and section.header.endswith("NAME]"):
            continue
        yield from _prose(one.spec.doc)
        choices = f"  # {' | '.join(choices_of(one))}" if choices_of(one) else ""
        yield f"#{one.name} = {_value(one)}{choices}"


def _value(one: Setting) -> str:
    """The default, or an example where there is none that can be written."""
    if one.spec.example:
        return one.spec.example
    if one.default is None:
        raise TypeError(f"the model gives neither a default nor an example for {one.name}")
    return toml(one.default)


def _prose(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        for line in textwrap.wrap(" ".join(paragraph.split()), _WIDTH):
            yield f"# {line}"
