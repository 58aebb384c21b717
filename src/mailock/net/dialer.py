"""Opens connections to next hops."""

import asyncio
import errno
from functools import partial
from typing import Final

from mailock.net.link import SocketLink
from mailock.net.reasons import why_not_connected
from mailock.net.tls import ClientTls
from mailock.ports.transport import Conversation, Peer, Target

HANDSHAKE_SECONDS: Final = 60.0


class NetDialer:
    """The `Dialer` over real sockets. It connects from `local_address`, except to targets of the other family."""

    def __init__(
        self,
        local_address: str | None = None,
        client_tls: ClientTls | None = None,
        *,
        handshake_seconds: float = HANDSHAKE_SECONDS,
    ) -> None:
        self._local_address = local_address
        self._tls = client_tls if client_tls is not None else ClientTls()
        self._handshake_seconds = handshake_seconds

    async def dial(self, target: Target, conversation: Conversation, *, seconds: float) -> None:
        """Returns once `connected` was called. Raises OSError (a sentence) where no connection stands in time.

        After an error the conversation was told nothing, and will be told nothing.
        """
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[str | None] = loop.create_future()

        def make(peer: Peer) -> Conversation:
            return conversation

        def settle(why: str | None) -> None:
            if not arrived.done():
                arrived.set_result(why)

        link = SocketLink(
            loop,
            make,
            channel=partial(self._tls.channel, target),
            implicit_tls=target.implicit_tls,
            handshake_seconds=min(seconds, self._handshake_seconds),
            arrived=settle,
        )
        try:
            async with asyncio.timeout(seconds):
                await self._connect(loop, link, target)
                why = await arrived
        except TimeoutError:
            link.abandon()
            raise OSError(errno.ETIMEDOUT, f"{_place(target)}: no connection within {seconds:g} s") from None
        except asyncio.CancelledError:
            link.abandon()
            raise
        except OSError as error:
            raise OSError(error.errno, f"{_place(target)}: {why_not_connected(error)}") from error
        if why is not None:
            raise OSError(errno.ECONNABORTED, f"{_place(target)}: {why}")

    async def _connect(self, loop: asyncio.AbstractEventLoop, link: SocketLink, target: Target) -> None:
        local = self._local_address
        if local is not None and (":" in local) != (":" in target.ip):
            local = None
        await loop.create_connection(
            lambda: link, target.ip, target.port, local_addr=None if local is None else (local, 0)
        )


def _place(target: Target) -> str:
    ip = f"[{target.ip}]:{target.port}" if ":" in target.ip else f"{target.ip}:{target.port}"
    return f"{target.host} ({ip})" if target.host and target.host != target.ip else ip
