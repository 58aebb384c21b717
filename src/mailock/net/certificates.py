"""The certificates that Mailock serves: a folder with one folder a name, and in that one PEM file with key and chain.

One file, so that importing is one rename: a reader sees the old identity or the new one, never the key of one with the
certificate of the other. It can be read by the owner only, and belongs to whom the folder above belongs to, so that an
import by root serves a gateway that runs as somebody else.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes

from mailock.net.identity import Material, Unusable, check, covers, describe_key, read_material
from mailock.net.tls import Identity

_FILE: Final = "identity.pem"
_NAME: Final = re.compile(r"[a-z0-9_][a-z0-9._-]{0,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One certificate in the store."""

    name: str
    names: tuple[str, ...]
    """The host names and addresses that it is made out for."""
    not_before: datetime
    not_after: datetime
    issuer: str
    key: str
    """Kind and size, such as `RSA 2048`."""
    sha256: str
    """Fingerprint of the certificate, lower-case hex."""
    path: Path

    def days_left(self, now: datetime) -> float:
        """Days until it expires; negative when it has."""
        return (self.not_after - now).total_seconds() / 86_400


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry of the store that cannot be read, and why."""

    name: str
    why: str


class Certificates:
    """The store in a folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(
        self, what: str, material: Material, *, now: datetime, host: str | None = None, name: str | None = None
    ) -> tuple[Stored, list[str]]:
        """Checks an identity and stores it, in place of one with the same name.

        `what` names its file in sentences, `host` is a name that it must be good for; without a `name` it is called
        after its first host. Returns what is stored and notes for the person. Raises Unusable, and OSError where the
        disk refuses; then the old one stays.
        """
        notes = check(what, material, now=now, host=host)
        name = name or material.names[0].replace("*", "_").replace(":", "-")
        if not _NAME.fullmatch(name):
            raise Unusable(f"{name!r} cannot name a certificate: use lower-case letters, digits, '.', '-' and '_'")
        self._write(name, material.pem())
        return self._read(name), notes

    def stored(self) -> tuple[list[Stored], list[Broken]]:
        """What is stored, by name, and what of it cannot be used: one broken file takes nothing along."""
        stored: list[Stored] = []
        broken: list[Broken] = []
        for name in self._names():
            try:
                stored.append(self._read(name))
            except FileNotFoundError:
                continue  # removed meanwhile
            except (OSError, Unusable) as error:
                broken.append(Broken(name, str(error)))
        return stored, broken

    def remove(self, name: str) -> bool:
        """Deletes one; whether it was there. Handshakes go on with it until the certificates are loaded again."""
        if not _NAME.fullmatch(name) or name not in self._names():
            return False
        # First out of sight in one step, then to pieces.
        gone = Path(tempfile.mkdtemp(prefix=".gone-", dir=self._folder))
        (self._folder / name).rename(gone / name)
        shutil.rmtree(gone)
        return True

    def identities(self, host: str | None = None) -> list[Identity]:
        """What a `ServerTls` is made of: first those good for `host`, which clients that name none will get."""
        stored, _ = self.stored()
        first = sorted(
            stored, key=lambda one: (host is None or not covers(one.names, host), -one.not_after.timestamp())
        )
        return [Identity(chain=one.path, key=one.path, names=one.names) for one in first]

    def expiring(self, now: datetime, days: float) -> Sequence[Stored]:
        """Those with at most so many days left, the nearest first: what an alert is due for."""
        stored, _ = self.stored()
        return sorted((one for one in stored if one.days_left(now) <= days), key=lambda one: one.not_after)

    def _names(self) -> list[str]:
        try:
            entries = sorted(self._folder.iterdir())
        except FileNotFoundError:
            return []
        return [one.name for one in entries if not one.name.startswith(".") and one.is_dir()]

    def _read(self, name: str) -> Stored:
        path = self._folder / name / _FILE
        material = read_material(str(path), path.read_bytes())
        certificate = material.certificate
        return Stored(
            name=name,
            names=material.names,
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            issuer=certificate.issuer.rfc4514_string(),
            key=describe_key(certificate),
            sha256=certificate.fingerprint(hashes.SHA256()).hex(),
            path=path,
        )

    def _write(self, name: str, pem: bytes) -> None:
        self._make_folder(self._folder, self._folder.parent)
        self._make_folder(self._folder / name, self._folder)
        target = self._folder / name / _FILE
        draft, path = tempfile.mkstemp(prefix=".draft-", dir=target.parent)
        try:
            with os.fdopen(draft, "wb") as file:
                _give_to_owner_of(self._folder, file.fileno())
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            Path(path).replace(target)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        _sync_folder(self._folder)

    def _make_folder(self, folder: Path, above: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
            _give_to_owner_of(above, folder)


def _give_to_owner_of(model: Path, what: Path | int) -> None:
    if os.geteuid() == 0:
        owner = model.stat()
        os.chown(what, owner.st_uid, owner.st_gid)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
