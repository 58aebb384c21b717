"""The body on the wire: dots, line ends, and the smuggling law (RFC 5321 sections 2.3.8, 4.1.1.4, 4.5.2).

Only CRLF.CRLF ends a message. Whatever else some server somewhere takes for an end (`LF.LF`, `LF.CRLF`, `CR.CR`,
`CRLF.LF`, `CRLF.CR`, a NUL in between …) is body here, and a CR or LF that stands alone breaks the law: the message
is refused when its true end came, or, on request, each bare one becomes CRLF. Normalising cannot make an end mark,
since the end was looked for in the octets as they came; and it comes *before* unstuffing, so a line that begins with
a dot has lost that dot, however the line before it was ended: no line of the result starts with a dot that was not
stuffed.

No line is looked at one by one. A chunk costs one search for CRLF.dot, one pass for the law, and a replace where a dot
was found. The law is checked by `io.IncrementalNewlineDecoder`, which touches no file: it is the standard library's one
compiled scanner that tells which kinds of line ends it has seen, across chunk borders.
"""

from io import IncrementalNewlineDecoder
from typing import Final

END: Final = b"\r\n.\r\n"
_DOT_LINE: Final = b"\r\n."


class NewlineLaw:
    """Watches octets in chunks of any size, and says whether a CR or LF stood alone."""

    __slots__ = ("_scanner", "broken")

    def __init__(self) -> None:
        self._scanner = IncrementalNewlineDecoder(None, translate=False)
        self.broken = False

    def watch(self, data: bytes) -> bool:
        """Whether the law is broken so far. A CR at the very end of `data` waits for what follows."""
        self._scanner.decode(data.decode("latin-1"))
        self.broken = self._scanner.newlines not in (None, "\r\n")
        return self.broken

    def ended(self) -> bool:
        """Whether it is broken, now that nothing follows."""
        self._scanner.decode("", final=True)
        self.broken = self._scanner.newlines not in (None, "\r\n")
        return self.broken


class DotReader:
    """The body of one DATA command: wire octets in, content out, until CRLF.CRLF."""

    __slots__ = ("_held", "_law", "_normalise", "_skip", "bare", "ended", "rest")

    def __init__(self, *, normalise: bool) -> None:
        self._normalise = normalise
        self._law = NewlineLaw()
        # The line of the DATA command itself ended with CRLF, so a dot may come first; those two octets are no content.
        self._held = b"\r\n"
        self._skip = 2
        self.bare = False
        """Whether a CR or LF stood alone. Where we do not normalise, the content is then of no use."""
        self.ended = False
        self.rest = b""
        """What came behind the end mark."""

    def feed(self, data: bytes) -> bytes:
        """The content in this chunk. What may yet turn out to be part of the end mark is kept for the next one."""
        raw = self._held + data if self._held else data
        # Mostly the end mark is the last that came, and the only line that starts with a dot: nothing is unstuffed.
        mark = len(raw) - len(END) if raw.endswith(END) else -1
        dot = _find_dot_line(raw, mark + 2 if mark >= 0 else len(raw))
        end = raw.find(END, dot) if dot >= 0 else mark
        if end >= 0:
            self.ended = True
            dot = dot if dot < end else -1
            raw, self._held, self.rest = raw[: end + 2], b"", raw[end + 5 :]
        else:
            keep = self._unsettled(raw)
            if keep:
                raw, self._held = raw[:-keep], raw[-keep:]
            else:
                self._held = b""
        # What is held back begins with a CR where `raw` ends with one, so that one stands alone.
        if self._law.watch(raw) or raw.endswith(b"\r"):
            self.bare = True
            if self._normalise:
                raw = normalised(raw)
                dot = 0
        content = raw.replace(_DOT_LINE, b"\r\n") if dot >= 0 else raw
        if self._skip and content:
            content = content[self._skip :]
            self._skip = 0
        return content

    def _unsettled(self, raw: bytes) -> int:
        """How many octets at the end may be the start of an end mark, or of a line whose first octet decides."""
        if raw[-1:] not in b"\r\n.":
            return 0
        if raw.endswith(b"\r\n"):
            return 2
        if raw.endswith(b"\r"):
            return 4 if raw.endswith(b"\r\n.\r") else 1
        if raw.endswith(b"\n"):
            return 1 if self._normalise else 0
        return 3 if raw.endswith(_DOT_LINE) else 0


class DotStuffer:
    """The way out: content in chunks of any size in, wire octets out. Content that breaks the law is not sent on."""

    __slots__ = ("_law", "_tail")

    def __init__(self) -> None:
        self._law = NewlineLaw()
        self._tail = b"\r\n"

    def feed(self, data: bytes) -> bytes | None:
        """The octets to send, or None where a CR or LF stands alone: the connection must be cut before any end mark."""
        if self._law.watch(data):
            return None
        if not data:
            return b""
        starts = data[0] == 0x2E and self._tail[-1:] == b"\n"
        self._tail = data[-1:]
        first, last = _dots(data, len(data))
        if first >= 0 and data.find(b"\n.", max(first - 1, 0), last + 1) >= 0:
            data = data.replace(b"\n.", b"\n..")
        return b"." + data if starts else data

    def finish(self) -> bytes | None:
        """The end mark, with a CRLF before it where the content has none at its end; None as in `feed`."""
        if self._law.ended():
            return None
        return b".\r\n" if self._tail[-1:] == b"\n" else END


class ChunkFramer:
    """The way out by BDAT (RFC 3030): no stuffing, counted octets. One chunk is kept back, so that the last can say
    so.
    """

    __slots__ = ("_kept", "_law", "frames")

    def __init__(self) -> None:
        self._law = NewlineLaw()
        self._kept = b""
        self.frames = 0
        """How many BDATs were made; each gets a reply."""

    def feed(self, data: bytes) -> bytes | None:
        """The octets to send, or None where a CR or LF stands alone: the connection must be cut."""
        if self._law.watch(data):
            return None
        if not data:
            return b""
        kept, self._kept = self._kept, data
        if not kept:
            return b""
        self.frames += 1
        return b"BDAT %d\r\n%b" % (len(kept), kept)

    def finish(self) -> bytes | None:
        """The last chunk, with a CRLF added where the content has none at its end; None as in `feed`."""
        if self._law.ended():
            return None
        last = self._kept if self._kept.endswith(b"\n") else self._kept + b"\r\n"
        self.frames += 1
        return b"BDAT %d LAST\r\n%b" % (len(last), last)


def _find_dot_line(raw: bytes, stop: int) -> int:
    """Where the first CRLF.dot is whose dot stands before `stop`, or -1."""
    first, last = _dots(raw, stop)
    return raw.find(_DOT_LINE, max(first - 2, 0), last + 1) if first >= 0 else -1


def _dots(raw: bytes, stop: int) -> tuple[int, int]:
    """Where the first and the last dot are before `stop`, or twice -1.

    One octet is found many times as fast as a pair, and behind the header fields many a body, all base64 for one, has
    no dot at all.
    """
    first = raw.find(b".", 0, stop)
    return first, raw.rfind(b".", first, stop) if first >= 0 else -1


def normalised(raw: bytes) -> bytes:
    """The octets with every bare CR and every bare LF as CRLF. `raw` must not be cut between the two of a CRLF."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
