"""TLS for those who come: STARTTLS and implicit TLS, two certificates by SNI, a minimum version, and no way around it
where it is demanded.
"""

import ssl
from collections.abc import Callable

import pytest
from cryptography import x509

from tests.parts.certificates import Authority, Certificate
from tests.parts.mailock import Mailock, forwarding
from tests.parts.ports import free_port
from tests.parts.smtp_sink import SmtpSink
from tests.parts.talk import Talk, talk, trusting

INSIST = "127.0.0.7"


def policy(sink: SmtpSink, port: int, more: str = "") -> str:
    """A gateway with a listener for implicit TLS."""
    return (
        forwarding(("dest.test", f"127.0.0.1:{sink.port}"), ("*", "127.0.0.1:1", "outgoing"))
        + f'[[mta.listener]]\nname = "smtps"\naddress = "127.0.0.1"\nport = {port}\nimplicit_tls = true\n'
        + f'[mta.tls]\nrequired_from = ["{INSIST}"]\n{more}'
    )


def import_(gateway: Mailock, certificate: Certificate, name: str, *more: str) -> None:
    """Imports a certificate from the command line."""
    files = (str(certificate.chain), "--key", str(certificate.key))
    gateway.run("certificate", "import", *files, "--name", name, *more, "-c", str(gateway.config))


def shown(client: Talk) -> list[str]:
    """The names in the certificate that the client was shown."""
    der = client.tls.getpeercert(binary_form=True)
    assert der is not None
    names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return names.value.get_values_for_type(x509.DNSName)


async def test_both_ways_in_and_the_log_tells(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink], authority: Authority
) -> None:
    sink, port = start_sink(), free_port()
    gateway = start_mailock(policy(sink, port))
    import_(gateway, authority.issue("mx.gateway.test"), "mx")
    proving = ssl.create_default_context(cafile=authority.root)
    async with talk(gateway.address) as client:
        assert "STARTTLS" in (await client.hello()).lines
        await client.start_tls(proving, host="mx.gateway.test")
        # What was said in the clear is forgotten (RFC 3207 section 4.2), and TLS is not offered twice.
        assert (await client.say("MAIL FROM:<a@source.test>")).code == 503
        assert "STARTTLS" not in (await client.hello()).lines
        assert (await client.say("STARTTLS")).code == 503
        assert (await client.message("starttls@source.test", ["b@dest.test"])).code == 250
    async with talk(("127.0.0.1", port), tls=proving, host="mx.gateway.test") as client:
        assert "STARTTLS" not in (await client.hello()).lines
        assert (await client.message("implicit@source.test", ["b@dest.test"])).code == 250
    async with talk(gateway.address) as client:
        await client.hello()
        assert (await client.message("clear@source.test", ["b@dest.test"])).code == 250
    records = {one["sender"].split("@")[0]: one for one in await gateway.tracked("", "delivered", count=3)}
    assert records["starttls"]["tls_in"].startswith("TLSv1.3 TLS_")
    assert records["implicit"]["tls_in"].startswith("TLSv1.3 TLS_")
    assert (records["implicit"]["listener"], records["implicit"]["protocol"]) == ("smtps", "ESMTPS")
    assert (records["clear"]["tls_in"], records["clear"]["protocol"]) == ("", "ESMTP")
    assert b"with ESMTPS" in next(one for one in sink.messages() if "starttls" in one.mail_from).content


async def test_two_certificates_are_chosen_by_name_and_replaced_under_an_open_connection(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink], authority: Authority
) -> None:
    sink, port = start_sink(), free_port()
    gateway = start_mailock(policy(sink, port))
    import_(gateway, authority.issue("mx.gateway.test"), "first")
    import_(gateway, authority.issue("mail.tenant.test", "*.tenant.test"), "second", "--host", "mail.tenant.test")

    async def names(host: str | None) -> list[str]:
        async with talk(gateway.address) as client:
            await client.hello()
            await client.start_tls(host=host)
            return shown(client)

    assert await names("mx.gateway.test") == ["mx.gateway.test"]
    assert await names("mail.tenant.test") == ["mail.tenant.test", "*.tenant.test"]
    assert await names("other.tenant.test") == ["mail.tenant.test", "*.tenant.test"]
    assert await names("nobody.test") == ["mx.gateway.test"]
    async with talk(gateway.address) as old, talk(("127.0.0.1", port), tls=trusting(), host="x.test") as standing:
        await old.hello()
        await standing.hello()
        await standing.envelope("a@source.test", "b@dest.test")
        import_(gateway, authority.issue("mx.gateway.test", "new.gateway.test"), "first")
        # Who stands goes on; who begins gets the new one.
        assert (await standing.data(b"Subject: x\r\n\r\n")).code == 250
        await old.start_tls(host="mx.gateway.test")
        assert shown(old) == ["mx.gateway.test", "new.gateway.test"]
    await gateway.emptied()
    assert len(sink.messages()) == 1


async def test_old_versions_are_refused_and_the_bar_is_raised_by_an_install(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    sink, port = start_sink(), free_port()
    gateway = start_mailock(policy(sink, port))
    old = trusting(minimum_version=ssl.TLSVersion.TLSv1_1, maximum_version=ssl.TLSVersion.TLSv1_1)
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    twelve = trusting(maximum_version=ssl.TLSVersion.TLSv1_2)

    async def handshake(context: ssl.SSLContext) -> str | None:
        async with talk(gateway.address) as client:
            await client.hello()
            await client.start_tls(context)
            return client.tls.version()

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await handshake(old)
    assert await handshake(twelve) == "TLSv1.2"
    text = gateway.config.read_text().replace("[mta.tls]\n", '[mta.tls]\nminimum_version = "1.3"\n')
    gateway.config.write_text(text)
    gateway.run("policy", "install", "-c", str(gateway.config))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await handshake(twelve)
    assert await handshake(trusting()) == "TLSv1.3"
    async with talk(gateway.address) as client:
        assert (await client.hello()).code == 250


async def test_where_tls_is_demanded_nothing_goes_in_the_clear(
    start_mailock: Callable[..., Mailock], start_sink: Callable[..., SmtpSink]
) -> None:
    sink, port = start_sink(), free_port()
    gateway = start_mailock(policy(sink, port))
    async with talk(gateway.address, source=INSIST) as client:
        await client.hello()
        said = await client.say("MAIL FROM:<a@source.test>")
        assert (said.code, said.enhanced) == (530, "5.7.0")
        assert (await client.say("RCPT TO:<b@dest.test>")).code == 503
        assert (await client.say("DATA")).code == 503
        await client.start_tls()
        await client.hello()
        assert (await client.message("a@source.test", ["b@dest.test"])).code == 250
    # What a man in the middle puts behind STARTTLS in the clear is never taken for the client's (CVE-2011-0411).
    async with talk(gateway.address) as client:
        await client.hello()
        client.send(b"STARTTLS\r\nMAIL FROM:<evil@source.test>\r\nRCPT TO:<b@dest.test>\r\n")
        assert (await client.hear()).code == 220
        await client.shake_hands()
        assert (await client.say("NOOP")).code == 250
        assert (await client.say("DATA")).code == 503
        await client.hello()
        assert (await client.say("DATA")).code == 503
    await gateway.tracked("reason:starttls")
    await gateway.emptied()
    assert [one.mail_from for one in sink.messages()] == ["<a@source.test>"]
