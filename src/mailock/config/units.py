"""Amounts as people write them: durations, sizes, percentages, networks, and references to secrets.

Every unit has a type, so a number of seconds never meets a number of bytes. `read` takes what the file holds and raises
ValueError with a sentence that says what is wrong and the mend; `str` writes the value as the file would.

Sizes: `KB`, `MB`, `GB`, `TB` are powers of 1000, as disks are sold; `KiB`, `MiB`, `GiB`, `TiB` are powers of 1024.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from typing import Final

_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|[smhdw]) *)+")
_PIECE: Final = re.compile(r"([0-9.]+)(ms|[smhdw])")
_LONGEST: Final = 100 * 366 * 86_400
_BYTES: Final = {"": 1, "B": 1} | {
    f"{letter}{suffix}": base**power
    for power, letter in enumerate("KMGTP", 1)
    for suffix, base in (("B", 1000), ("iB", 1024))
}
_BY_LOWER: Final = {unit.lower(): factor for unit, factor in _BYTES.items()}
_SIZE: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?) *([A-Za-z]*)")
_LARGEST: Final = 2**63 - 1
_SECRET_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time, in seconds."""

    seconds: float

    @classmethod
    def read(cls, raw: object) -> "Duration":
        """From `"30s"`, `"60m"`, `"5d"`, `"1h30m"`; units are ms, s, m, h, d and w."""
        if not isinstance(raw, str):
            raise ValueError(f'{shown(raw)} has no unit: write a duration such as "30s", "60m" or "5d"')
        text = raw.strip()
        if not _DURATION.fullmatch(text):
            raise ValueError(f'{shown(raw)} is not a duration: write one such as "30s", "60m", "5d" or "1h30m"')
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PIECE.findall(text))
        if seconds > _LONGEST:
            raise ValueError(f"{shown(raw)} is longer than a hundred years: write a shorter duration")
        return cls(seconds)

    def __str__(self) -> str:
        """Largest units first: `1h30m`."""
        left, out = round(self.seconds * 1000), ""
        for unit in ("d", "h", "m", "s", "ms"):
            count, left = divmod(left, round(_SECONDS[unit] * 1000))
            out += f"{count}{unit}" if count else ""
        return out or "0s"


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """An amount of data, in bytes."""

    bytes: int

    @classmethod
    def read(cls, raw: object) -> "Size":
        """From `"50MB"`, `"64 KiB"`, `"1.5GB"`, or a whole number of bytes."""
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = str(raw) if 0 <= raw <= _LARGEST else "out of range"
        match = _SIZE.fullmatch(raw.strip()) if isinstance(raw, str) else None
        factor = _BY_LOWER.get(match[2].lower()) if match else None
        if match is None or factor is None:
            raise ValueError(f'{shown(raw)} is not a size: write one such as "50MB", "20GB" or "64KiB"')
        whole, _, fraction = match[1].partition(".")
        count = int(whole) * factor + (int(fraction) * factor // 10 ** len(fraction) if fraction else 0)
        if count > _LARGEST:
            raise ValueError(f"{shown(raw)} is more than any disk holds: write a smaller size")
        return cls(count)

    def __str__(self) -> str:
        """In the largest unit that gives a whole number: `20GB`, `64KiB`."""
        fitting = [(f, unit) for unit, f in _BYTES.items() if unit and self.bytes and self.bytes % f == 0]
        factor, unit = max(fitting, default=(1, "B"))
        return f"{self.bytes // factor}{unit}"


@dataclass(frozen=True, slots=True, order=True)
class Percent:
    """A share of a hundred, in whole numbers."""

    value: int

    @classmethod
    def read(cls, raw: object) -> "Percent":
        """From `20` or `"20%"`."""
        number = raw
        if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,3} *%?", raw.strip()):
            number = int(raw.strip().rstrip("% "))
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 100:
            raise ValueError(f"{shown(raw)} is not a percentage: write a whole number from 0 to 100")
        return cls(number)

    def of(self, whole: int) -> int:
        """The share of a whole, rounded down."""
        return whole * self.value // 100

    def __str__(self) -> str:
        """With its sign: `20%`."""
        return f"{self.value}%"


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses that belong together: one address, or a prefix."""

    prefix: IPv4Network | IPv6Network

    @classmethod
    def read(cls, raw: object) -> "Network":
        """From `"10.0.0.0/8"`, `"2001:db8::/32"`, or one address."""
        if not isinstance(raw, str) or "%" in raw:
            raise ValueError(f'{shown(raw)} is not a network: write one such as "10.0.0.0/8" or "192.0.2.7"')
        try:
            loose = ip_network(raw.strip(), strict=False)
        except ValueError:
            raise ValueError(f'{shown(raw)} is not a network: write one such as "10.0.0.0/8" or "192.0.2.7"') from None
        try:
            return cls(ip_network(raw.strip()))
        except ValueError:
            raise ValueError(
                f'{shown(raw)} names one address and a whole network: write "{loose}" for the network, '
                f'or "{raw.strip().partition("/")[0]}" for the address'
            ) from None

    def __contains__(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether an address belongs to it; one of the other family never does."""
        return address.version == self.prefix.version and address in self.prefix

    def __str__(self) -> str:
        """The prefix, or the address alone."""
        single = self.prefix.prefixlen == self.prefix.max_prefixlen
        return str(self.prefix.network_address if single else self.prefix)


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference to a secret, never the secret: a revision holds where it is, and only its user looks it up."""

    reference: str

    @classmethod
    def read(cls, raw: object) -> "Secret":
        """From `"file:/etc/mailock/webhook"` or `"env:MAILOCK_WEBHOOK"`."""
        text = raw.strip() if isinstance(raw, str) else ""
        kind, _, name = text.partition(":")
        if kind == "file" and name.startswith("/") and name.isprintable():
            return cls(text)
        if kind == "env" and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            return cls(text)
        # What stands here may be the secret itself, so it is not repeated.
        raise ValueError('is not a reference to a secret: write "file:/path/of/a/file" or "env:NAME_OF_A_VARIABLE"')

    def fetch(self, environment: Mapping[str, str]) -> str:
        """The secret itself, without a final newline. May read a file; raises OSError with a sentence."""
        kind, _, name = self.reference.partition(":")
        if kind == "env":
            if name not in environment:
                raise OSError(f"the environment variable {name}, which should hold a secret, is not set")
            return environment[name]
        with Path(name).open("rb") as file:
            content = file.read(_SECRET_BYTES + 1)
        if len(content) > _SECRET_BYTES:
            raise OSError(f"{name}, which should hold a secret, is larger than 64 KiB: is it the right file?")
        try:
            return content.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise OSError(f"{name}, which should hold a secret, is not UTF-8 text") from None

    def __str__(self) -> str:
        """The reference."""
        return self.reference


def shown(raw: object) -> str:
    """A value from the file as a message repeats it: short, on one line, and in TOML's words."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**18 else "a number that large"
    if isinstance(raw, float):
        return f"{raw:g}"
    if isinstance(raw, list | tuple):
        return "a list"
    if isinstance(raw, dict):
        return "a table"
    text = raw if isinstance(raw, str) else str(raw)
    safe = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:61])
    return f'"{safe[:60]}…"' if len(text) > 60 else f'"{safe}"'
