"""Refresh: bring a customer workbook up to date. The same story for a closed file and in Excel."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from crm_xl.analysis.catalogue import blocks, result_columns
from crm_xl.analysis.cleaning import normal_ids
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions.call import today
from crm_xl.read_ahead import ReadAhead
from crm_xl.rules.models import FormulaForm, Rulebook
from crm_xl.rules.settings import choice_text
from crm_xl.sheet_values import gc_paused
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import CUSTOMERS, ORDERS
from crm_xl.workbook.parameters import Parameters
from crm_xl.workbook.protocol import Block, Result, TableData, Workbook
from crm_xl.workbook.saving import locked

from .analyse import FACT_COLUMNS, Outcome, analyse_with_past, as_date
from .evaluate import Cells
from .label_order import label_order
from .opening import BookInputs, book_unit, is_number, open_book, read_inputs, unit_factor
from .refresh_report import RefreshReport
from .reports import REPORTS, Story

ROW_LIMIT = 200
"""Up to so many customers, results are row formulas; above, they spill."""
ASK_FOR_MORE = ("Targets", "Tasks", "Care", "Accounts")
"""Tables that draw on results without a column: a target may name any figure."""


def refresh_book(
    book: Workbook,
    customers: TableData,
    lang: Lang,
    *,
    as_of: dt.date,
    form: FormulaForm | None = None,
    orders: pd.DataFrame | None = None,
    interactions: pd.DataFrame | None = None,
) -> RefreshReport:
    """Analyse an open workbook and write what it found into it (nothing is saved or applied yet).

    `orders`, `interactions`: logs from outside, beside the workbook's own tables.
    """
    inputs = read_inputs(book, customers, lang, as_of, orders, interactions)
    shown = None if any(map(book.has_table, ASK_FOR_MORE)) else customers.fields.keys()
    outcome = analyse_with_past(inputs, as_of, shown)
    report = RefreshReport(
        str(book.path), as_of.isoformat(), lang, book_unit(customers), "values", False, len(outcome.ids)
    )
    report.added, report.deleted_kept_out, report.notes = inputs.added, inputs.kept_out, inputs.notes
    _write(book, customers, inputs, outcome, form, report)
    report.notes += filter(None, (outcome.outlook.no_prediction, outcome.outlook.no_grouping))
    _describe(outcome, inputs.parameters, report)
    return report


def chosen_form(asked: FormulaForm | None, rules: Rulebook, customers: int, book: Workbook) -> FormulaForm:
    """The form of the result columns; a workbook that is not ours, or recalculates all, gets values."""
    if not book.is_ours or book.forced_calculation:
        return "values"
    form = asked or rules.settings.form
    if form == "auto":
        return "row" if customers <= ROW_LIMIT else "spill"
    return form


def _write(
    book: Workbook,
    customers: TableData,
    inputs: BookInputs,
    outcome: Outcome,
    form: FormulaForm | None,
    report: RefreshReport,
) -> None:
    rules, lang = outcome.rules, outcome.rules.lang
    rows, given = len(outcome.ids), inputs.columns
    if report.added:
        book.append_rows("Customers", {"customer_id": report.added})
    for key in FACT_COLUMNS:
        if key in customers.fields and outcome.columns[key] is not given[key]:
            book.write_column("Customers", key, _as_stored(customers, key, given[key], outcome.columns[key]))
    if form is not None and book.has_name("FormulaForm"):
        book.write_name("FormulaForm", choice_text("form", form, lang))
    if book.has_name("AsOf"):
        book.write_name("AsOf", outcome.as_of)
    report.form = chosen_form(form, rules, rows, book)
    _write_tiers(book, outcome, inputs.parameters)
    shown = [
        Result(r.key, _as_stored(customers, r.key, [], outcome.results[r.key]), r.expression)
        for r in result_columns(rules)
        if r.key in customers.fields
    ]
    block_list = [
        Block(name, ("R", "F", "M"), outcome.blocks[name] or [("", "", "")], function)
        for name, function in blocks(rules.settings).items()
    ]
    if rows:
        book.write_results(shown, block_list, report.form, rows)
    _write_known(book, outcome)
    story = Story(book, customers, inputs, outcome, report, report.form, book.is_ours)
    for write in REPORTS:
        write(story)


def _as_stored(customers: TableData, key: str, given: Cells, cells: Cells) -> Cells:
    """Cells in the unit of their own header; a figure that did not change is the cell as it stood."""
    factor = unit_factor(customers, key, book_unit(customers))
    if factor == 1:
        return cells
    stored = [None if c is None else round(c / factor, 6) if is_number(c) else c for c in cells]
    before = customers.column(key)[: customers.used]
    for i, (old, new) in enumerate(zip(given[: len(before)], cells, strict=False)):
        if old == new:
            stored[i] = before[i]
    return stored


def _write_tiers(book: Workbook, outcome: Outcome, parameters: Parameters) -> None:
    """The edges in force beside the tiers: set by shares, empty with fixed amounts."""
    data = parameters.tables.get("ValueTiers")
    if data is None or "effective" not in data.fields or "ValueTiers" in parameters.rules.broken:
        return
    by_shares = outcome.rules.settings.value_method == "shares"
    tiers = iter(outcome.rules.value_tiers)
    cells: list[object] = []
    for row in data.rows[: data.used]:
        filled = any(c not in (None, "") for c in row)
        tier = next(tiers, None) if filled else None
        cells.append(tier.effective if tier and by_shares else None)
    book.write_column("ValueTiers", "effective", cells)


def _write_known(book: Workbook, outcome: Outcome) -> None:
    """Every id that was ever in the table, so that a deleted customer is not added again."""
    if not book.has_table("Known"):
        return
    data = book.read_table("Known")
    known = set(normal_ids(data.column("customer_id")).tolist())
    new = [i for i in dict.fromkeys(outcome.ids.tolist()) if i and i not in known]
    if new:
        book.append_rows("Known", {"customer_id": new, "first_seen": [outcome.as_of] * len(new)})


def _describe(outcome: Outcome, parameters: Parameters, report: RefreshReport) -> None:
    rules, lang = outcome.rules, outcome.rules.lang
    report.segments = [g._asdict() for g in outcome.groups]
    report.stages = _counted(outcome.results["lifecycle"], label_order("lifecycle", rules))
    report.rfm_classes = _counted(outcome.results["rfm_class"], label_order("rfm_class", rules))
    for _, key in outcome.merged.typed_kept:
        header = CUSTOMERS.field(key).header(lang, rules.settings.unit)
        report.typed_kept[header] = report.typed_kept.get(header, 0) + 1
    report.wrong_rows = sum(isinstance(t, CellError) for t in outcome.results["segment"])
    report.order_lines_skipped, report.order_lines_later = outcome.facts.skipped, outcome.facts.later
    report.rule_findings = [f.text(lang) for f in parameters.findings]


def _counted(cells: Sequence[object], order: Sequence[str]) -> dict[str, int]:
    """How many customers have each label: those in `order` first, then the others by number."""
    counts = Counter(str(c) for c in cells if c and not isinstance(c, CellError))
    rank = {name: i for i, name in reversed(list(enumerate(order)))}
    return {n: counts[n] for n in sorted(counts, key=lambda n: (rank.get(n, len(rank)), -counts[n], n))}


def refresh(
    path: str | Path,
    *,
    as_of: object = None,
    out: str | Path | None = None,
    orders: str | Path | None = None,
    formulas: FormulaForm | None = None,
    break_signature: bool = False,
    ahead: ReadAhead | None = None,
) -> RefreshReport:
    """Bring a workbook up to date; `out` writes elsewhere, `orders` adds an order log from a file.

    `ahead`: the workbook's large sheets, if somebody reads them already.

    A digitally signed workbook is refused unless `break_signature`: then the signature goes.

    The workbook is replaced atomically and the old one kept as .bak; with nothing to change,
    nothing is written. Errors: CrmXlError with a message for the person at the desk.
    """
    ahead = ahead or ReadAhead(path)
    day = as_date(as_of) if as_of is not None else today()
    target = Path(out) if out is not None else None
    if target is not None:
        check_target(target)
    with locked(Path(path) if target is None else target), gc_paused():
        book, customers, lang = open_book(path, ahead=ahead)
        if target is not None and target.suffix.lower() != book.path.suffix.lower():
            raise Refused("out_kind", path=target, kinds=book.path.suffix)
        log = None
        repairs: list[str] = []
        problems: list[str] = []
        if orders is not None:
            from .incoming import SourceNotes, load_source  # a workbook has no use for what reads lists

            notes = SourceNotes(repairs, problems)
            loaded = load_source(orders, ORDERS, book_unit(customers))
            notes.add(orders, loaded, lang)
            log = loaded.frame
        report = refresh_book(book, customers, lang, as_of=day, form=formulas, orders=log)
        report.repairs, report.problems = repairs, problems
        if book.forced_calculation and book.is_ours:
            report.notes.append(message("forced_calculation", lang))
        report.changed = book.save(target, break_signature=break_signature)
    report.parts, report.cells = book.report.parts, book.report.cells
    report.written, report.left_alone = book.report.changes, book.report.left
    report.recalculated, report.untouched_parts = book.report.recalculated, book.report.untouched_parts
    return report


def check_target(target: Path) -> None:
    """Errors: file_is_folder, folder_missing."""
    if target.is_dir():
        raise CrmXlError("file_is_folder", path=target)
    if not target.parent.is_dir():
        raise CrmXlError("folder_missing", path=target.parent)
