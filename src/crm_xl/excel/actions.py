"""What the ribbon's buttons do. Each runs in a Python process of its own, on the workbook that called it.

They tell what they did, or why they could not, in a message box; no error of ours is raised.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import xlwings

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions import REGISTRY
from crm_xl.functions.call import today
from crm_xl.rules.models import FormulaForm
from crm_xl.sheet_values import gc_paused
from crm_xl.vocabulary.cli_texts import text
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.settings import CHOICES
from crm_xl.workbook.cell_xml import area_name
from crm_xl.workbook.protocol import TableData
from crm_xl.workflows.check import check_book
from crm_xl.workflows.explain import Explanation, explain_book
from crm_xl.workflows.importing import import_into, likely_kind
from crm_xl.workflows.new import new_workbook as make_workbook
from crm_xl.workflows.opening import book_date, customer_table, detect_lang, shown
from crm_xl.workflows.refresh import refresh as refresh_file
from crm_xl.workflows.refresh import refresh_book
from crm_xl.workflows.refresh_report import RefreshReport

from . import undo as records
from .install import LONGEST_BOOK
from .interface import interface_language
from .live_workbook import Changes, LiveWorkbook, entered
from .session import MANUAL, com_error, is_busy, patient, progress, quiet, told

_UI_LANGUAGE = 2
"""MsoAppLanguageID.msoLanguageIDUI."""
_CHINESE = 4
_SHOWN = 12
"""Findings that fit into a message box."""
_CALL = re.compile(rf"\b(?:{'|'.join(map(re.escape, REGISTRY))})\(")

Book = xlwings.Book


def refresh(book: Book | None = None) -> None:
    """Bring the workbook up to date as of today."""
    if sys.platform == "darwin":
        _refresh_closed(book or _named_book())
        return

    def work(book: Book) -> str:
        live = LiveWorkbook(book)
        with quiet(book.app) as calculation:
            report, changes = _refreshed(book, live, None, calculation)
        _calculated(book, live, changes)
        return _summary(report, changes.cells)

    _perform(work, book)


def undo(book: Book | None = None) -> None:
    """Put back what the last refresh overwrote."""

    def work(book: Book) -> str:
        live = LiveWorkbook(book)
        record = records.load(live.path)
        if record is None:
            raise Refused("undo_nothing")
        with quiet(book.app):
            count = live.undo(record.changes)
        if not record.finished:  # the process that began it could not put Excel's settings back
            book.app.api.Calculation = record.calculation
            book.app.api.EnableEvents = True
        records.forget(live.path)
        _calculated(book, live, record.changes)
        return message("excel_undone", _lang(book), count=count)

    _perform(work, book)


def check(book: Book | None = None) -> None:
    """What is wrong in data and rules."""

    def work(book: Book) -> str:
        live = LiveWorkbook(book)
        report = check_book(live, customer_table(live), detect_lang(live))
        lang = report.lang
        if not report.findings:
            return text("no_findings", lang)
        lines = [text("findings", lang, errors=report.errors, warnings=len(report.findings) - report.errors)]
        lines += [f"{f.sheet}!{f.cell} {f.text}" for f in report.findings[:_SHOWN]]
        count = len(report.findings)
        lines += ["…"] * (count > _SHOWN) + ["", message("excel_list_question", lang, count=count)]
        if _ask(book, "\n".join(lines), lang, "yes_no") == "yes":
            rows = [(f"{f.sheet}!{f.cell}", text(f.severity, lang), f.text) for f in report.findings]
            _listed(book, [text(k, lang) for k in ("place", "severity", "what")], rows)
        return ""

    _perform(work, book)


def explain(book: Book | None = None) -> None:
    """Why the customer in the selected row has its results."""

    def work(book: Book) -> str:
        live = LiveWorkbook(book)
        customers = customer_table(live)
        key = _selected(book, customers)
        return _explained(explain_book(live, customers, detect_lang(live), key))

    _perform(work, book)


def import_data(book: Book | None = None) -> None:
    """Read a file that the user chooses into the table for which it is."""

    def work(book: Book) -> str:
        live = LiveWorkbook(book)
        customers, lang = customer_table(live), detect_lang(live)
        kinds = "*.xlsx;*.xlsm;*.xls;*.ods;*.csv;*.parquet"
        source = book.app.api.GetOpenFilename(f"{message('excel_sources', lang)},{kinds}")
        if not isinstance(source, str):  # False: cancelled
            return ""
        with gc_paused():
            report = import_into(live, customers, lang, source, likely_kind(source))
        lines = [
            message(
                "excel_import_question",
                lang,
                source=Path(source).name,
                table=report.table,
                new=report.new,
                changed=report.changed,
                unchanged=report.unchanged,
            )
        ]
        lines += [f"{theirs} → {ours or text('ignored', lang)}" for theirs, ours, _ in report.mapping]
        if report.questions:
            lines += [message("excel_import_unsure", lang), *report.questions[:_SHOWN]]
        lines += [*report.problems[:_SHOWN], *report.left_out[:_SHOWN]]
        if _ask(book, "\n".join(lines), lang, "ok_cancel") != "ok":
            return ""
        with quiet(book.app) as calculation:
            progress(book.app, message("excel_writing", lang))
            changes = _applied(live, calculation)
        _calculated(book, live, changes)
        return message("excel_imported", lang)

    _perform(work, book)


def to_values(book: Book | None = None) -> None:
    """Turn the results into values, for people without the add-in."""
    _reformed("values", "excel_to_values", book)


def to_formulas(book: Book | None = None) -> None:
    """Turn the results into formulas again."""
    _reformed("auto", "excel_to_formulas", book)


def parameters(book: Book | None = None) -> None:
    """Go to the parameter sheet."""

    def work(book: Book) -> str:
        live = LiveWorkbook(book)
        if not live.is_ours:
            raise Refused("excel_not_ours", path=live.path)
        sheet, cell = live.name_place("FormulaForm")
        book.app.api.Goto(book.api.Worksheets(sheet).Range(cell))
        return ""

    _perform(work, book)


def function_help(book: Book | None = None) -> None:
    """List the worksheet functions with their arguments in a new workbook."""

    def work(book: Book) -> str:
        lang = _lang(book)
        rows = [(f.signature, f.text(lang)) for f in REGISTRY.values()]
        _listed(book, [text(k, lang) for k in ("function", "meaning")], rows)
        return ""

    _perform(work, book)


def new_workbook(template: str, book: Book | None = None) -> None:
    """Make a workbook from a template where the user says, and open it."""

    def work(book: Book) -> str:
        lang, api = _lang(book), book.app.api
        target = api.GetSaveAsFilename(
            message("excel_new_name", lang), f"{message('excel_workbooks', lang)},*.xlsx;*.xlsm"
        )
        if isinstance(target, str):  # False: cancelled
            if len(target) > LONGEST_BOOK:
                raise Refused("excel_path_long", path=target, most=LONGEST_BOOK)
            make_workbook(target, template=template, lang=lang)
            api.Workbooks.Open(target)
        return ""

    _perform(work, book)


# ---------------------------------------------------------------- refreshing


def _refreshed(
    book: Book, live: LiveWorkbook, form: FormulaForm | None, calculation: int, *, as_before: bool = False
) -> tuple[RefreshReport, Changes]:
    """The story of the command line, applied. `as_before`: as of the date of the last refresh."""
    lang = detect_lang(live)
    progress(book.app, message("excel_reading", lang))
    if live.is_ours:
        _bound(live)
    with gc_paused():
        customers = customer_table(live)
        day = (book_date(live) if as_before else None) or today()
        report = refresh_book(live, customers, lang, as_of=day, form=form)
        progress(book.app, message("excel_writing", lang))
        changes = _applied(live, calculation)
    report.changed = bool(changes)
    return report, changes


def _refresh_closed(book: Book) -> None:
    """Excel for Mac takes none of these calls: the workbook is saved, closed, refreshed as a file and opened again."""
    app, path, lang, mode = book.app, Path(book.fullname), interface_language(), "info"
    try:
        if not path.is_file():
            raise Refused("excel_save_first")
        book.save()
        book.close()
        try:
            report = refresh_file(path)
        finally:
            app.books.open(str(path))
        lang = report.lang
        answer = _summary(report, sum(change.count for change in report.written))
    except CrmXlError as error:
        answer, mode = error.text(lang), "critical"
    app.alert(answer, message("excel_title", lang), "ok", mode)


def _applied(live: LiveWorkbook, calculation: int) -> Changes:
    """Apply what is pending, so that it can be undone: even if this process is killed meanwhile."""
    earlier = records.load(live.path)
    try:
        changes = live.apply(lambda pending: records.save(live.path, records.Record(pending, calculation)))
    except CrmXlError as error:
        if error.key != "excel_half":  # nothing was changed, so the refresh before can still be undone
            records.forget(live.path)
            if earlier is not None:
                records.save(live.path, earlier)
        raise
    if changes:
        records.save(live.path, records.Record(changes, calculation, finished=True))
    return changes


def _calculated(book: Book, live: LiveWorkbook, changes: Changes) -> None:
    """Where calculation is manual, our sheets are calculated all the same."""
    with told():
        if changes and book.app.api.Calculation == MANUAL:
            live.calculate(changes)


def _reformed(form: FormulaForm, done: str, book: Book | None) -> None:
    def work(book: Book) -> str:
        live = LiveWorkbook(book)
        if not live.is_ours:
            raise Refused("excel_not_ours", path=live.path)
        with quiet(book.app) as calculation:
            report, changes = _refreshed(book, live, form, calculation, as_before=True)
        _calculated(book, live, changes)
        return message(done, report.lang)

    _perform(work, book)


def _bound(live: LiveWorkbook) -> None:
    """Enter formulas of ours again for which Excel shows #NAME?, as the add-in does when a workbook opens."""
    for sheet, cells in list(live.unbound(lambda formula: _CALL.search(formula) is not None)):
        live.enter_again(sheet, cells)


# ---------------------------------------------------------------- telling


def _perform(work: Callable[[Book], str], book: Book | None) -> None:
    """Do it, and tell the answer or the reason."""
    lang = interface_language()
    mode = "info"
    try:
        with patient(), told():
            book = book or _caller()
            lang = _lang(book)
            answer = work(book)
    except CrmXlError as error:
        answer, mode = error.text(lang), "critical"
    except Exception as error:
        answer, mode = _unexpected(error, lang), "critical"
    if not answer:
        return
    try:
        if book is None:
            raise CrmXlError("excel_no_book")
        book.app.alert(answer, message("excel_title", lang), "ok", mode)
    except Exception:  # RunPython shows what stands here
        print(answer, file=sys.stderr)
        raise SystemExit(1) from None


def _caller() -> Book:
    """The workbook whose button was pressed. Errors: excel_windows_only, excel_no_book."""
    if sys.platform == "darwin":
        raise Refused("excel_windows_only")
    try:
        return _named_book()
    except Exception as error:
        raise CrmXlError("excel_no_book") from error


def _named_book() -> Book:
    """The workbook that the command line names, as the VBA spells its name (`CrmCodes`)."""
    sys.argv = [_decoded(argument) for argument in sys.argv]
    return xlwings.Book.caller()


def _decoded(argument: str) -> str:
    """--wb=672A -> --wb=朱; any other argument as it is. Raises ValueError."""
    key, _, codes = argument.partition("=")
    return f"--wb={bytes.fromhex(codes).decode('utf-16-be')}" if key == "--wb" else argument


def _unexpected(error: Exception, lang: Lang) -> str:
    """The details go into a file: a salesperson has no use for a traceback."""
    path = records.data_folder() / "last-error.txt"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return message("excel_unexpected", lang, what=what, path=path)


def _lang(book: Book) -> Lang:
    """The workbook's own language, else Excel's."""
    with suppress(Exception):  # there may be no such name, or no cell behind it
        own = str(book.api.Names("Lang").RefersToRange.Value2).strip().casefold()
        if own in ("zh", "en"):
            return "en" if own == "en" else "zh"
    language = book.app.api.LanguageSettings.LanguageID(_UI_LANGUAGE)
    return "zh" if language & 0x3FF == _CHINESE else "en"


def _ask(book: Book, question: str, lang: Lang, buttons: str) -> str | None:
    answer: str | None = book.app.alert(question, message("excel_title", lang), buttons, "info")
    return answer


def _listed(book: Book, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows of text in a new workbook."""
    sheet = book.app.api.Workbooks.Add().Worksheets(1)
    cells = sheet.Range(area_name(0, 0, len(rows), len(headers) - 1))
    cells.Value2 = tuple(tuple(entered(c) for c in row) for row in (headers, *rows))
    cells.Columns.AutoFit()


def _summary(report: RefreshReport, cells: int) -> str:
    """What a refresh found, in a few lines."""
    lang, pick = report.lang, 0 if report.lang == "zh" else 1
    done = message("excel_refreshed", lang, count=cells) if report.changed else message("excel_up_to_date", lang)
    form = CHOICES["form"][report.form][pick]
    lines = [done, text("summary", lang, customers=report.customers, as_of=report.as_of, form=form)]
    for key, counts in (("stage", report.stages), ("rfm_class", report.rfm_classes)):
        if counts:
            what = text("join", lang).join(f"{label} {n}" for label, n in counts.items())
            lines.append(text("titled", lang, title=text(key, lang), what=what))
    for key, ids in (("added", report.added), ("kept_out", report.deleted_kept_out)):
        if ids:
            named = text("join", lang).join(ids[:5]) + " …" * (len(ids) > 5)
            lines.append(text(key, lang, count=len(ids), ids=named))
    if report.wrong_rows:
        lines.append(message("excel_wrong_rows", lang, count=report.wrong_rows))
    for key, count in (("lines_skipped", report.order_lines_skipped), ("lines_later", report.order_lines_later)):
        if count:
            lines.append(text(key, lang, count=count))
    if report.rule_findings:
        lines.append(text("rule_findings", lang, count=len(report.rule_findings)))
        lines += report.rule_findings[:_SHOWN]
    return "\n".join(lines + report.notes)


def _selected(book: Book, customers: TableData) -> str:
    """The id in the selected row. Error: Refused excel_select_customer."""
    try:
        cell: Any = book.app.api.ActiveCell
    except com_error() as error:  # a chart sheet is active
        if is_busy(error):
            raise
        cell = None
    if cell is None or cell.Worksheet.Name != customers.sheet:
        raise Refused("excel_select_customer")
    row = cell.Row - 1 - customers.first
    ids = normal_ids(customers.column("customer_id")[: customers.used]).tolist()
    if not 0 <= row < len(ids) or not ids[row]:
        raise Refused("excel_select_customer")
    return str(ids[row])


def _explained(found: Explanation) -> str:
    lang = found.lang
    lines = [f"{found.customer_id} {found.name}".strip(), text("as_of", lang, as_of=found.as_of), ""]
    for step in found.steps:
        lines.append(text("titled", lang, title=step.title, what=shown(step.value)))
        if step.why:
            lines.append(f"    {step.why}")
    return "\n".join(lines)
