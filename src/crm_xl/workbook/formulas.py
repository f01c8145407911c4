"""Formula text: result columns from the catalogue, native formulas of the report sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Native:
    """A native formula; `array`: entered over one cell with Ctrl+Shift+Enter."""

    text: str
    array: bool


def profile_formulas(headers: Mapping[str, str], own: Mapping[str, str]) -> dict[str, Native]:
    """Native formulas of the Profile table by field key.

    `headers`: field key -> header in Customers, `own`: the same in Profile. Text is compared with
    EXACT, cell by cell: criteria of COUNTIF would take `A*` for a pattern. Error cells count for
    nothing.
    """

    if "segment" not in headers or "segment" not in own:
        return {}

    def customers(key: str) -> str:
        return f"Customers[{column_reference(headers[key])}]"

    def this(key: str) -> str:
        return f"Profile[[#This Row],[{column_reference(own[key])}]]"

    def total(key: str) -> str:
        return f"SUM(Profile[{column_reference(own[key])}])"

    tag = customers("segment")
    member = f"IF(ISERROR({tag}),FALSE,EXACT({tag},{this('segment')}))"

    def summed(key: str) -> str:
        cells = customers(key)
        return f"SUM(IF({member},IF(ISNUMBER({cells}),{cells},0),0))"

    def mean(key: str) -> str:
        cells = customers(key)
        return f'IFERROR(AVERAGE(IF({member},IF(ISNUMBER({cells}),{cells},""),"")),"")'

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
    return natives


def plan_formulas(profile: Mapping[str, str], own: Mapping[str, str], *, strategies: bool) -> dict[str, Native]:
    """Formulas of the Plan table: size and share of a segment, looked up in Profile, and with
    `strategies` its strategy through our function."""
    if "segment" not in own or "segment" not in profile:
        return {}
    this = f"Plan[[#This Row],[{column_reference(own['segment'])}]]"
    names = f"Profile[{column_reference(profile['segment'])}]"
    found = {}
    for key in ("customers", "customer_share"):
        if key in own and key in profile:
            figure = f"Profile[{column_reference(profile[key])}]"
            found[key] = Native(f"SUMPRODUCT(EXACT({names},{this})*{figure})", False)
    if strategies and "strategy" in own:
        found["strategy"] = Native(f'STRATEGY({this},"segment",Strategies[],Lang)', False)
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
