"""Records of the log as other systems take them in: each is one syslog message (RFC 5424), and what stands in it is the
message's own fields, JSON, CEF (ArcSight Common Event Format, version 0) or LEEF (IBM QRadar, version 2.0).

The names in JSON and in structured data are those of docs/log.md. What came from outside stays inside its field: line
ends, tabs and what separates fields are replaced or escaped as each format says.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from mailock.config.outward import LogFormat
from mailock.core.lifecycle.record import Record
from mailock.core.notices.syslog import Severity, flat, syslog_line
from mailock.operations.track import record_json

_FIELDS: Final = (
    "id", "status", "arrival", "updated", "delivered", "direction", "subject", "from", "to", "message_id", "sender",
    "recipients_number", "size", "source_ip", "helo", "next_hop", "next_hop_ip", "tls_in", "tls_out", "verdict",
    "confidence", "class", "score", "content", "attachments", "links", "detections", "skipped", "rule", "reason",
    "quarantine_class", "virtual_system", "session", "judge_revision",
)  # fmt: skip  # packed: a word a line would be longer than it is worth
_LONGEST: Final = 1000
"""Characters of a field outside of JSON."""
_ADDRESSES: Final = 20
_GRAVE: Final = {"malicious": 9, "suspicious": 6}
_UNWANTED: Final = {"phishing": 8, "spam": 5, "suspected_spam": 4}
_CEF: Final = {
    "externalId": "id", "act": "status", "suser": "sender", "duser": "addresses", "src": "source_ip",
    "dst": "next_hop_ip", "msg": "subject", "fsize": "size", "reason": "reason", "outcome": "verdict",
    "cnt": "recipients_number", "dvchost": "node",
}  # fmt: skip  # packed: a word a line would be longer than it is worth
_CEF_LABELLED: Final = {
    "cs1": ("rule", "rule"), "cs2": ("class", "class"), "cs3": ("virtual system", "virtual_system"),
    "cs4": ("direction", "direction"), "cs5": ("message id", "message_id"), "cs6": ("detections", "detections"),
    "cfp1": ("score", "score"),
}  # fmt: skip  # packed: a word a line would be longer than it is worth
_LEEF: Final = {"src": "source_ip", "dst": "next_hop_ip", "usrName": "sender", "cat": "class"}


def exported(record: Record, format: LogFormat, *, node: str, version: str) -> bytes:
    """One record as a syslog message."""
    shown = record_json(record)
    told = _flattened(shown, node)
    severity = Severity.NOTICE if _gravity(told) >= _UNWANTED["spam"] else Severity.INFORMATIONAL
    if format is LogFormat.SYSLOG:
        sentence = f"{told['id']} {told['status']}: {told.get('subject', '')}"
        return syslog_line(
            severity=severity, at=record.updated, node=node, kind="mail", text=sentence, facts=told | {"node": node}
        )
    text = _TEXTS[format](shown, told, record.updated, version)
    return syslog_line(severity=severity, at=record.updated, node=node, kind="mail", text=text)


def _flattened(shown: Mapping[str, Any], node: str) -> dict[str, str]:
    """The fields that say something, as texts."""
    told = {name: _text(shown[name]) for name in _FIELDS if shown.get(name) not in (None, "", [])}
    addresses = [str(one["address"]) for one in shown["recipients"]]
    return told | {"addresses": ",".join(addresses[:_ADDRESSES])[:_LONGEST], "node": node}


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))[:_LONGEST]
    if isinstance(value, bool):
        return "true" if value else "false"
    return flat(str(value))[:_LONGEST]


def _gravity(told: Mapping[str, str]) -> int:
    """From 0 to 10, as CEF and LEEF count."""
    return max(_GRAVE.get(told.get("verdict", ""), 1), _UNWANTED.get(told.get("class", ""), 1))


def _json(shown: Mapping[str, Any], told: Mapping[str, str], at: float, version: str) -> str:
    return json.dumps({**shown, "node": told["node"]}, ensure_ascii=False, separators=(",", ":"))


def _cef(shown: Mapping[str, Any], told: Mapping[str, str], at: float, version: str) -> str:
    """`CEF:0|vendor|product|version|id|name|severity|extension`."""
    status = told["status"]
    head = "|".join(_piped(one) for one in ("Mailock", "Mailock", version, status, f"mail {status}"))
    pairs = [("rt", str(round(at * 1000)))]
    pairs += [(key, told[name]) for key, name in _CEF.items() if told.get(name)]
    for key, (label, name) in _CEF_LABELLED.items():
        if told.get(name):
            pairs += [(key, told[name]), (f"{key}Label", label)]
    return f"CEF:0|{head}|{_gravity(told)}|{' '.join(f'{key}={_equalled(value)}' for key, value in pairs)}"


def _leef(shown: Mapping[str, Any], told: Mapping[str, str], at: float, version: str) -> str:
    """`LEEF:2.0|vendor|product|version|event|x09|attributes`, with a tab between these."""
    pairs = [("devTime", str(round(at * 1000))), ("sev", str(max(1, _gravity(told))))]
    pairs += [(key, told[name]) for key, name in _LEEF.items() if told.get(name)]
    pairs += [(name, value) for name, value in told.items() if value and name not in _LEEF.values()]
    attributes = "\t".join(f"{key}={value}" for key, value in pairs)
    return f"LEEF:2.0|Mailock|Mailock|{version}|{told['status']}|x09|{attributes}"


def _piped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _equalled(text: str) -> str:
    return text.replace("\\", "\\\\").replace("=", "\\=")


_TEXTS: Final[Mapping[LogFormat, Callable[[Mapping[str, Any], Mapping[str, str], float, str], str]]] = {
    LogFormat.JSON: _json,
    LogFormat.CEF: _cef,
    LogFormat.LEEF: _leef,
}


def lost_line(count: int, *, at: float, node: str) -> bytes:
    """What a collector is told where records never reached it."""
    text = f"{count} records of the log were lost on the way here"
    return syslog_line(severity=Severity.WARNING, at=at, node=node, kind="lost", text=text, facts={"lost": str(count)})
