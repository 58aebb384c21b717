"""Alerts by webhook: a POST of a JSON object to one address.

The address is a secret (many services put the key into it), so no error repeats it. Redirects are not followed: an
alert goes where the administrator said, or nowhere.
"""

import asyncio
import importlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mailock.alerts.notice import Notice, NotSent

if TYPE_CHECKING:
    from httpx2 import AsyncClient

SECONDS: Final = 10.0
PAUSES: Final = (2.0, 10.0)
"""Seconds to wait before each further try."""


class WebhookChannel:
    """Posts alerts to an address."""

    name = "webhook"

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        """`headers` may carry a key. Raises ValueError for what is no http or https address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the webhook's address must begin with https:// or http:// and name a host")
        self._url = url
        self._host = parts.hostname
        self._headers = dict(headers or {})
        self._seconds = seconds
        self._pauses = pauses

    async def send(self, notice: Notice) -> None:
        """Posts one notice. What the other side may be able to take later is tried again; raises NotSent."""
        for pause in (*self._pauses, None):
            again, why = await self._post(notice)
            if not why:
                return
            if not again or pause is None:
                raise NotSent(f"the webhook at {self._host} {why}")
            await asyncio.sleep(pause)

    async def _post(self, notice: Notice) -> tuple[bool, str]:
        """One try: whether another makes sense, and what went wrong, if anything did."""
        # Importing the client and reading the authorities takes a tenth of a second, for which the mail must not wait.
        httpx2 = await asyncio.to_thread(importlib.import_module, "httpx2")
        # It would write the address of every request into the log.
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        client: AsyncClient = await asyncio.to_thread(httpx2.AsyncClient, timeout=self._seconds, follow_redirects=False)
        try:
            async with client:
                answer = await client.post(self._url, json=body(notice), headers=self._headers)
        except httpx2.HTTPError as error:
            return True, f"could not be reached: {type(error).__name__}"
        except httpx2.InvalidURL:
            return False, "has no usable address"
        if answer.is_success:
            return False, ""
        return answer.status_code >= 500 or answer.status_code == 429, f"answered {answer.status_code}"


def body(notice: Notice) -> dict[str, str | int]:
    """What is posted; `text` makes the common chat services show it."""
    return {
        "product": "mailock",
        "node": notice.node,
        "kind": notice.kind,
        "about": notice.about,
        "text": notice.sentence,
        "at": notice.when,
        "repeated": notice.repeated,
    }
