"""[node], [console] and [portal] of the policy file: what belongs to this machine. Most commands read no more."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import TypeVar

from mailock.config.environment import overridden
from mailock.config.findings import Findings
from mailock.config.ldap import check_ldap
from mailock.config.lines import Path
from mailock.config.node import Console, Node
from mailock.config.oidc import check_oidc
from mailock.config.portal import Portal, check_portal
from mailock.config.read import Reader
from mailock.config.text import content, parse

T = TypeVar("T")


def load_node(path: FilePath, *, environment: Mapping[str, str] | None = None) -> Node:
    """Only [node] of a file: for commands that have to find the data folder, whatever is wrong with the policy.

    Raises Mistakes about that section, and for a file that cannot be read.
    """
    return rooted(_alone_of(path, Node(), "node", environment), path.absolute().parent)


def load_console(path: FilePath, *, environment: Mapping[str, str] | None = None) -> Console:
    """Only [console] of a file. Raises Mistakes about that section, and for a file that cannot be read."""
    return _alone_of(path, Console(), "console", environment)


def load_portal(path: FilePath, *, environment: Mapping[str, str] | None = None) -> Portal:
    """Only [portal] of a file. Raises Mistakes about that section, and for a file that cannot be read."""
    return _alone_of(path, Portal(), "portal", environment)


def _alone_of(path: FilePath, default: T, section: str, environment: Mapping[str, str] | None) -> T:
    table, lines = parse(content(path), str(path))
    findings = Findings(str(path), table, lines.at)
    read = overridable(Reader(findings.complain, _elsewhere), default, section, table, environment, findings)
    if isinstance(read, Console):
        check_ldap(read.ldap, findings)
        check_oidc(read.oidc, read.url, findings)
    if isinstance(read, Portal):
        check_portal(read, findings)
    findings.raise_mistakes()
    return read


def _elsewhere(place: Path) -> str | None:
    # Imported only for a key that is unknown: it knows the whole policy, and commands want to begin at once.
    from mailock.config.elsewhere import elsewhere

    return elsewhere(place)


def overridable(
    reader: Reader,
    default: T,
    section: str,
    table: Mapping[str, object],
    environment: Mapping[str, str] | None,
    findings: Findings,
) -> T:
    """A section of the machine's own: what the table says, and above it what the environment says."""
    read = reader.section(type(default), table.get(section, {}), (section,))
    return overridden(read or default, section, environment or {}, findings.mistakes)


def rooted(node: Node, folder: FilePath | None) -> Node:
    """The node's paths from the root, where the file's folder is known."""
    if folder is None:
        return node
    authorities = str(folder / node.authorities) if node.authorities else None
    geoip = str(folder / node.geoip) if node.geoip else None
    scripts = str(folder / node.scripts) if node.scripts else None
    return replace(node, data=str(folder / node.data), authorities=authorities, geoip=geoip, scripts=scripts)
