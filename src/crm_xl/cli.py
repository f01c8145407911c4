"""The `crm-xl` commands. They parse words, call a workflow and print; nothing is decided here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from crm_xl.vocabulary.fields import Lang, Unit
    from crm_xl.workflows.refresh import RefreshReport

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


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the details of an error.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Date that everything counts up to (default: today).")]
Source = Annotated[Path | None, typer.Option(help=".xlsx .xlsm .xls .ods .csv .parquet")]
Form = Annotated[
    FormChoice | None, typer.Option("--formulas", help="Results as row formulas, column formulas or values.")
]
Book = Annotated[Path, typer.Argument(help="The workbook.")]


@contextmanager
def _told(debug: bool, lang: Lang = "zh", path: Path | None = None) -> Iterator[None]:
    """Errors in one to three lines on stderr, in the workbook's language, with their exit code."""
    from crm_xl.errors import CrmXlError

    try:
        yield
    except CrmXlError as error:
        if debug:
            raise
        typer.echo(error.text(_lang_of(path, lang)), err=True)
        raise typer.Exit(error.exit_code) from None
    except (KeyboardInterrupt, typer.Exit):
        raise
    except Exception as error:
        if debug:
            raise
        from crm_xl.vocabulary.cli_texts import text

        what = f"{type(error).__name__}: {error}".splitlines()[0]
        typer.echo(text("unexpected", _lang_of(path, lang), what=what), err=True)
        raise typer.Exit(1) from None


def _lang_of(path: Path | None, lang: Lang) -> Lang:
    """The language of a workbook that may not even open."""
    if path is None:
        return lang
    try:
        from crm_xl.workbook.file_workbook import FileWorkbook
        from crm_xl.workflows.refresh import detect_lang

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


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


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


def _say(key: str, lang: Lang, **values: object) -> None:
    from crm_xl.vocabulary.cli_texts import text

    typer.echo(text(key, lang, **values))


def print_report(report: RefreshReport, unit: Unit = "wan") -> None:
    from crm_xl.vocabulary.cli_texts import text
    from crm_xl.vocabulary.fields import UNIT_TEXT

    lang = report.lang

    def t(key: str, **values: object) -> str:
        return text(key, lang, **values)

    rows = [
        (g["segment"], g["customers"], f"{g['customer_share']:.1%}", f"{g['spend']:,.2f}", f"{g['spend_share']:.1%}")
        for g in report.segments
    ]
    money = UNIT_TEXT[unit][lang]
    if rows:
        _table(
            [t("segment"), t("customers"), t("share"), t("spend", unit=money), t("spend_share")], rows, (1, 2, 3, 4)
        )
    for title, counts in ((t("stage"), report.stages), (t("rfm_class"), report.rfm_classes)):
        if counts:
            typer.echo(f"{title}: " + ", ".join(f"{k} {n}" for k, n in counts.items()))
    _say("summary", lang, customers=report.customers, as_of=report.as_of, form=report.form)
    for key, ids in (("added", report.added), ("kept_out", report.deleted_kept_out)):
        if ids:
            shown = ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")
            _say(key, lang, count=len(ids), ids=shown)
    for field, count in report.typed_kept.items():
        _say("typed_kept", lang, field=field, count=count)
    for key, count in (
        ("wrong_rows", report.wrong_rows),
        ("lines_skipped", report.order_lines_skipped),
        ("lines_later", report.order_lines_later),
    ):
        if count:
            _say(key, lang, count=count)
    for line in [*report.rule_findings, *report.notes]:
        typer.echo(line)


@app.command()
def new(
    out: Annotated[Path, typer.Argument(help="The workbook to make (.xlsx).")],
    template: Annotated[str, typer.Option("--template", help="See `crm-xl templates`.")] = "customer-info",
    lang: Annotated[LangChoice, typer.Option("--lang")] = LangChoice.zh,
    sample: Annotated[bool, typer.Option("--sample", help="Fill it with a sample.")] = False,
    customers: Source = None,
    orders: Source = None,
    interactions: Source = None,
    as_of: AsOf = None,
    formulas: Form = None,
    value_method: Annotated[
        MethodChoice, typer.Option("--value-method", help="Value tiers by fixed amounts or by shares of customers.")
    ] = MethodChoice.thresholds,
    unit: Annotated[UnitChoice, typer.Option("--unit", help="Customer amounts in 万元 (wan) or 元 (yuan).")] = UnitChoice.wan,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Make a workbook from a template, filled and analysed."""
    with _told(debug, lang.value):  # type: ignore[arg-type]
        from crm_xl.workflows.new import new_workbook

        with _busy(str(out)):
            report = new_workbook(
                out, template=template, lang=lang.value, sample=sample, customers=customers, orders=orders,  # type: ignore[arg-type]
                interactions=interactions, as_of=as_of, formulas=(formulas or FormChoice.auto).value,  # type: ignore[arg-type]
                force=force, unit=unit.value, value_method=value_method.value,  # type: ignore[arg-type]
            )  # fmt: skip
        if json_:
            _print_json(report.as_dict())
            return
        print_report(report, unit.value)  # type: ignore[arg-type]
        _say("written", lang.value, path=out)  # type: ignore[arg-type]


@app.command("import")
def import_(
    book: Book,
    src: Annotated[Path, typer.Argument(help=".xlsx .xlsm .xls .ods .csv .parquet")],
    kind: Annotated[str, typer.Option("--as", help="customers, orders or interactions")],
    sheet: Annotated[str | None, typer.Option("--sheet")] = None,
    mapping: Annotated[list[str] | None, typer.Option("--map", help='"their header=our field", may be repeated')] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the mapping, write nothing.")] = False,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Read a customer list, an order log or contacts into a workbook."""
    with _told(debug, path=book):
        from crm_xl.errors import Refused
        from crm_xl.vocabulary.cli_texts import text
        from crm_xl.workflows.importing import import_source

        overrides = {}
        for pair in mapping or []:
            theirs, equals, ours = pair.partition("=")
            if not equals:
                raise Refused("wrong_choice", value=pair, known="their header=our field")
            overrides[theirs.strip()] = ours.strip()
        with _busy(str(src)):
            report = import_source(book, src, kind, sheet=sheet, overrides=overrides, dry_run=dry_run)
        if json_:
            _print_json(report.as_dict())
            return
        lang = report.lang
        headers = [text(k, lang) for k in ("their_header", "our_field", "samples")]
        _table(headers, [(a, b or text("ignored", lang), ", ".join(c)) for a, b, c in report.mapping])
        for key, lines in (("repairs", report.repairs), ("problems", report.problems)):
            if lines:
                _say(key, lang, count=len(lines))
                _lines(lines, lang)
        _say("import_done", lang, rows=report.rows, new=report.new, changed=report.changed, unchanged=report.unchanged)
        _say("dry_run", lang) if dry_run else _say("next_refresh", lang, path=book)


def _lines(lines: Sequence[str], lang: Lang, most: int = 10) -> None:
    for line in lines[:most]:
        typer.echo(f"  {line}")
    if len(lines) > most:
        _say("more", lang, count=len(lines) - most)


@app.command()
def refresh(
    book: Book,
    as_of: AsOf = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write here instead of replacing the workbook.")] = None,
    orders: Source = None,
    formulas: Form = None,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Bring a workbook up to date. The old file is kept as .bak."""
    with _told(debug, path=book):
        from crm_xl.workflows.refresh import book_unit, open_book
        from crm_xl.workflows.refresh import refresh as run

        with _busy(str(book)):
            report = run(book, as_of=as_of, out=out, orders=orders, formulas=formulas.value if formulas else None)  # type: ignore[arg-type]
        if json_:
            _print_json(report.as_dict())
            return
        print_report(report, book_unit(open_book(out or book)[1]))
        if not report.changed:
            _say("unchanged", report.lang, path=book)
        else:
            _say("written", report.lang, path=out or book)
            if out is None:
                _say("backup", report.lang, path=f"{book}.bak")


@app.command()
def check(book: Book, json_: Json = False, debug: Debug = False) -> None:
    """Find what is wrong in data and rules. Nothing is written. Exit code 3 when errors exist."""
    with _told(debug, path=book):
        from crm_xl.vocabulary.cli_texts import text
        from crm_xl.workflows.check import GOAL
        from crm_xl.workflows.check import check as run

        report = run(book)
        if json_:
            _print_json(report.as_dict())
        else:
            lang = report.lang
            if report.findings:
                rows = [(f"{f.sheet}!{f.cell}", text(f.severity, lang), f.text) for f in report.findings]
                _table([text(k, lang) for k in ("place", "severity", "what")], rows)
                _say("findings", lang, errors=report.errors, warnings=len(report.findings) - report.errors)
            else:
                _say("no_findings", lang)
            if report.accuracy is not None:
                _say("accuracy", lang, share=f"{report.accuracy:.1%}", goal=f"{GOAL:.0%}")
        if report.errors:
            raise typer.Exit(3)


@app.command()
def explain(
    book: Book,
    customer_id: Annotated[str, typer.Argument()],
    as_of: AsOf = None,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Why a customer has its tag, stage, class, score and level."""
    with _told(debug, path=book):
        from crm_xl.vocabulary.cli_texts import text
        from crm_xl.workflows.explain import explain as run

        found = run(book, customer_id, as_of=as_of)
        if json_:
            _print_json(found.as_dict())
            return
        lang = found.lang
        typer.echo(f"{found.customer_id} {found.name}  ({text('as_of', lang, as_of=found.as_of)})")
        _table([text("inputs", lang), text("value", lang)], [(k, _shown(v)) for k, v in found.facts])
        rows = [
            (s.title, _shown(s.value), "; ".join(f"{k}={_shown(v)}" for k, v in s.inputs), s.why) for s in found.steps
        ]
        _table([text(k, lang) for k in ("result", "value", "inputs", "why")], rows)
        scores = [(i, "" if s is None else f"{s:g}", f"{w:g}") for i, s, w in found.scores]
        _table([text(k, lang) for k in ("indicator", "score", "weight")], scores, (1, 2))


def _shown(value: object) -> str:
    import datetime as dt

    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@app.command()
def templates(
    json_: Json = False, lang: Annotated[LangChoice, typer.Option("--lang")] = LangChoice.zh
) -> None:
    """The templates that there are."""
    from crm_xl.vocabulary.cli_texts import text
    from crm_xl.workflows.new import template_list

    found = template_list(lang.value)  # type: ignore[arg-type]
    if json_:
        _print_json(found)
        return
    headers = [text(k, lang.value) for k in ("template", "meaning", "languages")]  # type: ignore[arg-type]
    _table(headers, [(t["name"], t["title"], ", ".join(t["languages"])) for t in found])


@app.command()
def functions(
    json_: Json = False, lang: Annotated[LangChoice, typer.Option("--lang")] = LangChoice.zh
) -> None:
    """The worksheet functions that there are."""
    from crm_xl.functions import REGISTRY
    from crm_xl.vocabulary.cli_texts import text

    if json_:
        _print_json(
            [
                {
                    "name": f.name, "signature": f.signature, "category": f.category, "zh": f.zh, "en": f.en,
                    "whole_column": f.whole_column,
                    "arguments": [{"name": a.name, "required": a.required, "zh": a.zh, "en": a.en} for a in f.arguments],
                }
                for f in REGISTRY.values()
            ]
        )  # fmt: skip
        return
    headers = [text(k, lang.value) for k in ("function", "meaning")]  # type: ignore[arg-type]
    _table(headers, [(f.signature, f.text(lang.value)) for f in REGISTRY.values()])  # type: ignore[arg-type]


def main(run: Callable[[], Any] = app) -> None:
    """Entry point. What a console cannot show is replaced, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    run()


if __name__ == "__main__":
    main()
