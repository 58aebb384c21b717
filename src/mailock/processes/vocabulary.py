"""Every kind of finding and every engine that there is, from the manifests: for those who check a policy.

The engines are made for it, which takes a second or two; nobody looks at mail here.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from mailock.config.antivirus import AntiVirus
from mailock.config.engines import EngineSettings
from mailock.config.vocabulary import Vocabulary
from mailock.core.classify.weighing import ENGINE as SPAM
from mailock.core.classify.weighing import KINDS as SPAM_KINDS
from mailock.core.impersonation.concluding import CONCLUDED as ACQUAINTANCE_KINDS
from mailock.core.impersonation.concluding import ENGINE as ACQUAINTANCE
from mailock.core.policy.lists import PINNED
from mailock.engines.authentication.findings import ENGINE as SENDER
from mailock.engines.authentication.findings import KINDS as SENDER_KINDS
from mailock.engines.catalogue import JAILED, make
from mailock.engines.clamav.replies import KINDS as CLAMAV_KINDS
from mailock.engines.clamav.replies import NAME as CLAMAV
from mailock.engines.feeds.asking import KINDS as FEED_KINDS
from mailock.engines.feeds.asking import NAME as FEEDS
from mailock.engines.icap.forwarder import NAME as ICAP
from mailock.engines.icap.meaning import KINDS as ICAP_KINDS
from mailock.engines.reputation.engine import KINDS as REPUTATION_KINDS
from mailock.engines.reputation.engine import NAME as REPUTATION
from mailock.engines.reputation.senders import KINDS as SENDERS_KINDS
from mailock.engines.reputation.senders import NAME as SENDERS
from mailock.engines.rspamd.answers import KINDS as RSPAMD_KINDS
from mailock.engines.rspamd.answers import NAME as RSPAMD
from mailock.engines.spamassassin.replies import KINDS as SPAMASSASSIN_KINDS
from mailock.engines.spamassassin.replies import NAME as SPAMASSASSIN
from mailock.engines.yara.compiling import compile_rules
from mailock.engines.yara.engine import NAME as YARA

OUTSIDE: Final[Mapping[str, Mapping[str, str]]] = {
    CLAMAV: CLAMAV_KINDS,
    ICAP: ICAP_KINDS,
    FEEDS: FEED_KINDS,
    SPAM: SPAM_KINDS,
    SENDER: SENDER_KINDS,
    RSPAMD: RSPAMD_KINDS,
    SPAMASSASSIN: SPAMASSASSIN_KINDS,
    REPUTATION: REPUTATION_KINDS,
    SENDERS: SENDERS_KINDS,
    ACQUAINTANCE: ACQUAINTANCE_KINDS,
    PINNED: {PINNED: "an administrator says that the file with this SHA-256 is malicious"},
}
"""Kinds of those that work outside of the jail, and of pins, with their sentences."""


def vocabulary(scanning: AntiVirus) -> Vocabulary:
    """The words, those of the administrator's own YARA rules included. Raises ValueError where these are wrong."""
    known = engines(None if scanning.rules is None else Path(scanning.rules), scanning.engines)
    # The second of several services is called icap2, and so on.
    services = {f"{ICAP}{number}" for number in range(2, len(scanning.icap) + 1)}
    return Vocabulary(
        kinds=frozenset(kind for kinds in known.values() for kind in kinds), engines=frozenset({*known, *services})
    )


def engines(folder: Path | None = None, others: Iterable[str] = ()) -> dict[str, Mapping[str, str]]:
    """Every engine with its kinds of finding, and a sentence for each. `folder`: of more YARA rules; `others`: engines
    that others bring. Raises ValueError where there is no such engine.
    """
    manifests = [make(name, EngineSettings()).manifest for name in (*JAILED, *others)]
    inside = {manifest.name: manifest.kinds for manifest in manifests}
    return {**inside, YARA: compile_rules(folder).kinds, **OUTSIDE}


def kinds_reference() -> str:
    """The kinds as a table in Markdown."""
    rows = [
        f"| `{engine}` | `{kind}` | {kinds[kind].rstrip('.').replace('|', '/')} |"
        for engine, kinds in engines().items()
        for kind in sorted(kinds)
    ]
    return "\n".join(["| engine | kind | what was found |", "|---|---|---|", *rows])
