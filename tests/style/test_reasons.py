"""Whoever silences a checker says why: behind the directive, or in a comment on the line above."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.style.sources import OURS, ROOT, Source, python_files, report, write_tree

# A directive with the codes that it names; what remains of the comment is its reason.
DIRECTIVE = re.compile(
    r"type:\s*ignore(?:\[[\w\-, ]+\])?|noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?"
    r"|pragma:\s*no cover|fmt:\s*(?:off|on|skip)"
)
FEWEST_WORDS = 2


def unexplained(root: Path) -> Iterator[str]:
    """Directives that silence a checker without a reason beside them."""
    for source in python_files(root, *OURS):
        yield from _unexplained_in(source)


def _unexplained_in(source: Source) -> Iterator[str]:
    lines = source.text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type != tokenize.COMMENT or not DIRECTIVE.search(token.string):
            continue
        reason = DIRECTIVE.sub("", token.string)
        above = lines[token.start[0] - 2].strip() if token.start[0] > 1 else ""
        if _words(reason) < FEWEST_WORDS and not (above.startswith("#") and _words(above) >= FEWEST_WORDS):
            yield f"{source.name}:{token.start[0]}: no reason beside {token.string!r}"


def _words(text: str) -> int:
    return len(re.findall(r"[A-Za-z]{2,}", text))


def test_silenced_checks_have_a_reason() -> None:
    assert not report(unexplained(ROOT))


def test_the_rule_sees_what_is_not_explained(tmp_path: Path) -> None:
    mark, ignore = "# no" + "qa", "# type: " + "ignore"
    write_tree(
        tmp_path,
        {
            "src/mailock/a.py": "\n".join(
                [
                    f"a = 1  {mark}: E501  the URL cannot be broken",
                    f"b = 1  {ignore}[attr-defined]  # the stub lacks it",
                    "# The library gives no types.",
                    f"c = 1  {ignore}[no-untyped-call]",
                    "text = 'noqa is only a word here'",
                    f"d = 1  {mark}",
                    f"e = 1  {mark}: E501, F401",
                    f"f = 1  {ignore}[attr-defined]",
                    f"g = 1  {ignore}",
                ]
            )
            + "\n"
        },
    )
    assert [problem.split(":")[1] for problem in unexplained(tmp_path)] == ["6", "7", "8", "9"]
