"""What somebody should know at once goes out by every way that is set, of the kinds that are set, and not again."""

import asyncio
import datetime
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.parts.certificates import Authority
from tests.parts.hop import HopSession, hop, until
from tests.parts.mailock import Mailock, forwarding
from tests.parts.talk import talk


class Hook:
    """A web server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        posted = self.posted

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook-secret"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    running = Hook()
    yield running
    running.stop()


def refuse(session: HopSession, line: str) -> str | None:
    """Nobody is here."""
    return "550 5.1.1 nobody here" if line.startswith("RCPT") else None


async def test_every_way_is_told_once(start_mailock: Callable[..., Mailock], hook: Hook) -> None:
    async with hop(answer=refuse) as there, hop() as people:
        rules = forwarding(("dest.test", str(there)), ("*", str(people), "outgoing"))
        gateway = start_mailock(
            f'{rules}[mta.delivery]\ndsn_rate = 1\n[alerts]\nmail_to = ["boss@admin.test"]\nwebhook = "env:HOOK"\n',
            environment={"HOOK": hook.url},
        )
        async with talk(gateway.address) as client:
            await client.hello()
            for _ in range(3):
                await client.message("a@forged.test", ["b@dest.test"])
        await until(lambda: len(hook.posted) >= 2, 20, lambda: f"{hook.posted}")
        await people.arrived(3)
        kept = await gateway.tracked("status:quarantined", count=2)
        assert {one["about"] for one in hook.posted} == {one["id"] for one in kept}
        assert {(one["product"], one["node"], one["kind"]) for one in hook.posted} == {
            ("mailock", "mx.gateway.test", "undeliverable")
        }
        mails = [taken for taken in people.taken if taken.rcpts == ("RCPT TO:<boss@admin.test>",)]
        assert len(mails) == 2
        assert all(mail.mail.startswith("MAIL FROM:<>") for mail in mails)
        # The address of a webhook is a secret.
        assert "hook-secret" not in gateway.log()
        assert "hook-secret" not in gateway.run("policy", "show", "-c", str(gateway.config)).stdout


async def test_only_the_kinds_that_are_wanted_leave_and_a_dead_way_holds_up_nothing(
    start_mailock: Callable[..., Mailock], hook: Hook
) -> None:
    async with hop(answer=refuse) as there, hop() as people:
        rules = forwarding(("dest.test", str(there)), ("*", str(people), "outgoing"))
        gateway = start_mailock(
            f'{rules}[mta.delivery]\ndsn_rate = 1\n[alerts]\nkinds = ["storage"]\nwebhook = "env:HOOK"\n',
            environment={"HOOK": hook.url},
        )
        async with talk(gateway.address) as client:
            await client.hello()
            for _ in range(2):
                await client.message("a@forged.test", ["b@dest.test"])
        await gateway.tracked("status:quarantined")
        await asyncio.sleep(0.5)
        assert hook.posted == []
        # It stands in the log all the same.
        assert "can neither be delivered nor returned" in gateway.log()


async def test_a_certificate_that_expires_soon_is_told_of(
    start_mailock: Callable[..., Mailock], hook: Hook, authority: Authority
) -> None:
    certificate = authority.issue("mx.gateway.test", life=datetime.timedelta(days=5))
    rules = forwarding(("dest.test", "127.0.0.1:1"), ("*", "127.0.0.1:1", "outgoing"))
    gateway = start_mailock(f'{rules}[alerts]\nwebhook = "env:HOOK"\n', start=False, environment={"HOOK": hook.url})
    gateway.run(
        "certificate", "import", str(certificate.chain), "--key", str(certificate.key), "-c", str(gateway.config)
    )
    gateway.start()
    await until(lambda: bool(hook.posted), 20, lambda: "no alert")
    assert hook.posted[0]["kind"] == "certificate"
    assert "the certificate mx.gateway.test expires in" in hook.posted[0]["text"]
