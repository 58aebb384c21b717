"""The keys that sign: a file each, readable by their owner alone, and the record that publishes each.

A key begins as *waiting*: it signs nothing until its record is seen in the DNS. Then it becomes *active*, and the one
that it takes over from *retired*: its record has to stay for as long as mail that it signed is still under way.
"""

import base64
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from mailock.core.authentication import dkim_key
from mailock.core.authentication.questions import KeyType
from mailock.core.authentication.signing import SigningKey
from mailock.engines.authentication.arithmetic import PrivateKey

BITS: Final = 2048
"""Of a new RSA key: more does not fit into the records of many a provider."""
RETIRED_SECONDS: Final = 7 * 86_400.0
"""How long a key that signs no more is kept, and its record has to be: longer than mail waits in queues."""
_SUFFIX: Final = ".key"
_SETTLED_NS: Final = 2_000_000_000


class State(Enum):
    """What a key does."""

    WAITING = "waiting"
    """It signs nothing until its record is published."""
    ACTIVE = "active"
    RETIRED = "retired"
    """It signs no more; its record has to stay for a while."""


class UnusableKey(ValueError):
    """A file of the folder is no key; the sentence names it and the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key with its private half."""

    public: SigningKey
    state: State
    since: float
    """Unix time in seconds since it is in this state."""
    private: PrivateKey

    @property
    def name(self) -> str:
        """The name of its record in the DNS."""
        return f"{self.public.selector}._domainkey.{self.public.domain}"

    @property
    def record(self) -> str:
        """The text of its record (RFC 6376 section 3.6.1)."""
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            octets = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        else:
            octets = public.public_bytes_raw()
        return f"v=DKIM1; k={self.public.key_type.value}; p={base64.b64encode(octets).decode()}"

    @property
    def zone_line(self) -> str:
        """Its record as a zone file has it, in strings of at most 255 octets."""
        text = self.record
        strings = " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))
        return f"{self.name}. IN TXT ( {strings} )"

    def is_published(self, untrusted_texts: Sequence[str]) -> bool:
        """Whether one of the texts in the DNS is its record."""
        own = dkim_key.read(self.record)
        for text in untrusted_texts:
            try:
                found = dkim_key.read(text)
            except dkim_key.BadKey:
                continue
            if (found.key_type, found.key) == (own.key_type, own.key):
                return True
        return False


def new_key(domain: str, selector: str, key_type: KeyType, *, now: float, bits: int = BITS) -> StoredKey:
    """A fresh key, waiting."""
    private: PrivateKey = (
        rsa.generate_private_key(65537, bits) if key_type is KeyType.RSA else ed25519.Ed25519PrivateKey.generate()
    )
    public = SigningKey(domain=domain, selector=selector, key_type=key_type)
    return StoredKey(public=public, state=State.WAITING, since=now, private=private)


class Keyring:
    """The keys of a folder. What was read is remembered until a file changes, and all of it until the folder does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[int, StoredKey]] = {}
        self._known: tuple[int, list[StoredKey]] | None = None

    def stored(self) -> list[StoredKey]:
        """All keys, by domain and age. Raises UnusableKey and OSError."""
        try:
            changed = self._folder.stat().st_mtime_ns
            if self._known is not None and self._known[0] == changed:
                return self._known[1]
            files = sorted(file for file in self._folder.iterdir() if file.name.endswith(_SUFFIX))
        except FileNotFoundError:
            return []
        found = [self._key(file) for file in files]
        keys = sorted(found, key=lambda key: (key.public.domain, key.since, key.public.selector))
        # A key is put there by renaming, which changes the folder. Its clock is coarse, so what is fresh may change
        # once more unnoticed.
        self._known = (changed, keys) if time.time_ns() - changed > _SETTLED_NS else None
        return keys

    def active(self, domain: str) -> list[StoredKey]:
        """The keys that sign for a domain: its own, else those of the nearest domain above, one of each type."""
        active = [key for key in self.stored() if key.state is State.ACTIVE]
        labels = domain.split(".")
        for index in range(len(labels) - 1):
            above = ".".join(labels[index:])
            by_type = {key.public.key_type: key for key in active if key.public.domain == above}
            if by_type:
                return list(by_type.values())
        return []

    def put(self, key: StoredKey) -> None:
        """Stores a key, in place of itself in another state. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = key.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        document = {
            "domain": key.public.domain,
            "selector": key.public.selector,
            "type": key.public.key_type.value,
            "state": key.state.value,
            "since": key.since,
            "key": pem.decode("ascii"),
        }
        draft, path = tempfile.mkstemp(prefix=".draft-", dir=self._folder)
        try:
            with os.fdopen(draft, "w", encoding="ascii") as file:
                if os.geteuid() == 0:
                    owner = self._folder.stat()
                    os.chown(file.fileno(), owner.st_uid, owner.st_gid)
                json.dump(document, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(path).replace(self._file(key))
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        _sync(self._folder)

    def move(self, key: StoredKey, state: State, *, now: float) -> StoredKey:
        """Puts a key into another state."""
        moved = replace(key, state=state, since=now)
        self.put(moved)
        return moved

    def remove(self, key: StoredKey) -> None:
        """Deletes a key."""
        self._file(key).unlink(missing_ok=True)
        _sync(self._folder)

    def _file(self, key: StoredKey) -> Path:
        return self._folder / f"{key.public.domain}.{key.public.selector}{_SUFFIX}"

    def _key(self, file: Path) -> StoredKey:
        changed = file.stat().st_mtime_ns
        known = self._read.get(file)
        if known is not None and known[0] == changed:
            return known[1]
        key = _parsed(file)
        self._read[file] = changed, key
        return key


def _parsed(file: Path) -> StoredKey:
    try:
        document = json.loads(file.read_bytes())
        private = serialization.load_pem_private_key(document["key"].encode(), None)
        if not isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
            raise ValueError("neither RSA nor Ed25519")
        public = SigningKey(
            domain=document["domain"], selector=document["selector"], key_type=KeyType(document["type"])
        )
        return StoredKey(public=public, state=State(document["state"]), since=float(document["since"]), private=private)
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise UnusableKey(f"{file} is no signing key ({why}): put it back from a backup, or remove it") from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
