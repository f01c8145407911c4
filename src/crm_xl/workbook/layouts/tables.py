"""Draw an Excel table from the vocabulary: headers, cell formats, dropdowns, marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from crm_xl.vocabulary.fields import Field, Table
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.metrics import METRICS, PERIODS
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.texts import CHOICES, FREE_CHOICES, pick

from .columns import look
from .page import LAST_ROW, Page, Place
from .styles import BAR, TABLE_STYLE, Styles

LABEL_MARKS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "segment": (
        ("bad", ("lost",)),
        ("warn", ("dormant",)),
        ("good", ("active",)),
        ("calm", ("occasional",)),
        ("new", ("prospect",)),
        ("faint", ("incomplete", "out_of_scope")),
    ),
    "rfm_class": (
        ("bad", ("five_risk", "key_win_back", "cant_lose", "hibernating")),
        ("warn", ("five_essential", "key_keep", "about_to_sleep")),
        ("good", ("five_high", "key_value", "champions", "loyal")),
        ("new", ("five_new", "five_potential", "prospect")),
    ),
    "churn_risk": (("bad", ("yes",)),),
    "health": (("bad", ("alert",)), ("warn", ("watch",)), ("good", ("healthy",))),
    "change": (
        ("bad", ("grade_down", "grade_lost")),
        ("good", ("grade_up",)),
        ("new", ("grade_new",)),
    ),
    "status": (
        ("bad", ("overdue",)),
        ("warn", ("behind",)),
        ("good", ("done",)),
        ("new", ("on_track",)),
    ),
}
"""Field -> tints for the labels that its text contains; the first one that fits holds."""
LABEL_MARKS["overdue"] = (("bad", ("overdue",)),)
LABEL_MARKS["severity"] = (("bad", ("error",)), ("warn", ("warning",)))
LABEL_MARKS["activity"] = LABEL_MARKS["lifecycle"] = LABEL_MARKS["segment"]

_MAY_BE_NEGATIVE = frozenset({"lower", "baseline", "target_value", "points"})
_UNMARKED = frozenset({"History", "Known"})
"""Long lists of ours that nobody reads."""
_BARS = frozenset(
    {("Customers", "annual_spend"), ("Profile", "customer_share"), ("Profile", "spend_share"),
     ("RfmProfile", "customer_share"), ("RfmProfile", "spend_share"),
     ("Targets", "progress")}
)  # fmt: skip
RATES = (*(k for k in METRICS if k.endswith("_rate")), "csat")
COUNTS = ("customers", "active", "prospects", "complaints")
METRIC_CELLS = {
    "Targets": ("baseline", "target_value", "current"),
    "Reviews": ("target_value", "actual", "gap"),
}
"""Table -> its figures, whose format hangs on the metric of the row."""
TARGET_KINDS = ("kind_reach", "kind_raise", "kind_lower", "kind_list")
TARGET_SCOPES = ("everyone", "high", "mid", "low", "active", "occasional", "dormant", "lost", "prospect")
SCOPE_FIELDS = (
    "industry",
    "region",
    "city",
    "customer_type",
    "source",
    "owner",
    "follow_up",
    "account_class",
)


def draw_table(
    page: Page,
    table: Table,
    row: int = 0,
    column: int = 0,
    *,
    keys: Sequence[str] | None = None,
    rows: Sequence[Sequence[object]] = (),
    filtered: bool = True,
    whole_columns: bool = False,
) -> Place:
    """The table with its header at (row, column); without `rows`, one blank row that carries the formats.

    `whole_columns`: the columns themselves carry the formats too, so that ids pasted far below keep
    their digits.
    """
    fields = table.fields if keys is None else [table.field(k) for k in keys]
    looks = [look(table, f, page.lang, page.book.unit, filtered=filtered) for f in fields]
    cells = rows or [[None] * len(fields)]
    last = row + len(cells)
    right = column + len(fields) - 1
    styles = page.styles
    bodies = [styles.body(x.num_format, wrap=x.wrap, align=x.align, indent=x.indent) for x in looks]
    page.sheet.add_table(
        row,
        column,
        last,
        right,
        {
            "name": table.name,
            "style": TABLE_STYLE,
            "autofilter": filtered,
            "columns": [
                {"header": x.header, "header_format": styles.header(x.origin, x.align, x.indent)} for x in looks
            ],
        },
    )
    for i, line in enumerate(cells):
        for j, value in enumerate(line):
            page.write(row + 1 + i, column + j, value, bodies[j])
    for j, x in enumerate(looks):
        text_column = styles.plain(x.num_format, align=x.align, indent=x.indent) if whole_columns else None
        page.width(column + j, x.width, text_column)
    columns = {f.key: column + j for j, f in enumerate(fields)}
    place = Place(table.name, page.key, row, last, columns, sum(x.width for x in looks))
    for f, x in zip(fields, looks, strict=True):
        where = place.columns[f.key]
        if x.origin != "computed":
            _validate(page, table, f, place, where)
        if x.origin == "computed" and table.name not in _UNMARKED:
            _mark(page, f, place, where)
        if (table.name, f.key) in _BARS:
            _bar(page, place, where, whole=f.kind == "ratio")
    if table.name in METRIC_CELLS:
        _metric_formats(page, place, METRIC_CELLS[table.name])
    _allow_digits(page, fields, place)
    page.book.places[table.name] = place
    return place


def _validate(page: Page, table: Table, field: Field, place: Place, column: int) -> None:
    """A dropdown, or a question when the wrong kind of thing is typed. Never a refusal."""
    last = place.last
    choices = _choices(page, table, field)
    if choices:
        more: dict[str, Any] = {}
        if (table.name, field.key) == ("Strategies", "system"):
            more = {"input_title": page.say("system_title"), "input_message": page.say("system_help")}
        free = (table.name, field.key) in FREE_CHOICES
        page.offer(place.first, column, choices, last_row=last, free=free, **more)
        return
    if (table.name, field.key) == ("Targets", "target_value"):
        page.sheet.data_validation(
            place.first,
            column,
            last,
            column,
            {
                "validate": "any",
                "input_title": page.say("target_value_title"),
                "input_message": page.say("target_value_help"),
            },
        )
    elif field.kind == "date":
        page.ask_date(place.first, column, last_row=last)
    elif field.kind == "rating":
        scale = (0, 10) if field.key == "recommend" else (1, 5)
        page.ask_number(place.first, column, *scale, last_row=last)
    elif field.kind == "ratio":
        page.ask_number(place.first, column, -1, 1, last_row=last)
    elif field.kind in ("money", "number"):
        low = -1e12 if field.kind == "money" or field.key in _MAY_BE_NEGATIVE else 0
        page.ask_number(place.first, column, low, 100 if field.key == "share" else 1e12, last_row=last)
    elif field.kind == "count":
        low, high = (1, 9) if table.name in ("RfmClasses", "RfmBreaks") else (0, 1e9)
        whole = table.name != "LifecycleRules"
        page.ask_number(place.first, column, low, high, whole=whole, last_row=last)


def _choices(page: Page, table: Table, field: Field) -> list[str]:
    lang = page.lang
    if table.name in METRIC_CELLS:
        if field.key == "target_kind":
            return [label(k, lang) for k in TARGET_KINDS]
        if field.key == "metric":
            return [pick(pair, lang) for pair in METRICS.values()]
        if field.key == "period":
            return [pick((zh, en), lang) for zh, en, _ in PERIODS.values()]
        if field.key == "scope":
            return [label(k, lang) for k in TARGET_SCOPES]
    if (table.name, field.key) == ("Scope", "scope_field"):
        return [CUSTOMERS.field(k).header(lang) for k in SCOPE_FIELDS if k in page.book.columns]
    return [pick(pair, lang) for pair in CHOICES.get((table.name, field.key), ())]


def _mark(page: Page, field: Field, place: Place, column: int) -> None:
    seen: set[str] = set()
    for tint, keys in LABEL_MARKS.get(field.key, ()):
        for word in (label(k, page.lang) for k in keys):
            if word in seen:
                continue
            seen.add(word)
            page.sheet.conditional_format(
                place.first,
                column,
                place.last,
                column,
                {
                    "type": "text",
                    "criteria": "containing",
                    "value": word,
                    "format": page.styles.mark(tint),
                    "stop_if_true": True,
                },
            )


def _bar(page: Page, place: Place, column: int, *, whole: bool) -> None:
    """A bar behind the number; of shares, from 0 to 1."""
    ends = {"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 1} if whole else {}
    page.sheet.conditional_format(
        place.first,
        column,
        place.last,
        column,
        {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_color": BAR,
            "bar_solid": True,
            "bar_border_color": BAR,
            "bar_negative_color": "#E5B8B0",
            **ends,
        },
    )


def _metric_formats(page: Page, place: Place, keys: Sequence[str]) -> None:
    """Rates as per cent, counts without decimals: by the metric that the row names."""
    metric = f"${xl_col_to_name(place.columns['metric'])}{place.first + 1}"
    styles: Styles = page.styles
    table_has_kinds = "target_kind" in place.columns

    def kind_is(*kinds: str) -> str:
        typed = f"${xl_col_to_name(place.columns['target_kind'])}{place.first + 1}"
        return ",".join(f'EXACT({typed},"{label(k, page.lang)}")' for k in kinds)

    for names, num_format in ((RATES, "0.0%"), (COUNTS, "#,##0")):
        rule = "OR(" + ",".join(f'EXACT({metric},"{pick(METRICS[n], page.lang)}")' for n in names) + ")"
        for key in keys:
            if table_has_kinds:
                # a rise by 20 % is typed as 20, and so is a list of the best 20 %, which counts customers
                other = ("kind_raise", "kind_list") if key == "target_value" else ("kind_list",)
                rule_of = f"=AND({rule},NOT(OR({kind_is(*other)})))"
            else:
                rule_of = f"={rule}"
            page.sheet.conditional_format(
                place.first,
                place.columns[key],
                place.last,
                place.columns[key],
                {"type": "formula", "criteria": rule_of, "format": styles.make(num_format=num_format)},
            )


def _allow_digits(page: Page, fields: Sequence[Field], place: Place) -> None:
    """No green corner on ids, phones and RFM scores, which are texts of digits on purpose."""
    letters = [
        xl_col_to_name(place.columns[f.key]) for f in fields if f.kind in ("id", "phone") or f.key == "rfm_score"
    ]
    if letters:
        ranges = " ".join(f"{x}{place.first + 1}:{x}{LAST_ROW + 1}" for x in letters)
        page.sheet.ignore_errors({"number_stored_as_text": ranges})
