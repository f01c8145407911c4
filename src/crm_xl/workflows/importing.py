"""Import: customer lists, order logs or records from files into the tables of a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.errors import CrmXlError, Refused
from crm_xl.sources.loading import Loaded
from crm_xl.sources.mapping import LEFT_OUT, asked
from crm_xl.vocabulary.fields import UNIT_TEXT, Lang, Table, Unit
from crm_xl.vocabulary.header_words import split_scale
from crm_xl.vocabulary.messages import Told, message
from crm_xl.vocabulary.tables import TABLES
from crm_xl.workbook.protocol import TableData, Workbook
from crm_xl.workbook.saving import locked

from .evaluate import Cells
from .import_maps import ColumnMap, read_map, save_map
from .incoming import SourceNotes, load_source
from .joining import IDENTITY, Joined, Row, join
from .new import RESULTS
from .opening import LOGS, book_unit, column_cells, in_unit, open_book, shown, unit_factor

KINDS = {name.lower(): name for name in ("Customers", *LOGS)}
SAMPLES = 3

Sources = str | Path | Sequence[str | Path]


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do. `mapping`: (their header, our header or '', samples), file after file;
    `columns`: the same with `source`, `how` and `score` (0 to 1), the `unit` that the file names, and in `no_place` our header of a column
    that the workbook's table does not have.

    `without_id`: customers that could not be taken over, `unknown` of them because nobody knows them; `questions`: what was not imported because it is not sure;
    `left_out`: rows that are no data; `notes`: hidden rows, other tables; `joined`: rows without an id, and whose
    they are; `differences`: values on which files differ; `changes`: cells that change, with `customer`, `column`,
    `old` and `new`.
    """

    path: str
    source: str
    table: str
    lang: Lang
    dry_run: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    without_id: int = 0
    unknown: int = 0
    mapping: list[tuple[str, str, list[str]]] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    changes: list[dict[str, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class _Source:
    """A file as read, and its columns as cells in the units of the table."""

    path: str | Path
    loaded: Loaded
    columns: dict[str, Cells]

    @property
    def name(self) -> str:
        return Path(self.path).name

    def rows(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Each row: its number in the file, and the cells with something in them by field key."""
        for at, line in enumerate(self.loaded.rows.tolist()):
            yield line, {key: cells[at] for key, cells in self.columns.items() if cells[at] is not None}


def import_source(
    path: str | Path,
    source: Sources,
    kind: str,
    *,
    sheet: str | None = None,
    overrides: Mapping[str, str] | None = None,
    dry_run: bool = False,
    break_signature: bool = False,
    new_ids: str = "",
    use_map: str | Path | None = None,
    save_map_as: str | Path | None = None,
) -> ImportReport:
    """Read `source`, one file or several, into the workbook's table of that kind.

    Customers are matched by id; without one by phone, else by name, if exactly one customer fits. Filled cells of
    the source replace what stands there, empty ones do not; new ids are appended. Of several files the first that
    names a value wins. A customer without an id who is not known stays out, unless `new_ids` says what the ids that
    he and his like get begin with. Log lines that the table already has (as often) are left out.

    `overrides`: their header -> our field, '' for a column that is not to be read. `use_map`, `save_map_as`: a file
    that keeps which column is which. Errors: those of opening the book, of reading the sources and the map; no_table.
    """
    if kind not in KINDS:
        raise Refused("wrong_choice", value=kind, known=list(KINDS))
    with nullcontext() if dry_run else locked(Path(path)):
        book, customers, lang = open_book(path)
        columns = ColumnMap(kind)
        report = import_into(
            book,
            customers,
            lang,
            source,
            kind,
            sheet=sheet,
            overrides=overrides,
            dry_run=dry_run,
            new_ids=new_ids,
            use_map=use_map,
            learnt=columns,
        )
        if not dry_run:
            book.save(break_signature=break_signature)
        if save_map_as is not None:
            save_map(save_map_as, columns, lang)
    return report


def import_into(
    book: Workbook,
    customers: TableData,
    lang: Lang,
    source: Sources,
    kind: str,
    *,
    sheet: str | None = None,
    overrides: Mapping[str, str] | None = None,
    dry_run: bool = False,
    new_ids: str = "",
    use_map: str | Path | None = None,
    learnt: ColumnMap | None = None,
) -> ImportReport:
    """`import_source` for an open workbook; nothing is saved or applied yet. `learnt`: takes the columns as they were
    understood."""
    name = KINDS[kind]
    if new_ids and name != "Customers":
        raise Refused("new_ids_only_customers")
    if not book.has_table(name):
        raise CrmXlError("no_table", path=book.path, table=name)
    table = TABLES[name]
    data = customers if name == "Customers" else book.read_table(name)
    paths = [source] if isinstance(source, (str, Path)) else list(source)
    saved = read_map(use_map, kind) if use_map is not None else ColumnMap(kind)
    report = ImportReport(str(book.path), str(paths[0]), name, lang, dry_run, sources=[str(p) for p in paths])
    taken = []
    for loaded, path in zip(
        _load_all(paths, table, customers, sheet, overrides or {}, saved, use_map), paths, strict=True
    ):
        keys = [k for k in loaded.frame.columns if k in data.fields and not (name == "Customers" and k in RESULTS)]
        taken.append(_Source(path, loaded, _stored_columns(loaded.frame[keys], data, table, customers)))
        _describe(taken[-1], data, report)
    report.rows = sum(len(s.loaded.frame) for s in taken)
    if name == "Customers":
        _import_customers(book, data, taken, new_ids, report)
    else:
        _import_lines(book, data, [each.columns for each in taken], report)
    if learnt is not None:
        _learn(taken, lang, learnt)
    return report


def _load_all(
    paths: Sequence[str | Path],
    table: Table,
    customers: TableData,
    sheet: str | None,
    overrides: Mapping[str, str],
    saved: ColumnMap,
    map_path: str | Path | None,
) -> list[Loaded]:
    """The files as read. A header of an override must be in one of them, at least."""
    given = {**saved.overrides(), **overrides}
    optional = {theirs for theirs, ours in given.items() if ours == LEFT_OUT}
    found, missing = [], set(given) - optional
    refused: CrmXlError | None = None
    known: list[str] = []
    for path in paths:
        absent: list[str] = []
        try:
            loaded = load_source(
                path,
                table,
                book_unit(customers),
                sheet=sheet or saved.sheet,
                overrides=given,
                header_row=saved.header_row,
                need_id=table.name != "Customers",
                absent=absent,
            )
        except CrmXlError as error:
            if not absent:
                raise
            refused = refused or error  # a map that does not fit explains more than the column that is then missing
        else:
            found.append(loaded)
            known += [m.handle for m in loaded.matches if m.handle]
        missing &= set(absent)
    if missing:
        for theirs in overrides:
            if theirs in missing:
                raise refused or Refused("source_unknown_header", value=theirs, known=tuple(known))
        if known:
            names = [theirs for theirs in saved.columns if theirs in missing]
            raise Refused("map_columns_missing", path=map_path, names=names, known=tuple(known))
    if refused is not None:
        raise refused
    return found


def _learn(sources: Sequence[_Source], lang: Lang, learnt: ColumnMap) -> None:
    """The columns of the files as they were understood; those that were asked about are asked again."""
    for each in sources:
        open_questions = {q.index for q in each.loaded.questions}
        for match in each.loaded.matches:
            if not match.header or match.index in open_questions:
                continue
            ours = LEFT_OUT
            if match.field is not None and match.field.group != "result":
                ours = match.field.zh if lang == "zh" else match.field.en
            if ours or match.handle not in learnt.columns:
                learnt.columns[match.handle] = ours
            is_amount = ours and match.field is not None and match.field.kind == "money"
            # what the file itself says, it will say again
            if is_amount and split_scale(match.header)[1] is None and (match.how == "given" or not match.unit_text):
                learnt.units[match.handle] = match.unit_text or UNIT_TEXT[match.unit or "yuan"]["zh"]
    if len(sources) == 1:
        learnt.sheet = sources[0].loaded.sheet
        if not sources[0].loaded.two_rows:
            learnt.header_row = sources[0].loaded.header_row or None


def likely_kind(source: str | Path) -> str:
    """What a file holds, by the columns that it has: a log has dates of its own."""
    for kind in ("orders", "interactions"):
        try:
            load_source(source, TABLES[KINDS[kind]], "wan")
        except CrmXlError as error:
            if error.key not in ("source_no_column", "source_no_id", "source_unsure", "source_two_columns"):
                raise
        else:
            return kind
    return "customers"


def _stored_columns(frame: pd.DataFrame, data: TableData, table: Table, customers: TableData) -> dict[str, Cells]:
    """The source's columns as cells, amounts in the unit of the header under which they will stand."""
    columns = {}
    for key in frame.columns:
        unit: Unit = "yuan" if table.field(key).unit == "yuan" else book_unit(customers)
        columns[key] = in_unit(column_cells(frame[key]), 1 / unit_factor(data, key, unit))
    return columns


# ---------------------------------------------------------------- customers


def _import_customers(
    book: Workbook, data: TableData, sources: Sequence[_Source], new_ids: str, report: ImportReport
) -> None:
    used = data.used
    ids = normal_ids(data.column("customer_id")[:used]).tolist()
    place: dict[str, int] = {}
    for at, text in enumerate(ids):
        place.setdefault(text, at)
    keys = [k for k in data.fields if k != "customer_id" and any(k in s.columns for s in sources)]
    stored = {key: data.column(key)[:used] for key in keys}
    rows = [
        Row(number, line, str(cells.pop("customer_id", "")), cells)
        for number, each in enumerate(sources)
        for line, cells in each.rows()
    ]
    known: dict[str, dict[str, object]] = {}
    if any(not row.id for row in rows):
        told = {key: data.column(key)[:used] for key in IDENTITY if key in data.fields}
        known = {i: {k: shown(v[at]) for k, v in told.items() if v[at] is not None} for i, at in place.items() if i}
    joined = join(rows, known, new_ids)
    _tell_joins(joined, sources, data, report)
    own_formulas = book.formula_cells("Customers")
    new: list[dict[str, object]] = []
    for customer, record in joined.records.items():
        if customer not in place:
            new.append({"customer_id": customer, **record})
            continue
        at = place[customer]
        fresh = {k: v for k, v in record.items() if not same(stored[k][at], v)}
        for k in [k for k in fresh if at in own_formulas.get(k, ())]:
            del fresh[k]
            kept = message("formula_kept", report.lang, cell=data.cell(at, data.fields[k]), sheet=data.sheet)
            if kept not in report.problems:
                report.problems.append(kept)
        for k, v in fresh.items():
            header, old = data.headers[data.fields[k]], stored[k][at]
            change = {"customer": customer, "column": header, "old": "" if old is None else shown(old), "new": shown(v)}
            report.changes.append(change)
            stored[k][at] = v
        report.changed += bool(fresh)
    report.new = len(new)
    report.unchanged = report.rows - report.without_id - report.new - report.changed
    for name, column in stored.items():
        book.write_column("Customers", name, column)
    if new:
        book.append_rows("Customers", new)


def _tell_joins(joined: Joined, sources: Sequence[_Source], data: TableData, report: ImportReport) -> None:
    """Rows without an id, and values on which the files differ, as lines for a person."""
    lang = report.lang

    def place(row: Row, key: str = "row_name") -> str:
        name = row.name or shown(row.cells.get("phone", ""))
        return message(key, lang, source=sources[row.source].name, row=row.line, name=name)

    for row, customer, by in joined.joins:
        report.joined.append(
            message(f"joined_by_{by}" if by != "new" else "joined_new", lang, place=place(row), customer=customer)
        )
    for row, customers in joined.unsure:
        report.questions.append(message("ask_customer", lang, place=place(row), customers=customers))
    for row in joined.unknown:
        headers = [m.header for m in sources[row.source].loaded.matches if m.field and m.field.key == "customer_id"]
        if headers:
            what = message("id_empty", lang)
            source = sources[row.source].name
            line = message("source_cell", lang, source=source, row=row.line, header=headers[0], what=what)
        else:
            line = message("no_such_customer", lang, place=place(row))
        report.problems.append(line)
    report.without_id = len(joined.unsure) + len(joined.unknown)
    report.unknown = len(joined.unknown)
    for d in joined.differences:
        report.differences.append(
            message(
                "values_differ",
                lang,
                customer=d.customer,
                field=data.headers[data.fields[d.key]],
                kept=shown(d.kept),
                first=place(d.first, "place_in_source"),
                other=shown(d.other),
                second=place(d.second, "place_in_source"),
            )
        )


def same(old: object, new: object) -> bool:
    """Whether a cell already says what the source says: the phone 138 as a number or as a text, too."""
    if old == new:
        return True
    return isinstance(new, str) and old is not None and shown(old).strip() == new


# ---------------------------------------------------------------- logs


def _import_lines(book: Workbook, data: TableData, sources: Sequence[dict[str, Cells]], report: ImportReport) -> None:
    used = data.used
    new: list[dict[str, object]] = []
    for columns in sources:
        # two exports may overlap: what the file before has brought is there, too
        present = Counter(_marks({k: data.column(k)[:used] + [row.get(k) for row in new] for k in columns}))
        for mark, cells in zip(_marks(columns), zip(*columns.values(), strict=True), strict=True):
            if present[mark] > 0:
                present[mark] -= 1
                report.unchanged += 1
            else:
                new.append(dict(zip(columns, cells, strict=True)))
    report.new = len(new)
    if new:
        book.append_rows(data.name, new)


def _marks(columns: Mapping[str, Cells]) -> list[tuple[object, ...]]:
    """What makes two log lines the same: every cell, ids however they are spelt."""
    told = [
        normal_ids(cells).tolist()
        if key in ("customer_id", "order_no")
        else [c if c is None or not isinstance(c, str) else c.strip() or None for c in cells]
        for key, cells in columns.items()
    ]
    return list(zip(*told, strict=True))


# ---------------------------------------------------------------- the report


def _describe(each: _Source, data: TableData, report: ImportReport) -> None:
    loaded, lang, source = each.loaded, report.lang, each.name
    for match in loaded.matches:
        ours, samples = "", []
        if match.field and match.field.key in each.columns:
            ours = data.headers[data.fields[match.field.key]]
            cells = [c for c in each.columns[match.field.key][:50] if c is not None]
            samples = [shown(c) for c in cells[:SAMPLES]]
        report.mapping.append((match.header, ours, samples))
        is_left_out = match.field is None or match.field.group == "result" or bool(ours)
        no_place = "" if is_left_out or match.field is None else match.field.header(lang, match.unit)
        found = {
            "source": source,
            "header": match.handle or match.header,
            "field": match.field.key if ours and match.field else "",
            "no_place": no_place,
            "column": ours,
            "how": match.how if ours else "none",
            "score": match.score if ours else 0.0,
            "unit": match.unit_text,
            "samples": samples,
        }
        report.columns.append(found)
    notes = SourceNotes()
    notes.add(each.path, loaded, lang)
    report.repairs += notes.repairs
    report.problems += notes.problems
    report.questions += [message(told.key, lang, **told.values) for told in map(asked, loaded.questions)]
    for line in loaded.left_out:
        why = Told(f"why_{line.why}")
        report.left_out.append(message("left_out_row", lang, source=source, row=line.row, why=why, text=line.text))
    report.notes += [message("other_table", lang, source=source, text=other) for other in loaded.elsewhere]
    if loaded.hidden:
        rows = tuple(map(str, loaded.hidden))
        report.notes.append(message("hidden_rows", lang, source=source, count=len(rows), rows=rows))
