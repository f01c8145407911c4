"""A workbook that `split` handed out, as it came back."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.errors import CrmXlError, Refused
from crm_xl.sheet_values import file_bytes
from crm_xl.vocabulary.care_tables import HANDED_OUT
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.tables import TABLES
from crm_xl.workbook.encryption import decrypted, is_encrypted
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.protocol import TableData
from crm_xl.workbook.saving import open_in_excel

from .analyse import FACT_COLUMNS, analyse_inputs
from .handing_out import Cell, Team, rules_of, told, unpacked
from .opening import book_date, book_unit, customer_table, detect_lang, in_unit, read_inputs, text_of, unit_factor

_ENOUGH = 0.5
"""Share of the customers handed out that a book knows if the file is from it."""


def open_returned(path: Path, password: str | None, team: Team) -> Returned:
    """A file that came back. Errors: those of opening and reading tables; Refused open_in_excel; password_needed,
    wrong_password, merge_no_record, merge_record_damaged, merge_other_book."""
    if open_in_excel(path):
        raise Refused("open_in_excel", path=path)
    data = file_bytes(path)
    if is_encrypted(data):
        if password is None:
            raise CrmXlError("password_needed", path=path)
        data = decrypted(data, password, path)
    book = FileWorkbook(path, data=data)
    if not book.has_table(HANDED_OUT.name):
        raise CrmXlError("merge_no_record", path=path)
    record = unpacked(book.read_table(HANDED_OUT.name).column(HANDED_OUT.fields[0].key), path)
    returned = Returned(path, book, record)
    returned.refuse_other_book(team)
    return returned


class Returned:
    """A file of an owner with what it was given.

    `tables`: name -> its data; `rows`: name -> its rows as a record keeps them, in the columns of the record (None for
    a column that is gone).
    """

    def __init__(self, path: Path, book: FileWorkbook, record: Mapping[str, Any]) -> None:
        self.path, self.book, self.record = path, book, record
        self.lang = detect_lang(book)
        self.key: str = str(record["key"])
        self.columns: dict[str, list[str]] = {}
        self.before: dict[str, list[list[Cell]]] = {}
        self.made: dict[str, list[list[Cell]]] = {}
        self.tables: dict[str, TableData] = {}
        self.rows: dict[str, list[list[Cell]]] = {}
        self.raw: dict[str, list[list[object]]] = {}
        self.gone_columns: list[tuple[str, str]] = []
        self.gone_tables: list[str] = []
        for name, given in record["tables"].items():
            if not book.has_table(name):
                self.gone_tables.append(name)
                continue
            self._read(name, given)
        self.ids = {i for i in self.ids_before("Customers") if i}
        """The customers that it was given."""
        self.changed_rules = [name for name, d in rules_of(book).items() if record["rules"].get(name, d) != d]
        """Tables of rules that say something else now; '' for the settings."""

    def _read(self, name: str, given: Mapping[str, Any]) -> None:
        data = customer_table(self.book) if name == "Customers" else self.book.read_table(name)
        headers = {header: i for i, header in reversed(list(enumerate(data.headers)))}
        fields = {f.key for f in TABLES[name].fields}
        at = [data.fields.get(c) if c in fields else headers.get(c) for c in given["columns"]]
        kept = [n for n, index in enumerate(at) if index is not None]
        self.gone_columns += [(name, given["columns"][n]) for n, index in enumerate(at) if index is None]
        self.tables[name] = data
        self.columns[name] = [given["columns"][n] for n in kept]
        self.before[name] = [[row[n] for n in kept] for row in given["rows"]]
        self.made[name] = [[row[n] for n in kept] for row in given["made"]]
        used = [index for index in at if index is not None]
        lines = [[row[i] for i in used] for row in data.rows[: data.used]]
        lines = [line for line in lines if any(c is not None and c != "" for c in line)]
        self.raw[name] = lines
        self.rows[name] = [[told(c) for c in line] for line in lines]

    def _ids(self, name: str, rows: Mapping[str, Sequence[Sequence[Cell]]]) -> list[str]:
        columns = self.columns.get(name, [])
        if "customer_id" not in columns:
            return [""] * len(rows.get(name, ()))
        at = columns.index("customer_id")
        found: list[str] = normal_ids([row[at] for row in rows[name]]).tolist()
        return found

    def ids_before(self, name: str) -> list[str]:
        """The customer of each row that was handed out."""
        return self._ids(name, self.before)

    def customer_ids(self, name: str) -> list[str]:
        """The customer of each row as it came back."""
        return self._ids(name, self.rows) if name in self.rows else []

    def refuse_other_book(self, team: Team) -> None:
        """Error: merge_other_book, unless the book knows enough of the customers handed out, by id and name."""
        customers = team.tables["Customers"]
        known: dict[str, set[str]] = defaultdict(set)
        for i, name in zip(team.ids("Customers"), customers.column("customer_name"), strict=True):
            known[i].add(text_of(name))
        columns = self.columns.get("Customers", [])
        if not self.ids or "customer_name" not in columns:
            return
        at = columns.index("customer_name")
        pairs = list(zip(self.ids_before("Customers"), self.before["Customers"], strict=True))
        same_ones = sum(
            i in known and ("*" in str(row[at]) or text_of(row[at]) in known[i]) for i, row in pairs if i
        )  # fmt: skip
        if same_ones < _ENOUGH * sum(bool(i) for i, _ in pairs):
            raise CrmXlError("merge_other_book", path=self.path, book=str(self.record["book"]))

    def refreshed_facts(self) -> dict[str, list[Cell]]:
        """What a refresh of the file makes of the facts that it was given, row by row of the customers as they came
        back: figures that nobody typed."""
        data, columns = self.tables["Customers"], self.columns["Customers"]
        keys = [k for k in FACT_COLUMNS if k in columns]
        old = dict(zip(self.ids_before("Customers"), self.before["Customers"], strict=True))
        day = book_date(self.book)
        if day is None or not keys:
            return {}
        lines = [list(row) for row in data.rows]
        ids = normal_ids(data.column("customer_id")).tolist()
        for line, i in zip(lines, ids, strict=True):
            for key in keys if i in old else ():
                line[data.fields[key]] = old[i][columns.index(key)]
        given = TableData(
            data.name,
            data.sheet,
            data.headers,
            lines,
            data.first,
            data.left,
            data.fields,
            data.units,
            data.uncalculated,
        )
        for key in keys:  # dates are kept as numbers in a record
            if CUSTOMERS.field(key).kind == "date":
                for line in lines:
                    cell = line[data.fields[key]]
                    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                        line[data.fields[key]] = day_of(cell)
        try:
            inputs = read_inputs(self.book, given, self.lang, day)
        except CrmXlError:  # what he did to rules or logs: then all figures count as typed
            return {}
        outcome = analyse_inputs(inputs, day, frozenset())
        unit = book_unit(data)
        return {key: [told(c) for c in in_unit(outcome.columns[key], 1 / unit_factor(data, key, unit))] for key in keys}


def day_of(serial: float) -> object:
    """The day of a serial number; the number itself where there is no such day."""
    try:
        return dt.datetime(1899, 12, 30) + dt.timedelta(days=float(serial))
    except OverflowError:
        return serial
