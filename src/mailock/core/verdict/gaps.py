"""What was not seen, and for which duty: the reasons for which a verdict cannot be clean.

A report of an engine that nobody knows the duty of counts for malware, which is the strictest reading.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from mailock.core.evidence.coverage import NOT_DUE
from mailock.core.evidence.examination import Contradiction, Examination
from mailock.core.evidence.manifest import Duty
from mailock.core.evidence.report import Incomplete, Report
from mailock.core.mime.defects import CUT_OFF, Defect

UNREAD: Final = CUT_OFF | {Defect.PARTIAL, Defect.EXTERNAL_BODY}
"""Defects for which something that a client may show was not examined: it is cut off, lies elsewhere, or comes in
pieces.
"""


def duty_of(engine: str, duties: Mapping[str, Duty]) -> Duty:
    """What an engine is for."""
    return duties.get(engine, Duty.MALWARE)


def due_for(reports: Iterable[Report], duties: Mapping[str, Duty], duty: Duty) -> tuple[Report, ...]:
    """The reports that were due for a duty; what was switched off was not."""
    return tuple(
        report
        for report in reports
        if duty_of(report.engine, duties) is duty and not (isinstance(report, Incomplete) and report.why in NOT_DUE)
    )


def gaps(examination: Examination, duties: Mapping[str, Duty], duty: Duty) -> tuple[Incomplete, ...]:
    """What was due for a duty and was not seen."""
    due = due_for(examination.coverage.reports, duties, duty)
    return tuple(report for report in due if isinstance(report, Incomplete))


def is_covered(examination: Examination, duties: Mapping[str, Duty], duty: Duty) -> bool:
    """Whether something was due for a duty, and all of it was seen (DECISIONS 20: nothing due covers nothing)."""
    due = due_for(examination.coverage.reports, duties, duty)
    return bool(due) and not any(isinstance(report, Incomplete) for report in due)


def unread(examination: Examination) -> tuple[Contradiction, ...]:
    """The defects that leave something unexamined which a client may show; ordinary broken mail has none of them."""
    return tuple(one for one in examination.defects if one.defect in UNREAD)
