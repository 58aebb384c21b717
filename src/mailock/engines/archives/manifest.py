"""What the engine `archives` is, and every kind of thing that it finds."""

from typing import Final

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.manifest import EVERY_FAMILY, Duty, Manifest, Scope, Where

MANIFEST: Final = Manifest(
    name="archives",
    version="1",
    where=Where.JAILED,
    scope=Scope.PART,
    duty=Duty.MALWARE,
    # A zip can be appended to anything, so anything is looked at.
    families=EVERY_FAMILY - {Family.EMPTY},
    kinds={
        "archive.bomb": "it unpacks to far more than it is, holds itself, or has endlessly many files or layers",
        "archive.overlap": "files that share their octets, as bombs are built",
        "archive.contradiction": "two descriptions of one file in it contradict each other: unpackers differ",
        "archive.duplicate": "two different files of one name: which one is unpacked depends on the unpacker",
        "archive.concatenated": "several archives one behind the other: unpackers open one of them, not the same one",
        "archive.hidden": "a file that the archive's own list does not name",
        "archive.gap": "octets before, between or behind the files that belong to none",
        "archive.traversal": "a file name that leads out of the folder into which it is unpacked",
        "archive.encrypted": "it needs a password, and none was found",
        "archive.encrypted-program": "its content is locked, and a name in it is that of a program or a script",
        "archive.unlocked": "it was locked, and a word of the mail or of the dictionary opened it",
        "archive.default-password": "it only looks locked: its program tries this password by itself",
        "archive.broken": "damage: a checksum or a structure does not fit",
        "archive.several-volumes": "a volume of an archive in several: the rest of it is not here",
    },
    needs=frozenset({"name", "words", "parent"}),
)
