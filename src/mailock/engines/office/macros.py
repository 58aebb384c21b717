"""What macros would do, read from their source: what starts them, what they run, load, write, and how they hide it.

Nothing is run. Strings are put together first, as far as that needs no running: `"She" & "ll"`, `Chr(83)`, StrReverse.
"""

import re
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity

LONGEST: Final = 4 << 20
_STARTS: Final = re.compile(
    r"\b(?:sub|function)\s+(auto_?(?:open|exec|close|exit|new|activate)|document_?(?:open|close|new|beforeclose|change)|"
    r"(?:workbook|worksheet)_\w{0,30}(?:open|activate|deactivate|close|change|calculate|print|save|resize)|"
    r"presentation_?\w{0,20}open|onslideshow\w{1,20}|slideshow\w{1,20}|application_\w{1,30}|"
    r"\w{1,60}_(?:painted|painting|layout|gotfocus|lostfocus|mousemove|mousehover|mouseenter|mouseleave|resize|"
    r"onconnecting|beforenavigate2|documentcomplete|downloadcomplete|navigatecomplete2|titlechange|statechange))\b",
    re.IGNORECASE,
)
_RUNS: Final = re.compile(
    r"(?<![\w.])shell\s*[\s(\"]|wscript\.shell|shell\.application|\bshellexecute|winmgmts|win32_process|\bcreateprocess|"
    r"\bwinexec\b|\bcreatethread|\bcreateremotethread|\brtlmovememory|\bvirtualalloc|\bwriteprocessmemory|callwindowproc|"
    r"\bqueueuserapc|enumsystemlocale|\bexecuteexcel4macro|schedule\.service|\bmacscript\b|appleScripttask|\bpopen\b|"
    r"\.shellexecute|mmc20\.application|13709620-c279-11ce-a49e-444553540000|72c24dd5-d70a-438b-8a42-98424b88afb8|"
    r"9ba05972-f6a8-11cf-a442-00a0c90a8f39|c08afd90-f2a1-11d1-8455-00a0c91f3880|\.run\s*[\s(]\s*\"",
    re.IGNORECASE,
)
_TOOLS: Final = re.compile(
    r"powershell|\bcmd(?:\.exe)?\s*/[ck]|\bmshta\b|rundll32|regsvr32|certutil|bitsadmin|\bwmic\b|cscript|wscript\.exe|"
    r"\bmsiexec|installutil|regasm|msbuild|\bcurl(?:\.exe)?\s+-|-encodedcommand|frombase64string|\biex\b|hidden\s+-",
    re.IGNORECASE,
)
_LOADS: Final = re.compile(
    r"urldownloadtofile|xmlhttp|winhttp|serverxmlhttp|internetexplorer\.application|internetopen|net\.webclient|"
    r"downloadstring|downloadfile|webclient|invoke-webrequest|msxml2\.|microsoft\.xmldom",
    re.IGNORECASE,
)
_WRITES: Final = re.compile(
    r"adodb\.stream|\bsavetofile|\bopen\b[^\r\n]{1,200}\bfor\s+(?:binary|output|append)|createtextfile|\bput\s+#|"
    r"filesystemobject|\bregwrite|\bfilecopy\b|environ\s*\(?\s*\"(?:temp|tmp|appdata|public)|\.nametranslate|vbproject\.",
    re.IGNORECASE,
)
_OBJECTS: Final = re.compile(
    r"\b(?:createobject|getobject|callbyname)\b|declare\s+(?:ptrsafe\s+)?(?:sub|function)", re.IGNORECASE
)
_DISGUISES: Final = re.compile(
    r"\bchr[bw]?\$?\s*\(|\bstrreverse\b|\bxor\b|\bclng\s*\(\s*[\"&]|\bmid\$?\s*\(|\breplace\s*\(", re.IGNORECASE
)
_CONTINUED: Final = re.compile(r"[ \t]_[ \t]*\r?\n[ \t]*")
_COMMENT: Final = re.compile(r"^[ \t]*(?:'|rem\b)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_PLUS: Final = re.compile(r"\"[ \t]*[&+][ \t]*\"")
_CHARACTER: Final = re.compile(r"\bchr[bw]?\$?[ \t]*\([ \t]*(\d{1,5})[ \t]*\)", re.IGNORECASE)
_REVERSED: Final = re.compile(r"\bstrreverse[ \t]*\([ \t]*\"([^\"\r\n]{1,2000})\"[ \t]*\)", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"^Attribute [^\r\n]*\r?\n?", re.MULTILINE)
_HABITS: Final = re.compile(
    rb"(?i)(?<![a-z])(auto_?open|document_?open|workbook_open|createobject|wscript|shellexecute|powershell|urldownloadtofile[aw]?|shell)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What macros would do."""

    severity: Severity
    confidence: Confidence
    says: str


def code(untrusted_source: str) -> str:
    """A module without its attributes; empty where it has no statement."""
    return _ATTRIBUTE.sub("", untrusted_source).strip()


def plain(untrusted_source: str) -> str:
    """Source with its comments left out and its strings put together."""
    text = _COMMENT.sub("", _CONTINUED.sub(" ", untrusted_source[:LONGEST]))
    text = _CHARACTER.sub(lambda match: f'"{chr(min(int(match[1]), 0xFFFD))}"' if match[1] != "34" else '""""', text)
    text = _PLUS.sub("", text)
    return _PLUS.sub("", _REVERSED.sub(lambda match: f'"{match[1][::-1]}"', text))


def judged(untrusted_source: str) -> Judgement:
    """What macros would do; macros that do nothing of note are still macros."""
    text = plain(untrusted_source)
    starts = _STARTS.search(text)
    runs = _RUNS.search(text) or _TOOLS.search(text)
    loads, writes, objects = _LOADS.search(text), _WRITES.search(text), _OBJECTS.search(text)
    disguises = len(_DISGUISES.findall(text)) > 20
    traits = [
        (starts, "start by themselves ({})"),
        (runs, "run programs ({})"),
        (loads, "load from the Web ({})"),
        (writes, "write files ({})"),
    ]
    told = [says.format(_cut(match)) for match, says in traits if match]
    says = (
        "Macros "
        + (", ".join(told) if told else "are in the document")
        + (", and hide their strings" if disguises else "")
    )
    if starts and runs:
        bad = bool(_TOOLS.search(text) or loads or (disguises and objects))
        return Judgement(Severity.MALICIOUS, Confidence.HIGH if bad else Confidence.MEDIUM, says)
    if starts and loads:
        return Judgement(Severity.MALICIOUS, Confidence.MEDIUM, says)
    if starts and objects and disguises:
        return Judgement(Severity.MALICIOUS, Confidence.LOW, says)
    if runs or loads or (starts and (objects or writes)):
        return Judgement(Severity.SUSPICIOUS, Confidence.MEDIUM, says)
    return Judgement(Severity.SUSPICIOUS, Confidence.LOW, says)


def only_compiled(project: bytes, untrusted_sources: str) -> frozenset[str]:
    """Names that the compiled form knows and no source has: what stomping leaves behind."""
    sources = untrusted_sources.lower()
    known = {match[1].decode("ascii").lower() for match in _HABITS.finditer(project)}
    return frozenset(name for name in known if name not in sources)


def _cut(match: re.Match[str]) -> str:
    return " ".join(match[match.lastindex or 0].split())[:40].strip('( "')
