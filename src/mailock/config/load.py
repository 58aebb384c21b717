"""Reads `mailock.toml`, or the text of a revision, into `Settings`, or raises all that is wrong with it, in one go.

Warnings are kept apart from mistakes: a file with warnings works, and somebody should look at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from mailock.config.checks import check, countries
from mailock.config.elsewhere import elsewhere
from mailock.config.environment import misplaced
from mailock.config.findings import Findings
from mailock.config.inherit import inherited, only_own
from mailock.config.ldap import check_ldap
from mailock.config.machine import overridable, rooted
from mailock.config.mistakes import Mistake
from mailock.config.model import Policy, Settings
from mailock.config.node import Console, Node
from mailock.config.oidc import check_oidc
from mailock.config.policytext import NOT_POLICY, without_node
from mailock.config.portal import Portal, check_portal
from mailock.config.read import Reader
from mailock.config.text import content, parse
from mailock.config.userside import needs_portal


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A file that can be used. `policy_text` is what a revision holds: its words without the machine's sections."""

    settings: Settings
    warnings: tuple[Mistake, ...]
    policy_text: str


def load(source: FilePath | str, *, environment: Mapping[str, str] | None = None, name: str = "mailock.toml") -> Loaded:
    """Reads a file (a Path) or a text (a str, which messages call `name`).

    Raises Mistakes and nothing else, also for a file that cannot be read. Relative paths in [node] start at the file's
    folder.
    """
    folder = None
    if isinstance(source, FilePath):
        name, folder = str(source), source.absolute().parent
        source = content(source)
    table, lines = parse(source, name)
    findings = Findings(name, table, lines.at)
    reader = Reader(only_own(findings.complain, table), elsewhere)
    node = overridable(reader, Node(), "node", table, environment, findings)
    console = overridable(reader, Console(), "console", table, environment, findings)
    portal = overridable(reader, Portal(), "portal", table, environment, findings)
    findings.mistakes += misplaced(environment or {}, NOT_POLICY)
    ours = {key: value for key, value in inherited(table).items() if key not in NOT_POLICY}
    policy = reader.section(Policy, ours, ())
    if policy is None:
        raise TypeError("the model demands a setting at the top of the file")
    check(policy, findings)
    check_ldap(console.ldap, findings)
    check_portal(portal, findings)
    check_oidc(console.oidc, console.url, findings)
    if folder is not None and node.geoip is None:
        countries(policy, findings)
    if folder is not None:
        needs_portal(policy.quarantine.recipients, policy.click_time, portal, findings)
    findings.raise_mistakes()
    return Loaded(
        settings=Settings(node=rooted(node, folder), console=console, portal=portal, policy=policy),
        warnings=tuple(sorted(findings.warnings, key=lambda warning: warning.line)),
        policy_text=without_node(source, lines),
    )
