"""Where a table stands among titles, units, totals, page breaks and other tables: rows of cells in, a place out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from crm_xl.analysis.cleaning import number_or_day_text
from crm_xl.sources.mapping import Header, match_header
from crm_xl.vocabulary.fields import Table, normal_header
from crm_xl.vocabulary.header_words import (
    UnitNote,
    is_annotation,
    is_footer,
    is_foreign,
    is_heading,
    is_total,
    scale_of,
    split_scale,
    unit_note,
)

HEADER_ROWS = 20
"""Rows with anything in them among which the header is looked for."""
_DEEPER = 8
"""Rows of which every cell is looked at closely, if no row of headers is found by name."""
_NOTES = 3
"""Rows under a header, or right above it, that may speak of its columns: units, types, 必填."""
_DIGIT = re.compile(r"\d")

LeftOutWhy = Literal["title", "units", "header", "total", "footer", "table", "wide", "no_customer"]

Rows = Sequence[Sequence[object]]
Ranges = Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no data: its 1-based number, why, and what it says."""

    row: int
    why: LeftOutWhy
    text: str


def blank(cell: object) -> bool:
    """Whether a cell is empty or holds only blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def header_text(value: object) -> str:
    """A header cell as one line of text."""
    text = value if isinstance(value, str) else number_or_day_text(value)
    return " ".join(text.split())


# ---------------------------------------------------------------- the header


@dataclass(frozen=True, slots=True)
class HeaderPlace:
    """0-based rows of a header, and its cells over all columns of the sheet; `known`: how many are recognised."""

    first: int
    last: int
    headers: tuple[Header, ...]
    known: int = 0
    fits: bool = False


Knows = Callable[[Header], bool]


def find_header(
    rows: Iterable[Sequence[object]], knows: Knows, fits: Callable[[Sequence[Header]], bool], merged: Ranges = ()
) -> HeaderPlace | None:
    """The header: the first row near the top, or the first two, with two columns or more that are known and those
    that the table needs; else the first with two cells, one of them known; else the first that is not empty."""
    near = _top(rows)
    first: HeaderPlace | None = None
    half: HeaderPlace | None = None
    for at, (number, row) in enumerate(near):
        held = sum(not blank(cell) for cell in row)
        single = _place(number, number, [Header(header_text(c)) for c in row], knows, fits)
        first = first or single
        if held < 2:
            continue
        places = [single]
        if at + 1 < len(near) and near[at + 1][0] == number + 1:
            double = _double(row, near[at + 1][1], number, merged)
            if double is not None:
                places.append(_place(number, number + 1, double, knows, fits))
        best = max(places, key=lambda p: (p.fits, p.known, p.last == p.first))
        if len(places) == 2 and places[1].known and not best.fits and _under(near, at, knows, fits):
            continue  # groups of columns that are known by the row below alone
        if best.fits and best.known >= 2:
            return best
        if best.known and half is None:
            half = best
        if best.fits and half is not None and not half.fits:
            half = best
    return half or first


def _under(
    near: list[tuple[int, Sequence[object]]], at: int, knows: Knows, fits: Callable[[Sequence[Header]], bool]
) -> bool:
    number, row = near[at + 1]
    return _place(number, number, [Header(header_text(c)) for c in row], knows, fits).fits


def _top(rows: Iterable[Sequence[object]]) -> list[tuple[int, Sequence[object]]]:
    """The first rows with anything in them, with their numbers."""
    filled = ((i, row) for i, row in enumerate(rows) if any(not blank(c) for c in row))
    return list(islice(filled, HEADER_ROWS))


def _place(
    first: int, last: int, headers: list[Header], knows: Knows, fits: Callable[[Sequence[Header]], bool]
) -> HeaderPlace:
    known = sum(map(knows, headers))
    return HeaderPlace(first, last, tuple(headers), known, bool(known) and fits(headers))


def _double(top: Sequence[object], bottom: Sequence[object], number: int, merged: Ranges) -> list[Header] | None:
    """Two rows as one header, the upper one groups of columns; None if they are not that.

    Where the file knows merged cells, a group is one; else it reaches as far as the cells beside it are empty and
    those below are not. Under a cell that is no group the lower row is empty.
    """
    width = len(top)
    texts = [header_text(c) for c in top]
    below = [header_text(c) for c in bottom]
    if any(not isinstance(c, str) and not blank(c) for c in bottom) or not any(below):
        return None
    spans = {left: right for first, left, last, right in merged if first == last == number and right > left}
    group, groups, alone = [""] * width, 0, 0
    at = 0
    while at < width:
        text = texts[at]
        end = at
        if text and below[at]:
            if merged:
                end = min(spans.get(at, at), width - 1)
            else:
                while end + 1 < width and not texts[end + 1] and below[end + 1]:
                    end += 1
            if end == at or _DIGIT.search(text) or ":" in text or "：" in text or unit_note(text):
                return None
            groups += 1
            group[at : end + 1] = [text] * (end + 1 - at)
        elif text:
            alone += 1
        at = end + 1
    if not groups or groups + alone < 2:
        return None
    return [
        Header(g + ("" if _cjk(g, b) else " ") + b, g, b) if g and b else Header(b or t)
        for g, b, t in zip(group, below, texts, strict=True)
    ]


def _cjk(*texts: str) -> bool:
    return any("\u3400" <= ch <= "\u9fff" for text in texts for ch in text)


def forced_header(rows: Rows, number: int) -> HeaderPlace | None:
    """The header in a row that was named (0-based); None if there is nothing."""
    if not 0 <= number < len(rows) or all(map(blank, rows[number])):
        return None
    return HeaderPlace(number, number, tuple(Header(header_text(c)) for c in rows[number]))


def looks_like_headers(row: Sequence[object]) -> bool:
    """Whether a row has at least two cells and they are short texts with no more digits than letters."""
    held = [cell for cell in row if not blank(cell)]
    return len(held) >= 2 and all(isinstance(cell, str) and _is_wordy(cell) for cell in held)


def _is_wordy(text: str) -> bool:
    return len(text) <= 40 and "@" not in text and sum(map(str.isalpha, text)) >= sum(map(str.isdigit, text))


def transposed(rows: Rows, knows: Knows, across: int) -> int | None:
    """The 0-based column in which the headers stand one below the other, three or more, and more than the `across`
    that a row has; None if there is none."""
    for column in range(min(4, max(map(len, rows[:1]), default=0))):
        cells = [row[column] for row in rows[:60]]
        known = {normal_header(header_text(c)) for c in cells if not blank(c) and knows(Header(header_text(c)))}
        if len(known) >= max(3, across + 1):
            return column
    return None


# ---------------------------------------------------------------- units and titles


@dataclass(slots=True)
class Surroundings:
    """What stands around a table. `units`: column -> unit of a units row; `body`: the first data row, 0-based."""

    body: int
    units: dict[int, str] = field(default_factory=dict)
    note: UnitNote | None = None
    left_out: list[LeftOut] = field(default_factory=list)


def surroundings(rows: Rows, place: HeaderPlace, table: Table | None) -> Surroundings:
    """Titles and notes above a header, units and remarks below it."""
    found = Surroundings(place.last + 1)
    notes: list[UnitNote] = []
    for number in range(place.first):
        held = {i: c for i, c in enumerate(rows[number]) if not blank(c)}
        if not held:
            continue
        told = [note for c in held.values() if isinstance(c, str) and (note := unit_note(c))]
        notes += told
        aligned = {i: c for i, c in held.items() if isinstance(c, str) and scale_of(c)}
        if place.first - number <= _NOTES and all(any(not blank(c) for c in r) for r in rows[number : place.first]):
            found.units |= _units_over(held, place.headers)
        why: LeftOutWhy = "units" if told or len(aligned) == len(held) else "title"
        found.left_out.append(_left_out(number, why, rows[number]))
    for number in range(place.last + 1, min(place.last + 1 + _NOTES, len(rows))):
        row = rows[number]
        below = {i: str(c).strip() for i, c in enumerate(row) if not blank(c)}
        if not below or any(not isinstance(row[i], str) for i in below):
            break
        told = [note for text in below.values() if (note := unit_note(text))]
        if all(map(is_annotation, below.values())) and (any(scale_of(t) for t in below.values()) or len(below) >= 2):
            found.units |= {i: text for i, text in below.items() if scale_of(text)}
            found.left_out.append(_left_out(number, "units", row))
        elif told and len(below) == 1:
            notes += told
            found.left_out.append(_left_out(number, "units", row))
        elif table is not None and _same_in_other_words(below, place.headers, table):
            found.left_out.append(_left_out(number, "header", row))
        else:
            break
        found.body = number + 1
    found.note = joined_notes(notes)
    return found


def _units_over(held: dict[int, object], headers: Sequence[Header]) -> dict[int, str]:
    """The units in the row over the headers, if it belongs to them: a row of units, or headers in other words."""
    texts = {i: c for i, c in held.items() if isinstance(c, str)}
    over = sum(bool(headers[i].text) for i in texts)
    if len(texts) < len(held) or (
        over * 2 < sum(bool(h.text) for h in headers) and not all(map(scale_of, texts.values()))
    ):
        return {}
    scales = {i: scale_of(text) or split_scale(text)[1] for i, text in texts.items()}
    percent = {i: "%" for i, text in texts.items() if "%" in text or "％" in text}
    foreign = {i: text for i, text in texts.items() if is_foreign(text)}
    return {i: scale.text for i, scale in scales.items() if scale} | percent | foreign


def joined_notes(notes: Sequence[UnitNote]) -> UnitNote | None:
    """What several notes say together; two units of money contradict each other."""
    if not notes:
        return None
    scales = tuple(dict.fromkeys(scale for note in notes for scale in note.scales))
    money = {scale.factor: scale.text for scale in scales if scale.measure == "money"}
    if len(money) > 1:
        return UnitNote((), " / ".join(money.values()))
    return UnitNote(scales, next((note.unknown for note in notes if note.unknown), ""))


def _same_in_other_words(held: dict[int, str], headers: Sequence[Header], table: Table) -> bool:
    """Whether a row under the header names the same columns once more: customer_id under 客户编号."""
    pairs = [(match_header(table, text), match_header(table, headers[i].text)) for i, text in held.items()]
    known = sum(a is not None for a, _ in pairs)
    return known >= 2 and known * 2 > len(pairs) and all(a is None or b is None or a[0] is b[0] for a, b in pairs)


def _left_out(number: int, why: LeftOutWhy, row: Sequence[object]) -> LeftOut:
    return LeftOut(number + 1, why, shown_row(row))


def shown_row(row: Sequence[object]) -> str:
    """What a row says, in one line."""
    texts = [header_text(c) if not isinstance(c, float) else number_or_day_text(c) for c in row if not blank(c)]
    line = " | ".join(texts)
    return line if len(line) <= 80 else line[:79] + "…"


# ---------------------------------------------------------------- beside and below


def blocks(headers: Sequence[str], bodies: Sequence[Sequence[object]]) -> list[tuple[int, int]]:
    """Runs of columns (first, last) between columns that are wholly empty."""
    used = [bool(h) or any(not blank(c) for c in body) for h, body in zip(headers, bodies, strict=True)]
    found: list[tuple[int, int]] = []
    for i, is_used in enumerate(used):
        if is_used and found and found[-1][1] == i - 1:
            found[-1] = (found[-1][0], i)
        elif is_used:
            found.append((i, i))
    return found


_ID_HEADING = re.compile(
    r".*(?:编号|编码|代码|单号|\bid|\bcode|\b(?:item|product|order|invoice|serial|part)\s*(?:no|number)\.?)\s*",
    re.IGNORECASE,
)


def is_apart(
    main: tuple[int, int],
    other: tuple[int, int],
    headers: Sequence[str],
    bodies: Sequence[Sequence[object]],
    table: Table,
) -> bool:
    """Whether columns behind an empty one are another table: they name a field again, or rows of their own, or stop
    short of the rows of the first."""

    def keys(block: tuple[int, int]) -> set[str]:
        found = (match_header(table, headers[i]) for i in range(block[0], block[1] + 1) if headers[i])
        return {match[0].key for match in found if match}

    def filled(block: tuple[int, int]) -> set[int]:
        return {r for i in range(block[0], block[1] + 1) for r, c in enumerate(bodies[i]) if not blank(c)}

    if keys(main) & keys(other):
        return True
    titles = [headers[i] for i in range(other[0], other[1] + 1) if headers[i]]
    if not titles or _ID_HEADING.fullmatch(titles[0]):
        return True
    ours, theirs = filled(main), filled(other)
    if theirs - ours:
        return True
    short = bool(theirs) and len(theirs) < len(ours) and theirs == set(sorted(ours)[: len(theirs)])
    return len(titles) >= 2 and short


@dataclass(slots=True)
class Body:
    """Which rows of a body are no data (0-based), where it ends, what was left out, and notes of units in footers."""

    skipped: set[int] = field(default_factory=set)
    end: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[UnitNote] = field(default_factory=list)
    other: str = ""

    def joined(self, other: Body) -> Body:
        """What two looks at a body found."""
        rows = {line.row for line in self.left_out}
        left_out = self.left_out + [line for line in other.left_out if line.row not in rows]
        end = min(self.end, other.end)
        skipped = {n for n in self.skipped | other.skipped if n < end}
        return Body(skipped, end, left_out, self.notes or other.notes, self.other or other.other)


def read_body(headers: Sequence[str], columns: Sequence[Sequence[object]], offset: int, knows: Knows) -> Body:
    """Totals, footers, headers that stand again, and where another table begins. `offset`: 0-based sheet row of the
    first data row."""
    found = Body(end=len(columns[0]) if columns else 0)
    normal = [normal_header(h) for h in headers]
    for number in _suspects(columns, headers):
        row = [column[number] for column in columns]
        held = [i for i, c in enumerate(row) if not blank(c)]
        first = row[held[0]]
        text = first.strip() if isinstance(first, str) else ""
        why: LeftOutWhy | None = None
        if _is_header_again(row, held, normal):
            why = "header"
        elif (is_total(text) and not _is_full(row, held)) or _says_total(row, held[1:]):
            why = "total"
        elif _is_foot(row, held):
            why = "footer"
            found.notes += [note for i in held if isinstance(row[i], str) and (note := unit_note(str(row[i])))]
        elif _begins_another(row, held, normal, knows):
            start = _with_title(columns, number)
            rest = [r for r in range(start, found.end) if any(not blank(column[r]) for column in columns)]
            found.end = start
            found.other = shown_row(row)
            found.left_out += [_left_out(offset + r, "table", [c[r] for c in columns]) for r in rest]
            break
        if why:
            found.skipped.add(number)
            found.left_out.append(_left_out(offset + number, why, row))
    found.skipped = {n for n in found.skipped if n < found.end}
    return found


_HINT = re.compile(
    r"计|总|汇|累|制表|填表|[审核复经打导统]|数据|报表|备|说|注|以下|结束|完|第|共|编|名|日期|时间|金额|单价|价格|数量|电话|手机|邮箱|地址"
    r"|类|状态|规格|型号|库存|负责|部门|职位|次数|比例|得分|排名|等级|单位|^-|total|sum|page|print|export|prepare|creat|generat"
    r"|end of|source|note|remark|record|row|customer|id|name|date|amount|price|quantity|qty|phone|email|address|type|code",
    re.IGNORECASE,
)
_TOTALS = frozenset({"合计", "小计", "总计", "共计", "total", "subtotal", "sub-total", "grand total"})
_FIRSTS = frozenset(" \u3000" + "".join(word[0] + word[0].upper() for word in _TOTALS))


def _is_total_word(text: str) -> bool:
    return text.strip().casefold() in _TOTALS


def _suspects(columns: Sequence[Sequence[object]], headers: Sequence[str]) -> list[int]:
    """Rows that may be no data: their first cell has a word of totals, footers or headers, or is the header itself,
    or stands under an empty row; or any cell says 小计. Looked at column by column: there may be a million rows."""
    suspects: set[int] = set()
    rest: Sequence[int] = range(len(columns[0]) if columns else 0)
    hint = _HINT.search
    for at, column in enumerate(columns):
        totals = {c for c in set(column) if isinstance(c, str) and c[:1] in _FIRSTS and _is_total_word(c)}
        if totals:
            suspects.update(i for i, c in enumerate(column) if isinstance(c, str) and c in totals)
        empty = []
        for i in rest:
            cell = column[i]
            if blank(cell):
                empty.append(i)
            elif isinstance(cell, str) and len(cell) <= 60 and not (cell.isalnum() and cell[-1].isdigit()):
                under_gap = i > 0 and blank(column[i - 1]) and all(blank(c[i - 1]) for c in columns)
                if under_gap or hint(cell) or cell == headers[at]:
                    suspects.add(i)
        rest = empty
    return sorted(suspects)


def _is_header_again(row: Sequence[object], held: Sequence[int], headers: Sequence[str]) -> bool:
    same = sum(isinstance(row[i], str) and normal_header(row[i]) == headers[i] for i in held)
    return (same >= 2 and same * 2 > len(held)) or (same == len(held) == 1 and sum(map(bool, headers)) == 1)


def _says_total(row: Sequence[object], cells: Sequence[int]) -> bool:
    return any(isinstance(cell := row[i], str) and _is_total_word(cell) for i in cells)


def _is_full(row: Sequence[object], held: Sequence[int]) -> bool:
    """Whether a row that begins like a total has the texts of a customer, too: somebody is called 汇总."""
    texts = [i for i in held[1:] if isinstance(row[i], str) and not is_total(str(row[i])) and not _figure(str(row[i]))]
    return len(texts) >= 2


def _figure(text: str) -> bool:
    return bool(re.fullmatch(r"[-+¥$]?[\d,.]+\s*\D{0,2}", text.strip())) or text.strip() in {"-", "—", "--", "/"}


def _is_foot(row: Sequence[object], held: Sequence[int]) -> bool:
    """Whether every cell of a row with few cells belongs under a table: 制表人：… | 审核：… ."""
    if len(held) > 4:
        return False
    texts = [str(row[i]).strip() if isinstance(row[i], str) else "" for i in held]
    # beside 制表人 its name may stand in a cell of its own
    marked = [bool(text) and (is_footer(text) or unit_note(text) is not None) for text in texts]
    return marked[0] and (all(marked) or len(held) == 2 or sum(marked) * 2 >= len(held))


def _begins_another(row: Sequence[object], held: Sequence[int], headers: Sequence[str], knows: Knows) -> bool:
    texts = [header_text(row[i]) for i in held if isinstance(row[i], str)]
    if not 2 <= len(held) == len(texts) or any(map(_DIGIT.search, texts)):
        return False
    headings = sum(knows(Header(t)) or is_heading(t) for t in texts)
    return headings >= 2 and headings * 10 >= len(held) * 6


def _with_title(columns: Sequence[Sequence[object]], number: int) -> int:
    """The row at which another table begins: that of its title, if one stands right above its header."""
    above = number - 1
    if above > 0 and sum(not blank(c[above]) for c in columns) == 1 and all(blank(c[above - 1]) for c in columns):
        return above
    return number
