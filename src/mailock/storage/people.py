"""`console.db`: the people of the console, who is signed in, keys to the API, drafts, and the audit log.

Passwords are kept as Argon2id hashes, with the cost that OWASP names for 19 MiB of memory. Sessions, one-time links and
tokens are random (256 bits) and kept as SHA-256 only, so who reads the file cannot sign in with what he finds. The file
belongs to the console; the commands `mailock user` open it beside.

All calls block.
"""

import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import apsw
import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mailock.ports.people import Entry, Person, Right, Session, Token
from mailock.storage.passkeys import Passkeys
from mailock.storage.person_tables import PERSON, STEPS, TOKEN, read_person, read_token
from mailock.storage.reports import StoredReports
from mailock.storage.views import StoredViews

FILE: Final = "console.db"
SHORTEST_PASSWORD: Final = 10
ONCE_SECONDS: Final = 3600.0
"""How long a one-time link can be used."""
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY: Final = _HASHER.hash(secrets.token_hex())
"""Compared with where there is no such account, so that the time of the answer says nothing."""


class People:
    """The store. One connection, one caller at a time; any thread."""

    def __init__(self, folder: Path) -> None:
        """Opens or makes the file in the data folder. Raises OSError."""
        path = folder / FILE
        is_new = not path.exists()
        self._lock = threading.RLock()
        try:
            if is_new:
                # Its companions (-wal, -shm) get its mode.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = apsw.Connection(str(path))
            self._db.set_busy_timeout(5000)
            for setting in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -1024"):
                self._db.execute(f"PRAGMA {setting}")
            if int(self._db.pragma("user_version")) < len(STEPS):
                self._furnish()
        except apsw.Error as fault:
            raise OSError(f"{path} cannot be used: {fault}") from fault
        if is_new and os.geteuid() == 0:
            _give(path, folder)
        self.views = StoredViews(self._rows)
        self.reports = StoredReports(self._rows)
        self.passkeys = Passkeys(self._rows)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _furnish(self) -> None:
        """Makes the tables that are missing; of two processes that begin at once, one waits and finds them made."""
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            version = int(self._db.pragma("user_version"))
            for number, step in list(enumerate(STEPS, 1))[version:]:
                self._db.execute(step)
                self._db.pragma("user_version", number)
        self._db.execute("COMMIT")

    # People

    def add(self, person: Person) -> None:
        """Makes an account without a password. Raises ValueError where there is one of that name."""
        try:
            self._run(
                "INSERT INTO person(name, role, systems, reads_content, created) VALUES(?, ?, ?, ?, ?)",
                person.name,
                person.role.value,
                json.dumps(person.systems),
                int(person.reads_content),
                person.created,
            )
        except apsw.ConstraintError:
            raise ValueError(f"there is a person {person.name!r} already") from None

    def change(self, person: Person) -> None:
        """Gives an account another role, other systems, or disables it; then all its sessions end."""
        self._known(person.name)
        self._run(
            "UPDATE person SET role = ?, systems = ?, reads_content = ?, disabled = ? WHERE name = ?",
            person.role.value,
            json.dumps(person.systems),
            int(person.reads_content),
            int(person.disabled),
            person.name,
        )
        self.sign_out_everywhere(person.name)

    def admit(self, person: Person, subject: str | None = None) -> bool:
        """Makes or renews the account of somebody whom another source knows, and there by `subject` where it says one.

        False where the account is disabled, or not from there, or another subject's.
        """
        admitted = self._rows(
            "INSERT INTO person(name, role, systems, created, source, subject) VALUES(?, ?, ?, ?, ?, ?) "
            "ON CONFLICT(name) DO UPDATE SET role = excluded.role, systems = excluded.systems "
            "WHERE source = excluded.source AND subject IS excluded.subject AND NOT disabled RETURNING 1",
            person.name,
            person.role.value,
            json.dumps(person.systems),
            person.created,
            person.source.value,
            subject,
        )
        return bool(admitted)

    def dismiss(self, name: str, subject: str) -> None:
        """Ends the sessions of somebody who has no role any more where he comes from, if the account is his."""
        if self._rows("SELECT 1 FROM person WHERE name = ? AND subject = ?", name, subject):
            self.sign_out_everywhere(name)

    def remove(self, name: str) -> None:
        """Removes an account with all that is its own; the audit log keeps its name."""
        self._known(name)
        for table in ("session", "once", "token", "draft", "passkey"):
            self._run(f"DELETE FROM {table} WHERE person = ?", name)
        for table in ("view", "report"):
            self._run(f"DELETE FROM {table} WHERE owner = ?", name)
        self._run("DELETE FROM person WHERE name = ?", name)

    def person(self, name: str) -> Person | None:
        """One account."""
        found = self._rows(f"SELECT {PERSON} FROM person WHERE name = ?", name)
        return read_person(found[0]) if found else None

    def everybody(self) -> Sequence[Person]:
        """All accounts, by name."""
        return [read_person(row) for row in self._rows(f"SELECT {PERSON} FROM person ORDER BY name")]

    # Passwords and second factors

    def set_password(self, name: str, password: str) -> None:
        """Sets a password. Raises ValueError with a sentence for one that is too short."""
        if len(password) < SHORTEST_PASSWORD:
            raise ValueError(f"a password has at least {SHORTEST_PASSWORD} characters")
        self._local(name)
        self._run("UPDATE person SET password = ? WHERE name = ?", _HASHER.hash(password), name)
        self.sign_out_everywhere(name)

    def check(self, name: str, password: str) -> bool:
        """Whether this is the password of an account that may sign in. Takes as long where there is none."""
        found = self._rows("SELECT password, disabled FROM person WHERE name = ?", name)
        hashed, disabled = found[0] if found else (None, True)
        try:
            _HASHER.verify(hashed or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
        if hashed and _HASHER.check_needs_rehash(hashed):
            self._run("UPDATE person SET password = ? WHERE name = ?", _HASHER.hash(password), name)
        return hashed is not None and not disabled

    def set_totp(self, name: str, secret: str | None) -> None:
        """Sets or removes the secret of the second factor (RFC 6238)."""
        self._known(name)
        self._run("UPDATE person SET totp = ?, totp_used = 0 WHERE name = ?", secret, name)

    def check_totp(self, name: str, code: str, now: float) -> bool:
        """Whether a code is right; true where the account has no second factor. A code counts once."""
        with self._lock:
            found = self._rows("SELECT totp, totp_used FROM person WHERE name = ?", name)
            if not found:
                return False
            secret, used = found[0]
            if secret is None:
                return True
            step = _step_of(secret, code, now)
            if step is None or step <= used:
                return False
            self._run("UPDATE person SET totp_used = ? WHERE name = ?", step, name)
            return True

    # Sessions

    def sign_in(self, name: str, now: float, seconds: float) -> str:
        """Begins a session; returns its secret, which the cookie holds."""
        secret = secrets.token_urlsafe(32)
        self._run("DELETE FROM session WHERE expires < ?", now)
        self._run(
            "INSERT INTO session VALUES(?, (SELECT name FROM person WHERE name = ?), ?, ?, ?, ?)",
            _digest(secret),
            name,
            secrets.token_urlsafe(24),
            now,
            now,
            now + seconds,
        )
        self._run("UPDATE person SET signed_in = ? WHERE name = ?", now, name)
        return secret

    def session(self, secret: str, now: float, idle: float) -> Session | None:
        """Who is signed in with this secret; None where it is no session (any more)."""
        digest = _digest(secret)
        found = self._rows("SELECT person, csrf, seen, expires FROM session WHERE digest = ?", digest)
        if not found:
            return None
        name, csrf, seen, expires = found[0]
        person = self.person(name)
        if person is None or person.disabled or now > expires or now - seen > idle:
            self._run("DELETE FROM session WHERE digest = ?", digest)
            return None
        if now - seen > min(30.0, idle / 4):
            self._run("UPDATE session SET seen = ? WHERE digest = ?", now, digest)
        return Session(person=person, csrf=csrf, expires=expires)

    def sign_out(self, secret: str) -> None:
        """Ends a session."""
        self._run("DELETE FROM session WHERE digest = ?", _digest(secret))

    def sign_out_everywhere(self, name: str) -> None:
        """Ends all sessions of a person."""
        self._run("DELETE FROM session WHERE person = ?", name)

    def make_once(self, name: str, now: float) -> str:
        """A secret with which this person may sign in once, without a password."""
        self._local(name)
        secret = secrets.token_urlsafe(24)
        self._run("DELETE FROM once WHERE expires < ? OR person = ?", now, name)
        self._run("INSERT INTO once VALUES(?, ?, ?)", _digest(secret), name, now + ONCE_SECONDS)
        return secret

    def take_once(self, secret: str, now: float) -> str | None:
        """Who may sign in with this secret; it is used up."""
        digest = _digest(secret)
        found = self._rows("DELETE FROM once WHERE digest = ? AND expires >= ? RETURNING person", digest, now)
        person = self.person(found[0][0]) if found else None
        return person.name if person is not None and not person.disabled else None

    # Keys to the API

    def make_token(self, name: str, label: str, scopes: Iterable[Right], now: float, expires: float | None) -> str:
        """A key to the API; its secret is told this one time."""
        self._local(name)
        secret = f"mlk_{secrets.token_urlsafe(32)}"
        self._run(
            "INSERT INTO token(digest, person, name, scopes, created, expires) VALUES(?, ?, ?, ?, ?, ?)",
            _digest(secret),
            name,
            label,
            json.dumps(sorted(one.value for one in scopes)),
            now,
            expires,
        )
        return secret

    def token(self, secret: str, now: float) -> tuple[Token, Person] | None:
        """Whose key this is; None where it is none (any more)."""
        found = self._rows(f"SELECT {TOKEN} FROM token WHERE digest = ?", _digest(secret))
        if not found:
            return None
        token = read_token(found[0])
        person = self.person(token.person)
        if person is None or person.disabled or (token.expires is not None and now > token.expires):
            return None
        if token.used is None or now - token.used > 60:
            self._run("UPDATE token SET used = ? WHERE number = ?", now, token.number)
        return token, person

    def tokens(self, name: str) -> Sequence[Token]:
        """The keys of a person."""
        return [
            read_token(row) for row in self._rows(f"SELECT {TOKEN} FROM token WHERE person = ? ORDER BY number", name)
        ]

    def remove_token(self, name: str, number: int) -> bool:
        """Removes a key; whether there was one."""
        return bool(self._rows("DELETE FROM token WHERE person = ? AND number = ? RETURNING 1", name, number))

    # Drafts of the policy

    def keep_draft(self, name: str, base: int, text: str, now: float) -> None:
        """Keeps what a person wrote, made from the revision `base`."""
        self._run("INSERT OR REPLACE INTO draft VALUES(?, ?, ?, ?)", name, base, text, now)

    def draft(self, name: str) -> tuple[int, str, float] | None:
        """Base, text and time of a person's draft."""
        found = self._rows("SELECT base, text, at FROM draft WHERE person = ?", name)
        return found[0] if found else None

    def drop_draft(self, name: str) -> None:
        """Forgets a draft."""
        self._run("DELETE FROM draft WHERE person = ?", name)

    # The audit log

    def write_down(self, *, at: float, person: str, ip: str, act: str, about: str, outcome: str) -> int:
        """Writes a line, durably, and returns its number."""
        columns = "at, person, ip, act, about, outcome"
        found = self._rows(
            f"INSERT INTO audit({columns}) VALUES(?, ?, ?, ?, ?, ?) RETURNING number",
            at,
            person,
            ip,
            act,
            about,
            outcome,
        )
        return int(found[0][0])

    def complete(self, number: int, outcome: str) -> None:
        """Says what came of an act that was written down before it was done."""
        self._run("UPDATE audit SET outcome = ? WHERE number = ?", outcome, number)

    def entries(self, *, limit: int, before: int | None = None, person: str = "") -> Sequence[Entry]:
        """The newest lines, those before a number, of one person."""
        rows = self._rows(
            "SELECT number, at, person, ip, act, about, outcome FROM audit WHERE number < ? AND (? = '' OR person = ?) "
            "ORDER BY number DESC LIMIT ?",
            before or 1 << 62,
            person,
            person,
            limit,
        )
        names = ("number", "at", "person", "ip", "act", "about", "outcome")
        return [Entry(**dict(zip(names, row, strict=True))) for row in rows]

    def forget_entries(self, before: float) -> None:
        """Drops lines from before a moment."""
        self._run("DELETE FROM audit WHERE at < ?", before)

    def _known(self, name: str) -> Person:
        found = self.person(name)
        if found is None:
            raise ValueError(f"there is no person {name!r}")
        return found

    def _local(self, name: str) -> None:
        person = self._known(name)
        if not person.is_local:
            raise ValueError(
                f"{name} signs in by the {person.source.name.lower()} alone: no password, link or key here"
            )

    def _run(self, statement: str, *bindings: Any) -> None:
        self._rows(statement, *bindings)

    def _rows(self, statement: str, *bindings: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(statement, bindings).fetchall()


def check_name(name: str) -> str:
    """A name that an account can have. Raises ValueError with a sentence."""
    if not 1 <= len(name) <= 64 or not name.isprintable() or name != name.strip() or any(c in name for c in "/\\<>\"'"):
        raise ValueError("a name has 1 to 64 characters, none of them a slash, a quote, < or >")
    return name


def _step_of(secret: str, code: str, now: float) -> int | None:
    """The time step whose code this is: the present one or a neighbour, for clocks that differ."""
    totp = pyotp.TOTP(secret)
    digits = code.replace(" ", "").encode("utf-8", "replace")
    step = int(now) // 30
    likely = (step, step - 1, step + 1)
    return next((n for n in likely if secrets.compare_digest(totp.at(n * 30).encode(), digits)), None)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _give(path: Path, folder: Path) -> None:
    """To the owner of the folder, so that the console can use it without root's rights."""
    owner = folder.stat()
    for name in (path, *folder.glob(f"{path.name}-*")):
        os.chown(name, owner.st_uid, owner.st_gid)
