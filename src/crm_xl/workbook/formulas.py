"""Formula text: result columns from the catalogue, native formulas of the report sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crm_xl.analysis.catalogue import (
    Bins,
    Column,
    Const,
    Expression,
    Fact,
    Fn,
    Guarded,
    Joined,
    Name,
    Rules,
    Scoped,
    Spilled,
)
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import label

from .values import number_text

_SPECIAL = re.compile(r"(['\[\]#@])")


def column_reference(header: str) -> str:
    """A header inside a structured reference: [ ] # ' @ take a leading '."""
    return _SPECIAL.sub(r"'\1", header)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of an expression stand in a workbook.

    `headers`: field key (or own header) -> header in Customers; `id_header`: that of the id;
    `blocks`: (block, column) -> column letters on the calculation sheet; `bins`: column -> its first and
    last row in NumberBins (from 1), whose edge and bin columns are `bin_headers`.
    """

    headers: Mapping[str, str]
    id_header: str
    blocks: Mapping[tuple[str, int], str]
    scope_headers: tuple[str, str] = ("", "")
    bins: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    bin_headers: tuple[str, str] = ("", "")
    table: str = "Customers"
    calc: str = "Calc"

    def row_of(self, letters: str) -> str:
        """The calculation sheet's cell for this row of the table."""
        head = f"{self.table}[[#Headers],[{column_reference(self.id_header)}]]"
        return f"INDEX({self.calc}!${letters}:${letters},ROW()-ROW({head})+1)"

    def whole(self, letters: str) -> str:
        """The calculation sheet's cells for all rows of the table."""
        rows = f"ROWS({self.table}[{column_reference(self.id_header)}])"
        return f"{self.calc}!${letters}$2:INDEX({self.calc}!${letters}:${letters},{rows}+1)"


def formula_text(expression: Expression, place: Place, *, spill: bool) -> str:
    """An expression as formula text (no leading =), for one row or for the whole column."""

    def text(part: Expression | None) -> str:
        if part is None:
            return ""
        if isinstance(part, Column):
            header = column_reference(place.headers[part.key])
            return f"{place.table}[{header}]" if spill else f"{place.table}[[#This Row],[{header}]]"
        if isinstance(part, Name):
            return part.name
        if isinstance(part, Rules):
            return f"{part.table}[]"
        if isinstance(part, Bins):
            first, last = place.bins[part.key]
            edge, name = (column_reference(h) for h in place.bin_headers)
            return f"INDEX(NumberBins[{edge}],{first}):INDEX(NumberBins[{name}],{last})"
        if isinstance(part, Const):
            return quoted(part.value) if isinstance(part.value, str) else number_text(part.value)
        if isinstance(part, Spilled):
            letters = place.blocks[part.block, part.column]
            return place.whole(letters) if spill else place.row_of(letters)
        if isinstance(part, Joined):
            return "&".join(text(p) for p in part.parts)
        if isinstance(part, Guarded):
            guard = text(part.guard)
            stops = "+".join(f"({guard}={quoted(s)})" for s in part.stops)
            return f"IF({stops}>0,{guard},{text(part.then)})"
        if isinstance(part, Scoped):
            inside = "*".join(scope(typed, key) for typed, key in part.columns)
            return f"IF({inside},{text(part.then)},{quoted(part.outside)})"
        if isinstance(part, Fn):
            return f"{part.name}({','.join(text(a) for a in part.args)})"
        raise TypeError(f"{part} cannot be a formula" if isinstance(part, Fact) else str(part))

    def scope(typed: str, key: str) -> str:
        column, value = (f"Scope[{column_reference(h)}]" for h in place.scope_headers)
        cells = text(Column(key))
        if spill:
            return f"(MMULT(--EXACT({cells},TRANSPOSE({value})),--EXACT({column},{quoted(typed)}))>0)"
        return f"(SUMPRODUCT(EXACT({column},{quoted(typed)})*EXACT({value},{cells}))>0)"

    return text(expression)


class Native(NamedTuple):
    """A native formula; `array`: entered over one cell with Ctrl+Shift+Enter."""

    text: str
    array: bool


def profile_formulas(
    headers: Mapping[str, str], own: Mapping[str, str], *, table: str = "Profile", by: str = "segment"
) -> dict[str, Native]:
    """Native formulas by field key of a table with one row per label in the column `by` of Customers.

    `headers`: field key -> header in Customers, `own`: the same in `table`. Text is compared with
    EXACT, cell by cell: criteria of COUNTIF would take `A*` for a pattern. Error cells count for
    nothing.
    """

    if by not in headers or by not in own:
        return {}

    def customers(key: str) -> str:
        return f"Customers[{column_reference(headers[key])}]"

    def this(key: str) -> str:
        return f"{table}[[#This Row],[{column_reference(own[key])}]]"

    def total(key: str) -> str:
        return f"SUM({table}[{column_reference(own[key])}])"

    tag = customers(by)
    member = f"IF(ISERROR({tag}),FALSE,EXACT({tag},{this(by)}))"

    def summed(key: str) -> str:
        cells = customers(key)
        return f"SUM(IF({member},IF(ISNUMBER({cells}),{cells},0),0))"

    def mean(key: str) -> str:
        cells = customers(key)
        return f'IFERROR(AVERAGE(IF({member},IF(ISNUMBER({cells}),{cells},""),"")),"")'

    def mean_days(key: str) -> str:
        cells = customers(key)
        past = f'IF(ISNUMBER({cells}),IF(INT({cells})<=AsOf,AsOf-INT({cells}),""),"")'
        return f'IFERROR(AVERAGE(IF({member},{past},"")),"")'

    def share(key: str, of: str) -> str:
        return f"IF({total(of)}=0,0,{this(of)}/{total(of)})"

    def count_from(least: int) -> str:
        cells = customers("order_count")
        return f"SUM(IF({member},IF(ISNUMBER({cells}),IF({cells}>={least},1,0),0),0))"

    def average_order() -> str:
        value, count = customers("average_order"), customers("order_count")
        both = f"IF({member},IF(ISNUMBER({value}),IF(ISNUMBER({count}),{{}},0),0),0)"
        weight, base = both.format(f"{value}*{count}"), both.format(count)
        return f'IF(SUM({base})=0,"",SUM({weight})/SUM({base}))'

    natives: dict[str, Native] = {}

    def add(key: str, needs: tuple[str, ...], text: str, array: bool = True) -> None:
        if key in own and all(n in headers for n in needs):
            natives[key] = Native(text, array)

    add("customers", (), f"SUM(IF({member},1,0))")
    if "customers" in own:
        add("customer_share", (), share("customer_share", "customers"), False)
    if "annual_spend" in headers:
        add("spend", (), summed("annual_spend"))
        if "spend" in own:
            add("spend_share", (), share("spend_share", "spend"), False)
    if "order_count" in headers:
        if "average_order" in headers:
            add("average_order", (), average_order())
        add("repurchase_rate", (), f'IF({count_from(1)}=0,"",{count_from(2)}/{count_from(1)})')
    if "collection_days" in headers:
        add("collection_days", (), mean("collection_days"))
    if "satisfaction" in headers:
        add("satisfaction", (), mean("satisfaction"))
    if "last_order" in headers:
        add("mean_days", (), mean_days("last_order"))
    for key, source in (("mean_orders", "period_orders"), ("mean_spend", "period_spend")):
        if source in headers:
            add(key, (), mean(source))
    return natives


def plan_formulas(
    profile: Mapping[str, str],
    own: Mapping[str, str],
    *,
    strategies: bool,
    table: str = "Plan",
    source: str = "Profile",
    by: str = "segment",
    system: str = "segment",
) -> dict[str, Native]:
    """Formulas of a table with one row per label: its size and share, looked up in the table `source`, and
    with `strategies` its strategy in `system` through our function."""
    if by not in own or by not in profile:
        return {}
    this = f"{table}[[#This Row],[{column_reference(own[by])}]]"
    names = f"{source}[{column_reference(profile[by])}]"
    found = {}
    for key in ("customers", "customer_share", "spend"):
        if key in own and key in profile:
            figure = f"{source}[{column_reference(profile[key])}]"
            found[key] = Native(f"SUMPRODUCT(EXACT({names},{this})*{figure})", False)
    if strategies and "strategy" in own:
        found["strategy"] = Native(f'STRATEGY({this},"{system}",Strategies[],Lang)', False)
    return found


def cross_formula(headers: Mapping[str, str], row_label: str, column_label: str) -> Native:
    """Customers with both labels (addresses of cells); blank where a label is blank."""
    first, second = (f"Customers[{column_reference(headers[k])}]" for k in ("value_tier", "activity"))
    member = f"IF(ISERROR({first}),0,IF(ISERROR({second}),0,EXACT({first},{row_label})*EXACT({second},{column_label})))"
    return Native(f'IF(OR({row_label}="",{column_label}=""),"",SUM({member}))', True)


_IDLE = ("prospect", "dormant", "lost", "incomplete")


def kpi_formulas(profile: Mapping[str, str], headers: Mapping[str, str], lang: Lang) -> dict[str, Native]:
    """Native formulas of the figures on the group profile sheet."""
    found: dict[str, Native] = {}
    if "activity" in headers:
        cells = f"Customers[{column_reference(headers['activity'])}]"
        idle = "".join(f"-EXACT({cells},{quoted(text)})" for text in ("", *(label(k, lang) for k in _IDLE)))
        found["KpiActive"] = Native(f"SUM(IF(ISERROR({cells}),0,1{idle}))", True)
    if "customers" in profile:
        found["KpiCustomers"] = Native(f"SUM(Profile[{column_reference(profile['customers'])}])", False)
    if "spend" in profile:
        found["KpiSpend"] = Native(f"SUM(Profile[{column_reference(profile['spend'])}])", False)
    if "order_count" in headers:
        cells = f"Customers[{column_reference(headers['order_count'])}]"

        def least(n: int) -> str:
            return f"SUM(IF(ISNUMBER({cells}),IF({cells}>={n},1,0),0))"

        found["KpiRepurchase"] = Native(f'IF({least(1)}=0,"",{least(2)}/{least(1)})', True)
    return found


def heat_formula(headers: Mapping[str, str], r: tuple[int, int], f: tuple[int, int], *, spend: bool) -> Native | None:
    """Customers, or their `spend`, whose scores of R and F lie within these bounds; a score text is three digits."""
    if "rfm_score" not in headers or (spend and "annual_spend" not in headers):
        return None
    scores = f"Customers[{column_reference(headers['rfm_score'])}]"
    inside = "*".join(
        f'(MID({scores},{at},1){sign}"{edge}")'
        for at, (low, high) in ((1, r), (2, f))
        for sign, edge in ((">=", low), ("<=", high))
    )
    inside = f"(LEN({scores})=3)*{inside}"
    if spend:
        money = f"Customers[{column_reference(headers['annual_spend'])}]"
        inside = f"{inside}*IF(ISNUMBER({money}),{money},0)"
    return Native(f"SUM(IF(ISERROR({scores}),0,{inside}))", True)


def risk_formulas(headers: Mapping[str, str], lang: Lang) -> dict[str, Native]:
    """Customers at risk, and their annual spend."""
    if "churn_risk" not in headers:
        return {}
    flags = f"Customers[{column_reference(headers['churn_risk'])}]"
    at_risk = f"IF(ISERROR({flags}),0,EXACT({flags},{quoted(label('yes', lang))})*1)"
    found = {"KpiAtRisk": Native(f"SUM({at_risk})", True)}
    if "annual_spend" in headers:
        money = f"Customers[{column_reference(headers['annual_spend'])}]"
        found["KpiMoneyAtRisk"] = Native(f"SUM({at_risk}*IF(ISNUMBER({money}),{money},0))", True)
    return found


def average_order_formula(headers: Mapping[str, str]) -> Native | None:
    """Average order of all customers, each with the weight of its orders; blank without one."""
    if not {"average_order", "order_count"} <= headers.keys():
        return None
    value, count = (f"Customers[{column_reference(headers[k])}]" for k in ("average_order", "order_count"))
    both = f"IF(ISNUMBER({value}),IF(ISNUMBER({count}),{{}},0),0)"
    weight, base = both.format(f"{value}*{count}"), both.format(count)
    return Native(f'IF(SUM({base})=0,"",SUM({weight})/SUM({base}))', True)


def looked_up(table: str, header: str, day: str) -> Native:
    """The figure of a column in the row of a table whose column `day` is AsOf; blank where there is none."""
    cell = f"INDEX({table}[{column_reference(header)}],MATCH(AsOf,{table}[{column_reference(day)}],0))"
    return Native(f'IFERROR(IF(ISNUMBER({cell}),{cell},""),"")', False)


def nth_row(table: str, header: str, row: int, *, longest: int | None = None, number: bool = False) -> Native:
    """The cell of a column in a table's row (from 1), blank where there is none; of a text, at most `longest`
    characters."""
    column = f"{table}[{column_reference(header)}]"
    cell = f"INDEX({column},{row})"
    shown = f'IF(ISNUMBER({cell}),{cell},"")' if number else f'{cell}&""'
    if longest is not None:
        shown = f'IF(LEN({cell})>{longest},LEFT({cell},{longest - 1})&"…",{cell}&"")'
    return Native(f'IF(ROWS({column})<{row},"",{shown})', False)
