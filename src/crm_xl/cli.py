"""The `crm-xl` commands. They parse words, call a workflow and print; nothing is decided here.

Everything heavy is imported inside the commands: `crm-xl --help` needs none of it.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from crm_xl.errors import CrmXlError, Refused
from crm_xl.vocabulary.cli_texts import text
from crm_xl.vocabulary.fields import UNIT_TEXT, Lang, Unit
from crm_xl.vocabulary.settings import CHOICES

if TYPE_CHECKING:
    from crm_xl.workflows.importing import ImportReport
    from crm_xl.workflows.merge import MergeReport
    from crm_xl.workflows.refresh_report import RefreshReport

app = typer.Typer(
    name="crm-xl",
    help="Customer segments, stages and scores in your Excel workbook. 客户细分、生命周期与评分。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class LangChoice(str, Enum):
    zh = "zh"
    en = "en"


class FormChoice(str, Enum):
    auto = "auto"
    row = "row"
    spill = "spill"
    values = "values"


class MethodChoice(str, Enum):
    thresholds = "thresholds"
    shares = "shares"


class UnitChoice(str, Enum):
    wan = "wan"
    yuan = "yuan"


KINDS = ".xlsx .xlsm .xls .ods .csv .parquet"
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the details of an error.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Date that everything counts up to (default: today).")
]
Form = Annotated[
    FormChoice | None, typer.Option("--formulas", help="Results as row formulas, column formulas or values.")
]
BreakSignature = Annotated[
    bool, typer.Option("--break-signature", help="Write into a digitally signed workbook; the signature goes.")
]
PasswordEnv = Annotated[
    str | None, typer.Option("--password-env", metavar="NAME", help="Environment variable that holds the password.")
]
AskPassword = Annotated[bool, typer.Option("--password", help="Ask for a password.")]
Language = Annotated[LangChoice, typer.Option("--lang", help="Chinese or English.")]
Book = Annotated[Path, typer.Argument(metavar="BOOK", help="The workbook.")]


@contextmanager
def _told(debug: bool, lang: Lang = "zh", path: Path | None = None) -> Iterator[None]:
    """Errors in one to three lines on stderr, in the workbook's language, with their exit code."""
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError, typer.Exit):
        raise
    except Exception as error:
        if debug:
            traceback.print_exc()
        lang = _lang_of(path, lang)
        if isinstance(error, CrmXlError):
            typer.echo(error.text(lang), err=True)
            raise typer.Exit(error.exit_code) from None
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        typer.echo(text("unexpected", lang, what=what), err=True)
        raise typer.Exit(1) from None


def _lang_of(path: Path | None, lang: Lang) -> Lang:
    """The language of a workbook that may not even open."""
    if path is None:
        return lang
    from crm_xl.workbook.file_workbook import FileWorkbook
    from crm_xl.workflows.opening import detect_lang

    try:
        return detect_lang(FileWorkbook(path))
    except Exception:
        return lang


@contextmanager
def _busy(label: str) -> Iterator[None]:
    """A spinner on a terminal, silence in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(label):
        yield


def _print_json(value: dict[str, Any]) -> None:
    # a console that cannot show Chinese gets \u escapes: the JSON stays whole
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    typer.echo(json.dumps(value, ensure_ascii=not encoding.startswith("utf"), indent=2, default=str))


def _table(headers: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE, show_edge=False)
    for i, header in enumerate(headers):
        table.add_column(header, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(c) for c in row))
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 120
    console.print(table)


def _lines(lines: Sequence[str], lang: Lang, most: int = 10) -> None:
    for line in lines[:most]:
        typer.echo(f"  {line}")
    if len(lines) > most:
        typer.echo("  " + text("more", lang, count=len(lines) - most))


def _repairs(repairs: Sequence[str], problems: Sequence[str], lang: Lang) -> None:
    """What reading a source mended, and what it had to leave empty."""
    for key, lines in (("repairs", repairs), ("problems", problems)):
        if lines:
            typer.echo(text(key, lang, count=len(lines)))
            _lines(lines, lang)


def print_report(report: RefreshReport, unit: Unit = "wan") -> None:
    """What a refresh found, for a salesperson."""
    lang = report.lang
    if report.segments:
        money = UNIT_TEXT[unit][lang]
        headers = [text(k, lang, unit=money) for k in ("segment", "customers", "share", "spend", "spend_share")]
        rows = [
            (
                g["segment"],
                g["customers"],
                f"{g['customer_share']:.1%}",
                f"{g['spend']:,.2f}",
                f"{g['spend_share']:.1%}",
            )
            for g in report.segments
        ]
        _table(headers, rows, (1, 2, 3, 4))
    for key, counts in (("stage", report.stages), ("rfm_class", report.rfm_classes)):
        if counts:
            shown = text("join", lang).join(f"{label} {n}" for label, n in counts.items())
            typer.echo(text("titled", lang, title=text(key, lang), what=shown))
    form = CHOICES["form"][report.form][0 if lang == "zh" else 1]
    typer.echo(text("summary", lang, customers=report.customers, as_of=report.as_of, form=form))
    _repairs(report.repairs, report.problems, lang)
    for key, ids in (("added", report.added), ("kept_out", report.deleted_kept_out)):
        if ids:
            shown = text("join", lang).join(ids[:5]) + (" …" if len(ids) > 5 else "")
            typer.echo(text(key, lang, count=len(ids), ids=shown))
    for field, count in report.typed_kept.items():
        typer.echo(text("typed_kept", lang, field=field, count=count))
    for key, count in (
        ("wrong_rows", report.wrong_rows),
        ("lines_skipped", report.order_lines_skipped),
        ("lines_later", report.order_lines_later),
    ):
        if count:
            typer.echo(text(key, lang, count=count))
    if report.rule_findings:
        typer.echo(text("rule_findings", lang, count=len(report.rule_findings)))
        _lines(report.rule_findings, lang)
    if report.recalculated:
        typer.echo(text("recalculated", lang, count=report.recalculated))
    for line in report.notes:
        typer.echo(line)


def _print_details(report: RefreshReport) -> None:
    """What a refresh wrote and why, and what it left alone."""
    from crm_xl.vocabulary.report_texts import why

    lang = report.lang
    if report.written:
        rows = [
            (f"{c.sheet}!{c.cells}" if c.cells else c.sheet or c.part, c.column, c.count or "", why(c.why, lang))
            for c in report.written
        ]
        typer.echo(text("written_cells", lang))
        _table([text(k, lang) for k in ("place", "column", "cells", "why")], rows, (2,))
    typer.echo(text("left_alone", lang, parts=report.untouched_parts))
    if report.left_alone:
        left = [
            (f"{x.sheet}!{x.cells}" if x.cells else x.what, x.count or "", why(x.why, lang, x.what))
            for x in report.left_alone
        ]
        _table([text(k, lang) for k in ("place", "cells", "why")], left, (1,))


@app.command()
def new(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The workbook to make (.xlsx).")],
    template: Annotated[
        str | None, typer.Option("--template", metavar="T", help="See `crm-xl templates`; default: full.")
    ] = None,
    lang: Language = LangChoice.zh,
    sample: Annotated[bool, typer.Option("--sample", help="Fill it with a sample.")] = False,
    customers: Annotated[
        Path | None, typer.Option("--customers", metavar="SRC", help=f"A customer list: {KINDS}")
    ] = None,
    orders: Annotated[Path | None, typer.Option("--orders", metavar="SRC", help="An order log.")] = None,
    interactions: Annotated[Path | None, typer.Option("--interactions", metavar="SRC", help="A contact log.")] = None,
    as_of: AsOf = None,
    formulas: Form = None,
    value_method: Annotated[
        MethodChoice, typer.Option("--value-method", help="Value tiers by fixed amounts or by shares of customers.")
    ] = MethodChoice.thresholds,
    unit: Annotated[
        UnitChoice, typer.Option("--unit", help="Customer amounts in 万元 (wan) or 元 (yuan).")
    ] = UnitChoice.wan,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Make a workbook from a template, filled and analysed."""
    with _told(debug, lang.value):
        from crm_xl.workflows.new import DEFAULT_TEMPLATE, new_workbook

        with _busy(str(out)):
            report = new_workbook(
                out,
                template=template or DEFAULT_TEMPLATE,
                lang=lang.value,
                sample=sample,
                customers=customers,
                orders=orders,
                interactions=interactions,
                as_of=as_of,
                formulas=(formulas or FormChoice.auto).value,
                force=force,
                unit=unit.value,
                value_method=value_method.value,
            )
        if json_:
            _print_json(report.as_dict())
            return
        print_report(report, unit.value)
        typer.echo(text("written", lang.value, path=out))


@app.command("import")
def import_(
    book: Book,
    src: Annotated[list[Path], typer.Argument(metavar="SRC...", help=f"One file or several: {KINDS}")],
    kind: Annotated[
        str,
        typer.Option(
            "--as", metavar="WHAT", help="customers, orders, interactions, complaints, surveys, needs or loyalty"
        ),
    ],
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of SRC to read.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="PAIR", help='"their header=our field" ("their header=": leave it out); repeatable'
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the mapping and what would change, write nothing.")
    ] = False,
    new_ids: Annotated[
        str,
        typer.Option(
            "--new-ids", metavar="PREFIX", help="Add customers without an ID who are not known, as PREFIX0001 …"
        ),
    ] = "",
    use_map: Annotated[
        Path | None, typer.Option("--use-map", metavar="FILE", help="Which column is which, as saved before.")
    ] = None,
    save_map: Annotated[
        Path | None, typer.Option("--save-map", metavar="FILE", help="Keep which column is which in a small file.")
    ] = None,
    break_signature: BreakSignature = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Read customer lists, order logs or records into a workbook. The old file is kept as .bak."""
    with _told(debug, path=book):
        from crm_xl.workflows.importing import import_source

        overrides = {}
        for pair in mapping or []:
            theirs, equals, ours = pair.rpartition("=")
            if not theirs.strip() or not equals:
                raise Refused("map_form", value=pair)
            overrides[theirs.strip()] = ours.strip()
        with _busy(", ".join(map(str, src))):
            report = import_source(
                book,
                src,
                kind,
                sheet=sheet,
                overrides=overrides,
                dry_run=dry_run,
                break_signature=break_signature,
                new_ids=new_ids,
                use_map=use_map,
                save_map_as=save_map,
            )
        if json_:
            _print_json(report.as_dict())
            return
        _print_import(report)
        lang = report.lang
        if save_map is not None:
            typer.echo(text("map_saved", lang, path=save_map))
        typer.echo(text("dry_run", lang) if dry_run else text("next_refresh", lang, path=book))


def _print_import(report: ImportReport) -> None:
    """What an import understood, left out and changed, for a salesperson."""
    from crm_xl.vocabulary.import_texts import HOW_TEXTS

    lang = report.lang
    joint = text("join", lang)
    for source in dict.fromkeys(column["source"] for column in report.columns):
        columns = [column for column in report.columns if column["source"] == source]
        if len(report.sources) > 1:
            typer.echo(source)
        rows = []
        for c in columns:
            how = HOW_TEXTS.get(c["how"])
            found = f"{how[0 if lang == 'zh' else 1]} {c['score']:.2f}" if how else ""
            nowhere = text("no_place", lang, column=c["no_place"]) if c["no_place"] else text("ignored", lang)
            rows.append((c["header"], c["column"] or nowhere, joint.join(c["samples"]), found))
        headers = [text(k, lang) for k in ("their_header", "our_field", "samples")]
        _table([*headers, text("how_found", lang) if any(row[3] for row in rows) else ""], rows)
    for key, lines in (
        ("questions", report.questions),
        ("rows_no_data", report.left_out),
        ("joined", report.joined),
        ("differences", report.differences),
    ):
        if lines:
            typer.echo(text(key, lang, count=len(lines)))
            _lines(lines, lang)
    for line in report.notes:
        typer.echo(line)
    _repairs(report.repairs, report.problems, lang)
    if report.changes:
        typer.echo(text("changes", lang, count=len(report.changes)))
        nothing = text("nothing_there", lang)
        shown = [text("changed_cell", lang, **{**c, "old": c["old"] or nothing}) for c in report.changes]
        _lines(shown, lang, most=20)
    typer.echo(
        text(
            "import_done",
            lang,
            rows=report.rows,
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
        )
    )
    if report.unknown:
        typer.echo(text("use_new_ids", lang, count=report.unknown))


@app.command()
def refresh(
    book: Book,
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT", help="Write here instead of replacing the workbook.")
    ] = None,
    orders: Annotated[Path | None, typer.Option("--orders", metavar="SRC", help=f"An order log: {KINDS}")] = None,
    formulas: Form = None,
    break_signature: BreakSignature = False,
    in_detail: Annotated[
        bool, typer.Option("--report", help="Show what was written, range by range, and what was left alone.")
    ] = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Bring a workbook up to date. The old file is kept as .bak."""
    with _told(debug, path=book):
        from crm_xl.read_ahead import ReadAhead

        ahead = ReadAhead(book)  # the imports take as long as reading
        from crm_xl.workflows.refresh import refresh as run

        with _busy(str(book)):
            report = run(
                book,
                as_of=as_of,
                out=out,
                orders=orders,
                formulas=formulas.value if formulas else None,
                break_signature=break_signature,
                ahead=ahead,
            )
        if json_:
            _print_json(report.as_dict())
            return
        print_report(report, report.unit)
        if in_detail:
            _print_details(report)
        if out is None and not report.changed:
            typer.echo(text("unchanged", report.lang, path=book))
            return
        typer.echo(text("written", report.lang, path=out or book))
        if out is None:
            typer.echo(text("backup", report.lang, path=f"{book}.bak"))


@app.command()
def check(book: Book, json_: Json = False, debug: Debug = False) -> None:
    """Find what is wrong in data and rules. Nothing is written. Exit code 3 when errors exist."""
    with _told(debug, path=book):
        from crm_xl.workflows.check import check as run

        with _busy(str(book)):
            report = run(book)
        if json_:
            _print_json(report.as_dict())
        else:
            lang = report.lang
            if report.findings:
                rows = [(f"{f.sheet}!{f.cell}", text(f.severity, lang), f.text) for f in report.findings]
                _table([text(k, lang) for k in ("place", "severity", "what")], rows)
                typer.echo(text("findings", lang, errors=report.errors, warnings=len(report.findings) - report.errors))
            else:
                typer.echo(text("no_findings", lang))
            if report.accuracy is not None:
                typer.echo(text("accuracy", lang, share=f"{report.accuracy:.1%}", goal=f"{report.goal * 100:.6g}%"))
        if report.errors:
            raise typer.Exit(3)


@app.command()
def tasks(
    book: Book,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="OUT", help="Write tasks and care dates as a calendar file (.ics).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing calendar file.")] = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """The open tasks of a workbook, or a calendar file of tasks and care dates."""
    with _told(debug, path=book):
        from crm_xl.workflows.tasks import open_tasks, write_calendar

        report = open_tasks(book)
        lang = report.lang
        count = write_calendar(report, ics, force=force) if ics is not None else 0
        if json_:
            written = {} if ics is None else {"calendar": str(ics), "events": count}
            _print_json({**report.as_dict(), **written})
            return
        if ics is not None:
            typer.echo(text("calendar_written", lang, path=ics, count=count))
            if report.undated:
                typer.echo(text("tasks_undated", lang, count=report.undated))
            return
        if not report.tasks:
            typer.echo(text("no_tasks", lang))
            return
        rows = [
            (
                t.due or "",
                t.task,
                t.customer or t.customer_id,
                t.owner,
                text("overdue", lang) if t.overdue else t.status,
            )
            for t in report.tasks
        ]
        _table([text(k, lang) for k in ("due", "task", "customer", "owner", "status")], rows)
        late = sum(t.overdue for t in report.tasks)
        typer.echo(text("tasks_open", lang, count=len(report.tasks), late=late, care=len(report.care)))


@app.command()
def export(
    book: Book,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The list to write: .xlsx or .csv.")],
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns", metavar="LIST", help="Headers with commas between them (default: those for calling)."
        ),
    ] = None,
    segment: Annotated[
        list[str] | None, typer.Option("--segment", metavar="TAG", help="Only this segment, may be repeated.")
    ] = None,
    owner: Annotated[
        list[str] | None, typer.Option("--owner", metavar="NAME", help="Only this owner's, may be repeated.")
    ] = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="Mask persons' names, phones, e-mails, ids and addresses.")
    ] = False,
    mask_names: Annotated[bool, typer.Option("--mask-names", help="As --mask, and the names of companies.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing list.")] = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Write a list of customers for calling or mailing. The workbook stays as it is."""
    with _told(debug, path=book):
        from crm_xl.workflows.export import export_list

        with _busy(str(out)):
            report = export_list(
                book,
                out,
                columns=columns,
                segments=segment or (),
                owners=owner or (),
                mask=mask,
                mask_names=mask_names,
                force=force,
            )
        if json_:
            _print_json(report.as_dict())
            return
        lang = report.lang
        joint = text("join", lang)
        typer.echo(
            text(
                "exported",
                lang,
                rows=report.rows,
                customers=report.customers,
                count=len(report.columns),
                headers=joint.join(report.columns),
            )
        )
        if report.masked:
            typer.echo(text("masked", lang, headers=joint.join(report.masked)))
        if report.digits_lost:
            typer.echo(text("digits_lost", lang, count=report.digits_lost))
        typer.echo(text("written", lang, path=out))


@app.command()
def dedupe(
    book: Book,
    threshold: Annotated[
        float | None, typer.Option("--threshold", metavar="X", help="Score from which on a pair counts, 0 to 1.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Merge the rows marked Merge in the table Duplicates.")
    ] = False,
    undo: Annotated[
        Path | None, typer.Option("--undo", metavar="REPORT", help="Take a merge back by the report that it wrote.")
    ] = None,
    break_signature: BreakSignature = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Find customers that are there twice, merge those that you mark, or take a merge back."""
    with _told(debug, path=book):
        from crm_xl.workflows import dedupe as story

        if apply and undo is not None:
            raise Refused("dedupe_one_of")
        if not apply and undo is None:
            with _busy(str(book)):
                found = story.find(book, threshold=threshold, break_signature=break_signature)
            if json_:
                _print_json(found.as_dict())
                return
            lang = found.lang
            if not found.rows:
                typer.echo(text("duplicates_none", lang))
                return
            keys = ("duplicate_group", "customer_id", "customer", "phone", "likeness", "evidence", "proposed_to")
            rows = [
                (r.group, r.customer_id, r.customer_name, r.phone, f"{r.score:.2f}", r.evidence, r.proposed)
                for r in found.rows[:20]
            ]
            _table([text(k, lang) for k in keys], rows, (0, 4))
            typer.echo(text("duplicates_found", lang, groups=found.groups, rows=len(found.rows), path=book))
            return
        with _busy(str(book)):
            if undo is None:
                done = story.merge(book, break_signature=break_signature)
            else:
                done = story.undo(book, undo, break_signature=break_signature)
        if json_:
            _print_json(done.as_dict())
            return
        lang, cells = done.lang, sum(done.cells.values())
        if not done.merged:
            typer.echo(text("nothing_to_merge", lang))
        elif undo is not None:
            typer.echo(text("unmerged", lang, count=done.count, cells=cells))
        else:
            typer.echo(text("merged", lang, count=done.count, masters=len(done.merged), cells=cells))
            typer.echo(text("history_kept", lang))
            typer.echo(text("undo_with", lang, path=book, report=done.report))


@app.command()
def split(
    book: Book,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder for the workbooks.")],
    by: Annotated[
        str, typer.Option("--by", metavar="COLUMN", help="The column that says whose a customer is (default: owner).")
    ] = "owner",
    mask: Annotated[bool, typer.Option("--mask", help="Mask phones, addresses, e-mail and names of contacts.")] = False,
    password_env: PasswordEnv = None,
    password: AskPassword = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Make a workbook for each owner, with that owner's customers only."""
    with _told(debug, path=book):
        from crm_xl.workflows.split import split as run

        lang = _lang_of(book, "zh")
        secret = _password(password_env, password, lang, confirm=True)
        with _busy(str(book)):
            report = run(book, out, by=by, mask=mask, password=secret, force=force)
        if report.weak_password:
            typer.echo(text("password_weak", lang), err=True)
        if json_:
            _print_json(report.as_dict())
        else:
            written = [f for f in report.files if not f.refused]
            headers = [text(k, lang) for k in ("owner", "customers", "split_lines", "split_hidden", "split_file")]
            rows = [
                (f.owner, f.customers, sum(f.rows.values()) - f.customers, len(f.hidden) or "", Path(f.path).name)
                for f in written
            ]
            _table(headers, rows, (1, 2, 3))
            count = sum(f.customers for f in written)
            done = {"count": len(written), "customers": count, "by": report.by, "as_of": report.as_of, "out": out}
            typer.echo(text("split_done", lang, **done))
            typer.echo(text("split_alone", lang))
            hidden = list(dict.fromkeys(f"{sheet}!{cell}" for f in written for sheet, cell, _ in f.hidden))
            if hidden:
                shown = text("join", lang).join(hidden[:10]) + (" …" if len(hidden) > 10 else "")
                typer.echo(text("split_hidden_note", lang, count=len(hidden), cells=shown))
            left_out = list(dict.fromkeys(h for f in written for h in f.left_out))
            if left_out:
                typer.echo(text("split_left_out", lang, headers=text("join", lang).join(left_out)))
            if report.encrypted:
                typer.echo(text("split_encrypted", lang))
        for file in report.refused:
            what = text("join", lang).join(file.refused[:5])
            typer.echo(CrmXlError("split_leak", owner=file.owner, what=what).text(lang), err=True)
        if report.refused:
            raise typer.Exit(1)


@app.command()
def merge(
    book: Book,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with the workbooks that came back.")],
    password_env: PasswordEnv = None,
    password: AskPassword = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, write nothing.")] = False,
    break_signature: BreakSignature = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Take over what owners changed in their workbooks. Exit code 3 when something waits for a decision."""
    with _told(debug, path=book):
        from crm_xl.workflows.merge import merge as run

        secret = _password(password_env, password, _lang_of(book, "zh"), confirm=False)
        with _busy(str(book)):
            report = run(book, folder, password=secret, dry_run=dry_run, break_signature=break_signature)
        if json_:
            _print_json(report.as_dict())
        else:
            _print_merge(report)
        if report.listed or report.failed:
            raise typer.Exit(3)


def _print_merge(report: MergeReport) -> None:
    lang = report.lang
    keys = ("merge_file", "owner", "merge_cells", "merge_customers", "merge_lines", "merge_open")
    rows = [(f.file, f.owner, f.cells, f.customers, f.lines, f.listed or "") for f in report.files if not f.error]
    _table([text(k, lang) for k in keys], rows, (2, 3, 4, 5))
    for file in report.failed:
        typer.echo(text("merge_not_read", lang, file=file.file, why=file.error), err=True)
    if report.listed:
        typer.echo(text("merge_listed", lang))
        titles = ("merge_file", "customer", "merge_column", "merge_handed", "merge_manager", "merge_owner", "merge_why")
        lines = [(c.file, c.customer, c.column, c.before, c.manager, c.owner, c.why) for c in report.listed]
        _table([text(k, lang) for k in titles], lines[:20])
        if len(lines) > 20:
            typer.echo("  " + text("more", lang, count=len(lines) - 20))
    files = report.files
    counts = {"cells": sum(f.cells for f in files), "customers": sum(f.customers for f in files)}
    lines_in = sum(f.lines for f in files)
    typer.echo(text("merge_done", lang, **counts, lines=lines_in, count=len(report.listed)))
    if report.dry_run:
        typer.echo(text("dry_run", lang))
    elif report.changed:
        typer.echo(text("written", lang, path=report.path))
        typer.echo(text("backup", lang, path=f"{report.path}.bak"))
    else:
        typer.echo(text("merge_nothing", lang, path=report.path))
    if report.report:
        typer.echo(text("merge_report", lang, path=report.report))


def _password(env: str | None, ask: bool, lang: Lang, *, confirm: bool) -> str | None:
    """The password from a variable or a terminal; None if neither is asked for."""
    if env is not None and ask:
        raise Refused("password_one_of")
    if env is not None:
        found = os.environ.get(env, "")
        if not found:
            raise Refused("password_unset", name=env)
        return found
    if not ask:
        return None
    if not sys.stdin.isatty():
        raise Refused("password_no_terminal")
    return str(typer.prompt(text("password_ask", lang), hide_input=True, confirmation_prompt=confirm, err=True))


@app.command()
def explain(
    book: Book,
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID", help="As in the customer table.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Date to count up to (default: the last refresh).")
    ] = None,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Why a customer has its tag, stage, class, score and level."""
    with _told(debug, path=book):
        from crm_xl.workflows.explain import explain as run

        found = run(book, customer_id, as_of=as_of)
        if json_:
            _print_json(found.as_dict())
            return
        lang = found.lang
        named = f"{found.customer_id} {found.name}".strip()
        typer.echo(text("titled", lang, title=named, what=text("as_of", lang, as_of=found.as_of)))
        _table([text("inputs", lang), text("value", lang)], [(k, _shown(v)) for k, v in found.facts])
        typer.echo()
        steps = [
            (s.title, _shown(s.value), "\n".join(f"{k} = {_shown(v)}" for k, v in s.inputs), s.why) for s in found.steps
        ]
        _table([text(k, lang) for k in ("result", "value", "inputs", "why")], steps)
        typer.echo()
        scores = [
            (s.dimension, s.indicator, _shown(s.value), _shown(s.score), f"{s.weight:g}", _shown(s.points))
            for s in found.scores
        ]
        headers = [text(k, lang) for k in ("dimension", "indicator", "value", "score", "weight", "points")]
        _table(headers, scores, (2, 3, 4, 5))


def _shown(value: object) -> str:
    """A cell in a table: dates as 2024-06-30, figures short."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return str(value)


@app.command()
def templates(json_: Json = False, lang: Language = LangChoice.zh) -> None:
    """The templates that there are."""
    from crm_xl.workflows.new import template_list

    found = template_list(lang.value)
    if json_:
        _print_json({"templates": found})
        return
    headers = [text(k, lang.value) for k in ("template", "meaning", "languages")]
    _table(headers, [(t["name"], t["title"], ", ".join(t["languages"])) for t in found])


@app.command()
def functions(json_: Json = False, lang: Language = LangChoice.zh) -> None:
    """The worksheet functions that there are."""
    from crm_xl.functions import REGISTRY

    if json_:
        found = [
            {
                "name": f.name,
                "signature": f.signature,
                "category": f.category,
                "zh": f.zh,
                "en": f.en,
                "whole_column": f.whole_column,
                "arguments": [{"name": a.name, "required": a.required, "zh": a.zh, "en": a.en} for a in f.arguments],
            }
            for f in REGISTRY.values()
        ]
        _print_json({"functions": found})
        return
    headers = [text(k, lang.value) for k in ("function", "meaning")]
    _table(headers, [(f.signature, f.text(lang.value)) for f in REGISTRY.values()])


addin = typer.Typer(help="The Excel add-in: build, install, uninstall, doctor.", no_args_is_help=True)
app.add_typer(addin, name="addin")


@addin.command("build")
def addin_build(
    folder: Annotated[Path, typer.Option("--folder", help="Where the built files go.")] = Path("addin"),
    debug: Debug = False,
) -> None:
    """Build crm_xl.xlam and the macros of .xlsm workbooks. No Excel is needed."""
    from crm_xl import assets
    from crm_xl.excel.interface import interface_language

    lang = interface_language()
    with _told(debug, lang):
        try:
            from crm_xl.excel.build import build
        except ModuleNotFoundError as missing:
            raise CrmXlError("build_tools", name=missing.name) from missing
        for path in build(folder, assets.path("workbook_templates")):
            typer.echo(text("written", lang, path=path))


@addin.command("install")
def addin_install(
    own_environment: Annotated[
        bool, typer.Option("--own-environment", help="Make a Python environment for the add-in alone.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Install the add-in for this user. Excel must be closed."""
    from crm_xl.excel.install import install
    from crm_xl.excel.interface import interface_language
    from crm_xl.excel.machine import this_machine

    lang = interface_language()
    with _told(debug, lang), _busy("install"):
        told = install(this_machine(), own_environment=own_environment).lines(lang)
    typer.echo("\n".join(told))


@addin.command("uninstall")
def addin_uninstall(debug: Debug = False) -> None:
    """Take the add-in away again. Excel must be closed."""
    from crm_xl.excel.install import uninstall
    from crm_xl.excel.interface import interface_language
    from crm_xl.excel.machine import this_machine

    lang = interface_language()
    with _told(debug, lang):
        told = uninstall(this_machine()).lines(lang)
    typer.echo("\n".join(told))


@addin.command("doctor")
def addin_doctor(
    book: Annotated[str | None, typer.Argument(metavar="[BOOK]", help="A workbook that makes trouble.")] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Find out what is wrong with an installation, and what to do. Exit code 3: there is a problem."""
    from crm_xl.excel.doctor import doctor
    from crm_xl.excel.interface import interface_language
    from crm_xl.excel.machine import this_machine

    lang = interface_language()
    with _told(debug, lang):
        checks = doctor(this_machine(), book)
    if as_json:
        found = [{"name": c.name, "result": c.result, "title": c.title(lang), "text": c.text(lang)} for c in checks]
        _print_json({"checks": found})
    else:
        for check in checks:
            typer.echo("\n".join(check.lines(lang)))
    if any(c.result == "problem" for c in checks):
        raise typer.Exit(3)


def main() -> None:
    """Entry point. What a console cannot show is replaced, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    gc.disable()  # a command ends before its garbage matters, and looking for it costs a tenth of a second
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for some reads about every installed package
    try:
        app()
    except SystemExit as done:
        _leave(done.code)


def _leave(code: str | int | None) -> NoReturn:
    """End the process without taking every module and object apart, which costs a fifth of a second."""
    if isinstance(code, str):
        print(code, file=sys.stderr)
    with suppress(OSError):  # whoever read our output has left
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    main()
