"""What holds of every anatomy, whatever the octets were; shared by the property tests and the fuzzer."""

from mailock.core.mime.part import Anatomy, Part, Provenance


def check(message: bytes, anatomy: Anatomy) -> None:
    """Raises AssertionError where an anatomy breaks a law."""
    assert anatomy.spaces[0] == message
    assert anatomy.root.path == "1" and anatomy.root.parent is None
    paths = [part.path for part in anatomy.parts]
    assert len(set(paths)) == len(paths)
    known = set(paths)
    for part in anatomy.parts:
        size = len(anatomy.spaces[part.space])
        assert 0 <= part.header.start <= part.header.end <= part.body.start <= part.body.end <= size, part.path
        assert part.types and (part.parent is None or part.parent in known)
        assert part.defects <= anatomy.defects
    _check_siblings(anatomy)


def siblings(anatomy: Anatomy) -> dict[tuple[str, int], list[Part]]:
    """The parts of each multipart, by each way in which it is split."""
    found: dict[tuple[str, int], list[Part]] = {}
    for part in anatomy.parts:
        if part.parent is not None and part.provenance in (Provenance.MIME, Provenance.PREAMBLE, Provenance.EPILOGUE):
            last = part.path.removeprefix(part.parent)
            way = last.rpartition(":")[0] or last.rpartition("/")[0]
            found.setdefault((part.parent + way, part.space), []).append(part)
    return found


def _check_siblings(anatomy: Anatomy) -> None:
    for parts in siblings(anatomy).values():
        position = 0
        for part in sorted(parts, key=lambda each: (each.header.start, each.body.end)):
            assert part.header.start >= position, part.path
            position = part.body.end
