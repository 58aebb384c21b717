"""`drain` answers 421 and says when the queue is empty, `enable` takes mail again, and an order outlives a restart."""

import json
import smtplib
from collections.abc import Callable

import pytest

from tests.parts.mailock import Mailock, forwarding
from tests.parts.smtp_sink import SmtpSink


async def test_the_gateway_is_drained_and_taken_back_by_order(
    start_sink: Callable[..., SmtpSink], start_mailock: Callable[..., Mailock]
) -> None:
    sink = start_sink()
    gateway = start_mailock(forwarding(("*", f"127.0.0.1:{sink.port}")))
    with smtplib.SMTP(*gateway.address) as client:
        client.sendmail("a@b.test", ["c@dest.test"], b"Subject: before\r\n\r\nx\r\n")
    status = json.loads(gateway.run("drain", "--wait", "--json", "-c", str(gateway.config)).stdout)
    assert (status["step"], status["takes_mail"], status["empty"]) == ("draining", False, True)
    await sink.arrived(1)
    with pytest.raises((smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)):
        smtplib.SMTP(*gateway.address)

    gateway.stop()
    gateway.start()
    with pytest.raises((smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)):
        smtplib.SMTP(*gateway.address)

    gateway.run("enable", "-c", str(gateway.config))
    with smtplib.SMTP(*gateway.address) as client:
        client.sendmail("a@b.test", ["c@dest.test"], b"Subject: after\r\n\r\nx\r\n")
    await sink.arrived(2)
