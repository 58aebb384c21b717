"""Messages and views as files: CSV, and Excel with real numbers, real dates and native charts.

What came from outside never becomes a formula. In a workbook such cells are written as text, which no program
evaluates; CSV has no types, so a text that begins as a formula does gets an apostrophe before it, as OWASP advises.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from mailock.console.figures import Drawn, Figure, Kind, Unit
from mailock.operations.track import moment

COLUMNS: Final = (
    ("arrival", "Arrived", 20),
    ("id", "ID", 15),
    ("status", "Status", 12),
    ("verdict", "Verdict", 11),
    ("class", "Class", 12),
    ("score", "Score", 8),
    ("sender", "Sender", 30),
    ("recipients", "Recipients", 30),
    ("subject", "Subject", 50),
    ("source_ip", "Source", 16),
    ("size", "Size", 10),
    ("next_hop", "Next hop", 22),
    ("delivered", "Delivered", 20),
    ("rule", "Rule", 18),
    ("reason", "Reason", 50),
)
TIMES: Final = ("arrival", "delivered")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
LONGEST_CELL: Final = 32_000
"""Excel refuses cells of more than 32,767 characters."""
CHARTS: Final = dict.fromkeys((Kind.BAR, Kind.TABLE, Kind.FLOW), "bar") | {
    Kind.SERIES: "column",
    Kind.HEAT: "column",
    Kind.PIE: "pie",
}


def exported(form: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Messages as a file."""
    table = [[_cell(row, name) for name, *_ in COLUMNS] for row in rows]
    heads = [title for _, title, _ in COLUMNS]
    if form == "csv":
        return _csv([heads, *table])
    stream = io.BytesIO()
    with _workbook(stream) as book:
        sheet = book.add_worksheet("Messages")
        formats = _formats(book)
        for column, (_, title, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, formats["head"])
        for number, row in enumerate(table, 1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, formats)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(table)), len(COLUMNS) - 1)
    return stream.getvalue()


def exported_view(form: str, found: Drawn, now: float) -> bytes:
    """A view as a file: in Excel a sheet for each widget, with its chart."""
    if form == "csv":
        rows: list[list[object]] = [["widget", "label", "time", "count"]]
        for figure in found.figures:
            rows += [[figure.widget.title, *row] for row in _flat(figure)]
        return _csv(rows)
    stream = io.BytesIO()
    with _workbook(stream) as book:
        formats = _formats(book)
        _summary(book, found, now, formats)
        names = {"Summary"}
        for figure in found.figures:
            if figure.widget.kind in CHARTS and figure.slices:
                _chart(book, figure, _sheet_name(figure.widget.title, names), formats)
    return stream.getvalue()


def safe(text: str) -> str:
    """A text for CSV that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _workbook(stream: io.BytesIO) -> Workbook:
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }
    return xlsxwriter.Workbook(stream, options)


def _formats(book: Workbook) -> dict[str, Format]:
    return {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "title": book.add_format({"bold": True, "font_size": 16}),
        "count": book.add_format({"num_format": "#,##0"}),
        "number": book.add_format({"num_format": "#,##0.##"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }


def _summary(book: Workbook, found: Drawn, now: float, formats: Mapping[str, Format]) -> None:
    sheet = book.add_worksheet("Summary")
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 22)
    sheet.write_string(0, 0, found.view.title, formats["title"])
    told: list[tuple[str, float]] = [("From", found.frame.since), ("Until", found.frame.until), ("Made", now)]
    for row, (name, at) in enumerate(told, 2):
        sheet.write_string(row, 0, name)
        sheet.write_datetime(row, 1, _local(at), formats["time"])
    row = len(told) + 3
    for figure in found.figures:
        if figure.widget.kind in (Kind.NUMBER, Kind.STATE) and figure.slices:
            sheet.write_string(row, 0, figure.widget.title)
            is_count = figure.widget.unit is Unit.COUNT
            sheet.write_number(
                row, 1, figure.total if is_count else figure.amount, formats["count" if is_count else "number"]
            )
            row += 1


def _chart(book: Workbook, figure: Figure, name: str, formats: Mapping[str, Format]) -> None:
    """A sheet with a widget's numbers and a chart of them."""
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 34)
    chart = book.add_chart({"type": CHARTS[figure.widget.kind]} | ({"subtype": "stacked"} if figure.columns else {}))
    titled = len(figure.lines) + 3 if figure.columns else 0
    sheet.write_string(0, titled, figure.widget.title[:255], formats["head"])
    if figure.columns:
        sheet.write_string(0, 0, "Time", formats["head"])
        for row, at in enumerate(figure.columns, 1):
            sheet.write_datetime(row, 0, _local(at), formats["time"])
        for column, (label, line) in enumerate(figure.lines.items(), 1):
            sheet.write_string(0, column, label[:255], formats["head"])
            for row, count in enumerate(line, 1):
                sheet.write_number(row, column, count, formats["count"])
            _series(chart, name, len(figure.columns), column)
    else:
        sheet.write_string(0, 1, "Messages", formats["head"])
        for row, one in enumerate(figure.slices, 1):
            sheet.write_string(row, 0, one.label[:LONGEST_CELL])
            sheet.write_number(row, 1, one.count, formats["count"])
        _series(chart, name, len(figure.slices), 1)
    # By its cell: text that begins with "=" would be taken for a formula.
    chart.set_title({"name": [name, 0, titled]})
    chart.set_size({"width": 760, "height": 380})
    sheet.insert_chart(1, len(figure.lines) + 3, chart)


def _series(chart: Any, sheet: str, rows: int, column: int) -> None:
    chart.add_series(
        {
            "name": [sheet, 0, column],
            "categories": [sheet, 1, 0, rows, 0],
            "values": [sheet, 1, column, rows, column],
        }
    )


def _flat(figure: Figure) -> list[list[object]]:
    if figure.lines:
        return [
            [label, moment(at), count]
            for label, line in figure.lines.items()
            for at, count in zip(figure.columns, line, strict=True)
        ]
    return [[one.label, "", one.count] for one in figure.slices]


def _cell(row: Mapping[str, Any], name: str) -> object:
    if name == "recipients":
        return " ".join(str(one["address"]) for one in row["recipients"])
    return row[name]


def _write(sheet: Worksheet, row: int, column: int, value: object, formats: Mapping[str, Format]) -> None:
    if value is None or value == "":
        return
    if COLUMNS[column][0] in TIMES:
        sheet.write_datetime(row, column, _local(datetime.fromisoformat(str(value)).timestamp()), formats["time"])
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, formats["count" if isinstance(value, int) else "number"])
    else:
        sheet.write_string(row, column, str(value)[:LONGEST_CELL])


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for row in rows:
        writer.writerow([safe(one) if isinstance(one, str) else "" if one is None else one for one in row])
    # Excel takes UTF-8 for what it is only where the file says so.
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8")


def _local(at: float) -> datetime:
    """By the clock on the wall; workbooks know no zones."""
    return datetime.fromtimestamp(at, UTC).astimezone().replace(tzinfo=None)


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that a sheet can have: 31 characters, without some, and its own."""
    plain = "".join(" " if c in "[]:*?/\\'" else c for c in title)[:28]
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain[:27]} {number}", number + 1
    taken.add(name)
    return name
