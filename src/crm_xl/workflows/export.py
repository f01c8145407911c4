"""Export: customers of a workbook as a list for calling or mailing, .xlsx or .csv, masked if it leaves the house."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from crm_xl.analysis.care import contacts_due
from crm_xl.analysis.cleaning import normal_ids, number_or_day_text
from crm_xl.analysis.contact_data import Mentions, masked, names_in, scrubbed
from crm_xl.analysis.masking import mask as mask_text
from crm_xl.cells import CellError, cell_name
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions.call import today
from crm_xl.vocabulary.export_texts import CONTACT_WORDS, LIST_SHEET
from crm_xl.vocabulary.fields import Lang, find_field, normal_header
from crm_xl.vocabulary.records import CUSTOMERS, INTERACTIONS
from crm_xl.vocabulary.texts import CHOICES, pick
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.list_file import ListColumn, csv_bytes, xlsx_bytes
from crm_xl.workbook.protocol import TableData
from crm_xl.workbook.saving import replace_file

from .label_order import label_order
from .opening import book_date, book_rules, is_number, log_frame, open_book, text_of
from .refresh import check_target

KINDS = (".xlsx", ".csv")
FOR_CALLING = (
    "customer_id", "customer_name", "contact", "position", "phone", "email", "city", "address", "owner", "segment",
    "last_order", "next_contact", "follow_up", "strategy",
)  # fmt: skip
"""The columns of a list when none are named, as far as the book has them."""
MASK_KINDS = {"contact": "name", "owner": "name", "phone": "phone", "email": "email", "address": "address"}
"""Field key -> kind of MASK, for columns that hold contact data and nothing else."""
FREE_TEXT = frozenset({"note", "main_business"})
"""Texts that may mention anybody."""
NEXT_CONTACT = INTERACTIONS.field("next_contact")
_LOG_FIELDS = ("customer_id", "contact_date", NEXT_CONTACT.key)
_COMPANY, _INDIVIDUAL = CHOICES["Customers", "customer_type"]
_HAN = "[\u3400-\u9fff]"
_PERSON = re.compile(f"{_HAN}{{2,3}}|{_HAN}+(?:·{_HAN}+)+")
_FOUR = re.compile(f"{_HAN}{{4}}")
_SHORT_ADDRESS = 6
"""An address below so many characters is a city or a district: texts may name it."""
_SHORTEST_PHONE = 7
"""Digits."""
_DIGITS_LOST = 1e15
_NAMES_TOLD = 20


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: `rows` customers of `customers`; headers of the columns, and of those in which something was
    masked; `digits_lost`: ids and phones that the workbook holds as numbers too long for Excel."""

    path: str
    out: str
    lang: Lang
    rows: int
    customers: int
    columns: list[str]
    masked: list[str]
    digits_lost: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the customer table, or one that hangs on its rows. `key`: '' for the user's own."""

    key: str
    shown: ListColumn


def export_list(
    path: str | Path,
    out: str | Path,
    *,
    columns: str | None = None,
    segments: Sequence[str] = (),
    owners: Sequence[str] = (),
    mask: bool = False,
    mask_names: bool = False,
    force: bool = False,
) -> ExportReport:
    """Write customers of a workbook, with results as they are stored, to `out` (.xlsx or .csv).

    `columns`: headers or field keys with commas between them; `segments`: exact labels; `owners`: names, whatever
    their case and width. `mask`: persons' names, phones, e-mail addresses, ids and addresses; `mask_names`: that and
    the names of companies. Errors: those of opening; Refused file_kind, export_onto_book, target_exists,
    export_no_columns, export_unknown_column, export_filter_column, rule_unknown_label, wrong_choice; not_calculated,
    export_empty, folder_missing, write_failed.
    """
    target = Path(out)
    _check(Path(path), target, force)
    book, data, lang = open_book(path)
    table = _Customers(book, data, lang)
    chosen = table.columns(columns)
    table.refuse_uncalculated(chosen, segments)
    rows = table.chosen_rows(segments, owners)
    if not len(rows):
        raise CrmXlError("export_empty")
    lost = sum(_digits_lost(c.shown.cells[i]) for c in chosen if c.shown.kind in ("id", "phone") for i in rows)
    texts = [_with_texts(c) for c in chosen]
    plain = [_changed(c, _at(c.shown.cells, rows)) for c in texts]
    changed = _Masking(table, mask_names, texts).columns(rows) if mask or mask_names else plain
    shown = [c.shown for c in changed]
    made = csv_bytes(shown) if target.suffix.lower() == ".csv" else xlsx_bytes(pick(LIST_SHEET, lang), shown)
    replace_file(target, lambda file: file.write(made), backup=False)
    return ExportReport(
        str(path),
        str(target),
        lang,
        len(rows),
        len(table.rows),
        [c.header for c in shown],
        [c.header for c, before in zip(shown, plain, strict=True) if c.cells != before.shown.cells],
        lost,
    )


def _check(path: Path, target: Path, force: bool) -> None:
    if target.suffix.lower() not in KINDS:
        raise Refused("file_kind", path=target, kinds=" ".join(KINDS))
    check_target(target)
    if target.exists():
        if path.exists() and target.samefile(path):
            raise Refused("export_onto_book", path=target)
        if not force:
            raise Refused("target_exists", path=target)


class _Customers:
    """The customer table of a book, column by column. `rows`: those that hold a customer."""

    def __init__(self, book: FileWorkbook, data: TableData, lang: Lang) -> None:
        self.book, self.data, self.lang = book, data, lang
        used = data.used
        self._cells = [cells[:used] for cells in data.columns()]
        self._keys = {index: key for key, index in data.fields.items()}
        ids, names = self.cells("customer_id"), self.cells("customer_name")
        self.rows = [i for i in range(used) if text_of(ids[i]) or text_of(names[i])]

    def cells(self, key: str) -> list[object]:
        """The cells of a field; empty ones where there is no such column."""
        index = self.data.fields.get(key)
        return [None] * (len(self._cells[0]) if self._cells else 0) if index is None else self._cells[index]

    # ------------------------------------------------------------ columns

    def columns(self, wanted: str | None) -> list[_Column]:
        """The columns named, or those for calling. Errors: Refused export_no_columns, export_unknown_column."""
        if wanted is None:
            found = [self._find(key) for key in FOR_CALLING]
            return [c for c in found if c is not None]
        # a Chinese comma divides, too; whatever is quoted is one header
        names = [
            n.strip() for n in next(csv.reader([wanted.replace("，", ",")], skipinitialspace=True), []) if n.strip()
        ]
        if not names:
            raise Refused("export_no_columns")
        chosen: dict[str, _Column] = {}
        for name in names:
            column = self._find(name)
            if column is None:
                raise Refused("export_unknown_column", value=name, near=self._nearest(name))
            chosen.setdefault(column.shown.header, column)
        return list(chosen.values())

    def _find(self, name: str) -> _Column | None:
        """The column with a header, else the field that the name means."""
        known = {normal_header(h): i for i, h in reversed(list(enumerate(self.data.headers)))}
        index = known.get(normal_header(name))
        if index is None and (found := find_field(CUSTOMERS, name)) is not None:
            index = self.data.fields.get(found[0].key)
        if index is not None:
            return self._column(index)
        return self._next_contact() if _means_next_contact(name) else None

    def _column(self, index: int) -> _Column:
        key = self._keys.get(index, "")
        kind = CUSTOMERS.field(key).kind if key else "text"
        return _Column(key, ListColumn(self.data.headers[index], kind, self._cells[index]))

    def _next_contact(self) -> _Column | None:
        """The contact that was agreed last and has not taken place: the user's own column, else from the contacts."""
        for index, header in enumerate(self.data.headers):
            if index not in self._keys and _means_next_contact(header):
                return self._column(index)
        if not self.book.has_table("Interactions"):
            return None
        log = self.book.read_table("Interactions")
        if any(key not in log.fields for key in _LOG_FIELDS):
            return None
        used = log.used
        frame = log_frame({key: log.column(key)[:used] for key in _LOG_FIELDS}, INTERACTIONS, log.units)
        due = contacts_due(frame, book_date(self.book) or today())
        days = [due.get(i) for i in normal_ids(self.cells("customer_id"))]
        cells = [None if d is None else np.datetime64(d, "us").item() for d in days]
        return _Column(NEXT_CONTACT.key, ListColumn(NEXT_CONTACT.header(self.lang), "date", cells))

    def _nearest(self, name: str) -> list[str]:
        near = get_close_matches(normal_header(name), [normal_header(h) for h in self.data.headers], 3, 0.3)
        return [h for n in near for h in self.data.headers if normal_header(h) == n] or self.data.headers[:_NAMES_TOLD]

    def refuse_uncalculated(self, chosen: Sequence[_Column], segments: Sequence[str]) -> None:
        """A result or own column without values would look like empty cells. Error: not_calculated."""
        headers = {c.shown.header for c in chosen}
        data = self.data
        for row, column in sorted(self.book.sheet(data.sheet).uncalculated):
            index = column - data.left
            if not (0 <= index < len(data.headers) and 0 <= row - data.first < data.used):
                continue
            if data.headers[index] in headers or (segments and self._keys.get(index) == "segment"):
                raise CrmXlError("not_calculated", sheet=data.sheet, cell=cell_name(row, column))

    # ------------------------------------------------------------ rows

    def chosen_rows(self, segments: Sequence[str], owners: Sequence[str]) -> list[int]:
        """Rows with one of the segments and one of the owners. Errors: Refused export_filter_column,
        rule_unknown_label, wrong_choice."""
        rows = self.rows
        if segments:
            rows = self._with("segment", segments, str.strip, rows, "rule_unknown_label", self._by_label_order)
        if owners:
            rows = self._with("owner", owners, normal_name, rows, "wrong_choice", sorted)
        return rows

    def _with(
        self,
        key: str,
        wanted: Iterable[str],
        normal: Callable[[str], str],
        rows: list[int],
        unknown: str,
        ordered: Callable[[Iterable[str]], list[str]],
    ) -> list[int]:
        if key not in self.data.fields:
            raise Refused("export_filter_column", field=CUSTOMERS.field(key))
        cells = self.cells(key)
        there = {normal(text_of(cells[i])): text_of(cells[i]) for i in reversed(self.rows)}
        there.pop("", None)
        for value in wanted:
            if normal(value) not in there:
                known = ordered(there.values())
                raise Refused(unknown, value=value, known=known[:_NAMES_TOLD] + ["…"] * (len(known) > _NAMES_TOLD))
        asked = {normal(value) for value in wanted}
        return [i for i in rows if normal(text_of(cells[i])) in asked]

    def _by_label_order(self, labels: Iterable[str]) -> list[str]:
        order = label_order("segment", book_rules(self.book, self.data, self.lang).rules)
        place = {label: i for i, label in enumerate(order)}
        return sorted(labels, key=lambda x: (place.get(x, len(place)), x))


def _means_next_contact(name: str) -> bool:
    found = find_field(INTERACTIONS, name)
    return found is not None and found[0] is NEXT_CONTACT


def normal_name(name: str) -> str:
    """A person's name with case, width and blanks evened out."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _at(cells: Sequence[object], rows: Sequence[int]) -> list[object]:
    return [cells[i] for i in rows]


def _changed(column: _Column, cells: list[object]) -> _Column:
    return replace(column, shown=replace(column.shown, cells=cells))


def _with_texts(column: _Column) -> _Column:
    """Ids and phones as texts, so that nothing loses digits."""
    if column.shown.kind not in ("id", "phone"):
        return column
    return _changed(column, [number_or_day_text(c) if is_number(c) else c for c in column.shown.cells])


def _digits(cell: object) -> int:
    return sum(ch.isdigit() for ch in number_or_day_text(cell))


def _digits_lost(cell: object) -> bool:
    return isinstance(cell, (int, float)) and abs(cell) >= _DIGITS_LOST


# ---------------------------------------------------------------- masking


class _Masking:
    """Contact data of a customer table masked, in its own columns and wherever other cells repeat it.

    A column of contact data is masked as its kind says, one of the user's own by its header. In all other texts phones,
    e-mail addresses and citizens' ids are masked, and the row's own contact; in notes and columns of the user's own everybody
    whom the table knows.
    """

    def __init__(self, table: _Customers, names: bool, chosen: Sequence[_Column]) -> None:
        self._table, self._names, self._chosen = table, names, chosen
        self._contacts = [text_of(c) for c in table.cells("contact")]
        self._customers = [text_of(c) for c in table.cells("customer_name")]
        kinds = [text_of(c) for c in table.cells("customer_type")]
        people = zip(self._customers, kinds, self._contacts, strict=True)
        self._name_kinds = ["name" if is_person(*who) else "company" if names else "" for who in people]
        free = any(not c.key or c.key in FREE_TEXT for c in chosen)
        self._everybody = Mentions(dict(self._known()) if free else {})

    def columns(self, rows: Sequence[int]) -> list[_Column]:
        """The chosen columns with these rows."""
        return [_changed(c, [self._cell(c, c.shown.cells[i], i) for i in rows]) for c in self._chosen]

    def _known(self) -> Iterable[tuple[str, str]]:
        """All contact data of the table -> what stands for it."""
        for key, kind in MASK_KINDS.items():
            for text in {text_of(c) for c in self._table.cells(key)}:
                if key == "address" and len(text) < _SHORT_ADDRESS:
                    continue
                for value in names_in(text) if kind == "name" else [text]:
                    yield value, masked(value, kind)
                digits = re.sub(r"\D", "", text)
                if key == "phone" and len(digits) >= _SHORTEST_PHONE:
                    yield digits, masked(digits, kind)
        for name, kind in set(zip(self._customers, self._name_kinds, strict=True)):
            if kind:
                yield name, masked(name, kind)

    def _cell(self, column: _Column, cell: object, row: int) -> object:
        kind = self._kind(column, row)
        if not column.key and is_number(cell) and _digits(cell) < _SHORTEST_PHONE:
            return cell  # how many calls, not a phone
        whole = is_number(cell) and "." not in number_or_day_text(cell) and column.shown.kind in ("text", "choice")
        if not (isinstance(cell, str) or whole or (kind and is_number(cell))) or isinstance(cell, CellError):
            return cell
        text = cell if isinstance(cell, str) else number_or_day_text(cell)
        if kind:
            return masked(text, kind)
        told = scrubbed(text)
        if column.shown.kind not in ("label", "id"):
            told = self._without_people(told, column, row)
        return cell if told == text else told

    def _kind(self, column: _Column, row: int) -> str:
        if column.key == "customer_name":
            return self._name_kinds[row]
        return MASK_KINDS.get(column.key, "") if column.key else own_kind(column.shown.header)

    def _without_people(self, text: str, column: _Column, row: int) -> str:
        if not column.key or column.key in FREE_TEXT:
            return self._everybody.replaced(text)
        known = {name: masked(name, "name") for name in names_in(self._contacts[row]) if name and name in text}
        return Mentions(known).replaced(text) if known else text


def is_person(name: str, kind: str, contact: str) -> bool:
    """Whether a customer is a person: as 客户性质 says; where it says nothing, one that is its own contact, or whose
    name has two or three Chinese characters (four with a compound surname) and no word for a company."""
    if kind in _INDIVIDUAL or kind in _COMPANY:
        return kind in _INDIVIDUAL
    if name and name == contact:
        return True
    as_name = mask_text(name, "name")
    if _FOUR.fullmatch(name):
        return as_name[1] != "*"
    return bool(_PERSON.fullmatch(name)) and mask_text(name) == as_name


def own_kind(header: str) -> str:
    """The kind of contact data that a column of the user's own holds, by its header; '' for others."""
    said = normal_header(header)
    return next((kind for kind, words in CONTACT_WORDS.items() if any(w in said for w in words)), "")
