"""The tables of `console.db`, a step for each version, and how a person and a key to the API are read from them."""

import json
from typing import Any, Final

from mailock.ports.people import Person, Right, Role, Source, Token

STEPS: Final = (
    """
    CREATE TABLE person(name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, systems TEXT NOT NULL DEFAULT '[]',
        reads_content INTEGER NOT NULL DEFAULT 0, password TEXT, totp TEXT, totp_used INTEGER NOT NULL DEFAULT 0,
        disabled INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL, signed_in REAL);
    CREATE TABLE session(digest BLOB PRIMARY KEY, person TEXT NOT NULL, csrf TEXT NOT NULL, created REAL NOT NULL,
        seen REAL NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE once(digest BLOB PRIMARY KEY, person TEXT NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
    CREATE TABLE token(number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, person TEXT NOT NULL,
        name TEXT NOT NULL, scopes TEXT NOT NULL, created REAL NOT NULL, expires REAL, used REAL);
    CREATE TABLE draft(person TEXT PRIMARY KEY, base INTEGER NOT NULL, text TEXT NOT NULL, at REAL NOT NULL);
    CREATE TABLE audit(number INTEGER PRIMARY KEY, at REAL NOT NULL, person TEXT NOT NULL, ip TEXT NOT NULL,
        act TEXT NOT NULL, about TEXT NOT NULL, outcome TEXT NOT NULL);
    CREATE INDEX audit_person ON audit(person, number);
    """,
    """
    CREATE TABLE view(number INTEGER PRIMARY KEY, owner TEXT NOT NULL COLLATE NOCASE, shared INTEGER NOT NULL DEFAULT 0,
        revision INTEGER NOT NULL DEFAULT 1, document BLOB NOT NULL);
    """,
    "ALTER TABLE person ADD COLUMN from_directory INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE report(number INTEGER PRIMARY KEY, owner TEXT NOT NULL COLLATE NOCASE, document BLOB NOT NULL,
        due REAL NOT NULL, sent REAL, outcome TEXT NOT NULL DEFAULT '');
    CREATE INDEX report_due ON report(due);
    """,
    """
    ALTER TABLE person RENAME COLUMN from_directory TO source;
    ALTER TABLE person ADD COLUMN subject TEXT;
    CREATE TABLE passkey(number INTEGER PRIMARY KEY, person TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL,
        handle BLOB NOT NULL, credential BLOB NOT NULL UNIQUE, public BLOB NOT NULL, count INTEGER NOT NULL,
        created REAL NOT NULL, used REAL);
    CREATE INDEX passkey_person ON passkey(person);
    """,
)
PERSON: Final = (
    "name, role, systems, reads_content, totp IS NOT NULL, password IS NOT NULL, disabled, created, signed_in, "
    "source, EXISTS(SELECT 1 FROM passkey WHERE passkey.person = person.name)"
)
TOKEN: Final = "number, person, name, scopes, created, expires, used"


def read_person(row: tuple[Any, ...]) -> Person:
    """From the columns `PERSON`."""
    name, role, systems, reads, totp, password, disabled, created, signed_in, source, passkey = row
    return Person(
        name=name,
        role=Role(role),
        systems=tuple(json.loads(systems)),
        reads_content=bool(reads),
        has_totp=bool(totp),
        has_password=bool(password),
        disabled=bool(disabled),
        created=created,
        signed_in=signed_in,
        source=Source(source),
        has_passkey=bool(passkey),
    )


def read_token(row: tuple[Any, ...]) -> Token:
    """From the columns `TOKEN`."""
    number, person, name, scopes, created, expires, used = row
    known = {one.value for one in Right}
    return Token(
        number=number,
        person=person,
        name=name,
        scopes=tuple(Right(one) for one in json.loads(scopes) if one in known),
        created=created,
        expires=expires,
        used=used,
    )
