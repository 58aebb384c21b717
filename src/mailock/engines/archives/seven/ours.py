"""Objects of ours that 7-Zip's library holds and calls: what it reads from, what it writes to, whom it tells.

The tables of functions are made once, when this is imported: to make one needs memory that can be executed, which a
jailed process need not get. A table's functions find their object by its address. The library's counting of references
is not needed: an object lives until `forget`, which comes when the library is done.
"""

import ctypes
from collections.abc import Callable
from typing import Any, Final

OK, NO_INTERFACE, ABORT, FAILED = 0, -2147467262, -2147467260, -2147467259
"""S_OK, E_NOINTERFACE, E_ABORT, E_FAIL."""
_ADDRESS: Final = ctypes.c_void_p
_U32, _U64, _I32, _I64 = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int32, ctypes.c_int64


def identifier(group: int, number: int) -> bytes:
    """The GUID of one of 7-Zip's interfaces."""
    return bytes.fromhex("690f1723c1408a27000000") + bytes((group, 0, number, 0, 0))


SEQUENTIAL_IN, SEQUENTIAL_OUT, IN = identifier(3, 1), identifier(3, 2), identifier(3, 3)
OPEN_CALLBACK, EXTRACT_CALLBACK, PASSWORD = identifier(6, 0x10), identifier(6, 0x20), identifier(5, 0x10)
PROGRESS, ARCHIVE, GET_STREAM = identifier(0, 5), identifier(6, 0x60), identifier(6, 0x40)
_UNKNOWN: Final = bytes.fromhex("0000000000000000c000000000000046")
_METHODS: Final[dict[bytes, tuple[tuple[str, tuple[Any, ...]], ...]]] = {
    IN: (("read", (_ADDRESS, _U32, _ADDRESS)), ("seek", (_I64, _U32, _ADDRESS))),
    SEQUENTIAL_OUT: (("write", (_ADDRESS, _U32, _ADDRESS)),),
    OPEN_CALLBACK: (("progress", (_ADDRESS, _ADDRESS)), ("progress", (_ADDRESS, _ADDRESS))),
    EXTRACT_CALLBACK: (
        ("progress", (_U64,)),
        ("progress", (_ADDRESS,)),
        ("get_stream", (_U32, _ADDRESS, _I32)),
        ("prepare", (_I32,)),
        ("result", (_I32,)),
    ),
    PASSWORD: (("password", (_ADDRESS,)),),
}
"""The functions of each interface of ours behind the three that all have, in their order."""
_ALIASES: Final = {_UNKNOWN: None, SEQUENTIAL_IN: IN, PROGRESS: EXTRACT_CALLBACK}
_living: dict[int, "Ours"] = {}


class Ours:
    """An object with one or several interfaces."""

    interfaces: tuple[bytes, ...] = ()

    def __init__(self) -> None:
        self._cells = {one: ctypes.c_void_p(ctypes.addressof(_TABLES[one])) for one in self.interfaces}
        self.fault: BaseException | None = None
        """What was raised where the library called, for whoever called the library."""
        for cell in self._cells.values():
            _living[ctypes.addressof(cell)] = self

    def pointer(self, interface: bytes) -> int:
        """Its address as one of its interfaces."""
        return ctypes.addressof(self._cells[interface])

    def forget(self) -> None:
        """Ends it: the library does not have it any more."""
        for cell in self._cells.values():
            _living.pop(ctypes.addressof(cell), None)

    def query(self, wanted: int, found: int) -> int:
        """Whether it has another interface, too."""
        asked = ctypes.string_at(wanted, 16)
        interface = _ALIASES.get(asked, asked) or self.interfaces[0]
        if interface not in self._cells:
            put(found, 0, _ADDRESS)
            return NO_INTERFACE
        put(found, self.pointer(interface), _ADDRESS)
        return OK

    def progress(self, *told: int) -> int:
        """How far it is; nobody wants to know."""
        del told
        return OK


def put(address: int | None, value: int, kind: Any = _U32) -> None:
    """Writes a number where the library wants it; it may not want it."""
    if address:
        kind.from_address(address).value = value


class Content(Ours):
    """Octets to be read from."""

    interfaces = (IN,)

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content
        self._at = 0

    def read(self, to: int, size: int, done: int) -> int:
        """Fills a buffer."""
        piece = self._content[self._at : self._at + size]
        ctypes.memmove(to, piece, len(piece))
        self._at += len(piece)
        put(done, len(piece))
        return OK

    def seek(self, offset: int, origin: int, at: int) -> int:
        """Goes elsewhere: from the beginning, from here, from the end."""
        place = offset + (0, self._at, len(self._content))[origin]
        if place < 0:
            return FAILED
        self._at = place
        put(at, place, _U64)
        return OK


class Sheet(Ours):
    """Takes one file, up to the limit that all share."""

    interfaces = (SEQUENTIAL_OUT,)

    def __init__(self, take: Callable[[int], bool]) -> None:
        super().__init__()
        self._take = take
        self.pieces: list[bytes] = []

    def write(self, octets: int, size: int, done: int) -> int:
        """Takes a piece."""
        if not self._take(size):
            return ABORT
        self.pieces.append(ctypes.string_at(octets, size))
        put(done, size)
        return OK


class Asked(Ours):
    """Whom the library asks for a password while it opens."""

    interfaces = (OPEN_CALLBACK, PASSWORD)

    def __init__(self, word: str | None, allocate: Callable[[str], int]) -> None:
        super().__init__()
        self._word = word
        self._allocate = allocate
        self.was_asked = False

    def password(self, text: int) -> int:
        """The word, or the end where there is none."""
        self.was_asked = True
        if self._word is None:
            return ABORT
        put(text, self._allocate(self._word), _ADDRESS)
        return OK


class Taker(Asked):
    """Whom the library asks where each file is to go, and tells how it went."""

    interfaces = (EXTRACT_CALLBACK, PASSWORD)

    def __init__(self, word: str | None, allocate: Callable[[str], int], limit: int) -> None:
        super().__init__(word, allocate)
        self._left = limit
        self._sheet: tuple[int, Sheet] | None = None
        self.full = False
        """Whether more came out than the limit."""
        self.done: list[tuple[int, bytes, int]] = []
        """Number, octets and result of each file that came out."""

    def take(self, size: int) -> bool:
        """Whether there is room for so much more."""
        self._left -= size
        self.full = self.full or self._left < 0
        return not self.full

    def get_stream(self, index: int, stream: int, mode: int) -> int:
        """Where a file is to go; nowhere, unless it is to be extracted."""
        put(stream, 0, _ADDRESS)
        if mode == 0:
            sheet = Sheet(self.take)
            self._sheet = (index, sheet)
            put(stream, sheet.pointer(SEQUENTIAL_OUT), _ADDRESS)
        return OK

    def prepare(self, mode: int) -> int:
        """Nothing is to be prepared."""
        del mode
        return OK

    def result(self, result: int) -> int:
        """How the last file went."""
        if self._sheet is not None:
            index, sheet = self._sheet
            self.done.append((index, b"".join(sheet.pieces), result))
            self._sheet = None
            sheet.forget()
        return OK


def _calling(name: str) -> Callable[..., int]:
    def call(this: int, *arguments: int) -> int:
        living = _living.get(this)
        if living is None:
            return FAILED
        try:
            answer: int = getattr(living, name)(*arguments)
        except BaseException as fault:
            # Nothing can be raised through the library; whoever called it looks here.
            living.fault = fault
            return FAILED
        return answer

    return call


def _table(interface: bytes) -> Any:
    slots: list[Any] = [
        ctypes.CFUNCTYPE(_I32, _ADDRESS, _ADDRESS, _ADDRESS)(_calling("query")),
        ctypes.CFUNCTYPE(_U32, _ADDRESS)(lambda this: 1),
        ctypes.CFUNCTYPE(_U32, _ADDRESS)(lambda this: 1),
    ]
    for name, arguments in _METHODS[interface]:
        slots.append(ctypes.CFUNCTYPE(_I32, _ADDRESS, *arguments)(_calling(name)))
    table = (_ADDRESS * len(slots))(*(ctypes.cast(slot, _ADDRESS).value for slot in slots))
    _KEPT.append(slots)
    return table


_KEPT: Final[list[list[Any]]] = []
"""The functions themselves, which have to live as long as the tables."""
_TABLES: Final = {interface: _table(interface) for interface in _METHODS}
