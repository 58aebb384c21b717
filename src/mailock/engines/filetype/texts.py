"""What a text is: HTML, XML in its kinds, a script by its words, a message, a calendar, a key.

Only the first part of a text is looked at; what decides is how it begins, or how many words of a language it holds.
"""

from typing import Final

HEAD: Final = 4096
"""Octets that are looked at for what a text begins with."""
_SCRIPT_HEAD: Final = 32_768
_CONTROLS: Final = bytes(octet for octet in range(256) if octet < 32 and octet not in b"\t\n\r\f\v\b\x1b\x1a") + b"\x7f"
_EVERY: Final = bytes(set(range(256)) - set(_CONTROLS))
_BLANK: Final = b" \t\r\n\f\v"
_HTML_STARTS: Final = (
    b"<!doctype html", b"<html", b"<head", b"<script", b"<iframe", b"<h1", b"<h2", b"<div", b"<font", b"<table",
    b"<a ",
    b"<style", b"<title", b"<b>", b"<body", b"<br", b"<p>", b"<p ", b"<meta", b"<img", b"<form", b"<center", b"<base",
    b"<link", b"<object", b"<embed", b"<frameset", b"<span", b"<hr", b"<ul", b"<!doctype xhtml",
)  # fmt: skip  # the list is one thing to read
_XML_ROOTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"<svg", "svg"),
    (b":svg", "svg"),
    (b"<html", "html"),
    (b"<hta:application", "hta"),
    (b"<pcsettings", "settingcontent-ms"),
    (b"<searchconnectordescription", "library-ms"),
    (b"<librarydescription", "library-ms"),
    (b"<persistedquery", "search-ms"),
    (b"<mmc_consolefile", "msc"),
    (b"<scriptlet", "wsc"),
    (b"<component", "wsc"),
    (b"<job", "wsf"),
    (b"<package>", "wsf"),
    (b"<jnlp", "jnlp"),
    (b"<asmv1:assembly", "application"),
    (b"<assembly ", "application"),
    (b"<plist", "plist"),
)
_STARTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%pdf-", "pdf"),
    (b"{\\rt", "rtf"),
    (b"-----begin pgp ", "pgp"),
    (b"-----begin ", "pem"),
    (b"begin:vcalendar", "ics"),
    (b"begin:vcard", "vcf"),
    (b"[internetshortcut", "url"),
    (b"[{000214a0-0000-0000-c000-000000000046}", "url"),
    (b"[default]\r\nbaseurl=", "url"),
    (b"[desktop entry]", "desktop"),
    (b"[shell]\r\ncommand=", "scf"),
    (b"[.shellclassinfo]", "scf"),
    (b"windows registry editor version", "reg"),
    (b"regedit4", "reg"),
    (b"web\r\n1\r\n", "iqy"),
    (b"web\n1\n", "iqy"),
    (b"id;p", "slk"),
    (b"xlodbc\r\n1\r\n", "iqy"),
    (b"#@~^", "vbe"),
    (b"<?php", "php"),
    (b"<?=", "php"),
    (b"<%@", "html"),
    (b"<job", "wsf"),
    (b"<package>", "wsf"),
    (b"<scriptlet", "wsc"),
    (b"<component", "wsc"),
    (b"<hta:application", "hta"),
    (b"<svg", "svg"),
    (b"%!ps", "ps"),
    (b"@echo off", "bat"),
    (b"from ", "mbox?"),
)
_SHEBANGS: Final = (
    (b"python", "py"), (b"perl", "pl"), (b"ruby", "rb"), (b"php", "php"), (b"node", "js"),
    (b"osascript", "applescript"),
    (b"pwsh", "ps1"), (b"tclsh", "tcl"), (b"wish", "tcl"), (b"lua", "lua"), (b"sh", "sh"), (b"awk", "sh"),
    (b"env", "sh"),
)  # fmt: skip  # the list is one thing to read
_WORDS: Final[dict[str, tuple[tuple[bytes, int], ...]]] = {
    "js": (
        (b"activexobject", 6), (b"wscript.", 4), (b"eval(", 2), (b"fromcharcode", 3), (b"function(", 2),
        (b"function ", 1),
        (b"var ", 1), (b"document.", 1), (b"unescape(", 2), (b"new array", 2), (b"=>", 1), (b"const ", 1),
        (b"let ", 1),
        (b"};", 1), (b"return ", 1), (b"atob(", 3), (b"scripting.filesystemobject", 2), (b"=== ", 1),
        (b"require(", 1),
    ),
    "vbs": (
        (b"createobject(", 5), (b"dim ", 2), (b"end sub", 3), (b"end function", 3), (b"on error resume next", 5),
        (b"wscript.", 3), (b"chrw(", 2), (b"chr(", 1), (b"executeglobal", 5), (b"end if", 2), (b"set ", 1),
        (b" & ", 1),
        (b"execute(", 3), (b"strreverse(", 3), (b"option explicit", 4), (b"vbcrlf", 3),
    ),
    "ps1": (
        (b"invoke-expression", 6), (b"iex ", 3), (b"iex(", 4), (b"new-object", 5), (b"downloadstring", 5),
        (b"$env:", 4),
        (b"param(", 3), (b"[convert]::", 5), (b"[system.", 4), (b"write-host", 4), (b"-encodedcommand", 4),
        (b"frombase64string", 3), (b"invoke-webrequest", 5), (b"start-process", 5), (b"get-", 1), (b"set-", 1),
        (b"foreach-object", 4), (b"-eq ", 2), (b"add-type", 4), (b"$_.", 3), (b"[byte[]]", 4),
    ),
    "bat": (
        (b"@echo off", 7), (b"setlocal", 4), (b"goto ", 2), (b"%~dp0", 5), (b"%temp%", 4), (b"%appdata%", 4),
        (b"cmd /c", 3), (b"powershell", 3), (b"start ", 1), (b"\nrem ", 2), (b"errorlevel", 3), (b"set /", 3),
        (b"if exist", 3), (b"%1", 1), (b"curl ", 1), (b"certutil", 3), (b"bitsadmin", 4), (b"mshta", 3),
        (b"regsvr32", 3),
    ),
    "py": (
        (b"import ", 2), (b"from ", 1), (b"def ", 2), (b"elif ", 3), (b"self.", 3), (b"print(", 2), (b"__name__", 4),
        (b"except", 1), (b"    return ", 2), (b"exec(", 2),
    ),
}  # fmt: skip  # a line a language would be long, and a line a word longer
_ENOUGH: Final = {"js": 7, "vbs": 8, "ps1": 8, "bat": 7, "py": 9}
_FIELDS: Final = (
    b"received:", b"return-path:", b"from:", b"to:", b"subject:", b"date:", b"message-id:", b"mime-version:",
    b"content-type:", b"delivered-to:", b"reply-to:", b"x-", b"dkim-signature:", b"authentication-results:", b"cc:",
    b"sender:", b"arc-", b"content-transfer-encoding:", b"snapshot-content-location:",
)  # fmt: skip  # the list is one thing to read


def as_text(content: bytes) -> bytes | None:
    """The beginning of a text in octets of ASCII and more (UTF-16 and UTF-32 made so); None for what is no text."""
    head = content[:_SCRIPT_HEAD]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _narrowed(head[2:], "utf-16-le" if head[0] == 0xFF else "utf-16-be")
    if head[:3] == b"\xef\xbb\xbf":
        head = head[3:]
    if b"\0" in head:
        return _unmarked_wide(head)
    controls = len(head.translate(None, _EVERY))
    return head if controls * 200 <= len(head) else None


def _unmarked_wide(head: bytes) -> bytes | None:
    """UTF-16 without a mark: every other octet of most letters is zero."""
    sample = head[:512]
    half = len(sample) // 2
    for first, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if half > 8 and sample[first::2].count(0) > half * 0.8 and not sample[1 - first :: 2].count(0):
            return _narrowed(head, codec)
    return None


def _narrowed(head: bytes, codec: str) -> bytes | None:
    text = head[: len(head) & ~1].decode(codec, "replace").encode("utf-8", "replace")
    return None if len(text.translate(None, _EVERY)) * 50 > len(text) else text


def begins(text: bytes) -> str:
    """The type that the first words of a text say; empty where they say nothing."""
    head = text[:HEAD].lstrip(_BLANK).lower()
    if head.startswith(b"#!"):
        line = head[2:].partition(b"\n")[0]
        return next((name for word, name in _SHEBANGS if word in line), "")
    for start, name in _STARTS:
        if head.startswith(start):
            return name if name != "mbox?" else _mailbox(head)
    if head.startswith(b"<"):
        return _markup(head)
    if head.startswith((b"{", b"[")):
        return "json" if head[1:].lstrip(_BLANK)[:1] in (b'"', b"{", b"[", b"}", b"]") else ""
    return ""


def _markup(head: bytes) -> str:
    if head.startswith((b"<?xml", b"<!--", b"<!doctype")):
        for root, name in _XML_ROOTS:
            if root in head:
                return name
        if head.startswith(b"<?xml"):
            return "xml"
        return "html" if head.startswith((b"<!doctype html", b"<!--")) else "xml"
    if head.startswith(_HTML_STARTS):
        return "hta" if b"<hta:application" in head else "html"
    for root, name in _XML_ROOTS:
        if head.startswith(root):
            return name
    return "xml" if b"xmlns" in head else ""


def holds_html(text: bytes) -> bool:
    """Whether a text has HTML in it that a browser would show, however it begins."""
    head = text[:_SCRIPT_HEAD].lower()
    return b"<html" in head or b"<script" in head or b"<body" in head or b"<iframe" in head


def _mailbox(head: bytes) -> str:
    first, _, rest = head.partition(b"\n")
    return "mbox" if b"@" in first and message(rest) else ""


def message(text: bytes) -> str:
    """`eml` or `mht` for what begins with header fields of mail; empty for anything else."""
    head = text[:HEAD].lstrip(b"\r\n").lower()
    known = 0
    for line in head.split(b"\n")[:40]:
        if not line.strip():
            break
        if line[:1] in (b" ", b"\t"):
            continue
        if line.startswith(_FIELDS):
            known += 1
        elif b":" not in line:
            return ""
    if known < 2:
        return ""
    return (
        "mht"
        if b"multipart/related" in head and (b"text/html" in head or b"saved by" in head) and b"received:" not in head
        else "eml"
    )


def script(text: bytes) -> str:
    """The language of a script by its words; empty for prose, data, and what says too little."""
    head = text[:_SCRIPT_HEAD].lower()
    best, most = "", 0.0
    for name, words in _WORDS.items():
        points = sum(weight for word, weight in words if word in head)
        if points / _ENOUGH[name] > most:
            best, most = name, points / _ENOUGH[name]
    return best if most >= 1 else ""
