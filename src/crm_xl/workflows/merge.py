"""Merge: what owners changed in the workbooks that `split` handed out comes back into the manager's."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.functions.call import today
from crm_xl.sheet_values import gc_paused
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.team_texts import reason_text
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.saving import locked, replace_file
from crm_xl.workbook.tables import column_formulas

from .analyse import FACT_COLUMNS
from .export import normal_name
from .handing_out import (
    LINES,
    MERGED,
    Cell,
    Masks,
    Share,
    Team,
    comparable,
    factor,
    is_result,
    same,
    told,
)
from .opening import (
    book_date,
    in_unit,
    open_book,
    shown,
    text_of,
)
from .returned import Returned, day_of, open_returned
from .rewriting import free_name, refreshed, save_over
from .row_changes import paired

_FORMAT = "crm-xl merge 1"
_SUFFIXES = (".xlsx", ".xlsm")


# ---------------------------------------------------------------- reports


@dataclass(slots=True)
class Change:
    """A cell that was taken over, or (with a `reason`) one that somebody has to decide on. Values as people read them:
    handed out, the manager's, the owner's. `customer`: id, '' where the row has none; `cell`: the manager's."""

    file: str
    table: str
    customer: str
    column: str
    before: str
    manager: str
    owner: str
    cell: str = ""
    reason: str = ""
    why: str = ""


@dataclass(slots=True)
class FileReport:
    """What a file brought. `error`: why it could not be read, '' if it was."""

    file: str
    owner: str = ""
    cells: int = 0
    customers: int = 0
    lines: int = 0
    listed: int = 0
    error: str = ""


@dataclass(slots=True)
class MergeReport:
    """What came back. `listed`: what was not taken over and waits for a decision; `added`: new rows, by table and by
    header; `report`: the file with all of it, '' if there is nothing to tell."""

    path: str
    folder: str
    lang: Lang
    as_of: str
    dry_run: bool
    files: list[FileReport] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    listed: list[Change] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    changed: bool = False
    report: str = ""

    @property
    def failed(self) -> list[FileReport]:
        return [f for f in self.files if f.error]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


# ---------------------------------------------------------------- the story


def merge(
    path: str | Path,
    folder: str | Path,
    *,
    password: str | None = None,
    dry_run: bool = False,
    break_signature: bool = False,
) -> MergeReport:
    """Take over what owners changed in the files of `folder`, and refresh the results in the same save, as of the date
    of the last refresh.

    A cell is taken over where the manager's still says what was handed out; where both changed it, the manager's stays
    and the change is listed. New customers and lines are added, deleted ones are listed and stay. Results, and figures
    that a refresh makes from the log, do not come back; neither do rules and settings. A file that cannot be read is
    listed, the others go on. With nothing to take over not a byte of the workbook changes. Errors: those of opening
    and saving; folder_missing, merge_no_files.
    """
    place = Path(folder)
    with nullcontext() if dry_run else locked(Path(path)), gc_paused():
        book, customers, lang = open_book(path)
        day = book_date(book) or today()
        report = MergeReport(str(path), str(folder), lang, day.isoformat(), dry_run)
        coming = _Coming(book, Team(book, customers, lang), report)
        files = []
        for file in _files(place, book.path):
            done = FileReport(file.name)
            report.files.append(done)
            try:
                returned = open_returned(file, password, coming.team)
            except CrmXlError as error:
                done.error = error.text(lang)
                continue
            done.owner = str(returned.record["owner"])
            coming.expect(returned)
            files.append((returned, done))
        for returned, done in files:
            coming.take(returned, done)
        coming.add_rows()
        if not dry_run and (report.changes or report.added):
            data, _ = refreshed(book, lang, day, break_signature)
            _save(book, data, report)
            report.changed = True
        elif not dry_run and report.listed:
            _write_report(book.path, report)
    return report


def _files(folder: Path, book: Path) -> list[Path]:
    """The workbooks of a folder. Errors: folder_missing, merge_no_files."""
    if not folder.is_dir():
        raise CrmXlError("folder_missing", path=folder)
    found = sorted(
        p
        for p in folder.iterdir()
        if p.suffix.lower() in _SUFFIXES and p.is_file() and not p.name.startswith((".", "~$")) and not p.samefile(book)
    )
    if not found:
        raise CrmXlError("merge_no_files", path=folder)
    return found


def _save(book: FileWorkbook, data: bytes, report: MergeReport) -> None:
    written = _write_report(book.path, report)
    try:
        save_over(book, data)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _write_report(path: Path, report: MergeReport) -> Path:
    place = free_name(path.with_name(f"{path.stem}.team-{report.as_of}.json"))
    report.report = str(place)
    text = json.dumps({"format": _FORMAT, **report.as_dict()}, ensure_ascii=False, indent=1, default=str)
    replace_file(place, lambda out: out.write(text.encode("utf-8", "replace")), backup=False)
    return place


# ---------------------------------------------------------------- taking over


class _Coming:
    """The manager's workbook while changes come into it."""

    def __init__(self, book: FileWorkbook, team: Team, report: MergeReport) -> None:
        self.book, self.team, self.report, self.lang = book, team, report, report.lang
        self._expected: dict[str, set[frozenset[tuple[str, object]]]] = defaultdict(set)
        """New id -> what files say of it, each version once."""
        self._known = {i for i in team.ids("Customers") if i}
        self._new: dict[str, list[dict[str, object]]] = defaultdict(list)
        self._had = {name: len(data.rows) for name, data in team.tables.items()}
        self._calculated: dict[str, set[str]] = {}
        self._file = FileReport("")

    def expect(self, returned: Returned) -> None:
        """Note the new customers of a file, before any is taken."""
        columns, ids = returned.columns.get("Customers", []), returned.customer_ids("Customers")
        for i, row in zip(ids, returned.rows.get("Customers", []), strict=True):
            if i and i not in returned.ids:
                said = ((k, comparable(c)) for k, c in zip(columns, row, strict=True) if c is not None)
                self._expected[i].add(frozenset(pair for pair in said if pair[0] not in FACT_COLUMNS))

    def take(self, returned: Returned, done: FileReport) -> None:
        """The changes of a file."""
        self._file = done
        customers = self.team.tables["Customers"]
        rows = [i for i, c in enumerate(self.team.ids("Customers")) if c and c in returned.ids]
        owners = {text_of(c) for c in customers.column("owner")} - {""}
        masks = Masks(self.team, rows, bool(returned.record["masked"]), owners | {str(returned.record["owner"])})
        for name in returned.gone_tables:
            self._list(name, "", "", "table_gone")
        for name, column in returned.gone_columns:
            self._list(name, "", self._header(name, column), "column_gone")
        for name in returned.changed_rules:
            self._list(name, "", "", "rules_changed" if name else "settings_changed")
        refused: set[str] = set()
        added: set[str] = set()
        if "Customers" in returned.rows:
            self._own_columns(returned, "Customers")
            added, refused = self._customers(returned, rows, masks)
        for name in MERGED[1:]:
            if name in returned.rows and name in self.team.tables:
                self._own_columns(returned, name)
                self._rows(returned, name, masks, added, refused)

    def _own_columns(self, returned: Returned, name: str) -> None:
        """Columns that the file was not given, with something in them."""
        data = returned.tables[name]
        given = set(returned.record["tables"][name]["columns"])
        keys = {index: key for key, index in data.fields.items()}
        for index, header in enumerate(data.headers):
            key = keys.get(index, header)
            result = index in keys and is_result(name, key)
            if key in given or result or not any(row[index] not in (None, "") for row in data.rows[: data.used]):
                continue
            if index not in keys:
                self._list(name, "", header, "own_column")

    # ------------------------------------------------------------ customers

    def _customers(self, returned: Returned, rows: Sequence[int], masks: Masks) -> tuple[set[str], set[str]]:
        """Edits by id and field, and new customers. Returns the ids added and those refused."""
        columns = returned.columns["Customers"]
        view = self._view(returned, "Customers", rows, masks)
        before, after = returned.before["Customers"], returned.rows["Customers"]
        old, new = _by_id(returned.ids_before("Customers")), _by_id(returned.customer_ids("Customers"))
        here = _by_id(normal_ids([self.team.tables["Customers"].rows[i][self._id_column] for i in rows]).tolist())
        facts: dict[str, list[Cell]] | None = None
        gone: dict[str, str] = {}
        for i, places in old.items():
            now = new.get(i, [])
            if len(places) > 1 or len(now) > 1 or len(here.get(i, ())) > 1 or not i:
                if _marks(before[p] for p in places) != _marks(after[p] for p in now):
                    self._list("Customers", i, "", "same_id_twice" if i else "no_id")
                continue
            if not now:
                name = _cell(before[places[0]], columns, "customer_name")
                gone[text_of(name)] = i
                continue
            was, row = before[places[0]], after[now[0]]
            changed = [at for at in range(len(columns)) if not self._equal("Customers", columns[at], was[at], row[at])]
            if changed and i not in here:
                self._list("Customers", i, "", "customer_gone")
                continue
            for at in changed:
                key = columns[at]
                if key in FACT_COLUMNS:
                    facts = returned.refreshed_facts() if facts is None else facts
                    if key in facts and same(facts[key][self._row_in(returned, i)], row[at]):
                        continue
                self._cell(returned, "Customers", i, view, here[i][0], at, was[at], row[at], now[0])
        added, refused, renamed = self._new_customers(returned, new, gone)
        for name, i in gone.items():
            if i not in renamed:
                self._list("Customers", i, "", "customer_deleted", before=name)
        return added, refused

    @property
    def _id_column(self) -> int:
        return self.team.tables["Customers"].fields["customer_id"]

    def _row_in(self, returned: Returned, customer: str) -> int:
        """The row of a customer in the file's own table."""
        found: list[str] = normal_ids(returned.tables["Customers"].column("customer_id")).tolist()
        return found.index(customer)

    def _new_customers(
        self, returned: Returned, new: Mapping[str, Sequence[int]], gone: Mapping[str, str]
    ) -> tuple[set[str], set[str], set[str]]:
        columns, after = returned.columns["Customers"], returned.rows["Customers"]
        there = {i: at for at, i in reversed(list(enumerate(self.team.ids("Customers")))) if i}
        added: set[str] = set()
        refused: set[str] = set()
        renamed: set[str] = set()
        for i, places in new.items():
            if i in returned.ids:
                continue
            name = text_of(_cell(after[places[0]], columns, "customer_name"))
            if not i:
                for _ in places if not _by_id(returned.ids_before("Customers")).get("") else ():
                    self._list("Customers", "", "", "no_id", owner=name)
                continue
            if len(places) > 1:
                self._list("Customers", i, "", "same_id_twice", owner=name)
                refused.add(i)
            elif name and name in gone:
                self._list(
                    "Customers", gone[name], CUSTOMERS.field("customer_id").header(self.lang), "id_changed", owner=i
                )
                refused.add(i)
                renamed.add(gone[name])
            elif i not in self._known and len(self._expected[i]) > 1:
                self._list("Customers", i, "", "id_in_two_files", owner=name)
                refused.add(i)
            elif i in there:
                self._known_customer(returned, i, there[i], places[0], name, added, refused)
            else:
                self._append(returned, "Customers", i, places[0])
                self._file.customers += 1
                added.add(i)
        return added, refused, renamed

    def _known_customer(
        self, returned: Returned, i: str, place: int, row: int, name: str, added: set[str], refused: set[str]
    ) -> None:
        """A new customer whose id the book has: the same one, as after an earlier merge, or another."""
        data = self.team.tables["Customers"]
        mine = text_of(data.rows[place][data.fields["customer_name"]]) if "customer_name" in data.fields else ""
        if normal_name(mine) != normal_name(name):
            self._list("Customers", i, "", "id_taken", manager=mine, owner=name)
            refused.add(i)
            return
        added.add(i)
        columns = returned.columns["Customers"]
        view = self._view(returned, "Customers", [place], None)
        for at, key in enumerate(columns):
            cell = returned.rows["Customers"][row][at]
            if cell is not None and key != "customer_id" and key not in FACT_COLUMNS:
                self._cell(returned, "Customers", i, view, 0, at, None, cell, row)

    # ------------------------------------------------------------ rows without a key

    def _rows(self, returned: Returned, name: str, masks: Masks, added: set[str], refused: set[str]) -> None:
        columns, before, after = returned.columns[name], returned.before[name], returned.rows[name]
        made = returned.made[name]
        ids = returned.customer_ids(name)
        became = paired(name, columns, [*before, *made], after)
        places = self.team.rows_of(name, returned.ids | added, returned.key)
        view = self._view(returned, name, places, masks)
        mine = paired(name, columns, before, view.told)
        taken = set(mine.values())
        free = [j for j in range(len(places)) if j not in taken]
        for i, was in enumerate(before):
            customer = _customer(columns, was)
            now = became.get(i)
            if now is None:
                if i in mine:
                    self._list(name, customer, "", "row_deleted", before=self._line(name, columns, was))
                continue
            row = after[now]
            changed = [at for at in range(len(columns)) if not self._equal(name, columns[at], was[at], row[at])]
            if changed and i not in mine:
                if any(_marks([view.told[j]]) == _marks([row]) for j in free):
                    continue
                self._list(
                    name,
                    customer,
                    "",
                    "row_gone",
                    before=self._line(name, columns, was),
                    owner=self._line(name, columns, row),
                )
                continue
            for at in changed:
                self._cell(returned, name, customer, view, mine[i], at, was[at], row[at], now)
        waiting: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for j in free:
            waiting[tuple(map(comparable, view.told[j]))].append(j)
        proposed = {_proposal(columns, view.told[j]): j for j in free} if name == "Tasks" else {}
        origins = {j: i for i, j in became.items()}
        everywhere: Counter[tuple[object, ...]] = Counter()
        if name == "Tasks":  # one without a customer may be for a colleague
            everywhere = _marks(self._view(returned, name, range(len(self.team.tables[name].rows)), None).told)
        for now, row in enumerate(after):
            origin = origins.get(now)
            if origin is not None and (origin < len(before) or _marks([made[origin - len(before)]]) == _marks([row])):
                continue
            mark = tuple(map(comparable, row))
            customer = ids[now]
            if waiting[mark]:
                waiting[mark].pop()
                continue
            if not customer and mark in everywhere:
                continue
            there = proposed.get(_proposal(columns, row)) if name == "Tasks" and _proposal(columns, row) else None
            if there is not None:
                base = made[origin - len(before)] if origin is not None else view.told[there]
                for at in range(len(columns)):
                    if not same(base[at], row[at]):
                        self._cell(returned, name, customer, view, there, at, base[at], row[at], now)
            elif name in LINES and customer and customer not in returned.ids | added:
                self._list(name, customer, "", "not_theirs", owner=self._line(name, columns, row))
            elif name in LINES and name != "Tasks" and not customer:
                self._list(name, "", "", "no_id", owner=self._line(name, columns, row))
            elif name in ("Targets", "Reviews") and not self._is_about(returned, name, row):
                self._list(name, "", "", "not_theirs", owner=self._line(name, columns, row))
            else:
                self._append(returned, name, customer, now)
                self._file.lines += 1

    def _is_about(self, returned: Returned, name: str, row: Sequence[Cell]) -> bool:
        """Whether a goal is the owner's own."""
        return normal_name(text_of(_cell(row, returned.columns[name], "scope"))) == returned.key

    # ------------------------------------------------------------ cells

    def _equal(self, table: str, key: str, one: Cell, other: Cell) -> bool:
        if same(one, other):
            return True
        kinds = {f.key: f.kind for f in TABLES[table].fields}
        # a program may have made a number of an id or phone
        return kinds.get(key) in ("id", "phone") and text_of(one) == text_of(other)

    def _cell(
        self, returned: Returned, table: str, customer: str, view: _View, at_row: int, at: int, was: Cell, now: Cell,
        source: int,
    ) -> None:  # fmt: skip
        """A cell that the owner changed: taken over where the manager's says what was handed out."""
        key = returned.columns[table][at]
        data = self.team.tables[table]
        header = view.headers[at]
        if header is None:
            self._list(table, customer, self._header(table, key), "no_column", was, None, now)
            return
        mine = view.told[at_row][at]
        column, row = data.headers.index(header), view.places[at_row]
        if self._equal(table, key, mine, now):
            return
        actual = data.rows[row][column]
        raw = returned.raw[table][source][at]
        cell = data.cell(row, column)
        if not self._equal(table, key, mine, was):
            self._list(table, customer, header, "both_changed", was, actual, now, cell)
        elif self._in_book(table, row) and self.book.holds_formula(table, row, header):
            self._list(table, customer, header, "formula", was, actual, now, cell)
        elif isinstance(raw, CellError):
            self._list(table, customer, header, "error_value", was, actual, now, cell)
        elif (at_row, at) in view.hidden and "*" in str(now):
            self._list(table, customer, header, "masked", was, actual, now, cell)
        else:
            value = self._converted(returned, table, key, raw)
            if self._in_book(table, row):
                self.book.write_cell(table, row, header, value)
            else:
                self._new[table][row - self._had[table]][key if key in data.fields else header] = value
            before = self._told(table, key, actual)
            data.rows[row][column] = value
            view.told[at_row][at] = now
            view.hidden.discard((at_row, at))
            self._file.cells += 1
            self.report.changes.append(
                Change(self._file.file, table, customer, header, self._told(table, key, was), before,
                       self._told(table, key, now), f"{data.sheet}!{cell}")
            )  # fmt: skip

    def _in_book(self, table: str, row: int) -> bool:
        return row < self._had[table]

    def _converted(self, returned: Returned, table: str, key: str, raw: object) -> object:
        """A value of the file in the unit of the manager's column; a day as a day."""
        data, theirs = self.team.tables[table], returned.tables[table]
        kinds = {f.key: f.kind for f in TABLES[table].fields}
        if key in theirs.fields and key in data.fields:
            raw = in_unit([raw], factor(theirs, data, key, self.team.unit))[0]
            if kinds[key] == "date" and isinstance(raw, (int, float)) and not isinstance(raw, bool):
                raw = day_of(raw)
        return None if raw == "" else raw

    def _append(self, returned: Returned, table: str, customer: str, source: int) -> None:
        """A new row behind the manager's."""
        data, columns = self.team.tables[table], returned.columns[table]
        line: list[object] = [None] * len(data.headers)
        given: dict[str, object] = {}
        for at, key in enumerate(columns):
            index = data.fields.get(key, data.headers.index(key) if key in data.headers else None)
            raw = returned.raw[table][source][at]
            if raw is None or raw == "":
                continue
            if index is None or isinstance(raw, CellError):
                why = "no_column" if index is None else "error_value"
                self._list(table, customer, self._header(table, key), why, owner=self._told(table, key, told(raw)))
                continue
            given[key] = line[index] = self._converted(returned, table, key, raw)
        data.rows.append(line)
        self._new[table].append(given)
        cells = {data.headers[i]: c for i, c in enumerate(line) if c is not None}
        self.report.added.append(
            {"file": self._file.file, "table": table, "customer": customer,
             "cells": {h: shown(c) for h, c in cells.items()}}
        )  # fmt: skip

    def add_rows(self) -> None:
        """The new rows of all files, each table in one go."""
        for table, rows in self._new.items():
            data = self.team.tables[table]
            keys = [k for k in data.fields if any(k in row for row in rows)]
            self.book.append_rows(table, {key: [row.get(key) for row in rows] for key in keys})
            calculated = set(column_formulas(self.book.package.read(self.book.place_of(table).part)))
            for n, row in enumerate(rows):
                for header in row.keys() - data.fields.keys() - calculated:
                    self.book.write_cell(table, self._had[table] + n, header, row[header])

    # ------------------------------------------------------------ views and lines

    def _view(self, returned: Returned, name: str, rows: Sequence[int], masks: Masks | None) -> _View:
        """The manager's rows in the columns and units of the record, masked as they were handed out."""
        data, theirs = self.team.tables[name], returned.tables[name]
        if masks is None:
            keys = {index: key for key, index in data.fields.items()}
            used = range(len(data.headers))
            share = Share([keys.get(i, data.headers[i]) for i in used], list(data.headers),
                          [list(data.rows[r]) for r in rows], list(rows))  # fmt: skip
        else:
            share = self.team.share(name, rows, masks)
        places = {key: i for i, key in reversed(list(enumerate(share.columns)))}
        at = [places.get(key) for key in returned.columns[name]]
        units = [
            factor(data, theirs, key, self.team.unit) if key in data.fields and key in theirs.fields else 1.0
            for key in returned.columns[name]
        ]
        lines = [
            [None if i is None else told(in_unit([row[i]], unit)[0]) for i, unit in zip(at, units, strict=True)]
            for row in share.rows
        ]
        hidden = {(n, column) for n, i in share.hidden for column, index in enumerate(at) if index == i}
        headers = [None if i is None else share.headers[i] for i in at]
        return _View(headers, lines, list(rows), hidden)

    def _header(self, table: str, key: str) -> str:
        fields = {f.key: f for f in TABLES[table].fields}
        return fields[key].header(self.lang, self.team.unit if table == "Customers" else None) if key in fields else key

    def _told(self, table: str, key: str, cell: object) -> str:
        """A cell in a report: days as 2024-06-30, also where a record holds their number."""
        kinds = {f.key: f.kind for f in TABLES[table].fields} if table else {}
        if kinds.get(key) == "date" and isinstance(cell, (int, float)) and not isinstance(cell, bool):
            cell = day_of(cell)
        return "" if cell is None else shown(cell)

    def _line(self, table: str, columns: Sequence[str], row: Sequence[Cell]) -> str:
        """A row in a report."""
        return " · ".join(self._told(table, k, c) for k, c in zip(columns, row, strict=True) if c is not None)

    def _list(
        self, table: str, customer: str, column: str, reason: str, before: Cell = None, manager: object = None,
        owner: Cell = None, cell: str = "",
    ) -> None:  # fmt: skip
        """Something that is not taken over."""
        self._file.listed += 1
        fields = TABLES[table].fields if table else ()
        key = next((f.key for f in fields if f.header(self.lang, self.team.unit) == column), column)
        data = self.team.tables.get(table)
        place = f"{data.sheet}!{cell}" if data is not None and cell else ""
        was, mine, now = (self._told(table, key, v) for v in (before, manager, owner))
        self.report.listed.append(
            Change(
                self._file.file, table, customer, column, was, mine, now, place, reason, reason_text(reason, self.lang)
            )
        )


@dataclass(slots=True)
class _View:
    """Rows of the manager as an owner sees them. `headers`: the manager's, None for a column that he does not have;
    `told`: cells as a record keeps them; `places`: rows of the manager's table; `hidden`: masked cells."""

    headers: list[str | None]
    told: list[list[Cell]]
    places: list[int]
    hidden: set[tuple[int, int]]


def _by_id(ids: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, i in enumerate(ids):
        found[i].append(at)
    return dict(found)


def _marks(rows: Iterable[Sequence[Cell]]) -> Counter[tuple[object, ...]]:
    return Counter(tuple(map(comparable, row)) for row in rows)


def _cell(row: Sequence[Cell], columns: Sequence[str], key: str) -> Cell:
    return row[columns.index(key)] if key in columns else None


def _customer(columns: Sequence[str], row: Sequence[Cell]) -> str:
    return text_of(_cell(row, columns, "customer_id"))


def _proposal(columns: Sequence[str], row: Sequence[Cell]) -> tuple[str, str] | None:
    """Whom a proposed task is about and where it comes from; None for a task that somebody typed."""
    source = text_of(_cell(row, columns, "proposed_for"))
    return (_customer(columns, row), source) if source else None
