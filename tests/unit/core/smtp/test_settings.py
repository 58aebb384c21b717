"""The settings, and what they render ahead."""

from mailock.core.smtp.extensions import Extension
from mailock.core.smtp.settings import ServerSettings


def test_renders_banner_and_hellos() -> None:
    settings = ServerSettings(
        hostname="mx.example",
        size_limit=5,
        tls_offered=True,
        auth_mechanisms=("PLAIN",),
        extensions=frozenset({Extension.SIZE}),
    )
    assert settings.banner == b"220 mx.example ESMTP\r\n"
    assert settings.helo == b"250 mx.example\r\n"
    assert settings.hello_plain == b"250-mx.example\r\n250-SIZE 5\r\n250 STARTTLS\r\n"
    assert settings.hello_tls == b"250-mx.example\r\n250-SIZE 5\r\n250 AUTH PLAIN\r\n"


def test_no_limit_is_announced_as_none() -> None:
    settings = ServerSettings(hostname="mx", size_limit=0, extensions=frozenset({Extension.SIZE}), xclient_allowed=True)
    assert (
        settings.hello_plain
        == b"250-mx\r\n250-SIZE\r\n250 XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n"
    )


def test_equal_settings_are_equal() -> None:
    assert ServerSettings(hostname="mx", size_limit=0) == ServerSettings(hostname="mx", size_limit=0)
