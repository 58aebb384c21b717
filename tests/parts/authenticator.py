"""A security key in software: makes and shows passkeys as a browser sends them on, and can be told to cheat.

Written from the specification (WebAuthn Level 3, sections 6.1, 6.5.1 and 7.2), with no code of what it tests.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(octets: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    """And back."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(kw_only=True)
class Key:
    """One passkey in its device."""

    origin: str
    identifier: bytes = field(default_factory=lambda: os.urandom(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""
    count: int = 0
    flags: int = PRESENT | VERIFIED

    def make(self, told: dict[str, Any]) -> str:
        """What a browser sends of a passkey that was made."""
        self.handle = octets(told["user"]["id"])
        numbers = self.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.identifier).to_bytes(2, "big") + self.identifier + cbor2.dumps(public)
        data = self._data(told["rp"]["id"], self.flags | ATTESTED) + credential
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", told["challenge"])
        return self._sent({"clientDataJSON": text(client), "attestationObject": text(statement)})

    def show(self, told: dict[str, Any], **cheat: Any) -> str:
        """What a browser sends of one that was shown. `cheat` changes the type, challenge, host, origin or handle."""
        self.count += 1
        data = self._data(cheat.get("host", told["rpId"]), self.flags)
        origin = cheat.get("origin", self.origin)
        client = self._client(cheat.get("type", "webauthn.get"), cheat.get("challenge", told["challenge"]), origin)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        handle = text(cheat.get("handle", self.handle))
        return self._sent(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": handle,
            }
        )

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, origin: str = "") -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin or self.origin}).encode()

    def _sent(self, response: dict[str, str]) -> str:
        identifier = text(self.identifier)
        return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": response})
