"""What follows from changed cells: users' formulas that depend on them are marked, A1 ranges grow.

A marked formula (`ca="1"`) keeps its old value and is calculated by Excel at the next calculation, and no
other is: a full calculation would turn our functions into #NAME? where the add-in is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crm_xl.sheet_stream import Row, SheetStream

from .cell_xml import CellReader
from .dependents import Book, Dependents, FormulaCell, Left, row_formulas
from .edits import SheetEdits, Touched, puts_formula
from .growth import Resize, grow_rules, in_row, moved_text
from .package import Package
from .references import shifted
from .values import SharedStrings, encode_text

_CA = re.compile(rb"\sca=[\"'][^\"']*[\"']")
_TRUE_CA = re.compile(rb"\sca=[\"'](?:1|true)[\"']")
_SHARED = re.compile(rb"\s(?:t|ref|si)=[\"'][^\"']*[\"']")


@dataclass(slots=True)
class Recalculation:
    """Cells by sheet: formulas marked to be calculated, formulas whose ranges grew; and those that depend on
    a change and are not marked."""

    marked: dict[str, Touched] = field(default_factory=dict)
    grown: dict[str, Touched] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)


@dataclass(slots=True)
class Sheet:
    """A worksheet: its part, what was written into it, and whether it may hold formulas (None: not known)."""

    part: str
    edits: SheetEdits | None = None
    touched: Touched | None = None
    formulas: bool | None = None


def follow(package: Package, sheets: Mapping[str, Sheet], book: Book, resizes: Sequence[Resize]) -> Recalculation:
    """Mark and grow the formulas of all sheets after cells were written and tables resized."""
    done = Recalculation()
    dependents = Dependents(book)
    texts: dict[str, dict[tuple[int, int], str]] = {}
    any_formula = False
    for name, sheet in sheets.items():
        if sheet.formulas is False and (sheet.edits is not None or not resizes):
            continue
        patched = package.patched(sheet.part)
        stream = SheetStream(patched.source(), name)
        moved = _Moved(resizes, name)
        for cell in _formulas(stream, sheet.edits):
            any_formula = True
            dependents.add(name, cell)
            if resizes:
                moved.add(cell)
        if moved.texts:
            texts[name] = moved.texts
        if resizes and sheet.edits is None:
            behind = grow_rules(stream.tail, resizes, name)
            if behind != stream.tail:
                patched.replace(stream.tail_at, stream.tail_at + len(stream.tail), behind)
                package.patch(sheet.part, patched)
    if not any_formula:
        return done
    changed = {name: list(sheet.touched.areas()) for name, sheet in sheets.items() if sheet.touched}

    def is_right(sheet: str, row: int, column: int) -> bool:
        return (row, column) not in texts.get(sheet, ()) and _is_ours(sheets[sheet].edits, row, column)

    found_all = dependents.find(changed, is_right, texts)
    done.left = found_all.left
    for name, sheet in sheets.items():
        marks = found_all.marks.get(name, set())
        own = texts.get(name, {})
        if marks or own:
            _rewrite(package, name, sheet.part, marks, own, done)
    return done


def _is_ours(edits: SheetEdits | None, row: int, column: int) -> bool:
    """Whether this refresh wrote the formula of a cell, and with it its value."""
    return edits is not None and puts_formula(edits.at(row, column))


def _formulas(stream: SheetStream, edits: SheetEdits | None) -> Iterator[FormulaCell]:
    """The formulas of a sheet, but for rows in which every formula is ours."""
    mark = b"<" + stream.prefix + b"f"
    ours = edits.formula_counts() if edits else lambda first, last: 0

    def others(xml: bytes, first: int, last: int) -> bool:
        # each of ours is there
        known = ours(first, last)
        return xml.count(mark) != known and xml.count(mark + b">") + xml.count(mark + b" ") != known

    for row in stream.every_row(lambda block, first, last: mark in block and others(block, first, last)):
        if mark in row.xml and others(row.xml, row.number, row.number):
            yield from row_formulas(row.number, row.xml, stream.prefix)


class _Moved:
    """New texts of formulas whose ranges end on a resized table's last row."""

    def __init__(self, resizes: Sequence[Resize], sheet: str) -> None:
        self._resizes, self._sheet = resizes, sheet
        self.texts: dict[tuple[int, int], str] = {}
        self._masters: dict[int, tuple[FormulaCell, list[FormulaCell]]] = {}

    def add(self, cell: FormulaCell) -> None:
        if cell.kind == "shared" and cell.si is not None:
            self._add_shared(cell, cell.si)
            return
        new = self._moved(cell.text, cell)
        if new != cell.text:
            self.texts[cell.row, cell.column] = new

    def _moved(self, text: str, cell: FormulaCell) -> str:
        return moved_text(text, self._resizes, self._sheet, in_row(self._sheet, cell.row, cell.column))

    def _add_shared(self, cell: FormulaCell, si: int) -> None:
        """One member that changes makes every member a formula of its own."""
        if cell.text:
            self._masters[si] = cell, []
        if si not in self._masters:
            return
        master, earlier = self._masters[si]
        text = cell.text or shifted(master.text, cell.row - master.row, cell.column - master.column)
        new = self._moved(text, cell)
        apart = (master.row, master.column) in self.texts
        if new != text and not apart:
            for member in earlier:
                own = shifted(master.text, member.row - master.row, member.column - master.column)
                self.texts[member.row, member.column] = own
            apart = True
        if apart:
            self.texts[cell.row, cell.column] = new
        earlier.append(cell)


def _rewrite(
    package: Package,
    name: str,
    part: str,
    marks: set[tuple[int, int]],
    texts: Mapping[tuple[int, int], str],
    done: Recalculation,
) -> None:
    patched = package.patched(part)
    stream = SheetStream(patched.source(), name)
    reader = CellReader(stream, SharedStrings(None))
    marked, grown = Touched(), Touched()
    rows = {row for row, _ in marks} | {row for row, _ in texts}
    mark = b"<" + stream.prefix + b"f"
    before = -1
    for place, block in stream.blocks():
        last = stream.last_number(block)
        if mark not in block and last is not None:
            before = last
            continue
        out: list[bytes] = []
        changed = False
        for row in stream.rows(block, before):
            before = row.number
            new = row.xml
            if before in rows:
                new = _row(row, reader, mark, marks, texts, marked, grown)
                changed = changed or new != row.xml
            out.append(new)
        if changed:
            patched.replace(place, place + len(block), b"".join(out))
    package.patch(part, patched)
    if marked:
        done.marked[name] = marked
    if grown:
        done.grown[name] = grown


def _row(
    row: Row,
    reader: CellReader,
    mark: bytes,
    marks: set[tuple[int, int]],
    texts: Mapping[tuple[int, int], str],
    marked: Touched,
    grown: Touched,
) -> bytes:
    out: list[bytes] = []
    done = 0
    for column, _, body, whole in reader.split(row.body or b""):
        place = row.number, column
        at = row.xml.find(whole, done)
        out.append(row.xml[done:at])
        done = at + len(whole)
        out.append(whole)
        if mark not in body or (place not in marks and place not in texts):
            continue
        start = body.find(mark)
        end = body.find(b">", start)
        tag, after = body[start:end], body[end:]
        if place in texts:
            closed = tag.endswith(b"/")
            shared = b'"shared"' in tag or b"'shared'" in tag
            tag = tag.removesuffix(b"/")
            if shared:
                tag = _SHARED.sub(b"", tag)
            text = encode_text(texts[place]).encode()
            closing = b"</" + mark[1:] + b">"
            end = after.find(closing)
            if end < 0 and not closed:
                continue
            rest = after[1:] if closed else after[end + len(closing) :]
            after = b">" + text + closing + rest
            grown.add(*place)
        if place in marks and not _TRUE_CA.search(tag):
            marked.add(*place)
            bare = _CA.sub(b"", tag)
            slash = b"/" if bare.endswith(b"/") else b""
            tag = bare.removesuffix(b"/") + b' ca="1"' + slash
        out[-1] = whole.replace(body, body[:start] + tag + after, 1)
    return b"".join([*out, row.xml[done:]])
