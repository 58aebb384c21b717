"""`mailock alert test` sends an alert by mail, which the gateway delivers; where nobody is told, it says so."""

import json
from collections.abc import Callable

from tests.parts.hop import hop
from tests.parts.mailock import Mailock, forwarding


async def test_a_test_alert_tells_whether_alerts_reach_anybody(start_mailock: Callable[..., Mailock]) -> None:
    async with hop() as server:
        rules = forwarding(("dest.test", str(server)), ("*", str(server), "outgoing"))
        told = start_mailock(f'{rules}[alerts]\nmail_to = ["ann@dest.test"]\n')
        said = json.loads(told.run("alert", "test", "--json", "-c", str(told.config)).stdout)
        assert said == {"log": "", "mail": ""}
        (taken,) = await server.arrived(1)
        assert "<>" in taken.mail
        assert b"test: this is a test; alerts reach you" in taken.content

        silent = start_mailock(rules)
        done = silent.run("alert", "test", "-c", str(silent.config), code=1)
        assert "alerts reach the log alone" in done.stderr
