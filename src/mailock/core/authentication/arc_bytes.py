"""The half of ARC that reads bytes and runs in the jail (RFC 8617): it puts the sets together and hashes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.authentication import canonical, dkim_bytes, signature
from mailock.core.authentication.canonical import Way
from mailock.core.authentication.dkim_bytes import Bodies, Hashed
from mailock.core.authentication.fields import Field, Split
from mailock.core.authentication.signature import Broken

MOST: Final = 50
"""Sets of a chain (section 4.2.1)."""
CHECKED: Final = 20
"""Chains of more sets fail here: each set costs a look-up, and no honest path is so long."""
RESULTS: Final = 4_000
"""Octets that are kept of each set's results; a method that is not whole then is left out."""
AAR: Final = "arc-authentication-results"
AMS: Final = "arc-message-signature"
SEAL: Final = "arc-seal"
_NAMES: Final = frozenset({AAR, AMS, SEAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain, hashed. A document that leaves the jail."""

    sets: int
    """How many there are; 0 for none."""
    broken: str = ""
    """Empty, or why the chain is no chain."""
    status: str = ""
    """The cv= tag of the newest seal."""
    messages: tuple[Hashed, ...] = ()
    """The message signatures from the newest to the oldest; those older than the newest only tell who changed it."""
    seals: tuple[Hashed, ...] = ()
    """From the newest to the oldest."""
    untrusted_results: tuple[str, ...] = ()
    """What each sealer wrote that it had found, from the newest to the oldest; nothing where the newest message
    signature covers no field, and so no author.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ArcSet:
    """The three fields of one instance."""

    results: Field
    message: Field
    seal: Field
    seal_tags: dict[str, str]


def chain(message: Split) -> Chain:
    """The chain of a message."""
    ours = [field for field in message.fields if field.lower in _NAMES]
    if not ours:
        return Chain(sets=0)
    newest = 0
    try:
        newest = max(map(instance, ours))
        if message.too_long:
            raise Broken(message.too_long)
        if newest > CHECKED:
            raise Broken(f"the chain has more than {CHECKED} sets")
        sets = gather(ours)
        return _hashed(message, sets)
    except Broken as error:
        return Chain(sets=max(newest, 1), broken=str(error))


def instance(field: Field) -> int:
    """The i= tag of a field. Raises Broken."""
    if field.lower == AAR:
        name, equals, value = field.value.partition(b";")[0].partition(b"=")
        digits = value.strip().decode("latin-1") if equals and name.strip(b" \t\r\n") == b"i" else ""
    else:
        digits = signature.read_tags(field).get("i", "")
    if not digits.isascii() or not digits.isdigit() or not 1 <= int(digits[:5]) <= MOST:
        raise Broken(f"the instance {digits[:10]!r} of {field.lower} is not between 1 and {MOST}")
    return int(digits)


def gather(ours: Sequence[Field]) -> list[ArcSet]:
    """The sets, the oldest first: one of each field for each instance from 1 on (section 5.2). Raises Broken."""
    found: dict[tuple[int, str], Field] = {}
    for field in ours:
        key = instance(field), field.lower
        if key in found:
            raise Broken(f"instance {key[0]} has two fields {field.lower}")
        found[key] = field
    newest = max(number for number, _ in found)
    sets = []
    for number in range(1, newest + 1):
        missing = [name for name in sorted(_NAMES) if (number, name) not in found]
        if missing:
            raise Broken(f"instance {number} has no {missing[0]}")
        seal = found[number, SEAL]
        seal_tags = signature.read_tags(seal)
        _check_seal(seal_tags, number, newest)
        sets.append(ArcSet(results=found[number, AAR], message=found[number, AMS], seal=seal, seal_tags=seal_tags))
    return sets


def _check_seal(tags: dict[str, str], number: int, newest: int) -> None:
    status = tags.get("cv", "").lower()
    if "h" in tags:
        raise Broken(f"the seal of instance {number} has an h= tag")
    wanted = {"none"} if number == 1 else {"pass"}
    if number == newest:
        wanted.add("fail")
    if status not in wanted:
        raise Broken(f"the seal of instance {number} says cv={status[:10]!r}")


def _hashed(message: Split, sets: list[ArcSet]) -> Chain:
    bodies = Bodies(message.body)
    messages: list[Hashed] = []
    covers = True
    for one in reversed(sets):
        try:
            told = signature.read_arc(signature.read_tags(one.message))
            covers = covers and bool(messages or told.names)
            messages.append(dkim_bytes.digest(told, one.message, message.fields, bodies))
        except Broken as error:
            messages.append(Hashed(broken=str(error)))
    seals = [_seal(sets[:number]) for number in range(len(sets), 0, -1)]
    return Chain(
        sets=len(sets),
        status=sets[-1].seal_tags["cv"].lower(),
        messages=tuple(messages),
        seals=tuple(seals),
        untrusted_results=tuple(text_of(one.results) if covers else "" for one in reversed(sets)),
    )


def _seal(sets: list[ArcSet]) -> Hashed:
    """The newest seal of these sets, hashed (section 5.1.1). Raises Broken."""
    found = sets[-1].seal_tags
    for name in ("a", "b", "d", "s"):
        if not found.get(name):
            raise Broken(f"a seal lacks {name}=")
    _, hash_name = signature.algorithm(found["a"])
    timestamp = signature.number(found, "t")
    return Hashed(
        broken="",
        domain=signature.name_of(found, "d"),
        selector=signature.name_of(found, "s"),
        algorithm=found["a"].lower(),
        digest=dkim_bytes.hash_of(hash_name, sealed(sets)).hex(),
        signature=signature.octets(found, "b").hex(),
        timestamp=-1 if timestamp is None else timestamp,
    )


def sealed(sets: Sequence[ArcSet]) -> bytes:
    """What the newest seal of these sets covers: all of them, its own signature left out."""
    signed: list[bytes] = []
    for one in sets:
        last = one is sets[-1]
        seal = canonical.without_signature(one.seal) if last else one.seal
        signed += [canonical.header(field, Way.RELAXED) for field in (one.results, one.message, seal)]
    return b"".join(signed).removesuffix(b"\r\n")


def text_of(field: Field) -> str:
    """Results as they stand, on one line."""
    line = b" ".join(field.value.split())
    if len(line) > RESULTS:
        line = line[:RESULTS].rpartition(b";")[0]
    return line.decode("utf-8", "replace")
