"""Parameter values that are continued, or carry their own charset (RFC 2231), in every way that clients join them.

`filename*0="a"; filename*1*=%2eexe` is one name; so are the same pieces out of order. Where a piece is missing, given
twice or counted otherwise, clients differ, and each way gives a value.
"""

from typing import Final
from urllib.parse import unquote_to_bytes

from mailock.core.mime.parameters import Parameters

_MOST: Final = 1_024


def values(parameters: Parameters, name: bytes) -> tuple[list[tuple[bytes, bytes]], bool]:
    """The values of a parameter as (charset, octets), the most likely first, and whether clients differ on them.

    The charset is empty where none is told.
    """
    plain: list[tuple[bytes, bytes]] = []
    starred: list[tuple[bytes, bytes]] = []
    pieces: list[tuple[int, bool, bytes]] = []
    for key, value in parameters:
        if key == name:
            plain.append((b"", value))
        elif key.startswith(name + b"*"):
            suffix = key[len(name) + 1 :]
            digits, star, rest = suffix.partition(b"*")
            if not digits:
                starred.extend(_extended(value))
            elif digits.isdigit() and not rest and len(digits) < 6:
                pieces.append((int(digits), bool(star), value))
    joined, odd = _joined(pieces) if pieces else ([], False)
    found = list(dict.fromkeys(starred + joined + plain))
    return found, odd or len(found) > 1


def _extended(value: bytes) -> list[tuple[bytes, bytes]]:
    """A value that a star marks: charset'language'percent-encoded. Where the quotes are missing, it is all text."""
    value = value.strip(b'"')
    charset, quote, rest = value.partition(b"'")
    _, second, text = rest.partition(b"'")
    if quote and second:
        return [(charset.lower(), unquote_to_bytes(text))]
    return [(b"", unquote_to_bytes(value)), (b"", value)]


def _joined(pieces: list[tuple[int, bool, bytes]]) -> tuple[list[tuple[bytes, bytes]], bool]:
    """The ways to join numbered pieces, and whether there is more than one."""
    pieces = pieces[:_MOST]
    numbers = [number for number, _, _ in pieces]
    ordered = sorted(pieces, key=lambda piece: piece[0])
    firsts = {piece[0]: piece for piece in reversed(ordered)}
    lasts = {piece[0]: piece for piece in ordered}
    unbroken = [firsts[number] for number in range(len(firsts)) if set(range(number + 1)) <= firsts.keys()]
    from_one = [firsts[number] for number in range(1, len(firsts) + 1) if set(range(1, number + 1)) <= firsts.keys()]
    ways = [
        unbroken,
        ordered,
        [firsts[number] for number in sorted(firsts)],
        [lasts[number] for number in sorted(lasts)],
        from_one,
        pieces,
    ]
    found = list(dict.fromkeys(_join(way, told) for told in (1, len(pieces)) for way in ways if way))
    regular = numbers == list(range(len(numbers)))
    return found, not regular and len(found) > 1


def _join(pieces: list[tuple[int, bool, bytes]], told: int) -> tuple[bytes, bytes]:
    """One way. The first `told` pieces may tell a charset; only the first should."""
    charset = b""
    text: list[bytes] = []
    for index, (_, starred, value) in enumerate(pieces):
        if starred and index < told and value.count(b"'") >= 2:
            name, _, rest = value.partition(b"'")
            charset = charset or name
            value = rest.partition(b"'")[2]
        text.append(unquote_to_bytes(value) if starred else value)
    return charset.lower(), b"".join(text)
