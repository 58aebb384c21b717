"""What went wrong with a connection, as a sentence for the log: never an errno, never OpenSSL's own code."""

import errno
import os
import ssl
from typing import Final

_LOST: Final = {
    errno.ECONNRESET: "the peer reset the connection",
    errno.EPIPE: "the peer closed the connection while we were sending",
    errno.ETIMEDOUT: "the peer stopped answering",
    errno.EHOSTUNREACH: "the route to the peer was lost",
    errno.ENETUNREACH: "the route to the peer was lost",
}

_NOT_CONNECTED: Final = {
    errno.ECONNREFUSED: "the connection was refused (nothing listens there, or a firewall rejects it)",
    errno.ETIMEDOUT: "no answer (the machine is down, or a firewall drops the packets)",
    errno.EHOSTUNREACH: "the host cannot be reached from here",
    errno.ENETUNREACH: "there is no route to its network from here",
    errno.ECONNRESET: "the connection was reset at once",
    errno.EADDRNOTAVAIL: "the local address to connect from is not on this machine",
    errno.EACCES: "the local firewall or the system's policy forbids it",
    errno.EPERM: "the local firewall or the system's policy forbids it",
    errno.EMFILE: "this process has too many files open (raise LimitNOFILE)",
    errno.ENFILE: "this machine has too many files open",
    errno.EAFNOSUPPORT: "this machine has no such address family",
}

_UNKNOWN_ISSUER: Final = (
    "its certificate was issued by an authority that is not trusted here, or an intermediate certificate is missing"
)
# X509_V_ERR_…, from x509_vfy.h.
_UNVERIFIED: Final = {
    7: "the signature on its certificate is wrong",
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is self-signed",
    19: "its certificate's chain ends in an authority that is not trusted here",
    20: _UNKNOWN_ISSUER,
    21: _UNKNOWN_ISSUER,
    23: "its certificate was revoked",
    66: "its certificate's key is too weak",
    67: "its certificate's authority has a key that is too weak",
    68: "its certificate is signed with a digest that is too weak",
}

_HANDSHAKE: Final = {
    "WRONG_VERSION_NUMBER": "the peer answered with something that is not TLS",
    "HTTP_REQUEST": "the peer spoke HTTP where TLS was due",
    "HTTPS_PROXY_REQUEST": "the peer spoke HTTP where TLS was due",
    "UNKNOWN_PROTOCOL": "the peer answered with something that is not TLS",
    "UNSUPPORTED_PROTOCOL": "the peer offers only TLS versions that are not allowed here",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the peer refuses the TLS versions that we offer",
    "NO_SHARED_CIPHER": "the peer offers no cipher that is allowed here",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the peer found no cipher or version in common with us",
    "NO_PROTOCOLS_AVAILABLE": "the settings leave no TLS version to offer",
    "TLSV1_ALERT_UNKNOWN_CA": "the peer does not trust the authority of our certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the peer does not accept our certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the peer does not accept our certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the peer says that our certificate has expired",
    "TLSV1_UNRECOGNIZED_NAME": "the peer has no certificate for the name that we asked for",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the peer wants a client certificate",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the peer showed no client certificate",
    "DH_KEY_TOO_SMALL": "the peer's Diffie-Hellman parameters are too weak",
    "EE_KEY_TOO_SMALL": "the peer's certificate has a key that is too weak",
    "CA_MD_TOO_WEAK": "the peer's certificate is signed with a digest that is too weak",
}


def why_lost(error: Exception | None) -> str:
    """Why a standing connection is gone; empty for an orderly end."""
    if error is None:
        return ""
    if isinstance(error, OSError):
        return _LOST.get(error.errno or 0) or f"the connection broke: {_words(error)}"
    return f"the connection broke: {error}"


def why_not_connected(error: OSError) -> str:
    """Why no connection could be made."""
    return _NOT_CONNECTED.get(error.errno or 0) or _words(error)


def why_handshake_failed(error: Exception, host: str | None) -> str:
    """Why a TLS handshake failed; `host` is the name that a certificate had to match."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in (62, 64):  # host name, address mismatch
            return f"TLS failed: its certificate is not made out for {host}"
        known = _UNVERIFIED.get(error.verify_code)
        return f"TLS failed: {known or f'its certificate is not valid: {error.verify_message}'}"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or ""
        return f"TLS failed: {_HANDSHAKE.get(reason) or _readable(reason) or str(error)}"
    return f"TLS failed: {error}"


def _words(error: OSError) -> str:
    if error.strerror:
        return error.strerror
    return os.strerror(error.errno) if error.errno else str(error)


def _readable(reason: str) -> str:
    return reason.replace("_", " ").lower()
