"""How much there is in a gateway at the moment, for whoever reads its numbers."""

from mailock.processes.gateway import Gateway
from mailock.processes.numbers import Gauges


async def gauges(gateway: Gateway) -> Gauges:
    """What is so now."""
    return Gauges(
        counts=await gateway.queue.counts(),
        used=gateway.queue.used() + gateway.bodies.used(),
        sessions=gateway.reception.guests,
        connections_out=gateway.send.dispatcher.carriers,
        open=not (gateway.capacity.closed or gateway.capacity.full),
        engines=tuple(gateway.watch.healths()),
    )
