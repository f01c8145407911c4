"""What of a manager's workbook is one owner's: the rows, with others' customers masked, and the record of them.

Used when the rows are handed out, and again when they come back: the manager's cell is then compared with what was
handed out in the same form, masked as it was.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import math
import re
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_xl.analysis.cleaning import normal_ids, number_or_day_text
from crm_xl.analysis.contact_data import Mentions, masked, names_in, phones_in, plain_phone, scrubbed, without_phones
from crm_xl.analysis.masking import mask as mask_text
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.vocabulary.fields import UNIT_FACTOR, Lang, Unit, split_unit
from crm_xl.vocabulary.settings import NAMES
from crm_xl.vocabulary.tables import TABLES
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.protocol import TableData

from .export import MASK_KINDS, is_person, normal_name, own_kind
from .opening import book_unit, is_number, text_of

LINES = ("Orders", "Interactions", "Complaints", "Surveys", "Needs", "Loyalty", "Tasks")
"""Tables with a customer in each row."""
GOALS = ("Targets", "Reviews")
"""Tables whose rows say whom they are about: those about the owner are his."""
SHARED = ("Improvements",)
"""Tables that everybody works on."""
MERGED = ("Customers", *LINES, *GOALS, *SHARED)
"""Tables whose changes come back."""
MASKED_KINDS = {key: kind for key, kind in MASK_KINDS.items() if key != "owner"}
_SHORTEST_PHONE = 7
_SHORTEST_NUMBER = 5
"""Digits of an id without letters that a text is searched for: 2024 and 1000 are mostly years and amounts."""
_SEVERAL = re.compile(r"[;；,，、/|\s]+")
_HIDDEN = "****"
_CHUNK = 30_000
"""Characters in a cell: Excel takes 32,767."""
_LARGEST_RECORD = 256 * 1024 * 1024
_LARGEST_NUMBER = 1e300
FORMAT = "crm-xl split 1"

Cell = None | bool | float | str


# ---------------------------------------------------------------- cells


def told(cell: object) -> Cell:
    """A cell as a record keeps it: dates as serial numbers, whatever format they are shown in."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.datetime):
        return (cell - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    if isinstance(cell, dt.time):
        return (cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6) / 86_400
    if isinstance(cell, dt.timedelta):
        return cell / dt.timedelta(days=1)
    if isinstance(cell, (bool, int, float)):
        return cell
    return str(cell).replace("\r\n", "\n").replace("\r", "\n")


def same(one: Cell, other: Cell) -> bool:
    """Whether two cells of records say the same: numbers up to what programs lose in saving them."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other


def comparable(cell: Cell) -> object:
    """A key that is equal where `same` is true, but for numbers on the edge of what programs lose."""
    if isinstance(cell, bool):
        return ("bool", cell)
    return float(f"{cell:.12g}") if isinstance(cell, (int, float)) else cell


# ---------------------------------------------------------------- a team's tables


@dataclass(slots=True)
class Share:
    """Rows of a table that go to one owner.

    `columns`: field key, or the header of a column of the user's own; `headers`: those in the manager's workbook;
    `places`: rows in the manager's table; `hidden`: cells (row here, column here) that are masked.
    """

    columns: list[str]
    headers: list[str]
    rows: list[list[object]]
    places: list[int]
    hidden: set[tuple[int, int]] = field(default_factory=set)


class Team:
    """The manager's tables, as they stand or as they are while changes come back into them."""

    def __init__(self, book: FileWorkbook, customers: TableData, lang: Lang) -> None:
        self.book, self.lang, self.unit = book, lang, book_unit(customers)
        self.tables: dict[str, TableData] = {"Customers": customers}
        for name in (*MERGED, "History", "Known", "Proposed"):
            if name not in self.tables and book.has_table(name):
                self.tables[name] = book.read_table(name)
        for data in self.tables.values():  # changes come into them; the rows may be what the book holds as stored
            data.rows = [list(row) for row in data.rows[: data.used]]

    def ids(self, name: str) -> list[str]:
        """The customer of each row of a table, '' for none."""
        data = self.tables[name]
        found: list[str] = normal_ids(data.column("customer_id")).tolist()
        return found

    def rows_of(self, name: str, ids: Collection[str], owner: str) -> list[int]:
        """The rows of a table that belong to these customers, or to the owner himself."""
        data = self.tables[name]
        if name in SHARED:
            return list(range(len(data.rows)))
        if name in GOALS:
            return [i for i, cell in enumerate(data.column("scope")) if owner and normal_name(text_of(cell)) == owner]
        found = self.ids(name)
        if name == "Proposed":  # those without a customer are reviews, and end with whom they are about
            sources = [normal_name(text_of(c)) for c in data.column("proposed_for")]
            return [
                i for i, c in enumerate(found) if c in ids or (owner and not c and sources[i].endswith(f":{owner}"))
            ]
        if name == "Tasks":
            owners = [normal_name(text_of(c)) for c in data.column("owner")]
            return [i for i, c in enumerate(found) if c in ids or (owner and not c and owners[i] == owner)]
        return [i for i, c in enumerate(found) if c and c in ids]

    def share(self, name: str, rows: Sequence[int], masks: Masks) -> Share:
        """These rows as they are handed out: without results, with what others' customers are masked."""
        data = self.tables[name]
        keys = {index: key for key, index in data.fields.items()}
        used = [i for i in range(len(data.headers)) if not _made_anew(name, keys.get(i, ""))]
        share = Share([keys.get(i, data.headers[i]) for i in used], [data.headers[i] for i in used], [], list(rows))
        for n, row in enumerate(rows):
            given = [masks.cell(name, keys.get(i, ""), data.headers[i], data.rows[row][i], row) for i in used]
            share.hidden |= {
                (n, at) for at, i in enumerate(used) if given[at] is not data.rows[row][i] and given[at] != data.rows[row][i]
            }  # fmt: skip
            share.rows.append(given)
        return share


def _made_anew(name: str, key: str) -> bool:
    """Whether a refresh fills a column; of weekly reviews, only this week's figures."""
    return bool(key) and name != "Reviews" and TABLES[name].field(key).group == "result"


def is_result(name: str, key: str) -> bool:
    """Whether a field holds what an analysis found."""
    return any(f.key == key and f.group == "result" for f in TABLES[name].fields)


def factor(source: TableData, target: TableData, key: str, unit: Unit) -> float:
    """By what an amount is multiplied on its way from one workbook's column into another's. `unit`: that of customer
    amounts in both."""
    return _unit_of(source, key, unit) / _unit_of(target, key, unit)


def _unit_of(data: TableData, key: str, unit: Unit) -> float:
    if key not in data.units or key not in data.fields:
        return 1.0
    default = unit if data.name == "Customers" else data.units[key]
    return UNIT_FACTOR[split_unit(data.headers[data.fields[key]])[1] or default]


# ---------------------------------------------------------------- masks


class Masks:
    """What is hidden in the workbook of one owner, and what is searched for in it at the end.

    Hidden wherever a text mentions them: names, phones, e-mail addresses and ids of customers whom the owner does not
    have. An id counts if it has a letter and a digit (C001) or five digits; shorter numbers are mostly amounts and
    years. What the owner's own customers are called, too, stays: both know it. So does a choice (a product) that is
    spelt as somebody's id, and a label of the rules that is spelt as a name. With `contacts`, contact data of the owner's own customers are hidden as well.
    """

    def __init__(self, team: Team, own_rows: Sequence[int], contacts: bool, owners: Iterable[str]) -> None:
        customers = team.tables["Customers"]
        self._contacts = contacts
        columns = {
            key: [text_of(c) for c in customers.column(key)]
            for key in ("customer_id", "customer_name", "phone", "email", "contact", "customer_type", "address")
        }
        self._columns = columns
        own = set(own_rows)
        others = [i for i in range(len(customers.rows)) if i not in own]
        self.ids = {i for i in normal_ids([columns["customer_id"][r] for r in own_rows]).tolist() if i}
        stays = {
            *owners,
            *(columns["customer_name"][i] for i in own),
            *(columns["customer_id"][i] for i in own),
            *self.ids,
        }
        for i in own:
            stays |= _parts(columns, i)
        if "Orders" in team.tables:
            ids = team.ids("Orders")
            stays |= {
                text_of(c) for c, i in zip(team.tables["Orders"].column("order_no"), ids, strict=True) if i in self.ids
            }
        self._own_names = {columns["customer_name"][i] for i in own}
        self.searched: dict[str, str] = {}
        """What must not be in the file -> what stands for it."""
        self.phones: set[str] = set()
        """The digits of phones among it."""
        for i in others:
            self._hide(columns, i)
        shared = {text for text in self.searched if text in stays}
        for text in shared:
            del self.searched[text]
        self.phones -= {plain_phone(text) for text in shared}
        self.stays = {s for s in stays if s}
        hidden = dict(self.searched)
        if contacts:
            hidden |= dict(self._own_contacts(own))
            self.stays -= hidden.keys()
        self._mentions = Mentions(hidden, self.stays)
        self._others = Mentions(self.searched, self.stays)
        self._known: dict[str, str] = {}

    def _hide(self, columns: Mapping[str, Sequence[str]], row: int) -> None:
        name, phone, email = (columns[key][row] for key in ("customer_name", "phone", "email"))
        given = columns["customer_id"][row]
        if len(name) > 1:
            self.searched.setdefault(name, _instead(name, mask_text(name)))
        for part in {phone, *_SEVERAL.split(phone)}:
            digits = plain_phone(part)
            if len(digits) >= _SHORTEST_PHONE:
                self.phones.add(digits)
                for text in {part, digits}:
                    self.searched.setdefault(text, _instead(text, masked(text, "phone")))
        if "@" in email:
            self.searched.setdefault(email, _instead(email, masked(email, "email")))
        if is_telling(given):
            self.searched.setdefault(given, _HIDDEN)

    def _own_contacts(self, own: Iterable[int]) -> Iterable[tuple[str, str]]:
        for i in own:
            for name in names_in(self._columns["contact"][i]):
                if name not in self._own_names or self._person(i):
                    yield name, masked(name, "name")
            for key in ("phone", "email"):
                yield self._columns[key][i], masked(self._columns[key][i], key)
            if self._person(i):
                yield self._columns["customer_name"][i], masked(self._columns["customer_name"][i], "name")

    def _person(self, row: int) -> bool:
        columns = self._columns
        return is_person(columns["customer_name"][row], columns["customer_type"][row], columns["contact"][row])

    def mentions(self, cell: object) -> bool:
        """Whether a cell mentions a customer whom the owner does not have."""
        text = text_of(cell) if isinstance(cell, str) or is_number(cell) else ""
        return bool(text and (self._others.mentioned(text) or not self.phones.isdisjoint(phones_in(text))))

    def cell(self, table: str, key: str, header: str, cell: object, row: int) -> object:
        """A cell as it is handed out; the very cell if nothing in it is hidden."""
        if cell is None or isinstance(cell, (bool, CellError)) or not (isinstance(cell, str) or is_number(cell)):
            return cell
        definition = TABLES[table].field(key) if key else None
        kind = definition.kind if definition else "text"
        if kind == "id" or (
            table == "Customers" and key == "customer_name" and not (self._contacts and self._person(row))
        ):
            return cell
        if self._contacts:
            hidden_as = MASKED_KINDS.get(key, "") if key else own_kind(header)
            if table == "Customers" and key == "customer_name":
                hidden_as = "name"
            if hidden_as and (isinstance(cell, str) or kind == "phone"):
                text = text_of(cell)
                shown = masked(text, hidden_as)
                return cell if shown == text else shown
        if not isinstance(cell, str):
            # a number in a column of numbers is one; elsewhere it may be a phone
            text = number_or_day_text(cell) if kind in ("text", "phone") else ""
            return self.searched.get(text, cell)
        whole = cell.strip()
        if kind in ("choice", "label") and whole in self.searched and (is_telling(whole) or table not in MERGED):
            self.stays.add(whole)  # a product, or a label of the rules
            return cell
        if cell not in self._known:
            shown = without_phones(self._mentions.replaced(cell), self.phones)
            self._known[cell] = scrubbed(shown) if self._contacts else shown
        shown = self._known[cell]
        return cell if shown == cell else shown


def is_telling(given: str) -> bool:
    """Whether an id cannot be taken for an amount or a year: it has a letter and a digit, or five digits."""
    digits = sum(ch.isdigit() for ch in given)
    return digits > 0 and (any(ch.isalpha() for ch in given) or digits >= _SHORTEST_NUMBER)


def _parts(columns: Mapping[str, Sequence[str]], row: int) -> set[str]:
    """Phone, address of e-mail and contact of a customer, each as a whole."""
    phone, names = columns["phone"][row], names_in(columns["contact"][row])
    found = {part for part in _SEVERAL.split(columns["email"][row]) if "@" in part}
    for part in (phone, *_SEVERAL.split(phone)):
        if not any(ch.isalpha() for ch in part):
            found |= {part, plain_phone(part)}
    return found | ({names[0]} if len(names) == 1 else set())


def _instead(text: str, shown: str) -> str:
    return _HIDDEN if text in shown else shown


# ---------------------------------------------------------------- the record


def packed(record: Mapping[str, Any]) -> list[str]:
    """A record as texts for cells."""
    raw = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    text = base64.b64encode(zlib.compress(raw, 9)).decode()
    return [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)]


def unpacked(chunks: Iterable[object], path: object) -> dict[str, Any]:
    """The record in the cells of a file. Errors: merge_no_record, merge_record_damaged."""
    text = "".join(c for c in chunks if isinstance(c, str))
    if not text:
        raise CrmXlError("merge_no_record", path=path)
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(text, validate=True), _LARGEST_RECORD)
        if not unpacker.eof:
            raise ValueError("too large or cut off")
        record = json.loads(raw.decode("utf-8", "surrogatepass"))
        if record["format"] != FORMAT or not all(isinstance(record[key], str) for key in ("owner", "key", "book")):
            raise ValueError("another format")
        if not isinstance(record["rules"], dict) or "Customers" not in record["tables"]:
            raise ValueError("another shape")
        for name, table in record["tables"].items():
            columns = table["columns"]
            if name not in MERGED or len(set(columns)) != len(columns) or not all(isinstance(c, str) for c in columns):
                raise ValueError("another shape")
            for row in (*table["rows"], *table["made"]):
                if not isinstance(row, list) or len(row) != len(columns) or not all(map(_possible, row)):
                    raise ValueError("another shape")
        return dict(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error) as error:
        raise CrmXlError("merge_record_damaged", path=path) from error


def _possible(cell: object) -> bool:
    """Whether a cell can hold this."""
    if isinstance(cell, (int, float)):
        return abs(cell) < _LARGEST_NUMBER
    return cell is None or isinstance(cell, str)


def rules_of(book: FileWorkbook) -> dict[str, str]:
    """A digest of every table of rules in a workbook, whatever the order of its rows, and one of the settings ('')."""
    digests = {}
    for name in book.table_names():
        definition = TABLES.get(name)
        if definition is None or definition.computed or name in MERGED:
            continue
        data = book.read_table(name)
        columns = [at for key, at in data.fields.items() if key != "effective"]  # a refresh fills it
        digests[name] = _digest(str([comparable(told(row[at])) for at in columns]) for row in data.rows[: data.used])
    names = [name for name in NAMES if name != "AsOf" and book.has_name(name)]
    digests[""] = _digest(f"{name}={comparable(told(book.read_name(name)))}" for name in names)
    return digests


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode("utf-8", "replace")).hexdigest()
