"""How messages and copies are written down: msgpack arrays, versioned, and read back strictly.

A document is one array: its version, then the fields in the order of the dataclass, nested values as arrays of their
own. Arrays and not maps, because the names of the fields would be half of what is written, and because building a
tuple by hand and handing it to msgspec takes half the time of letting msgspec walk the dataclass. Reading goes
through typed decoders: a field of the wrong type, one too many or one too few, or a version from the future is
`Unreadable`, never a guess.

A field that is added later goes to the end under a new version; the old reader stays beside the new one.

Text must be Unicode without lone surrogates: whoever turns hostile bytes into text decides there how.
"""

from typing import Any, Final, Literal, TypeAlias

import msgspec

from mailock.core.lifecycle.copies import Copy, Disposition, Response
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Direction, Envelope, Notify, Recipient, Ret
from mailock.core.mail.message import BodyRef, Glimpse, Message, QueueId
from mailock.core.mail.origin import Origin, Tls


class Unreadable(Exception):
    """A stored document is not what this version writes: damaged, or written by a newer Mailock."""


AddressWire: TypeAlias = tuple[str, str]
TlsWire: TypeAlias = tuple[str, str, str | None]
OriginWire: TypeAlias = tuple[str, int, str, str, str, bool, TlsWire | None, str | None, str | None]
RecipientWire: TypeAlias = tuple[str, str, Direction, frozenset[Notify], str | None]
EnvelopeWire: TypeAlias = tuple[AddressWire | None, list[RecipientWire], BodyType, bool, Ret | None, str | None]
BodyWire: TypeAlias = tuple[int, str, int, bool]
GlimpseWire: TypeAlias = tuple[str, str, str, str, str]
MessageWire: TypeAlias = tuple[
    Literal[1],
    int,
    str,
    int,
    str,
    str,
    OriginWire,
    EnvelopeWire,
    BodyWire,
    bytes,
    GlimpseWire,
    float,
    int,
    str | None,
    int | None,
]
CopyWire: TypeAlias = tuple[Literal[1], BodyWire, bytes, Disposition, list[str], str, bool]
ChangedCopyWire: TypeAlias = tuple[Literal[2], BodyWire, bytes, Disposition, list[str], str, bool, bytes, bytes]
LedCopyWire: TypeAlias = tuple[
    Literal[3], BodyWire, bytes, Disposition, list[str], str, bool, bytes, bytes, AddressWire | None, str, str | None
]
SharedCopyWire: TypeAlias = tuple[
    Literal[4],
    BodyWire,
    bytes,
    Disposition,
    list[str],
    str,
    bool,
    bytes,
    bytes,
    AddressWire | None,
    str,
    str | None,
    list[str],
]
ResponseWire: TypeAlias = tuple[int, str, str]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_message: Final = msgspec.msgpack.Decoder[MessageWire](MessageWire).decode
_decode_copy: Final = msgspec.msgpack.Decoder[CopyWire](CopyWire).decode
_decode_changed_copy: Final = msgspec.msgpack.Decoder[ChangedCopyWire](ChangedCopyWire).decode
_decode_led_copy: Final = msgspec.msgpack.Decoder[LedCopyWire](LedCopyWire).decode
_decode_shared_copy: Final = msgspec.msgpack.Decoder[SharedCopyWire](SharedCopyWire).decode
_decode_recipient: Final = msgspec.msgpack.Decoder[RecipientWire](RecipientWire).decode
_decode_response: Final = msgspec.msgpack.Decoder[ResponseWire](ResponseWire).decode


def message_wire(message: Message) -> tuple[object, ...]:
    """A message as the array that is written."""
    origin, envelope, body, glimpse = message.origin, message.envelope, message.body, message.glimpse
    tls, sender = origin.tls, envelope.sender
    return (
        1,
        message.queue_id,
        message.session_id,
        message.ordinal,
        message.virtual_system,
        message.node,
        (
            origin.ip,
            origin.port,
            origin.untrusted_helo,
            origin.protocol,
            origin.listener,
            origin.internal,
            None if tls is None else (tls.version, tls.cipher, tls.client_name),
            origin.authenticated_as,
            origin.proxy_ip,
        ),
        (
            None if sender is None else (sender.local, sender.domain),
            [recipient_wire(recipient) for recipient in envelope.recipients],
            envelope.body_type,
            envelope.smtputf8,
            envelope.ret,
            envelope.envid,
        ),
        (body.name, body.sha256, body.size, body.inline),
        message.trace,
        (glimpse.message_id, glimpse.subject, glimpse.from_, glimpse.to, glimpse.cc),
        message.accepted_at,
        message.revision,
        message.own,
        message.parent,
    )


def recipient_wire(recipient: Recipient) -> tuple[object, ...]:
    """A recipient as the array that is written."""
    address = recipient.address
    return (address.local, address.domain, recipient.direction, recipient.notify, recipient.orcpt)


def response_wire(response: Response) -> tuple[object, ...]:
    """A response as the array that is written."""
    return (response.code, response.enhanced, response.text)


def encode_message(message: Message) -> bytes:
    """A message as it is stored."""
    return _encode(message_wire(message))


def decode_message(document: bytes) -> Message:
    """The message that `encode_message` wrote. Raises Unreadable."""
    return message_from(_read(_decode_message, document))


def encode_copy(copy: Copy) -> bytes:
    """What of a copy stays while it moves; its place, its stage and its quarantine stand beside it.

    Version 2 is written only for what has orders or a receipt, version 3 for what leaves another way or was
    to be converted, version 4 for what goes to others too once it is let go.
    """
    body = (copy.body.name, copy.body.sha256, copy.body.size, copy.body.inline)
    told = (body, copy.prefix, copy.disposition, copy.because, copy.rule, copy.skipped)
    sender = copy.sender
    path = None if sender is None else (sender.local, sender.domain)
    if copy.added:
        return _encode((4, *told, copy.orders, copy.receipt, path, copy.via, copy.conversion, copy.added))
    if sender is not None or copy.via or copy.conversion is not None:
        return _encode((3, *told, copy.orders, copy.receipt, path, copy.via, copy.conversion))
    if copy.orders or copy.receipt:
        return _encode((2, *told, copy.orders, copy.receipt))
    return _encode((1, *told))


def decode_copy(
    document: bytes,
    *,
    queue_id: QueueId,
    number: int,
    stage: CopyStage,
    quarantine_class: str | None,
    quarantined_at: float | None,
    counted_from: float | None,
) -> Copy:
    """The copy that `encode_copy` wrote. Raises Unreadable."""
    _, body, prefix, disposition, because, rule, skipped, orders, receipt, *sent = _read_copy(document)
    sender, via, conversion, added = sent
    return Copy(
        queue_id=queue_id,
        number=number,
        stage=stage,
        body=BodyRef(*body),
        prefix=prefix,
        disposition=disposition,
        because=tuple(because),
        rule=rule,
        quarantine_class=quarantine_class,
        quarantined_at=quarantined_at,
        counted_from=counted_from,
        skipped=skipped,
        orders=orders,
        receipt=receipt,
        sender=None if sender is None else Address(*sender),
        via=via,
        conversion=conversion,
        added=tuple(added),
    )


def encode_recipient(recipient: Recipient) -> bytes:
    """A recipient as it is stored."""
    return _encode(recipient_wire(recipient))


def decode_recipient(document: bytes) -> Recipient:
    """The recipient that `encode_recipient` wrote. Raises Unreadable."""
    return recipient_from(_read(_decode_recipient, document))


def encode_response(response: Response) -> bytes:
    """A response as it is stored."""
    return _encode((response.code, response.enhanced, response.text))


def decode_response(document: bytes) -> Response:
    """The response that `encode_response` wrote. Raises Unreadable."""
    return response_from(_read(_decode_response, document))


def message_from(wire: MessageWire) -> Message:
    """The message that an array stands for."""
    (
        _,
        queue_id,
        session_id,
        ordinal,
        system,
        node,
        origin,
        envelope,
        body,
        trace,
        glimpse,
        at,
        revision,
        own,
        parent,
    ) = wire
    message_id, subject, from_, to, cc = glimpse
    return Message(
        queue_id=QueueId(queue_id),
        session_id=session_id,
        ordinal=ordinal,
        virtual_system=system,
        node=node,
        origin=_origin_from(origin),
        envelope=_envelope_from(envelope),
        body=BodyRef(*body),
        trace=trace,
        glimpse=Glimpse(message_id=message_id, subject=subject, from_=from_, to=to, cc=cc),
        accepted_at=at,
        revision=revision,
        own=own,
        parent=None if parent is None else QueueId(parent),
    )


def recipient_from(wire: RecipientWire) -> Recipient:
    """The recipient that an array stands for."""
    local, domain, direction, notify, orcpt = wire
    return Recipient(Address(local, domain), direction, notify, orcpt)


def response_from(wire: ResponseWire) -> Response:
    """The response that an array stands for."""
    code, enhanced, text = wire
    return Response(code=code, enhanced=enhanced, text=text)


def _read_copy(document: bytes) -> Any:
    """The array of a copy in any version, as the newest writes it."""
    match document[1:2]:
        case b"\x04":
            return _read(_decode_shared_copy, document)
        case b"\x03":
            return (*_read(_decode_led_copy, document), ())
        case b"\x02":
            return (*_read(_decode_changed_copy, document), None, "", None, ())
        case _:
            return (*_read(_decode_copy, document), b"", b"", None, "", None, ())


def _origin_from(wire: OriginWire) -> Origin:
    ip, port, helo, protocol, listener, internal, tls, authenticated_as, proxy_ip = wire
    return Origin(
        ip=ip,
        port=port,
        untrusted_helo=helo,
        protocol=protocol,
        listener=listener,
        internal=internal,
        tls=None if tls is None else Tls(version=tls[0], cipher=tls[1], client_name=tls[2]),
        authenticated_as=authenticated_as,
        proxy_ip=proxy_ip,
    )


def _envelope_from(wire: EnvelopeWire) -> Envelope:
    sender, recipients, body_type, smtputf8, ret, envid = wire
    return Envelope(
        sender=None if sender is None else Address(*sender),
        recipients=tuple(recipient_from(recipient) for recipient in recipients),
        body_type=body_type,
        smtputf8=smtputf8,
        ret=ret,
        envid=envid,
    )


def _read(decode: Any, document: bytes) -> Any:
    """Decodes, and says of a failure what it means; the caller gives the result its type back."""
    try:
        return decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise Unreadable(
            f"a stored document cannot be read ({fault}): it is damaged, or a newer Mailock wrote it"
        ) from fault
