"""The administrator's own text without [node], [console] and [portal]: what a revision holds, comments and all.

A comment that stands directly above a header belongs to that header; other comments belong to the section in which they
stand.
"""

from typing import Final

from mailock.config.lines import Lines

NOT_POLICY: Final = ("node", "console", "portal")


def without_node(text: str, lines: Lines) -> str:
    """The text of the policy. Its TOML says the same as that of the file, less those sections."""
    rows = text.replace("\r\n", "\n").split("\n")
    dropped: set[int] = set()
    in_dropped_section, start, floor = False, 1, 0
    for statement in lines.statements:
        is_node = statement.path[0] in NOT_POLICY
        if statement.is_header:
            begin = _start_of(statement.first, floor, rows)
            if in_dropped_section:
                dropped.update(range(start, begin))
            in_dropped_section, start = is_node, begin
        elif is_node and not in_dropped_section:
            dropped.update(range(statement.first, statement.last + 1))
        floor = statement.last
    if in_dropped_section:
        dropped.update(range(start, len(rows) + 1))
    return "\n".join(row for line, row in enumerate(rows, 1) if line not in dropped).strip("\n") + "\n"


def _start_of(line: int, floor: int, rows: list[str]) -> int:
    """The first line of the comment that stands directly above a line, below the line `floor`; or the line itself."""
    while line - 1 > floor and rows[line - 2].lstrip().startswith("#"):
        line -= 1
    return line
