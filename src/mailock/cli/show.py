"""`mailock show`: the whole story of one message, or of one refusal."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from mailock.cli.ending import AnswerIsNo, CouldNot, WrongUse
from mailock.cli.log import Config, Data, local_time, open_log
from mailock.console.tracking import seen
from mailock.core.lifecycle.query import BadQuery
from mailock.core.lifecycle.record import RecipientRecord, Record
from mailock.core.lifecycle.timeline import Line
from mailock.core.mail.message import show_id
from mailock.core.mail.shown import cleaned
from mailock.operations.track import Json, line_json, record_json, story


def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="A queue id, or the code that a refusal's reply carried.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object (docs/log.md).")] = False,
    config: Config = Path("mailock.toml"),
    data: Data = None,
) -> None:
    """Show one message: what it was, where it is, and all that happened to it. Exit 1 where the log has none."""
    with open_log(config, data) as reader:
        try:
            found = story(reader, name)
        except BadQuery as error:
            raise WrongUse(str(error)) from None
        except OSError as error:
            raise CouldNot(str(error)) from None
    if found is None:
        raise AnswerIsNo(f"the log has nothing of {name}: it may be older than the log, or not here yet (a moment)")
    record, lines = found
    scan = seen(record)
    if as_json:
        told = record_json(record) | {"scan": scan, "timeline": [line_json(line) for line in lines]}
        print(json.dumps(told, ensure_ascii=False))
        return
    for line in page(record, lines, scan):
        print(line)


def page(record: Record, lines: Sequence[Line], scan: dict[str, Json] | None) -> Iterator[str]:
    """The story, for people."""
    facts = record_json(record)
    what = "Refusal" if record.refused is not None else "Message"
    yield f"{what} {show_id(record.queue_id)}: {record.status.value}"
    yield ""
    if record.gap:
        yield "The beginning of its story was lost while the log was broken."
    for label, value in told(record, facts):
        if value:
            yield f"  {label:<14}{value}"
    yield ""
    yield "Recipients"
    for recipient in record.recipients:
        yield from recipient_lines(recipient)
    if scan is not None:
        yield from scan_lines(scan)
    yield ""
    yield "History"
    for line in lines:
        status = line.status.value if line.status is not None else ""
        yield f"  {local_time(line.at)}  {status:<13}{cleaned(line.untrusted_text)}"


def scan_lines(scan: dict[str, Json]) -> Iterator[str]:
    """What was seen: the verdict with its reasons, the parts, and how long each engine took."""
    yield ""
    yield "Examined"
    if "unreadable" in scan:
        yield f"  {scan['unreadable']}"
        return
    yield f"  verdict       {scan['verdict']} ({scan['confidence']} confidence), {scan['class']}, score {scan['score']}"
    yield f"  coverage      {scan['coverage']}"
    for because in _each(scan["because"]):
        yield f"  because       {because}"
    for one in _each(scan["recipients"]):
        if one["would_have"]:
            yield f"  would have    {one['would_have']} for {one['address']}, and {one['disposition']} was done"
    for part in _each(scan["parts"]):
        name = f" {part['name']!r}" if part["name"] else ""
        if part["size"]:
            what = f"{part['type']}, {part['size']} bytes, SHA-256 {part['sha256']}"
            yield f"  part          {part['path']}{name}: {what}"
    for one in _each(scan["incomplete"]):
        yield f"  not seen      {one['engine']} of part {one['part']}: {one['why']} {one['detail']}".rstrip()
    for engine in _each(scan["engines"]):
        yield f"  engine        {engine['engine']}: {engine['parts']} parts in {engine['milliseconds']} ms"


def _each(value: Json) -> list[Any]:
    return value if isinstance(value, list) else []


def told(record: Record, facts: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """What is said of the message itself, in this order; what is empty is left out."""
    yield "Subject", facts["subject"]
    yield "From", facts["from"]
    yield "To", facts["to"]
    yield "Cc", facts["cc"]
    yield "Message-ID", facts["message_id"]
    yield "Sender", facts["sender"]
    yield "Source", source(record, facts) if record.source_ip else ""
    yield "Session", f"{facts['session']}, message {facts['ordinal']} in it" if facts["session"] else ""
    yield "Arrived", local_time(record.arrival)
    yield "Delivered", local_time(record.delivered_at) if record.delivered_at is not None else ""
    yield "Size", f"{record.size} bytes, SHA-256 {facts['sha256']}" if record.message is not None else ""
    yield "Verdict", facts["verdict"]
    yield "Revisions", revisions(facts)
    yield "System", facts["virtual_system"]
    yield "Node", facts["node"]
    yield "Made from", facts["parent"]
    yield "Written by us", facts["own"]
    if record.refused is not None:
        refused = record.refused
        yield "Refused", f"{refused.count} times until {local_time(refused.until)}" if refused.count > 1 else "once"
        yield "It was told", cleaned(refused.reply)
        yield "Because", cleaned(refused.why)


def source(record: Record, facts: dict[str, Json]) -> str:
    """Where it came from, in one line."""
    tls = f", {facts['tls_in']}" if facts["tls_in"] else ", clear text" if record.message is not None else ""
    who = f", authenticated as {facts['authenticated_as']}" if facts["authenticated_as"] else ""
    proxy = f", through the proxy {facts['proxy_ip']}" if facts["proxy_ip"] else ""
    protocol = f", {facts['protocol']}" if facts["protocol"] else ""
    return f"{facts['helo']} [{facts['source_ip']}] at {facts['listener']}{protocol}{tls}{who}{proxy}"


def revisions(facts: dict[str, Json]) -> str:
    """Which policy revisions had a say."""
    if facts["accept_revision"] is None:
        return ""
    judged = f", judged under {facts['judge_revision']}" if facts["judge_revision"] is not None else ""
    return f"accepted under policy revision {facts['accept_revision']}{judged}"


def recipient_lines(r: RecipientRecord) -> Iterator[str]:
    """What became of it for one recipient."""
    direction = f" ({r.direction.value})" if r.direction is not None else ""
    who = cleaned(r.address) or f"recipient {r.number + 1}, whose address was lost"
    yield f"  {who}{direction}: {r.status.value} since {local_time(r.status_at)}"
    if r.disposition is not None:
        decided = f"      decided     {r.disposition.value} by rule {r.rule}"
        if len(r.because) == 1:
            yield f"{decided}: {cleaned(r.because[0])}"
        else:
            yield decided
            yield from (f"        because   {cleaned(one)}" for one in r.because)
    for change in r.changes:
        yield f"      changed     {cleaned(change)}"
    if r.quarantine_class is not None:
        yield f"      quarantine  {r.quarantine_class}"
    if r.hop is not None:
        secured = f" over {r.hop.tls}" if r.hop.tls else ""
        yield f"      next hop    {cleaned(r.hop.name)} [{r.hop.ip}]:{r.hop.port}{secured}"
    if r.reply is not None:
        yield f"      it said     {cleaned(str(r.reply))}"
    if r.attempts:
        yield f"      tries       {r.attempts}"
    if r.next_try is not None:
        yield f"      next try    {local_time(r.next_try)}"
    if r.by:
        yield f"      by          {cleaned(r.by)}"
    if r.why and (r.reply is None or r.why != str(r.reply)):
        yield f"      reason      {cleaned(r.why)}"
