"""A small OpenID provider on loopback, by the letter: codes that count once, PKCE, a client secret, signed tokens.

And one that can be told to lie, for what a client must not believe.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwk, jws

from tests.parts.ports import LOOPBACK

CLIENT, SECRET = "mailock", "the client's secret"
SHARED = base64.urlsafe_b64encode(b"a key that both would have, of 32").decode().rstrip("=")
LIFE = 300


@cache
def _key() -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class User:
    """Somebody who is signed in at the provider."""

    sub: str
    claims: dict[str, Any]


@dataclass(kw_only=True)
class Provider:
    """The provider: who is signed in there, what it was asked, and how it lies."""

    issuer: str
    user: User
    now: Callable[[], float] = time.time
    key: jwk.RSAKey = field(default_factory=_key)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, User] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    """What it says of itself otherwise than it is."""
    lies: dict[str, Any] = field(default_factory=dict)
    """Claims of the token that are not as they should be; None leaves one out."""
    forged: Callable[[dict[str, Any]], str] | None = None
    """Makes the token instead."""
    tells_in_token: bool = True
    """Whether the token holds name and groups, or they are told when asked."""
    told: dict[str, Any] = field(default_factory=dict)
    """What is told otherwise when asked."""

    def configuration(self) -> dict[str, Any]:
        """What it says of itself."""
        usual = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return usual | self.metadata

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to, with a code."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return f"{asked['redirect_uri']}?{query}"

    def token(self, fields: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What is given for a code, once, to whoever has the secret and the verifier."""
        if authorization != "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode():
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(fields.get("code", ""), None)
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or fields.get("grant_type") != "authorization_code"
            or fields.get("redirect_uri") != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        self.tokens[access] = self.user
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self.identity(asked["nonce"])}

    def identity(self, nonce: str) -> str:
        """The token that says who it is."""
        now = int(self.now())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.user.sub, "nonce": nonce, "iat": now}
        claims |= {"exp": now + LIFE, **(self.user.claims if self.tells_in_token else {})} | self.lies
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.forged(claims) if self.forged is not None else signed(claims, self.key)


def signed(claims: dict[str, Any], key: jwk.RSAKey, **header: Any) -> str:
    """A token, signed by RS256."""
    return jws.serialize_compact({"alg": "RS256", "kid": "one", **header}, json.dumps(claims), key)


@contextmanager
def provider(now: Callable[[], float] = time.time) -> Iterator[Provider]:
    """One that answers, in which anna of the operators is signed in."""
    claims = {"preferred_username": "anna", "email": "anna@example.test", "groups": ["staff", "operators"]}
    server = ThreadingHTTPServer((LOOPBACK, 0), _Handler)
    made = Provider(issuer=f"http://{LOOPBACK}:{server.server_port}", user=User("u-1", claims), now=now)
    server.made = made  # type: ignore[attr-defined]  # for its handlers
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One question."""

    @property
    def made(self) -> Provider:
        """Whose it is."""
        found: Provider = self.server.made  # type: ignore[attr-defined]  # set where it is made
        return found

    def do_GET(self) -> None:  # http.server calls it so
        """Discovery, keys, the page of signing in, and what is known of somebody."""
        path = urlsplit(self.path)
        self.made.asked.append(path.path)
        match path.path:
            case "/.well-known/openid-configuration":
                self._answer(200, self.made.configuration())
            case "/keys":
                public = self.made.key.as_dict(private=False) | {"kid": self.made.key.kid, "use": "sig"}
                self._answer(200, {"keys": [public, {"kty": "oct", "k": SHARED, "kid": "shared"}]})
            case "/authorize":
                self.send_response(302)
                self.send_header("location", self.made.authorize(dict(parse_qsl(path.query))))
                self.end_headers()
            case "/userinfo":
                user = self.made.tokens.get(self.headers.get("authorization", "").removeprefix("Bearer "))
                if user is None:
                    self._answer(401, {"error": "invalid_token"})
                else:
                    self._answer(200, {"sub": user.sub, **user.claims} | self.made.told)
            case _:
                self._answer(404, {})

    def do_POST(self) -> None:  # http.server calls it so
        """A code for a token."""
        self.made.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self.made.token(fields, self.headers.get("authorization", "")))

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _answer(self, code: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
