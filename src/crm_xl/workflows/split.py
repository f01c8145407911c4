"""Split: one complete workbook for each owner, with that owner's customers only."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.contact_data import Mentions, phones_in
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions.call import to_numbers, today
from crm_xl.sheet_values import gc_paused
from crm_xl.vocabulary.care_tables import HANDED_OUT
from crm_xl.vocabulary.fields import Lang, find_field, normal_header
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.settings import NAMES
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.task_texts import TASK_WORDS, word
from crm_xl.vocabulary.team_texts import CHOSEN_NAMES
from crm_xl.vocabulary.texts import PICKERS
from crm_xl.workbook.added_table import with_table
from crm_xl.workbook.edited_workbook import CALC_FIRST
from crm_xl.workbook.encryption import encrypted
from crm_xl.workbook.file_workbook import CALC, FileWorkbook
from crm_xl.workbook.macros import macro_workbook
from crm_xl.workbook.protocol import TableData
from crm_xl.workbook.saving import locked, replace_file
from crm_xl.workbook.values import decode_text
from crm_xl.workbook.widen import widened

from .export import normal_name
from .file_names import file_names
from .handing_out import (
    FORMAT,
    LINES,
    MERGED,
    Masks,
    Share,
    Team,
    comparable,
    factor,
    is_result,
    is_telling,
    packed,
    rules_of,
    told,
)
from .new import TEMPLATES, template_bytes
from .opening import book_date, customer_table, in_unit, open_book, text_of
from .refresh import refresh_book

KEPT = ("History", "Known", "Proposed")
"""What refreshes have noted of customers: the rows go with them."""
_ENOUGH = 0.5
"""Share of the tables of a template that a book made from it has at least."""
_SHORTEST_PASSWORD = 8
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LONG_NUMBER = 10
"""Digits from which on a number in a cell is compared with ids and phones; shorter ones are amounts and dates."""
_SHORTEST_ID = 4
_TEXT = re.compile(rb"<([\w:.-]+)(?:\s[^<>]*)?>([^<>]+)<")
_QUOTED = re.compile(rb"=\"([^\"<>]+)\"")
_FORMULAS = frozenset(
    {b"f", b"formula", b"formula1", b"formula2", b"calculatedColumnFormula", b"totalsRowFormula", b"definedName",
     b"sqref"}
)  # fmt: skip
"""Elements whose text speaks of cells: C100 is an address there."""
_ADDRESS = re.compile(r"(?<![\w.])\$?[A-Z]{1,3}\$?[0-9]{1,7}(?![\w.(])")
_HAN = re.compile("[\u3400-\u9fff]+")


@dataclass(slots=True)
class HandedOut:
    """A workbook for one owner. `hidden`: cells in which others' customers are masked, as (sheet, cell, column);
    `refused`: what of others was found in the finished file, which was not written then; `left_out`: columns of the
    user's own that have no place in it."""

    owner: str
    path: str
    customers: int
    rows: dict[str, int] = field(default_factory=dict)
    hidden: list[tuple[str, str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SplitReport:
    """What was handed out to whom. `weak_password`: it is shorter than 8 characters."""

    path: str
    out: str
    lang: Lang
    by: str
    as_of: str
    masked: bool
    encrypted: bool
    weak_password: bool = False
    files: list[HandedOut] = field(default_factory=list)

    @property
    def refused(self) -> list[HandedOut]:
        return [f for f in self.files if f.refused]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def split(
    path: str | Path,
    out: str | Path,
    *,
    by: str = "owner",
    mask: bool = False,
    password: str | None = None,
    force: bool = False,
) -> SplitReport:
    """Write a workbook for each owner into the folder `out`, which is made if need be.

    Each is made anew from the template of the book, with its rules and settings, the owner's customers and what hangs
    on them, analysed as of the date of the last refresh: the analysis of these customers alone. `by`: header or field
    key of the column that says whose a customer is. `mask`: contact data of the owner's own customers are masked, too.
    A file in whose parts something of another owner's is found is not written. Errors: those of opening;
    split_not_ours, split_column, split_nobody, target_exists, folder_missing; what writing raises.
    """
    folder = Path(out)
    with gc_paused():
        book, customers, lang = open_book(path)
        template = template_of(book, lang)
        column = _column(customers, by)
        team = Team(book, customers, lang)
        _refuse_uncalculated(customers)
        groups = _groups(team, column, lang)
        names = file_names(list(groups), book.path.suffix.lower(), nobody_word(lang))
        targets = [folder / name for name in names]
        _check(book.path, folder, targets, force)
        day = book_date(book) or today()
        report = SplitReport(
            str(path), str(folder), lang, customers.headers[column], day.isoformat(), mask, password is not None,
            password is not None and len(password) < _SHORTEST_PASSWORD,
        )  # fmt: skip
        maker = _Maker(team, template, lang, day, mask)
        for (owner, rows), target in zip(groups.items(), targets, strict=True):
            done, data = maker.make(owner, rows, target)
            report.files.append(done)
            if done.refused:
                continue
            made = encrypted(data, password) if password is not None else data
            with locked(target):
                replace_file(target, lambda file, made=made: file.write(made), backup=False)  # type: ignore[misc]
    return report


def nobody_word(lang: Lang) -> str:
    """Who has the customers that nobody has."""
    return word(TASK_WORDS["unassigned"], lang)


def template_of(book: FileWorkbook, lang: Lang) -> str:
    """The template that a book was made from: the one whose tables it has. Error: split_not_ours."""
    best, likeness = "", 0.0
    there = {name for name in book.table_names() if name in TABLES}
    if book.is_ours:
        for template in TEMPLATES:
            made = FileWorkbook(Path(template), data=template_bytes(template, lang, "wan"))
            tables = set(made.table_names())
            shared = len(tables & there) / len(tables | there)
            if shared > likeness:
                best, likeness = template, shared
    if likeness < _ENOUGH:
        raise CrmXlError("split_not_ours", path=book.path)
    return best


def _column(customers: TableData, by: str) -> int:
    """The column that says whose a customer is: by header, else the field that is meant. Error: split_column."""
    known = {normal_header(h): i for i, h in reversed(list(enumerate(customers.headers)))}
    index = known.get(normal_header(by))
    if index is None and (found := find_field(CUSTOMERS, by)) is not None:
        index = customers.fields.get(found[0].key)
    if index is None:
        near = get_close_matches(normal_header(by), list(known), 3, 0.3)
        shown = [customers.headers[known[n]] for n in near] or customers.headers[:20]
        raise Refused("export_unknown_column", value=by, near=shown)
    return index


def _refuse_uncalculated(customers: TableData) -> None:
    """Values are handed out, so there must be some. Error: not_calculated."""
    for cell in customers.uncalculated.values():
        raise CrmXlError("not_calculated", sheet=customers.sheet, cell=cell)


def _groups(team: Team, column: int, lang: Lang) -> dict[str, list[int]]:
    """Owner as first written -> rows of his customers, in order of appearance; last those whom nobody has. Error:
    split_nobody."""
    customers = team.tables["Customers"]
    ids, names = customers.column("customer_id"), customers.column("customer_name")
    first: dict[str, str] = {}
    groups: dict[str, list[int]] = {}
    nobody = normal_name(nobody_word(lang))
    for i, row in enumerate(customers.rows):
        if not (text_of(ids[i]) or text_of(names[i])):
            continue
        owner = text_of(row[column])
        key = normal_name(owner) or nobody
        groups.setdefault(first.setdefault(key, owner or nobody_word(lang)), []).append(i)
    if not groups:
        raise CrmXlError("split_nobody", path=team.book.path)
    last = first.get(nobody)
    return {o: r for o, r in groups.items() if o != last} | ({last: groups[last]} if last else {})


def _check(path: Path, folder: Path, targets: Sequence[Path], force: bool) -> None:
    """Errors: folder_missing; file_unreadable; Refused target_exists, split_onto_book."""
    if folder.exists() and not folder.is_dir():
        raise CrmXlError("split_no_folder", path=folder)
    if not folder.exists():
        if not folder.absolute().parent.is_dir():
            raise CrmXlError("folder_missing", path=folder.absolute().parent)
        folder.mkdir()
    for target in targets:
        if target.is_dir():
            raise CrmXlError("file_is_folder", path=target)
        if target.exists():
            if target.samefile(path):
                raise Refused("split_onto_book", path=target)
            if not force:
                raise Refused("target_exists", path=target)


# ---------------------------------------------------------------- making one


class _Maker:
    """Makes the workbooks of a team's owners, each from the same template."""

    def __init__(self, team: Team, template: str, lang: Lang, day: dt.date, mask: bool) -> None:
        self._team, self._lang, self._day, self._mask = team, lang, day, mask
        self._suffix = team.book.path.suffix.lower()
        self.left_out: list[str] = []
        data = template_bytes(template, lang, team.unit)
        self._blank = FileWorkbook(Path("template.xlsx"), data=data)
        for name in ("Customers", *LINES):
            if name in team.tables and self._blank.has_table(name):
                data = self._wide(data, name)
        data = with_table(data, CALC, HANDED_OUT.name, [f.header(lang) for f in HANDED_OUT.fields], first=CALC_FIRST)
        if self._suffix == ".xlsm":
            data = macro_workbook(data, team.book.path)
        self._data = data
        self._own_texts = _texts(FileWorkbook(Path("template.xlsx"), data=data))
        owners = team.tables["Customers"].column("owner")
        self._owners = {text_of(c) for c in owners} - {""}
        self._rules = {
            name: team.book.read_table(name)
            for name in self._blank.table_names()
            if team.book.has_table(name)
            and name in TABLES
            and name not in MERGED
            and (not TABLES[name].computed or name == "WeightLog")
        }
        self._kept = {
            name: team.book.read_table(name)
            for name in self._blank.table_names()
            if team.book.has_table(name) and _has_user_texts(name)
        }

    def _wide(self, data: bytes, name: str) -> bytes:
        """The template with the columns that the team's table has besides; what cannot have them goes without."""
        known, theirs = self._blank.headers(name), self._team.tables[name]
        keys = {index: key for key, index in theirs.fields.items()}
        more = [h for i, h in enumerate(theirs.headers) if keys.get(i) not in known]
        if not more:
            return data
        place = self._blank.place_of(name)
        alone = sum(self._blank.place_of(t).sheet == place.sheet for t in self._blank.table_names()) == 1
        if name != "Customers" and not alone:
            self.left_out += more
            return data
        cells = {h: [row[theirs.headers.index(h)] for row in theirs.rows] for h in more}
        data = widened(data, name, cells)
        return data

    def make(self, owner: str, rows: Sequence[int], target: Path) -> tuple[HandedOut, bytes]:
        """The workbook with these rows of the customers."""
        team, nobody = self._team, nobody_word(self._lang)
        key = "" if normal_name(owner) == normal_name(nobody) else normal_name(owner)
        masks = Masks(team, rows, self._mask, self._owners)
        shares = {"Customers": team.share("Customers", rows, masks)}
        book = FileWorkbook(target, data=self._data)
        for name in (*MERGED, *KEPT):
            if name in team.tables and name != "Customers" and book.has_table(name):
                shares[name] = team.share(name, team.rows_of(name, masks.ids, key), masks)
        done = HandedOut(owner, str(target), len(rows), left_out=list(self.left_out))
        self._write_rules(book, masks)
        for name, share in shares.items():
            self._fill(book, name, share)
        book.reads_pending = True
        customers = customer_table(book)
        _pick(book, customers)
        refresh_book(book, customers, self._lang, as_of=self._day)
        self._write_user_texts(book, masks)
        book.pending()
        finished = FileWorkbook(target, data=book.package.to_bytes())
        given = {name: shares[name] for name in MERGED if name in shares}
        record = self._record(finished, owner, key, given)
        finished.replace_rows(HANDED_OUT.name, {HANDED_OUT.fields[0].key: packed(record)}, formulas=False)
        finished.pending()
        data = finished.package.to_bytes()
        done.rows = {name: len(share.rows) for name, share in shares.items() if name in MERGED}
        done.hidden = list(self._hidden(given, masks))
        done.refused = self._found(FileWorkbook(target, data=data), record, masks)
        return done, data

    def _write_rules(self, book: FileWorkbook, masks: Masks) -> None:
        """Settings and rules as they stand in the manager's workbook."""
        team = self._team.book
        for name in (*NAMES, *CHOSEN_NAMES):
            if name != "AsOf" and book.has_name(name) and team.has_name(name):
                book.write_name(name, team.read_name(name))
        for name, data in self._rules.items():
            used, fields = data.used, book.headers(name)
            columns = {
                key: [masks.cell(name, key, "", c, -1) for c in data.column(key)[:used]]
                for key in data.fields
                if key in fields
            }
            book.replace_rows(name, columns, formulas=False)

    def _fill(self, book: FileWorkbook, name: str, share: Share) -> None:
        fields = book.headers(name)
        target = TableData(name, "", book.table_headers(name), [], 1, 0)
        target.fields = {key: target.headers.index(header) for key, header in fields.items()}
        units = book.read_table(name).units
        target.units = units
        columns: dict[str, list[object]] = {}
        own: dict[str, list[object]] = {}
        for at, (key, header) in enumerate(zip(share.columns, share.headers, strict=True)):
            cells = [row[at] for row in share.rows]
            if key in fields:
                source = self._team.tables[name]
                columns[key] = in_unit(cells, factor(source, target, key, self._team.unit))
            elif header in target.headers:
                own[header] = cells
        if name == "Customers":
            book.append_rows(name, columns)
        else:
            book.replace_rows(name, columns, formulas=False)
        for header, cells in own.items():
            book.write_own_column(name, header, cells)

    def _write_user_texts(self, book: FileWorkbook, masks: Masks) -> None:
        """What the manager wrote beside groups: for the groups that this workbook has."""
        for name, data in self._kept.items():
            definition = TABLES[name]
            now = book.read_table(name)
            rows = {text_of(c): i for i, c in reversed(list(enumerate(data.column(definition.key)[: data.used])))}
            places = [rows.get(text_of(c)) for c in now.column(definition.key)[: now.used]]
            for f in definition.fields:
                if f.group == "user" and f.key in data.fields and f.key in now.fields and places:
                    old, cells = data.column(f.key), now.column(f.key)[: now.used]
                    given = [
                        cells[i] if at is None else masks.cell(name, f.key, "", old[at], -1)
                        for i, at in enumerate(places)
                    ]
                    book.write_column(name, f.key, given)

    def _record(self, book: FileWorkbook, owner: str, key: str, shares: Mapping[str, Share]) -> dict[str, Any]:
        """What the file was given, for the merge: rows in the units of the file; `made`: rows that its first refresh
        added."""
        tables = {}
        for name, share in shares.items():
            data = book.read_table(name)
            kept = [
                i
                for i, (k, h) in enumerate(zip(share.columns, share.headers, strict=True))
                if (k in data.fields or h in data.headers) and not (k in data.fields and is_result(name, k))
            ]
            columns = [share.columns[i] for i in kept]
            units = [
                factor(self._team.tables[name], data, k, self._team.unit) if k in data.fields else 1 for k in columns
            ]
            rows = [
                [told(in_unit([row[i]], unit)[0]) for i, unit in zip(kept, units, strict=True)] for row in share.rows
            ]
            made: list[list[object]] = []
            if name != "Customers":
                left = Counter(tuple(map(comparable, row)) for row in rows)
                at = [data.fields.get(k, data.headers.index(k) if k in data.headers else -1) for k in columns]
                for line in data.rows[: data.used]:
                    cells = [told(line[i]) for i in at]
                    mark = tuple(map(comparable, cells))
                    if left[mark] > 0:
                        left[mark] -= 1
                    else:
                        made.append(list(cells))
            tables[name] = {"columns": columns, "rows": rows, "made": made}
        return {
            "format": FORMAT, "book": self._team.book.path.name, "owner": owner, "key": key, "masked": self._mask,
            "as_of": self._day.isoformat(), "rules": rules_of(book), "tables": tables,
        }  # fmt: skip

    def _hidden(self, shares: Mapping[str, Share], masks: Masks) -> list[tuple[str, str, str]]:
        """The manager's cells that mention customers of others."""
        found = []
        for name, share in shares.items():
            data = self._team.tables[name]
            for row, at in sorted(share.hidden):
                column = data.headers.index(share.headers[at])
                if masks.mentions(data.rows[share.places[row]][column]):
                    found.append((data.sheet, data.cell(share.places[row], column), share.headers[at]))
        for data in self._rules.values():
            for key, column in data.fields.items():
                for row, cell in enumerate(data.column(key)):
                    if (
                        isinstance(cell, str)
                        and masks.cell(data.name, key, "", cell, -1) != cell
                        and masks.mentions(cell)
                    ):
                        found.append((data.sheet, data.cell(row, column), data.headers[column]))
        return found

    # ------------------------------------------------------------ nothing of others

    def _found(self, book: FileWorkbook, record: Mapping[str, Any], masks: Masks) -> list[str]:
        """What of other owners' customers stands in the finished file, as lines.

        Searched are all texts and attributes of all parts, and what the record holds, as a reader of the file sees
        them (UTF-8, escapes resolved): for names, phones (however they are written), e-mail addresses, and ids of
        four characters or more that have a letter and a digit, or five digits, each as a whole word. Names of two
        Chinese characters count only where no other Chinese character touches them. Numbers in cells are compared
        from ten digits on. In formulas and attributes C100 is the address of a cell. Every customer id in a table must be one of the owner's, however short it is. No finding
        are: texts that the template has itself, and what the owner's own customers are called, too.
        """
        searched = {
            text: shown
            for text, shown in masks.searched.items()
            if not (text.isalnum() and is_telling(text)) or len(text) >= _SHORTEST_ID
        }
        plain = Mentions(searched, masks.stays)
        ours = {word for text in self._own_texts for word in plain.mentioned(text)}
        short = {t for t in searched if len(t) == 2 and _HAN.fullmatch(t)} - ours - masks.stays
        for text in ours | short:
            searched.pop(text, None)
        mentions = Mentions(searched, masks.stays)
        found: list[str] = []
        chunks = {str(c) for c in book.read_table(HANDED_OUT.name).column(HANDED_OUT.fields[0].key)}
        texts = _texts(book) - self._own_texts - chunks
        for table in record["tables"].values():
            texts.update(c for row in (*table["rows"], *table["made"]) for c in row if isinstance(c, str))
        for text in texts:
            if _NUMBER.fullmatch(text):
                digits = text if text.isdigit() else f"{float(text):.0f}"
                if len(digits) >= _LONG_NUMBER and digits in searched:
                    found.append(digits)
                continue
            found += mentions.mentioned(text)
            found += [phone for phone in phones_in(text) if phone in masks.phones]
            if short:
                found += [run for run in _HAN.findall(text) if run in short]
        for name in book.table_names():
            data = book.read_table(name)
            if "customer_id" in data.fields:
                ids = set(normal_ids(data.column("customer_id")).tolist()) - masks.ids - {""}
                found += sorted(ids)
        return list(dict.fromkeys(found))


def _has_user_texts(name: str) -> bool:
    definition = TABLES.get(name)
    if definition is None or not definition.computed or not definition.key:
        return False
    return any(f.group == "user" for f in definition.fields)


def _pick(book: FileWorkbook, customers: TableData) -> None:
    """The pages about one customer start with the one who spends most."""
    ids = normal_ids(customers.column("customer_id")[: customers.used]).tolist()
    amounts, _ = to_numbers(customers.column("annual_spend")[: customers.used])
    ranked = sorted((-a if a == a else 0.0, i) for i, a in enumerate(amounts.tolist()) if ids[i])
    for name in PICKERS.values():
        if book.has_name(name) and ranked:
            book.write_name(name, ids[ranked[0][1]])


def _texts(book: FileWorkbook) -> set[str]:
    """All texts and attributes of the XML parts of a file, each once, without addresses of cells."""
    raw: set[bytes] = set()
    formulas: set[bytes] = set()
    for part in book.package.names():
        xml = book.package.read(part)
        if xml.lstrip()[:1] != b"<":
            continue  # pictures and macros: those of the template
        for tag, text in _TEXT.findall(xml):
            (formulas if tag.rpartition(b":")[2] in _FORMULAS else raw).add(text)
        formulas.update(_QUOTED.findall(xml))
    return {decode_text(text) for text in raw} | {_ADDRESS.sub("", decode_text(text)) for text in formulas}
