"""`python -m bench.spam.cost`: processor time of knowing who sent a message, and whether it is wanted.

Authentication, anti-spam and impersonation, each in its half inside and its half outside of the jail, alone and in this
process. It opens none of the corpus' attachments: all of these read text and markup only. The corpus is older than
DKIM, so each message gets a signature of RSA-SHA256, relaxed/relaxed, over its main fields and its body, and a zone in
which SPF, DKIM and DMARC pass. Left out are the DNS, the frames of the jail and the commit.
"""

import asyncio
import base64
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bench.spam.corpus import data_folder, messages
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from mailock.config.engines import EngineSettings
from mailock.core.authentication import documents
from mailock.core.authentication.dmarc import DmarcResult
from mailock.core.authentication.fields import split
from mailock.core.authentication.questions import KeyType
from mailock.core.authentication.signing import SigningKey, finished, unsigned
from mailock.core.authentication.zone import Zone, read
from mailock.core.classify import seen
from mailock.core.classify.learning import Learnt, Taught, teach
from mailock.core.classify.weighing import weigh
from mailock.core.evidence.filetype import Family, FileType
from mailock.core.evidence.finding import Fact, FactKind, Sighting
from mailock.core.evidence.specimen import Purse, Specimen, Whole
from mailock.core.mime.parse import parse
from mailock.core.mime.part import PartPath
from mailock.engines.authentication.answers import FromZone
from mailock.engines.authentication.online import AuthenticationEngine, Source
from mailock.engines.catalogue import IMPERSONATION, JAILED
from mailock.engines.heading import forget
from mailock.engines.page import shown
from mailock.engines.spam.weighing import shipped
from mailock.ports.engine import Jailed
from mailock.processes.offline import as_sent

T = TypeVar("T")
_SEED, _MESSAGES, _ROUNDS, _BITS = 7, 300, 5, 2048
_SOURCE = "192.0.2.9"
_HOST = "mx.receiver.example"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message of the corpus, signed."""

    specimen: Specimen
    domain: str


def drawn(key: rsa.RSAPrivateKey) -> Iterator[Drawn]:
    """Messages of the corpus, drawn with a seed."""
    every = [octets for source, _, _, octets in messages(data_folder()) if not source.startswith("written")]
    for octets in random.Random(_SEED).sample(every, _MESSAGES):
        plain = as_sent(octets)
        domain = documents.evidence(plain, _HOST).author.domain or "nobody.example"
        prepared = unsigned(split(plain), SigningKey(domain=domain, selector="s", key_type=KeyType.RSA), now=1)
        signature = key.sign(prepared.digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        sent = finished(prepared, signature) + plain
        specimen = Specimen(
            part=PartPath("1"),
            content=sent,
            type=FileType(family=Family.MESSAGE, name="eml", media="message/rfc822"),
            untrusted_names=(),
            declared=("message/rfc822",),
            charsets=(),
            provenance="message",
            whole=Whole(anatomy=parse(sent), subject=""),
            purse=Purse(octets=1 << 20, files=100, depth=4),
        )
        yield Drawn(specimen, domain)


def zone(key: rsa.RSAPrivateKey, domains: set[str]) -> Zone:
    """A DNS in which all of it passes."""
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    names: dict[str, list[list[str]]] = {}
    for domain in domains:
        names[domain] = [["TXT", f"v=spf1 mx ip4:{_SOURCE} -all"], ["MX", f"10 mx.{domain}"]]
        names[f"s._domainkey.{domain}"] = [["TXT", record]]
        names[f"_dmarc.{domain}"] = [["TXT", "v=DMARC1; p=reject"]]
    return read(names)


def main() -> None:
    """Prints mean and median, in milliseconds of processor time, the least of some rounds for each message."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    every = list(drawn(key))
    sums = [0.0] * len(every)
    told: dict[str, list[dict[FactKind, str]]] = {}
    for name, before in (("dkim", None), (IMPERSONATION, None), ("reading", IMPERSONATION)):
        engine = JAILED[name](EngineSettings())
        first = JAILED[before](EngineSettings()) if before is not None else None
        costs, said = _costs(
            [partial(_looked, engine, one.specimen) for one in every],
            [partial(_fresh, first, one.specimen) for one in every],
        )
        told[name] = [{fact.kind: fact.untrusted_value for fact in found if isinstance(fact, Fact)} for found in said]
        sums = _print(f"{name}, in the jail", costs, sums)
    online = AuthenticationEngine(FromZone(zone(key, {one.domain for one in every})), receiver=_HOST, now=lambda: 2.0)
    costs, passed = asyncio.run(_authenticated(online, every, [facts[FactKind.DKIM] for facts in told["dkim"]]))
    sums = _print("authentication, outside", costs, sums)
    learnt = Learnt()
    for facts in told["reading"]:
        teach(learnt, shipped(), seen.read(facts[FactKind.READING]), Taught.HAM)
    costs, _ = _costs([partial(_weighed, facts[FactKind.READING], learnt) for facts in told["reading"]])
    sums = _print("spam, outside", costs, sums)
    _print("all of it", sums, sums)
    print(f"DMARC passed for {sum(passed)} of {len(every)}")


def _print(name: str, costs: list[float], sums: list[float]) -> list[float]:
    print(f"{name}: mean {statistics.mean(costs):.2f} ms, median {statistics.median(costs):.2f} ms")
    return [one + other for one, other in zip(costs, sums, strict=True)]


def _costs(acts: Sequence[Callable[[], T]], before: Sequence[Callable[[], None]] = ()) -> tuple[list[float], list[T]]:
    """Milliseconds of each, and what it gave; `before` is done first, and does not count."""
    costs = [float("inf")] * len(acts)
    for _ in range(_ROUNDS):
        said = []
        for number, act in enumerate(acts):
            if before:
                before[number]()
            began = time.process_time()
            said.append(act())
            costs[number] = min(costs[number], (time.process_time() - began) * 1000)
    return costs, said


def _looked(engine: Jailed, specimen: Specimen) -> list[Sighting]:
    return list(engine.look(specimen))


def _fresh(first: Jailed | None, specimen: Specimen) -> None:
    """As in the process of one message: nothing was read but by the engine that looks at this message before."""
    shown.cache_clear()
    forget()
    if first is not None:
        _looked(first, specimen)


async def _authenticated(
    engine: AuthenticationEngine, every: Sequence[Drawn], told: Sequence[str]
) -> tuple[list[float], list[bool]]:
    """As `_costs`, in a loop that runs."""
    costs, passed = [float("inf")] * len(every), [False] * len(every)
    for _ in range(_ROUNDS):
        for number, (one, document) in enumerate(zip(every, told, strict=True)):
            source = Source(ip=_SOURCE, untrusted_helo=f"mx.{one.domain}", untrusted_sender=f"a@{one.domain}")
            began = time.process_time()
            found = await engine.judge(source, documents.read(document))
            costs[number] = min(costs[number], (time.process_time() - began) * 1000)
            passed[number] = found.dmarc.result is DmarcResult.PASS
    return costs, passed


def _weighed(document: str, learnt: Learnt) -> float:
    return weigh(seen.read(document), shipped(), learnt).score


if __name__ == "__main__":
    main()
