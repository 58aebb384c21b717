"""Where a message came from: the facts of its session, frozen when custody was taken."""

from mailock.core.mail.value import value


@value(frozen=True, slots=True, kw_only=True)
class Tls:
    """What was negotiated (RFC 8446 names). `client_name` is the subject of a client certificate that was verified."""

    version: str
    cipher: str
    client_name: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Origin:
    """The sending side as we know it, not as it says it is; only `untrusted_helo` is its own word."""

    ip: str
    """The peer's address, without a zone; that of the true client where a trusted proxy named it."""
    port: int
    untrusted_helo: str
    protocol: str
    """The `with` keyword of the trace header: SMTP, ESMTP, ESMTPS, ESMTPSA … (RFC 3848, RFC 6531)."""
    listener: str
    internal: bool
    """Whether the source counts as internal:

    an internal network, an internal interface, or an authenticated submitter.
    """
    tls: Tls | None = None
    authenticated_as: str | None = None
    proxy_ip: str | None = None
    """The trusted proxy that spoke for the client, if one did."""
