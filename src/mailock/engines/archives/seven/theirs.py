"""7-Zip's library and what it gives us: handlers, one a format; in them items with properties, and streams of items."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from mailock.engines.archives.seven import ours

PLACES: Final = tuple(
    f"{folder}/{name}/7z.so"
    for folder in ("/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/local/lib")
    for name in ("7zip", "p7zip")
)
"""Where distributions put the library. Debian: 7zip (from 13 on), p7zip-full."""
_U32, _U64, _I32, _I64, _ADDRESS = (
    ctypes.c_uint32, ctypes.c_uint64, ctypes.c_int32, ctypes.c_int64, ctypes.c_void_p,
)  # fmt: skip  # one line a type would be longer than it is worth
_PATH, _IS_FOLDER, _SIZE, _ENCRYPTED, _ERRORS = 3, 6, 7, 15, 71
_SPLIT_BEFORE, _SPLIT_AFTER = 16, 17
_EMPTY, _TEXT, _TRUTH = 0, 8, 11
_INTERFACE_TYPE: Final = 0
_DAMAGED: Final = 2 | 4 | 32 | 128 | 256 | 512 | 1024
"""Of a handler's flags: headers, their lock, the end, methods and features unknown, data, checksums."""
UNSUPPORTED, WRONG_CHECKSUM, WRONG_PASSWORD = 1, 3, 9
"""Of the results of an item, what went wrong; 0 is nothing."""
_LONGEST_PATH: Final = 4096


class _Variant(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_uint16), ("reserved", ctypes.c_uint16 * 3), ("value", _U64))


def _slot(number: int, *arguments: Any, returns: Any = _I32) -> "_Slot":
    return _Slot(number, ctypes.CFUNCTYPE(returns, _ADDRESS, *arguments))


class _Slot:
    """One function of a table, to be called on a pointer."""

    def __init__(self, number: int, kind: Any) -> None:
        self._number = number
        self._kind = kind

    def __call__(self, pointer: int, *arguments: Any) -> int:
        table = ctypes.cast(pointer, ctypes.POINTER(ctypes.POINTER(_ADDRESS)))
        answer: int = self._kind(table[0][self._number])(pointer, *arguments)
        return answer


_QUERY = _slot(0, ctypes.c_char_p, _ADDRESS)
_RELEASE = _slot(2, returns=_U32)
_READ = _slot(3, _ADDRESS, _U32, _ADDRESS)
_SEEK = _slot(4, _I64, _U32, _ADDRESS)
_OPEN = _slot(3, _ADDRESS, _ADDRESS, _ADDRESS)
_CLOSE = _slot(4)
_COUNT = _slot(5, _ADDRESS)
_PROPERTY = _slot(6, _U32, _U32, _ADDRESS)
_EXTRACT = _slot(7, _ADDRESS, _U32, _I32, _ADDRESS)
_OF_ALL = _slot(8, _U32, _ADDRESS)
_STREAM = _slot(3, _U32, _ADDRESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file in an archive, as it is described there."""

    index: int
    untrusted_path: str
    size: int | None
    encrypted: bool
    is_split: bool
    """Whether it goes on in another volume, or begins in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What came out."""

    files: tuple[tuple[int, bytes, int], ...]
    """Number, octets, result."""
    full: bool
    """Whether it ended because there was no room for more."""
    locked: bool
    """Whether a password was asked for, and none was there."""
    failed: bool
    """Whether the handler gave up."""


class Stream:
    """A stream of the library's, or of ours, that can be read at any place."""

    def __init__(self, pointer: int, *, owned: bool) -> None:
        self.pointer = pointer
        self._owned = owned

    def read_at(self, offset: int, size: int) -> bytes:
        """So many octets from there; fewer at its end, or where it is damaged."""
        if _SEEK(self.pointer, offset, 0, None):
            return b""
        sheet = ctypes.create_string_buffer(size)
        got = 0
        while got < size:
            done = _U32()
            failed = _READ(self.pointer, ctypes.addressof(sheet) + got, size - got, ctypes.addressof(done))
            got += done.value
            if failed or not done.value:
                break
        return sheet.raw[:got]

    def size(self) -> int:
        """Its length in octets."""
        end = _U64()
        return 0 if _SEEK(self.pointer, 0, 2, ctypes.addressof(end)) else end.value

    def close(self) -> None:
        """Gives it back."""
        if self._owned:
            _RELEASE(self.pointer)
            self._owned = False


class Library:
    """The loaded library."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        kind = _Variant()
        if library.GetModuleProp(_INTERFACE_TYPE, ctypes.byref(kind)) or kind.value:
            # Older ones have a destructor in each table, so that every function lies elsewhere.
            raise OSError("it is older than 7-Zip 23")
        library.SysAllocStringLen.restype = _ADDRESS
        library.SysAllocStringLen.argtypes = (ctypes.c_wchar_p, _U32)
        self.formats = dict(self._found())

    def _found(self) -> Iterator[tuple[str, bytes]]:
        count = _U32()
        self._library.GetNumberOfFormats(ctypes.byref(count))
        for number in range(count.value):
            name, class_id = _Variant(), _Variant()
            self._library.GetHandlerProperty2(number, 0, ctypes.byref(name))
            self._library.GetHandlerProperty2(number, 1, ctypes.byref(class_id))
            yield self._taken(name), ctypes.string_at(class_id.value, 16)
            self._library.VariantClear(ctypes.byref(class_id))

    def _taken(self, variant: _Variant) -> Any:
        """A property's value, which is freed."""
        match variant.kind:
            case kind if kind == _EMPTY:
                value: Any = None
            case kind if kind == _TEXT:
                value = _wide(variant.value)
            case kind if kind == _TRUTH:
                value = bool(variant.value & 0xFFFF)
            case _:
                value = variant.value
        self._library.VariantClear(ctypes.byref(variant))
        return value

    def allocate(self, text: str) -> int:
        """A text as the library takes it over."""
        pointer: int | None = self._library.SysAllocStringLen(text, len(text))
        return pointer or 0

    def opened(self, stream: Stream, format_: str, word: str | None = None) -> "Archive | None":
        """The archive in a stream, where it is one of this format. Raises Locked where its list needs a password."""
        handler = _ADDRESS()
        if self._library.CreateObject(self.formats[format_], ours.ARCHIVE, ctypes.byref(handler)) or not handler.value:
            return None
        # Handlers begin to read where the stream stands.
        _SEEK(stream.pointer, 0, 0, None)
        asked = ours.Asked(word, self.allocate)
        start = _U64(0)
        pointer = asked.pointer(ours.OPEN_CALLBACK)
        failed = _OPEN(handler.value, stream.pointer, ctypes.addressof(start), pointer)
        archive = Archive(self, handler.value, asked, word)
        if not failed:
            return archive
        archive.close()
        _raised(asked)
        if asked.was_asked:
            raise Locked
        return None

    def property(self, read: Any, *place: int) -> Any:
        """A property of an item, or of an archive."""
        variant = _Variant()
        if read(*place, ctypes.addressof(variant)):
            return None
        return self._taken(variant)


class Locked(Exception):
    """No password was there, or it was the wrong one."""


class Archive:
    """What a handler opened. To be closed."""

    def __init__(self, library: Library, handler: int, asked: ours.Asked, word: str | None) -> None:
        self._library = library
        self._handler = handler
        self._asked = asked
        self._word = word

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def count(self) -> int:
        """How many items it has."""
        count = _U32()
        return 0 if _COUNT(self._handler, ctypes.addressof(count)) else count.value

    @property
    def damaged(self) -> bool:
        """Whether the handler met damage, an end that came too soon, or what it does not know."""
        flags = self._library.property(_OF_ALL, self._handler, _ERRORS)
        return bool(flags and int(flags) & _DAMAGED)

    def item(self, index: int) -> Item | None:
        """An item; None for a folder."""
        if self._about(index, _IS_FOLDER):
            return None
        size = self._about(index, _SIZE)
        return Item(
            index=index,
            untrusted_path=str(self._about(index, _PATH) or ""),
            size=None if size is None else int(size),
            encrypted=bool(self._about(index, _ENCRYPTED)),
            is_split=bool(self._about(index, _SPLIT_BEFORE) or self._about(index, _SPLIT_AFTER)),
        )

    def _about(self, index: int, what: int) -> Any:
        return self._library.property(_PROPERTY, self._handler, index, what)

    def stream(self, index: int) -> Stream | None:
        """An item as a stream that can be read at any place, where the format can do that."""
        giving, sequential, seekable = _ADDRESS(), _ADDRESS(), _ADDRESS()
        if _QUERY(self._handler, ours.GET_STREAM, ctypes.addressof(giving)) or not giving.value:
            return None
        failed = _STREAM(giving.value, index, ctypes.addressof(sequential))
        _RELEASE(giving.value)
        if failed or not sequential.value:
            return None
        failed = _QUERY(sequential.value, ours.IN, ctypes.addressof(seekable))
        _RELEASE(sequential.value)
        return None if failed or not seekable.value else Stream(seekable.value, owned=True)

    def extract(self, indices: list[int], limit: int) -> Extracted:
        """Items, in the order of the archive, to so many octets all together."""
        taker = ours.Taker(self._word, self._library.allocate, limit)
        numbers = (_U32 * len(indices))(*sorted(indices))
        pointer = taker.pointer(ours.EXTRACT_CALLBACK)
        failed = _EXTRACT(self._handler, ctypes.addressof(numbers), len(indices), 0, pointer)
        taker.forget()
        if not taker.full:
            _raised(taker)
        return Extracted(
            files=tuple(taker.done),
            full=taker.full,
            locked=taker.was_asked and self._word is None,
            failed=bool(failed),
        )

    def close(self) -> None:
        """Ends it."""
        if self._handler:
            _CLOSE(self._handler)
            _RELEASE(self._handler)
            self._handler = 0
            self._asked.forget()


def _raised(callback: ours.Ours) -> None:
    if callback.fault is not None:
        raise callback.fault


def _wide(pointer: int) -> str:
    """A text of the library's: 32 bits a letter, of which hostile ones need not be any."""
    units = ctypes.string_at(pointer, 4 * _length(pointer))
    return units.decode("utf-32-le", "replace") if units else ""


def _length(pointer: int) -> int:
    length = 0
    while length < _LONGEST_PATH and _U32.from_address(pointer + 4 * length).value:
        length += 1
    return length


def loaded() -> Library | None:
    """The system's library, the first that is there and young enough."""
    for place in PLACES:
        try:
            return Library(ctypes.CDLL(place))
        except (OSError, AttributeError):
            # Not there, or too old to be spoken to.
            continue
    return None


LIBRARY: Final = loaded()


def there() -> bool:
    """Whether the system has it."""
    return LIBRARY is not None
