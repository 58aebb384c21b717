"""JavaScript of a PDF, read without running it."""

import re
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity

_EXPLOITS: Final = re.compile(
    r"Collab\s*\.\s*(?:collectEmailInfo|getIcon)|media\s*\.\s*newPlayer|spell\s*\.\s*customDictionaryOpen|"
    r"util\s*\.\s*printf\s*\(\s*['\"]%\d{3,}|\.getAnnots\s*\(|printSeps\s*\(|%u9090|%u0c0c|\\x90\\x90\\x90\\x90|sprayHeap|heap.?spray"
)
_LAUNCHES: Final = re.compile(
    r"exportDataObject\s*\([^)]{0,500}nLaunch\s*[:=]\s*[12]|app\s*\.\s*openDoc|this\s*\.\s*submitForm"
)
_LEADS: Final = re.compile(
    r"app\s*\.\s*launchURL|getURL\s*\(|app\s*\.\s*mailMsg|this\s*\.\s*mailDoc|SOAP\s*\.\s*connect|Net\.HTTP"
)
_DECODES: Final = re.compile(
    r"\beval\s*\(|unescape\s*\(|String\s*\.\s*fromCharCode|\.replace\s*\(\s*/|atob\s*\(|getField\s*\([^)]*\)\.value"
)


def judged(untrusted_source: str) -> tuple[str, Severity, Confidence, str]:
    """A kind, how bad it is, how sure that is, and a sentence."""
    if (match := _EXPLOITS.search(untrusted_source)) is not None:
        says = f"JavaScript does what attacks on readers do ({match[0][:40]})"
        return "pdf.exploit", Severity.MALICIOUS, Confidence.MEDIUM, says
    if (match := _LAUNCHES.search(untrusted_source)) is not None:
        says = f"JavaScript opens a file ({match[0][:40]})"
        sure = Confidence.HIGH if "exportDataObject" in match[0] else Confidence.MEDIUM
        level = Severity.MALICIOUS if "exportDataObject" in match[0] else Severity.SUSPICIOUS
        return "pdf.javascript", level, sure, says
    if _DECODES.search(untrusted_source) is not None and len(untrusted_source) > 400:
        return "pdf.javascript", Severity.SUSPICIOUS, Confidence.MEDIUM, "JavaScript runs what it decodes first"
    if _LEADS.search(untrusted_source) is not None:
        return "pdf.javascript", Severity.SUSPICIOUS, Confidence.MEDIUM, "JavaScript reaches out of the document"
    return "pdf.javascript", Severity.SUSPICIOUS, Confidence.LOW, "There is JavaScript"
