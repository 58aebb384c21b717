"""The evidence that counts under a rule: everything, less what its exceptions and its profile's exclusions take out.

Nothing takes out a finding that says *malicious* (DECISIONS 21), and what an excepted engine did not see stays unseen:
it is let be, and is not clean.
"""

from dataclasses import replace

from mailock.core.evidence.examination import Examination
from mailock.core.evidence.finding import Finding, Severity
from mailock.core.evidence.report import Incomplete, Report, Why
from mailock.core.mime.part import PartPath
from mailock.core.policy.conditions.evidence import words_of


def counting(examination: Examination, excepts: frozenset[str], excluded_types: frozenset[str]) -> Examination:
    """The examination without what does not count."""
    if not excepts and not excluded_types:
        return examination
    parts = {file.path for file in examination.files if not excluded_types.isdisjoint(words_of(file))}
    reports = tuple(_counting(report, excepts, parts) for report in examination.coverage.reports)
    return replace(examination, coverage=replace(examination.coverage, reports=reports))


def _counting(report: Report, excepts: frozenset[str], parts: set[PartPath]) -> Report:
    findings = tuple(one for one in report.findings if not _is_taken_out(one, excepts, parts))
    if len(findings) < len(report.findings):
        report = replace(report, findings=findings)
    if isinstance(report, Incomplete) and (report.engine in excepts or report.part in parts):
        return replace(report, why=Why.EXCLUDED)
    return report


def _is_taken_out(finding: Finding, excepts: frozenset[str], parts: set[PartPath]) -> bool:
    if finding.severity is Severity.MALICIOUS:
        return False
    return finding.kind in excepts or finding.engine in excepts or finding.part in parts
