"""Tokens that look as if an OpenID provider had made them, each false in another way."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any, Final

from joserfc import jwk, jws

from tests.parts.provider import SHARED, Provider, signed

Forger = Callable[[dict[str, Any], Provider], str]


def by_stranger(claims: dict[str, Any], server: Provider) -> str:
    """Signed by a key of somebody else's."""
    return signed(claims, jwk.RSAKey.generate_key(2048, {"kid": "one"}))


def by_nobody(claims: dict[str, Any], server: Provider) -> str:
    """Not signed, and says so (RFC 8725, section 2.1)."""
    return f"{written({'alg': 'none', 'kid': 'one'})}.{written(claims)}."


def with_public_key(claims: dict[str, Any], server: Provider) -> str:
    """The public key, taken for a shared secret (RFC 8725, section 2.1)."""
    signed = f"{written({'alg': 'HS256', 'kid': 'one'})}.{written(claims)}"
    mark = hmac.digest(server.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def with_shared_key(claims: dict[str, Any], server: Provider) -> str:
    """By a shared secret that stands among the provider's keys."""
    key = jwk.OctKey.import_key({"kty": "oct", "k": SHARED})
    return jws.serialize_compact({"alg": "HS256", "kid": "shared"}, json.dumps(claims), key, algorithms=["HS256"])


def written(part: dict[str, Any]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def with_key_inside(claims: dict[str, Any], server: Provider) -> str:
    """With the key that it was signed by in it."""
    other = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    return signed(claims, other, jwk=other.as_dict(private=False))


def by_key_of_elsewhere(claims: dict[str, Any], server: Provider) -> str:
    """Names a key that the provider does not have."""
    return signed(claims, server.key, kid="two")


def changed(claims: dict[str, Any], server: Provider) -> str:
    """Changed after it was signed."""
    header, body, mark = signed(claims, server.key).split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "==")) | {"groups": ["administrators"]}
    return f"{header}.{written(changed)}.{mark}"


def nothing(claims: dict[str, Any], server: Provider) -> str:
    """No token at all."""
    return ""


def rubbish(claims: dict[str, Any], server: Provider) -> str:
    """Three parts, and no more."""
    return "not.a.token"


FORGERS: Final[list[Forger]] = [
    by_stranger,
    by_nobody,
    with_public_key,
    with_shared_key,
    with_key_inside,
    by_key_of_elsewhere,
    changed,
    nothing,
    rubbish,
]
