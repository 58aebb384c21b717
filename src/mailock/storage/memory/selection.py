"""Whether a selection means a message."""

from mailock.core.lifecycle.copies import Copy, Delivery
from mailock.core.lifecycle.stages import DeliveryStage
from mailock.ports.queue import Selection, address_matches
from mailock.storage.memory.life import Life


def selects(selection: Selection, life: Life) -> bool:
    """Whether all that the selection asks for holds; what it asks of a copy or a delivery must hold of one of them."""
    message = life.message
    sender = message.envelope.sender
    return (
        (selection.ids is None or message.queue_id in selection.ids)
        and (selection.sender is None or address_matches(selection.sender, "" if sender is None else str(sender)))
        and (selection.message_stages is None or life.stage in selection.message_stages)
        and (selection.virtual_system is None or message.virtual_system == selection.virtual_system)
        and (selection.accepted_before is None or message.accepted_at < selection.accepted_before)
        and _copies_match(selection, life)
        and _deliveries_match(selection, life)
    )


def _copies_match(selection: Selection, life: Life) -> bool:
    if selection.copy_stages is None and selection.quarantined_before is None:
        return True

    def meant(copy: Copy) -> bool:
        at = copy.quarantined_at
        return (selection.copy_stages is None or copy.stage in selection.copy_stages) and (
            selection.quarantined_before is None or (at is not None and at < selection.quarantined_before)
        )

    return any(meant(copy) for copy in life.copies.values())


def _deliveries_match(selection: Selection, life: Life) -> bool:
    if selection.lane is None:
        if selection.recipient is None:
            return True
        if not life.deliveries:
            return any(address_matches(selection.recipient, str(r.address)) for r in life.message.envelope.recipients)

    def meant(delivery: Delivery) -> bool:
        pending = delivery.stage is DeliveryStage.PENDING
        return (selection.lane is None or (pending and delivery.lane == selection.lane)) and (
            selection.recipient is None or address_matches(selection.recipient, str(delivery.recipient.address))
        )

    return any(meant(delivery) for delivery in life.deliveries.values())
