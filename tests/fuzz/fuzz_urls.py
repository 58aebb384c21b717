"""Mutated texts and pages full of URLs: nothing raises, every link stands where it says, what it leads to is a fixed
point, evidence is printable, and time stays bounded.

    python tests/fuzz/fuzz_urls.py --bytes 10_000_000 --seed 1
    python tests/fuzz/fuzz_urls.py --seconds 3600 --seed 2 --corpus FOLDER

The seeds are URLs in the ways that hide them, and the files of `--corpus` where it is given. A failure prints what
reproduces it.
"""

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import Family
from mailock.core.evidence.links.target import WEB, target
from mailock.core.evidence.links.wrapped import DEEPEST, chain
from mailock.core.evidence.links.written import written
from mailock.core.evidence.markup import attributes, plain
from mailock.engines.html.engine import Html
from mailock.engines.html.linked import WANTED
from mailock.engines.suffixes import site
from mailock.engines.urls import Urls
from tests.parts.said import look

SLOW: Final = 5.0
"""Seconds that a text of at most LONGEST octets may take, on a machine that does other things too."""
LONGEST: Final = 60_000
TEXT, PAGE = Urls(EngineSettings()), Html(EngineSettings())
_WORDS: Final = r"""
    http:// https:// hxxp:// // \\ : @ . [.] (dot) %2e %00 %25 < > " ' ` ) ] } ( [ { 0x7f 0177 127.1 [::1] xn-- www.
    xn--80ak6aa92e.com аррӏе.com .com .co.uk user:pw@ ?url= &amp; &#46; &colon; #x javascript: data:text/html;base64,
    mailto: cid: file:// ms-msdt: search-ms: <a href= src=" style="background:url( srcset=' <!-- --> <script> </script>
    <base href=http://b.example.com/> content="0;url= atob(' aHR0cDovLw safelinks.protection.outlook.com/?url=
    urldefense.com/v3/__ __;Kw!! google.com/url?q= /amp/s/ u=http-3A__
    """
PIECES: Final = (*_WORDS.split(), "\u3002", "\uff0e", "\u200b", "\u00ad", "\t", "\r\n", "\0", " ")
SEEDS: Final = (
    "See http://www.example.com/a?b=c#d, (https://example.org/x_(y)) and www.example.net!",
    "hxxp://bad[.]example[.]com/x and bad (dot) example (dot) com or hxxps[:]//1.2.3[.]4/",
    "http://www.bank.example.com@0x7f.1:80/ http:\\\\evil.example.com\\x https:///x.example.com http://почта.рф/",
    "https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttp%253A%252F%252Fe.com",
    "https://urldefense.com/v3/__https://evil.example.com/**Bx__;8J-YgA!!x!y$ https://t.example.com/?d=aHR0cDovL2V2aWwuY29t",
    "<URL:http://long.example.com/a\r\nb> javascript:alert(1) \\\\host\\share\\a.exe search-ms:query=x&crumb=y",
    (
        '<html><base href="http://b.example.com/"><a href="htt&#112;://e&period;com/?a=1&amp;b=2">www.c.com</a>'
        "<img srcset='http://s.example.com/ 2x'><p style=\"display:none;background:url('http://i.example.com')\">x</p>"
    ),
    (
        '<!--[if mso]><a href=http://m.example.com><![endif]--><script>location.href=atob("aHR0cDovL2UuY29tLw==")</script>'
        '<form action="http://f.example.com"><input type=password></form><iframe srcdoc="&lt;a href=x&gt;">'
    ),
)


def mutate(chance: random.Random, text: str, others: list[str]) -> str:
    """A text with pieces dropped, doubled, put in, or spliced with another."""
    for _ in range(chance.randint(1, 10)):
        at = chance.randrange(len(text) + 1)
        to = min(len(text), at + chance.choice((1, 2, 8, 40)))
        match chance.randrange(6):
            case 0:
                text = text[:at] + chr(chance.choice((0, 9, 13, 32, 92, 0x202E, 0x430, 0x2F, 0x40))) + text[to:]
            case 1:
                text = text[:at] + text[to:]
            case 2:
                text = text[:at] + text[at:to] * chance.choice((2, 3, 50)) + text[to:]
            case 3 | 4:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case _:
                other = chance.choice(others)
                text = text[:at] + other[chance.randrange(len(other) + 1) :]
    return text[:LONGEST]


def examine(text: str) -> None:
    """Holds every law on one text."""
    began = time.monotonic()
    for found in written(text, site):
        assert found.untrusted_raw in text, f"{found.untrusted_raw!r} does not stand in the text"
        fixed(found.untrusted_url)
    for _, _, raw, start in attributes(text, WANTED):
        assert text[start : start + len(raw)] == raw
        fixed(plain(raw))
    content = text.encode("utf-8", "surrogatepass")
    for said in (look(TEXT, content), look(PAGE, content, Family.HTML, name="a.html")):
        for link in said.links:
            again = target(link.untrusted_url)
            assert again is not None, f"{link.untrusted_url!r} leads nowhere"
    if time.monotonic() - began > SLOW:
        raise AssertionError(f"{len(text)} characters took more than {SLOW} s")


def fixed(url: str) -> None:
    """What a URL leads to is what that leads to; wrappers end."""
    found = target(url)
    if found is None:
        return
    again = target(found.untrusted_url)
    assert again is not None, f"{url!r} leads to {found.untrusted_url!r}, which leads nowhere"
    assert (again.scheme, again.host) == (found.scheme, found.host), f"{url!r}: {found} {again}"
    if found.scheme in WEB:
        assert again.untrusted_url == found.untrusted_url, f"{url!r}: {found.untrusted_url!r} {again.untrusted_url!r}"
    assert len(chain(found)[0]) <= DEEPEST


def fuzz(total: int, seed: int, *, seconds: float = float("inf"), corpus: Path | None = None) -> int:
    """Examines until so many octets, or seconds, are spent. How many texts it were."""
    known = list(SEEDS)
    if corpus is not None:
        files = (file for file in sorted(corpus.rglob("*")) if file.is_file())
        known += [file.read_bytes()[:LONGEST].decode("utf-8", "replace") for file in files]
    fed = count = 0
    end = time.monotonic() + seconds
    while fed < total and time.monotonic() < end:
        number = f"{seed}:{count}"
        chance = random.Random(number)
        text = mutate(chance, chance.choice(known), known)
        try:
            examine(text)
        except Exception as error:
            error.add_note(f"text {number}: {text[:3000]!r}")
            raise
        fed += len(text) + 1
        count += 1
    return count


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=lambda text: int(text.replace("_", "")), default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    unbounded = options.seconds < float("inf")
    total = options.bytes or (sys.maxsize if unbounded else 10_000_000)
    start = time.monotonic()
    count = fuzz(total, options.seed, seconds=options.seconds, corpus=options.corpus)
    print(f"{count:,} texts, {time.monotonic() - start:.0f} s: nothing raised, every law held")


if __name__ == "__main__":
    main()
