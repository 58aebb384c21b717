"""Records for other systems: each field stays in its place, whatever a mail holds."""

import json
from dataclasses import replace

from mailock.config.outward import LogFormat
from mailock.core.lifecycle.apply import fold
from mailock.core.lifecycle.record import Record
from mailock.operations.logformats import exported, lost_line
from tests.parts.stories import delivered

HOSTILE = 'win|now=1 \\ "x"]\tmore\n<14>1 forged'


def record() -> Record:
    """A delivered message with a subject that would like to be more."""
    plain = fold(delivered(1))
    assert plain.message is not None
    glimpse = replace(plain.message.glimpse, subject=HOSTILE)
    return replace(plain, message=replace(plain.message, glimpse=glimpse))


def said(format: LogFormat) -> tuple[str, str]:
    """The head of a message, and what stands in it after the mark of UTF-8."""
    line = exported(record(), format, node="mx1", version="1.0").decode()
    assert line.replace("\ufeff", "").replace("\t", "" if format is LogFormat.LEEF else "\t").isprintable()
    head, _, text = line.partition("\ufeff")
    return head, text


def test_syslog_has_the_fields_as_structured_data() -> None:
    head, text = said(LogFormat.SYSLOG)
    assert head.startswith("<22>1 20")
    assert " mx1 mailock - mail [mailock@32473 id=" in head
    assert ' status="delivered"' in head
    assert '\\"x\\"\\]' in head
    assert head.endswith("] ")
    assert text.startswith("0000000000001 delivered: win|now=1")


def test_json_is_the_record_as_the_log_shows_it() -> None:
    _, text = said(LogFormat.JSON)
    shown = json.loads(text)
    assert (shown["id"], shown["status"], shown["node"]) == ("0000000000001", "delivered", "mx1")
    assert shown["recipients"][0]["status"] == "delivered"
    assert "win|now=1" in shown["subject"]


def test_cef_escapes_what_separates_its_fields() -> None:
    _, text = said(LogFormat.CEF)
    assert text.startswith("CEF:0|Mailock|Mailock|1.0|delivered|mail delivered|1|rt=")
    assert " msg=win|now\\=1 \\\\ " in text
    assert " externalId=0000000000001 act=delivered " in text


def test_leef_has_a_tab_between_attributes_and_none_in_them() -> None:
    _, text = said(LogFormat.LEEF)
    head, _, attributes = text.partition("|x09|")
    assert head == "LEEF:2.0|Mailock|Mailock|1.0|delivered"
    told = dict(one.split("=", 1) for one in attributes.split("\t"))
    assert told["id"] == "0000000000001"
    assert told["subject"].startswith("win|now=1")
    assert set(told) >= {"devTime", "sev", "src", "usrName", "status"}


def test_a_loss_is_a_warning() -> None:
    assert lost_line(7, at=0.0, node="mx1").startswith(b"<20>1 1970-01-01T00:00:00.000Z mx1 mailock - lost [")
