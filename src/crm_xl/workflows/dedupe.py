"""Dedupe: find customers that are there twice, merge those that the user marks, and take a merge back."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import id_text, normal_ids
from crm_xl.analysis.duplicates import THRESHOLD, Group, find_duplicates
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions.call import to_numbers, today
from crm_xl.sheet_values import file_bytes, gc_paused
from crm_xl.vocabulary.dedupe_texts import DECISIONS, evidence_text
from crm_xl.vocabulary.fields import Lang, find_field
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import PICKERS
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.protocol import TableData
from crm_xl.workbook.row_moves import insert_rows, remove_rows
from crm_xl.workbook.saving import locked, replace_file

from .analyse import FACT_COLUMNS
from .evaluate import Cells
from .opening import book_date, customer_columns, customer_table, detect_lang, open_book, shown
from .rewriting import free_name, refreshed, save_over

TABLE = "Duplicates"
REPOINTED = ("Orders", "Interactions", "Complaints", "Surveys", "Needs", "Loyalty", "Tasks", "Proposed")
"""Tables whose lines go to the master. The snapshots of History stay what they were; all else a refresh makes."""
GROWN = ("Tasks", "Proposed")
"""Tables to which the refresh behind a merge may add rows."""
_OURS = ("monthly_orders", "period_orders", "period_spend")
"""Columns of the customer table that only a refresh fills: not worth a note."""
_FORMAT = "crm-xl dedupe 1"


# ---------------------------------------------------------------- reports


@dataclass(slots=True)
class DuplicateRow:
    """A customer that may be there twice."""

    group: int
    customer_id: str
    customer_name: str
    phone: str
    score: float
    evidence: str
    proposed: str
    decision: str


@dataclass(slots=True)
class DedupeReport:
    """What was found. `rows`: the customers, group by group, the proposed master first."""

    path: str
    lang: Lang
    threshold: float
    groups: int
    rows: list[DuplicateRow]
    changed: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class MergeReport:
    """What a merge did, or what was taken back. `merged`: id of each master -> ids that went into it; `cells`: cells
    changed by table; `report`: the file that takes it back, '' if nothing was merged."""

    path: str
    lang: Lang
    as_of: str
    merged: dict[str, list[str]] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)
    report: str = ""

    @property
    def count(self) -> int:
        return sum(map(len, self.merged.values()))

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "count": self.count}


# ---------------------------------------------------------------- finding


def find(path: str | Path, *, threshold: float | None = None, break_signature: bool = False) -> DedupeReport:
    """Find duplicates and list them in the table Duplicates; decisions typed there stay.

    Errors: those of opening; no_duplicates_table; Refused threshold_range.
    """
    limit = THRESHOLD if threshold is None else threshold
    if not 0 < limit <= 1:
        raise Refused("threshold_range", value=limit)
    with locked(Path(path)), gc_paused():
        book, customers, lang = open_book(path)
        _needs_table(book)
        columns = {key: [_plain(c) for c in cells] for key, cells in customer_columns(customers).items()}
        groups = _groups(columns, limit)
        old = book.read_table(TABLE)
        listed = _listed(groups, columns, lang)
        listed += _kept(old, listed, columns, lang)
        decisions = _decisions(old)
        for row in listed:
            row.decision = decisions.get((id_text(row.customer_id), row.customer_name), "")
        _write(book, listed, old)
        changed = book.save(break_signature=break_signature)
    return DedupeReport(str(book.path), lang, limit, len({r.group for r in listed}), listed, changed)


def _needs_table(book: FileWorkbook) -> None:
    if not book.has_table(TABLE):
        raise CrmXlError("no_duplicates_table", path=book.path)


def _plain(cell: object) -> object:
    return None if isinstance(cell, CellError) else cell


def _groups(columns: Mapping[str, Cells], threshold: float) -> tuple[Group, ...]:
    known = {f.key for f in CUSTOMERS.fields}
    used = {k: v for k, v in columns.items() if k not in known or CUSTOMERS.field(k).group != "result"}
    orders, _ = to_numbers(list(columns.get("order_count") or [None] * len(columns["customer_id"])))
    own = [cells for key, cells in columns.items() if key not in known]
    counts = [0.0 if n != n else n for n in orders.tolist()]
    return find_duplicates(used, counts, company_ids=own, threshold=threshold)


def _cell_text(columns: Mapping[str, Cells], key: str, row: int) -> str:
    cell = columns[key][row] if key in columns else None
    return "" if cell is None else id_text(cell) if key == "phone" else shown(cell).strip()


def _listed(groups: Sequence[Group], columns: Mapping[str, Cells], lang: Lang) -> list[DuplicateRow]:
    keep, merge = (DECISIONS[key][0 if lang == "zh" else 1] for key in ("keep", "merge"))
    return [
        DuplicateRow(
            number,
            id_text(columns["customer_id"][row]),
            _cell_text(columns, "customer_name", row),
            _cell_text(columns, "phone", row),
            score,
            evidence_text(reasons, lang),
            keep if row == group.master else merge,
            "",
        )
        for number, group in enumerate(groups, 1)
        for row, score, reasons in zip(group.rows, group.scores, group.reasons, strict=True)
    ]


def _kept(
    old: TableData, listed: Sequence[DuplicateRow], columns: Mapping[str, Cells], lang: Lang
) -> list[DuplicateRow]:
    """Groups with decisions that are no longer found, as by another threshold, but whose customers are all there."""
    names = [_cell_text(columns, "customer_name", i) for i in range(len(columns["customer_id"]))]
    there = set(zip(normal_ids(columns["customer_id"]).tolist(), names, strict=True))
    found = {(r.customer_id, r.customer_name) for r in listed}
    number = max((r.group for r in listed), default=0)
    kept: list[DuplicateRow] = []
    for rows in _old_groups(old).values():
        keys = {(r.customer_id, r.customer_name) for r in rows}
        if any(r.decision for r in rows) and keys <= there and not keys & found:
            number += 1
            for row in rows:
                row.group = number
            kept += rows
    return kept


def _old_groups(old: TableData) -> dict[str, list[DuplicateRow]]:
    """The rows of the table as they stand, by group."""
    groups: dict[str, list[DuplicateRow]] = defaultdict(list)
    numbers: dict[str, int] = {}
    keys = ("duplicate_group", "customer_id", "customer_name", "phone", "likeness", "evidence", "proposed", "decision")
    for cells in zip(*(old.column(key)[: old.used] for key in keys), strict=True):
        group, customer, *rest = cells
        score = rest[2] if isinstance(rest[2], (int, float)) else 0.0
        name, phone, _, evidence, proposed, decision = ("" if c is None else shown(c).strip() for c in rest)
        if id_text(customer) or name:
            number = numbers.setdefault(id_text(group), len(numbers) + 1)
            row = DuplicateRow(number, id_text(customer), name, phone, float(score), evidence, proposed, decision)
            groups[id_text(group)].append(row)
    return groups


def _old_rows(old: TableData) -> list[DuplicateRow]:
    return [row for rows in _old_groups(old).values() for row in rows]


def _decisions(old: TableData) -> dict[tuple[str, str], str]:
    return {(r.customer_id, r.customer_name): r.decision for r in _old_rows(old)}


def _write(book: FileWorkbook, listed: Sequence[DuplicateRow], old: TableData) -> None:
    """The rows of the table; cells of the user's own columns follow their customer."""
    cells: dict[str, list[object]] = {
        "duplicate_group": [r.group for r in listed],
        "customer_id": [r.customer_id for r in listed],
        "customer_name": [r.customer_name or None for r in listed],
        "phone": [r.phone or None for r in listed],
        "likeness": [r.score for r in listed],
        "evidence": [r.evidence for r in listed],
        "proposed": [r.proposed for r in listed],
        "decision": [r.decision or None for r in listed],
    }
    book.replace_rows(TABLE, cells, formulas=False)
    ids = normal_ids(old.column("customer_id")[: old.used]).tolist()
    places = {key: at for at, key in enumerate(ids)}
    for at in sorted(set(range(len(old.headers))) - set(old.fields.values())):
        own = [old.rows[places[r.customer_id]][at] if r.customer_id in places else None for r in listed]
        book.write_own_column(TABLE, old.headers[at], own)


# ---------------------------------------------------------------- merging


@dataclass(slots=True)
class _Changes:
    """What a merge changes: cells (table, row of its data, header, before), rows that leave, named cells."""

    cells: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    """Rows that the refresh added."""
    before: list[dict[str, Any]] = field(default_factory=list)
    after: list[dict[str, Any]] = field(default_factory=list)
    """The rows of the table Duplicates, before and after."""


def merge(path: str | Path, *, break_signature: bool = False) -> MergeReport:
    """Merge the groups whose rows are marked in the table Duplicates, and refresh the results as of the date of the
    last refresh. The workbook is written once; a report beside it says what was changed, for `undo`.

    Errors: those of opening and refreshing; no_duplicates_table, decision_unknown, two_masters, no_master,
    duplicate_gone, merge_formula, no_note.
    """
    with locked(Path(path)), gc_paused():
        book, customers, lang = open_book(path)
        _needs_table(book)
        day = book_date(book) or today()
        result = MergeReport(str(book.path), lang, day.isoformat())
        old = book.read_table(TABLE)
        into = _marked(old, customers, lang)
        if not into:
            return result
        changes = _Changes()
        ids = customers.column("customer_id")
        for master, rows in into.items():
            result.merged[id_text(ids[master])] = [id_text(ids[row]) for row in rows]
        used = {name: book.read_table(name).used for name in GROWN if book.has_table(name)}
        masters = _fill_masters(book, customers, into, lang)
        _repoint(book, {id_text(ids[row]): ids[m] for m, rows in into.items() for row in rows}, changes)
        gone = sorted(row for rows in into.values() for row in rows)
        changes.rows = [
            {"table": "Customers", "row": row, "cells": _by_header(customers, row)} for row in gone
        ]  # fmt: skip
        _merge_customers(book, customers, masters, gone)
        left = [r for rows in _old_groups(old).values() for r in _unmerged(rows, result.merged)]
        changes.before = [asdict(r) for r in _old_rows(old)]
        numbers: dict[int, int] = {}
        for row in left:
            row.group = numbers.setdefault(row.group, len(numbers) + 1)
        changes.after = [asdict(r) for r in left]
        _write(book, left, old)
        data, after = refreshed(book, lang, day, break_signature)
        _note_after(after, customers, masters, gone, used, changes)
        report = free_name(book.path.with_name(f"{book.path.stem}.merged-{day.isoformat()}.json"))
        told = {"format": _FORMAT, "book": book.path.name, "as_of": day.isoformat(), "merged": result.merged}
        text = json.dumps(_encoded({**told, **asdict(changes)}), ensure_ascii=False, indent=1)
        # first the way back, then the change: broken off in between, the report undoes nothing
        replace_file(report, lambda out: out.write(text.encode()), backup=False)
        try:
            save_over(book, data)
        except BaseException:
            report.unlink(missing_ok=True)
            raise
        result.report = str(report)
        result.cells = dict(Counter(c["table"] for c in changes.cells))
    return result


def _by_header(data: TableData, row: int) -> dict[str, object]:
    definition = TABLES[data.name]
    results = {at for key, at in data.fields.items() if definition.field(key).group == "result"}
    return {h: data.rows[row][i] for i, h in enumerate(data.headers) if i not in results}


def _decided(text: str) -> str | None:
    """`keep`, `merge` or '' by a decision's text in either language; None for anything else."""
    folded = text.strip().casefold()
    if not folded:
        return ""
    return next((key for key, pair in DECISIONS.items() if folded in map(str.casefold, pair)), None)


def _marked(old: TableData, customers: TableData, lang: Lang) -> dict[int, list[int]]:
    """Row of each master in the customer table -> rows that go into it."""
    cells = old.column("decision")[: old.used]
    for at, cell in enumerate(cells):
        if _decided("" if cell is None else shown(cell)) is None:
            known = [pair[0 if lang == "zh" else 1] for pair in DECISIONS.values()]
            place = old.cell(at, old.fields["decision"])
            raise CrmXlError("decision_unknown", sheet=old.sheet, cell=place, value=shown(cell), known=known)
    used = customers.used
    ids = normal_ids(customers.column("customer_id")[:used]).tolist()
    names = ["" if c is None else shown(c).strip() for c in customers.column("customer_name")[:used]]
    rows_of: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(ids, names, strict=True)):
        rows_of[key].append(row)
    into: dict[int, list[int]] = {}
    for number, rows in _old_groups(old).items():
        if not any(_decided(r.decision) == "merge" for r in rows):
            continue
        chosen = _master(number, rows)
        taken: list[int] = []
        master = -1
        for listed in rows:
            if listed is not chosen and _decided(listed.decision) != "merge":
                continue
            free = [at for at in rows_of[listed.customer_id, listed.customer_name] if at not in taken]
            if not free:
                raise CrmXlError("duplicate_gone", value=listed.customer_id or listed.customer_name)
            taken.append(free[0])
            master = free[0] if listed is chosen else master
        into[master] = [at for at in taken if at != master]
    return into


def _master(number: str, rows: Sequence[DuplicateRow]) -> DuplicateRow:
    """The row that the marked ones of a group go into: the one marked Keep, else the one proposed."""
    keep = [r for r in rows if _decided(r.decision) == "keep"]
    if len(keep) > 1:
        ids = [r.customer_id for r in keep]
        raise CrmXlError("two_masters", group=number, count=len(keep), ids=ids)
    chosen = keep[0] if keep else next((r for r in rows if _decided(r.proposed) == "keep"), rows[0])
    if not any(r is not chosen and _decided(r.decision) == "merge" for r in rows):
        raise CrmXlError("no_master", group=number, value=chosen.customer_id)
    return chosen


def _unmerged(rows: Sequence[DuplicateRow], merged: Mapping[str, list[str]]) -> list[DuplicateRow]:
    """What stays listed of a group: the rows that were not merged, if there are two."""
    done = any(_decided(r.decision) == "merge" for r in rows)
    left = [r for r in rows if _decided(r.decision) != "merge" or r.customer_id in merged]
    if done:
        for row in left:
            if row.customer_id in merged:
                row.decision = ""
    return left if len(left) > 1 else []


def _empty(cell: object) -> bool:
    return cell is None or cell == ""


def _fill_masters(
    book: FileWorkbook, customers: TableData, into: Mapping[int, Sequence[int]], lang: Lang
) -> dict[int, list[object]]:
    """The masters' rows with empty cells filled and differing values in the note."""
    definition = CUSTOMERS
    skipped = {
        at for key, at in customers.fields.items() if definition.field(key).group == "result" or key in _OURS
    } | {customers.fields["customer_id"]}
    note = customers.fields.get("note")
    formulas = {(at, key) for key, rows in book.formula_cells("Customers").items() for at in rows}
    at_key = {at: key for key, at in customers.fields.items()}
    full: dict[int, list[object]] = {}
    for master, rows in into.items():
        line = list(customers.rows[master])
        notes: list[str] = []
        for row in rows:
            other = customers.rows[row]
            old_id = id_text(other[customers.fields["customer_id"]])
            for at, header in enumerate(customers.headers):
                value = other[at]
                if at in skipped or _empty(value):
                    continue
                if at != note and _empty(line[at]) and (master, at_key.get(at)) not in formulas:
                    line[at] = value
                elif not _same(line[at], value):
                    notes.append(f"{header}: {shown(value)} ({old_id})")
        if notes:
            if note is None:
                raise CrmXlError("no_note", sheet=customers.sheet)
            before = [] if _empty(line[note]) else [shown(line[note])]
            line[note] = ("；" if lang == "zh" else "; ").join([*before, *notes])
        full[master] = line
    return full


def _same(first: object, second: object) -> bool:
    if _empty(first) or _empty(second):
        return _empty(first) and _empty(second)
    return (type(first) is type(second) and first == second) or shown(first).strip() == shown(second).strip()


def _repoint(book: FileWorkbook, moved: Mapping[str, object], changes: _Changes) -> None:
    """Lines that carry a merged id get the master's. Error: merge_formula."""
    moved = {old: new for old, new in moved.items() if old and old != id_text(new)}
    for name in (*REPOINTED, "Scope"):
        if not book.has_table(name):
            continue
        data = book.read_table(name)
        key = "scope_value" if name == "Scope" else "customer_id"
        if key not in data.fields:
            continue
        used = data.used
        cells = data.column(key)[:used]
        hits = [i for i, text in enumerate(normal_ids(cells).tolist()) if text in moved and _about_ids(data, i)]
        formulas = book.formula_cells(name).get(key, set())
        for i in hits:
            if i in formulas:
                raise CrmXlError("merge_formula", sheet=data.sheet, cell=data.cell(i, data.fields[key]))
            before = cells[i]
            cells[i] = moved[id_text(before)]
            where = {"table": name, "row": i, "header": data.headers[data.fields[key]]}
            changes.cells.append({**where, "before": before, "after": cells[i]})
        if hits:
            book.write_column(name, key, cells)
    for name in PICKERS.values():
        if book.has_name(name) and id_text(book.read_name(name)) in moved:
            before = book.read_name(name)
            after = moved[id_text(before)]
            book.write_name(name, after)
            changes.names.append({"name": name, "before": before, "after": after})


def _about_ids(data: TableData, row: int) -> bool:
    """Whether a line is about a customer's id; of the scope only those by customer id are."""
    if data.name != "Scope":
        return True
    found = find_field(CUSTOMERS, data.column("scope_field")[row])
    return found is not None and found[0].key == "customer_id"


def _merge_customers(
    book: FileWorkbook, customers: TableData, masters: Mapping[int, list[object]], gone: Sequence[int]
) -> None:
    lines = [masters.get(i, row) for i, row in enumerate(customers.rows)]
    filled = TableData(
        customers.name,
        customers.sheet,
        customers.headers,
        lines,
        customers.first,
        customers.left,
        customers.fields,
        customers.units,
    )
    remove_rows(book, filled, set(gone))


def _note_after(
    after: FileWorkbook,
    customers: TableData,
    masters: Mapping[int, list[object]],
    gone: Sequence[int],
    used: Mapping[str, int],
    changes: _Changes,
) -> None:
    """What stands where after the refresh: it fills columns from the log, too, and may propose tasks."""
    now = customer_table(after)
    for master in masters:
        place = master - sum(row < master for row in gone)
        ids = id_text(customers.rows[master][customers.fields["customer_id"]])
        for header, value in _by_header(now, place).items():
            before = customers.rows[master][customers.headers.index(header)]
            if not _same(before, value):
                where = {"table": "Customers", "row": place, "id": ids, "header": header}
                changes.cells.append({**where, "before": before, "after": value})
    for name, count in used.items():
        data = after.read_table(name)
        changes.added += [
            {"table": name, "row": i, "cells": _by_header(data, i)} for i in range(count, data.used)
        ]  # fmt: skip


# ---------------------------------------------------------------- taking back


def undo(path: str | Path, report: str | Path, *, break_signature: bool = False) -> MergeReport:
    """Take a merge back by its report, and refresh the results as of the date of the last refresh.

    Nothing is written if a cell that the merge wrote says something else by now. Errors: those of opening and
    refreshing; undo_report, undo_changed, undo_other_shape, merge_formula.
    """
    made = _read_report(Path(report))
    with locked(Path(path)), gc_paused():
        book = FileWorkbook(path)
        customers, lang = customer_table(book), detect_lang(book)
        day = book_date(book) or today()
        result = MergeReport(str(book.path), lang, day.isoformat(), made["merged"], report=str(report))
        tables = {"Customers": customers}
        for name in {c["table"] for c in made["cells"]} - {"Customers"}:
            if not book.has_table(name):
                raise CrmXlError("undo_report", path=report)
            tables[name] = book.read_table(name)
        for cell in made["cells"]:
            _put_back(tables[cell["table"]], cell)
        for named in made["names"]:
            if book.has_name(named["name"]) and _same(book.read_name(named["name"]), named["after"]):
                book.write_name(named["name"], named["before"])
        for name, data in tables.items():
            if name == "Customers":
                rows = {r["row"]: r["cells"] for r in made["rows"]}
                insert_rows(book, data, rows)
                continue
            for header in {c["header"] for c in made["cells"] if c["table"] == name}:
                at = data.headers.index(header)
                key = next(k for k, i in data.fields.items() if i == at)
                book.write_column(name, key, data.column(key)[: data.used])
        _take_away(book, tables, made["added"])
        if book.has_table(TABLE):
            listed = book.read_table(TABLE)
            if [asdict(r) for r in _old_rows(listed)] == made["after"]:
                _write(book, [DuplicateRow(**r) for r in made["before"]], listed)
        result.cells = dict(Counter(c["table"] for c in made["cells"]))
        save_over(book, refreshed(book, lang, day, break_signature)[0])
    return result


def _put_back(data: TableData, cell: Mapping[str, Any]) -> None:
    """A cell as it was, in the table's data. Errors: undo_changed, undo_other_shape."""
    header, row = cell["header"], cell["row"]
    if header not in data.headers:
        raise CrmXlError("undo_other_shape", sheet=data.sheet, table=data.name, field=header)
    at = data.headers.index(header)
    there = row < len(data.rows)
    now = data.rows[row][at] if there else None
    if there and "id" in cell:
        there = id_text(data.rows[row][data.fields["customer_id"]]) == cell["id"]
    # a later refresh may have filled again what the log fills
    logged = any(i == at and key in FACT_COLUMNS for key, i in data.fields.items()) and data.name == "Customers"
    if not there or not (logged or _same(now, cell["after"])):
        place = data.cell(row, at)
        value = "" if cell["after"] is None else shown(cell["after"])
        raise CrmXlError("undo_changed", sheet=data.sheet, cell=place, field=header, value=value)
    # the row itself may be what the book holds as stored
    data.rows[row] = [*data.rows[row][:at], cell["before"], *data.rows[row][at + 1 :]]


def _take_away(book: FileWorkbook, tables: Mapping[str, TableData], added: Sequence[Mapping[str, Any]]) -> None:
    """The rows that the refresh behind the merge added, where nobody touched them and nothing follows."""
    for name in {a["table"] for a in added}:
        data = tables[name] if name in tables else book.read_table(name)
        rows = [a for a in added if a["table"] == name]
        first = min(a["row"] for a in rows)
        untouched = data.used == first + len(rows) and all(
            all(_same(_by_header(data, a["row"]).get(h), v) for h, v in a["cells"].items()) for a in rows
        )
        if untouched:
            remove_rows(book, data, range(first, data.used))


def _read_report(path: Path) -> dict[str, Any]:
    try:
        made = json.loads(file_bytes(path).decode(), object_hook=_decoded)
    except (ValueError, RecursionError) as error:
        raise CrmXlError("undo_report", path=path) from error
    if not isinstance(made, dict) or made.get("format") != _FORMAT:
        raise CrmXlError("undo_report", path=path)
    return made


def _encoded(value: Any) -> Any:
    """A value for JSON: what it has no word for becomes an object of one member."""
    if isinstance(value, dict):
        return {key: _encoded(cell) for key, cell in value.items()}
    if isinstance(value, list):
        return [_encoded(cell) for cell in value]
    if isinstance(value, CellError):
        return {"$error": str(value)}
    if isinstance(value, dt.datetime):
        return {"$date": value.isoformat()}
    if isinstance(value, dt.time):
        return {"$time": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"$seconds": value.total_seconds()}
    return value


_DECODERS: dict[str, Callable[[Any], object]] = {
    "$error": CellError,
    "$date": dt.datetime.fromisoformat,
    "$time": dt.time.fromisoformat,
    "$seconds": lambda seconds: dt.timedelta(seconds=seconds),
}


def _decoded(value: dict[str, Any]) -> object:
    decode = _DECODERS.get(next(iter(value), "")) if len(value) == 1 else None
    return value if decode is None else decode(next(iter(value.values())))


__all__ = ["DedupeReport", "MergeReport", "find", "merge", "undo"]
