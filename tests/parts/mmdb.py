"""GeoIP files for tests, in the format of MaxMind DB 2.0: networks, each with its country."""

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path

_SEPARATOR = b"\0" * 16
_MARK = b"\xab\xcd\xefMaxMind.com"


def write_countries(path: Path, countries: Mapping[str, str]) -> Path:
    """Writes a file of networks that do not overlap: `{"192.0.2.0/24": "DE", "2001:db8::/32": "FR"}`."""
    records: list[list[int | str | None]] = [[None, None]]
    for text, country in countries.items():
        network = ipaddress.ip_network(text)
        # Addresses of IPv4 stand below ::/96.
        length = network.prefixlen if network.version == 6 else 96 + network.prefixlen
        bits = int(network.network_address) >> (128 - length)
        node = 0
        for place in range(length - 1, 0, -1):
            side = bits >> place & 1
            below = records[node][side]
            if not isinstance(below, int):
                records.append([None, None])
                below = records[node][side] = len(records) - 1
            node = below
        records[node][bits & 1] = country
    data, places = b"", {}
    for country in sorted(set(countries.values())):
        places[country] = len(data)
        data += _map({"country": {"iso_code": country}})
    count = len(records)
    tree = b"".join(_record(one, count, places) for node in records for one in node)
    metadata = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_790_000_000,
        "database_type": "Test-Country",
        "description": {"en": "countries for tests"},
        "ip_version": 6,
        "languages": ["en"],
        "node_count": count,
        "record_size": 32,
    }
    whole = tree + _SEPARATOR + data + _MARK + _map(metadata)
    new = path.with_name(path.name + ".new")
    new.write_bytes(whole)
    new.replace(path)
    return path


def _record(record: int | str | None, count: int, places: Mapping[str, int]) -> bytes:
    match record:
        case None:
            return struct.pack(">I", count)
        case int():
            return struct.pack(">I", record)
        case _:
            return struct.pack(">I", count + len(_SEPARATOR) + places[record])


def _map(table: Mapping[str, object]) -> bytes:
    return bytes([7 << 5 | len(table)]) + b"".join(_value(key) + _value(value) for key, value in table.items())


def _value(value: object) -> bytes:
    match value:
        case str():
            octets = value.encode()
            return bytes([2 << 5 | len(octets)]) + octets
        case int():
            octets = value.to_bytes(4, "big")
            return bytes([6 << 5 | 4]) + octets
        case list():
            return bytes([len(value), 11 - 7]) + b"".join(map(_value, value))
        case dict():
            return _map(value)
        case _:
            raise TypeError(value)
