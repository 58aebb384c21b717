"""Makes the last fields of a message that leaves (ports/signer): DKIM signatures on what is ours, an ARC set on what we
changed of others' mail.

The jail reads the message and gives digests; the keys are here, and sign them (DECISIONS 25).
"""

from collections.abc import Callable
from typing import Final

import msgspec

from mailock.core.authentication import mailbox, sealing, signing
from mailock.core.mail.message import Message, OwnMail
from mailock.core.policy.signing import Signing
from mailock.engines.authentication import arithmetic, digests
from mailock.engines.authentication.digests import NotWhatWasAsked, Order
from mailock.engines.authentication.keys import Keyring, StoredKey, UnusableKey
from mailock.ports.jail import End, Jail, Job, NoJail
from mailock.ports.signer import CannotSign, Leaving

MOST: Final = 3
"""Signatures that one message gets."""


class MailSigner:
    """Signs and seals. `identifier` is our host name, by which our own results are known; `now` gives Unix time, and
    `signing` whether what is ours is signed, and for whom.
    """

    def __init__(
        self,
        *,
        keyring: Keyring,
        jail: Jail,
        identifier: str,
        now: Callable[[], float],
        signing: Callable[[], Signing] = Signing,
    ) -> None:
        self._keyring = keyring
        self._signing = signing
        self._jail = jail
        self._identifier = identifier
        self._now = now

    def signs(self, message: Message) -> bool:
        """See `ports.signer.Signer`."""
        if not _is_ours(message) or not self._may_sign(message):
            return False
        try:
            return bool(self._keyring.active(_author_domain(message)))
        except (UnusableKey, OSError):
            # Then it waits for its signature, and what is wrong is told there.
            return True

    async def sign(self, leaving: Leaving) -> bytes:
        """The fields that go on top; empty where there is no key for it, or nothing to vouch for. Raises OSError."""
        try:
            if _is_ours(leaving.message):
                may = self._may_sign(leaving.message)
                keys = self._keyring.active(_author_domain(leaving.message))[:MOST] if may else []
                return await self._signed(leaving, keys) if keys else b""
            sealers = self._keyring.active(self._identifier) if leaving.changed else []
            return await self._sealed(leaving, sealers[0]) if sealers else b""
        except UnusableKey as why:
            raise OSError(str(why)) from None

    def _may_sign(self, message: Message) -> bool:
        signing = self._signing()
        return signing.enabled and (message.own is not None or signing.allows(_author_domain(message), message.origin))

    async def _signed(self, leaving: Leaving, keys: list[StoredKey]) -> bytes:
        order = self._order(leaving, keys=tuple(key.public for key in keys), seal=None)
        told = await self._ask(order, leaving.body)
        fields = [
            signing.finished(one, arithmetic.sign(key.private, one.digest))
            for one, key in zip(told.signatures, keys, strict=True)
        ]
        return b"".join(fields)

    async def _sealed(self, leaving: Leaving, key: StoredKey) -> bytes:
        order = self._order(leaving, keys=(), seal=key.public)
        told = await self._ask(order, leaving.body)
        prepared = told.prepared
        if prepared is None:
            return b""
        message = signing.finished(prepared.message, arithmetic.sign(key.private, prepared.message.digest))
        seal = sealing.seal(prepared, message, key.public, now=order.now)
        return signing.finished(seal, arithmetic.sign(key.private, seal.digest)) + message + prepared.results

    def _order(
        self, leaving: Leaving, *, keys: tuple[signing.SigningKey, ...], seal: signing.SigningKey | None
    ) -> Order:
        return Order(prefix=leaving.prefix, identifier=self._identifier, keys=keys, seal=seal, now=int(self._now()))

    async def _ask(self, order: Order, body: int) -> digests.Answer:
        job = Job(task=digests.TASK, order=msgspec.msgpack.encode(order), body=body, seconds=digests.SECONDS)
        try:
            ended = await self._jail.run(job)
            if ended.end is End.DIED:
                # Once more, for it may have been the machine's fault.
                ended = await self._jail.run(job)
        except NoJail as closed:
            raise OSError(f"the message cannot be read to be signed: {closed}") from None
        if ended.end is not End.DONE or len(ended.untrusted_frames) != 1:
            raise CannotSign(f"the jail could not read it: {ended.detail or ended.end.value}")
        try:
            return digests.heard(order, ended.untrusted_frames[0])
        except NotWhatWasAsked as why:
            raise CannotSign(f"what the jail made of it cannot be trusted: {why}") from None


def _is_ours(message: Message) -> bool:
    return message.own != OwnMail.ARCHIVE and (message.own is not None or message.origin.internal)


def _author_domain(message: Message) -> str:
    """Whose keys sign: those of the author, or, where that is not plain, those of the envelope's sender."""
    shown = mailbox.read(message.glimpse.from_.encode("utf-8", "replace"))
    if shown.address:
        return shown.address.rpartition("@")[2]
    return message.envelope.sender.domain if message.envelope.sender is not None else ""
