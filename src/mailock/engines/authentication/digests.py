"""What the jail is asked before a message is signed, and what it answers: fields without their signature, and digests.

The keys stay outside. What comes back is looked at before anything is signed: it has to be fields of the names, domains
and selectors that were asked for, and nothing else that a header line could be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from mailock.core.authentication import sealing, signing
from mailock.core.authentication.fields import split
from mailock.core.authentication.sealing import NoSeal, Prepared
from mailock.core.authentication.signing import SigningKey, Unsigned

TASK: Final = "digest"
SECONDS: Final = 30.0
FIELD: Final = 16 << 10
"""Octets of a field that is made."""
BEFORE: Final = 1 << 20
"""Octets of a chain that a seal covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be made of a message."""

    prefix: bytes
    """Fields of ours that go before the body."""
    identifier: str
    """Our host name."""
    keys: tuple[SigningKey, ...]
    """Each makes a DKIM-Signature."""
    seal: SigningKey | None
    """Makes an ARC set."""
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the jail made."""

    signatures: tuple[Unsigned, ...] = ()
    """In the order of the keys."""
    prepared: Prepared | None = None
    refused: str = ""
    """Why no set was made."""


class NotWhatWasAsked(Exception):
    """The jail answered something else: it is not to be trusted with this message."""


def answer(order_document: bytes, body: bytes) -> bytes:
    """Reads a hostile message, in the jail."""
    order = msgspec.msgpack.decode(order_document, type=Order)
    frozen = split(order.prefix + b"\r\n").fields
    message = split(order.prefix + body)
    signatures = tuple(signing.unsigned(message, key, now=order.now) for key in order.keys)
    prepared, refused = None, ""
    if order.seal is not None:
        try:
            prepared = sealing.prepare(message, frozen, order.identifier, order.seal, now=order.now)
        except NoSeal as why:
            refused = str(why)
    return msgspec.msgpack.encode(Answer(signatures=signatures, prepared=prepared, refused=refused))


def digest_task(read: Callable[[int], bytes]) -> Callable[[bytes, int, int | None, Callable[[bytes], None]], None]:
    """The task as the jail's worker runs it; `read` gives the octets behind a descriptor."""

    def task(order: bytes, body: int, output: int | None, emit: Callable[[bytes], None]) -> None:
        emit(answer(order, read(body)))

    return task


def heard(order: Order, untrusted_frame: bytes) -> Answer:
    """The answer, outside. Raises NotWhatWasAsked."""
    try:
        told = msgspec.msgpack.decode(untrusted_frame, type=Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotWhatWasAsked(f"it cannot be read: {error}") from None
    if len(told.signatures) != len(order.keys):
        raise NotWhatWasAsked("the signatures are not those that were asked for")
    for one, key in zip(told.signatures, order.keys, strict=True):
        _check(one, "DKIM-Signature", key)
    if told.prepared is not None:
        if order.seal is None:
            raise NotWhatWasAsked("a seal was made that nobody asked for")
        _check(told.prepared.message, "ARC-Message-Signature", order.seal)
        _check_field(told.prepared.results, "ARC-Authentication-Results")
        status, before = told.prepared.status, told.prepared.before
        if status not in sealing.STATUSES or len(before) > BEFORE or (before and status != "pass"):
            raise NotWhatWasAsked("the chain is none")
    return told


def _check(one: Unsigned, name: str, key: SigningKey) -> None:
    field = one.before + one.after
    _check_field(field, name)
    tags = [tag.strip() for tag in field.split(b";")]
    wanted = (f"d={key.domain}", f"s={key.selector}")
    if len(one.digest) != 32 or not all(tag.encode() in tags for tag in wanted) or not one.before.endswith(b"b="):
        raise NotWhatWasAsked(f"{name} is not the one that was asked for")


def _check_field(field: bytes, name: str) -> None:
    """One field, and no more than one: every line end in it is a fold, but the last."""
    inner = field.removesuffix(b"\r\n")
    plain = inner.replace(b"\r\n\t", b" ").replace(b"\r\n ", b" ").replace(b"\t", b" ")
    if (
        not field.startswith(name.encode() + b": ")
        or not field.endswith(b"\r\n")
        or len(field) > FIELD
        or not (plain.isascii() and plain.decode("ascii").isprintable())
    ):
        raise NotWhatWasAsked(f"{name} is not one field")
