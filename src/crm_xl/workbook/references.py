"""What formula text refers to: one scanner for cells, tables, names, functions and external links.

Text is in file form, without the leading `=`. A text that the scanner does not fully understand counts
as referring to everything: a dependence too many costs a calculation, one missed a wrong number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crm_xl.cells import cell_name, column_number
from crm_xl.sheet_stream import MAX_ROWS

MAX_COLUMNS = 16_384
ROW, COLUMN, LAST_ROW, LAST_COLUMN = 1, 2, 4, 8
"""Bits of `CellRange.moves`."""
_ALL = ROW | COLUMN | LAST_ROW | LAST_COLUMN

# what they leave out of ASCII is named: with all beyond ASCII named instead, compiling takes 30 ms
_WORD = r"[^\0-\-/:->@[\]^`{-\x7f]"  # letters, digits, _ . \ ? and all beyond ASCII
_WORD_START = r"[^\0-@[\]^`{-\x7f]"  # letters, _ \ and all beyond ASCII
_ENDS = rf"(?!{_WORD}|[(!:\[])"  # what follows a reference; otherwise it is a name, a function, a longer range
_QUOTED = r"'(?:[^']|'')++'"
_BRACKETS = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*+\])*+\]"
_ERROR = r"\#[A-Z][A-Z_]*+(?:/[0A])?+[!?]?+"
_TOKEN = re.compile(
    rf"""
    (?: [-+*/^&=<>,;(){{}}%@\s]
      | "[^"]*+"                                                                    # a doubled quote makes two texts
      | (?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+(?!{_WORD}|[:!])
      | {_ERROR}
    )*+
    (?: ({_QUOTED}!|(?:\[[0-9]++\])?+(?:{_WORD}++(?::{_WORD}++)?+)?+!)?+               # the sheet
        (?: (\$?[A-Za-z]{{1,3}})(\$?[0-9]{{1,7}})(?::(\$?[A-Za-z]{{1,3}})(\$?[0-9]{{1,7}}))?(\#?){_ENDS}
          | (\$?[A-Za-z]{{1,3}}):(\$?[A-Za-z]{{1,3}}){_ENDS}
          | (\$?[0-9]{{1,7}}):(\$?[0-9]{{1,7}}){_ENDS}
          | {_ERROR}
          | ({_WORD_START}{_WORD}*+)(?:(\()|({_BRACKETS}))?
          | ({_BRACKETS})
        )
      | ('(?:[^']|'')*+'?+|"[^"]*+|\[(?:[^\[\]']|'.)*+|{_WORD}++|.)                   # not understood
      | \Z
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_ITEM = re.compile(r"\[((?:[^\[\]']|'.)*+)\]", re.DOTALL)
_UNQUOTE = re.compile(r"'(.)", re.DOTALL)
_PART = re.compile(rf'"[^"]*+"|{_QUOTED}|{_BRACKETS}|[(){{}},]', re.DOTALL)
_CONDITIONAL = re.compile(r"(?<![\w.])(?:SUMIF|AVERAGEIF)\(", re.IGNORECASE)
_LONGEST = 16_384
"""Twice what Excel takes."""
_PARAMETER = "_XLPM."
_SPECIAL_FUNCTIONS = frozenset({"INDIRECT", "OFFSET", "LET", "LAMBDA"})
_SPECIFIERS = ("#all", "#data", "#headers", "#totals", "#this row")


class CellRange(NamedTuple):
    """An A1 range. Rows and columns are 0-based, in the order written; `moves` says which of the four
    are relative (have no $). `sheet` None is the formula's own; a 3-D range goes to `last_sheet`."""

    sheet: str | None
    last_sheet: str | None
    row: int
    column: int
    last_row: int
    last_column: int
    moves: int


class TableRange(NamedTuple):
    """A structured reference. `table` None: the table that the formula stands in. `specifiers`:
    casefolded, such as `#headers`, `#this row`; none means the data rows. `first` and `last` header of the
    columns, None for all of them."""

    table: str | None
    specifiers: tuple[str, ...]
    first: str | None
    last: str | None


class References(NamedTuple):
    """What one formula refers to. `names`: (sheet or None, name); `functions`: as written, each once;
    `parameters`: it defines names of its own, by LET or LAMBDA; `everything`: it may read any cell."""

    cells: tuple[CellRange, ...]
    tables: tuple[TableRange, ...]
    names: tuple[tuple[str | None, str], ...]
    functions: tuple[str, ...]
    parameters: bool
    links: bool
    everything: bool


@lru_cache(maxsize=4096)
def references(text: str) -> References:
    """Scan formula text (file form, no leading =)."""
    if len(text) > _LONGEST:
        return _scan("")._replace(everything=True)
    found = _scan(text)
    if found.functions and not {"SUMIF", "AVERAGEIF"}.isdisjoint(f.upper() for f in found.functions):
        summed = _summed(text)
        found = found._replace(cells=(*found.cells, *(summed or ())), everything=found.everything or summed is None)
    return found


def _scan(text: str) -> References:
    cells: list[CellRange] = []
    tables: list[TableRange] = []
    names: list[tuple[str | None, str]] = []
    functions: list[str] = []
    parameters = links = everything = anchored = link = False
    sheet: str | None = None
    last_sheet: str | None = None
    for qualifier, c1, r1, c2, r2, spill, ca, cb, ra, rb, word, call, inside, bare, junk in _TOKEN.findall(text):
        if qualifier:
            link, sheet, last_sheet = _sheets(qualifier)
            links = links or link
        elif link or sheet:
            link, sheet, last_sheet = False, None, None
        if anchored and not c1:
            everything, anchored = True, False
        if c1:
            found = _cells(sheet, last_sheet, c1, r1, c2, r2)
            if found is None:  # beyond the edge of a sheet it is a name
                names.append((sheet, c1 + r1))
                everything = everything or bool(c2) or "$" in c1 + r1
            elif not link:
                if spill or anchored:  # how far a spill goes is not written here
                    move = found.moves & (ROW | COLUMN)
                    found = found._replace(last_row=MAX_ROWS - 1, last_column=MAX_COLUMNS - 1, moves=move)
                cells.append(found)
            anchored = False
        elif word:
            if call:
                functions.append(word)
                anchored = word.endswith("ANCHORARRAY")
            elif link:
                continue
            elif inside:
                tables.append(_table(word, inside))
            else:
                names.append((sheet, word))
        elif ca or ra:
            found = _cells(sheet, last_sheet, ca, ra, cb, rb)
            if found is None:
                everything = True
            elif not link:
                cells.append(found)
        elif bare:
            tables.append(_table(None, bare))
        elif junk:
            everything = True
    if functions:
        special = _SPECIAL_FUNCTIONS.intersection(f.upper().removeprefix("_XLFN.") for f in functions)
        parameters = not special.isdisjoint(("LET", "LAMBDA"))
        everything = everything or not special.isdisjoint(("INDIRECT", "OFFSET"))
        functions = [f for f in dict.fromkeys(functions) if not f.upper().startswith(_PARAMETER)]
    if names:
        names = [n for n in names if n[1].upper() not in ("TRUE", "FALSE") and not n[1].upper().startswith(_PARAMETER)]
    return References(tuple(cells), tuple(tables), tuple(names), tuple(functions), parameters, links, everything)


@lru_cache(maxsize=1024)
def _sheets(qualifier: str) -> tuple[bool, str | None, str | None]:
    """(whether it leads to another workbook, first sheet, last sheet) of what stands before a reference."""
    inner = qualifier[:-1]
    if inner.startswith("'"):
        inner = inner[1:-1].replace("''", "'")
    inner = inner.removeprefix("[0]")  # this workbook
    if "[" in inner:
        return True, None, None
    first, colon, last = inner.partition(":")
    return False, first or None, last if colon else None


def _cells(sheet: str | None, last_sheet: str | None, c1: str, r1: str, c2: str, r2: str) -> CellRange | None:
    """Rows or columns left empty: all of them; only the last ones: as the first. None: not on a sheet."""
    if c1:
        column, moves = _column(c1)
        last_column, relative = _column(c2) if c2 else (column, moves)
        moves |= relative << 2
    else:
        column, last_column, moves = 0, MAX_COLUMNS - 1, 0
    if r1:
        row, relative = (int(r1[1:]), 0) if r1[0] == "$" else (int(r1), ROW)
        moves |= relative
        if r2:
            last_row, relative = (int(r2[1:]), 0) if r2[0] == "$" else (int(r2), ROW)
        else:
            last_row = row
        moves |= relative << 2
    else:
        row, last_row = 1, MAX_ROWS
    inside = 1 <= row <= MAX_ROWS and 1 <= last_row <= MAX_ROWS and column < MAX_COLUMNS > last_column
    # the constructor of a named tuple takes three times as long
    place = (sheet, last_sheet, row - 1, column, last_row - 1, last_column, moves)
    return tuple.__new__(CellRange, place) if inside else None


@lru_cache(maxsize=4096)
def _column(text: str) -> tuple[int, int]:
    """(0-based column, COLUMN if it is relative)"""
    fixed = text[0] == "$"
    return column_number(text[1:] if fixed else text), 0 if fixed else COLUMN


@lru_cache(maxsize=4096)
def _table(table: str | None, brackets: str) -> TableRange:
    body = brackets[1:-1]
    specifiers = []
    if body.startswith("@"):  # typed so; a file says [#This Row]
        specifiers.append("#this row")
        body = body[1:]
    items = _ITEM.findall(body) if body.lstrip().startswith("[") else [body] if body.strip() else []
    specifiers += [i.casefold() for i in items if i.casefold() in _SPECIFIERS]
    columns = [_UNQUOTE.sub(r"\1", i) for i in items if i.casefold() not in _SPECIFIERS]
    return TableRange(table, tuple(specifiers), columns[0] if columns else None, columns[-1] if columns else None)


def _summed(text: str) -> list[CellRange] | None:
    """What SUMIF and AVERAGEIF really add up: a range of the shape of their first argument that begins
    where the third begins. None: the shapes cannot be seen."""
    found = []
    calls = list(_CONDITIONAL.finditer(text))
    if len(calls) > 64:  # each is read to its end
        return None
    for m in calls:
        arguments = _arguments(text, m.end())
        if len(arguments) < 3 or arguments[0] == arguments[2]:
            continue
        tested, summed = _scan(arguments[0]), _scan(arguments[2])
        if _columns_alike(tested, summed):
            continue
        if not (_one_range(tested) and _one_range(summed)):
            return None
        a, b = tested.cells[0], summed.cells[0]
        height, width = abs(a.last_row - a.row), abs(a.last_column - a.column)
        same = (height, width) == (abs(b.last_row - b.row), abs(b.last_column - b.column))
        rigid = all(r.moves in (0, ROW | LAST_ROW, COLUMN | LAST_COLUMN, _ALL) for r in (a, b))
        if same and (rigid or a.moves == b.moves):
            continue
        if not rigid:  # the shapes change where a shared formula is used
            return None
        row, column = min(b.row, b.last_row), min(b.column, b.last_column)
        last_row, last_column = min(row + height, MAX_ROWS - 1), min(column + width, MAX_COLUMNS - 1)
        found.append(b._replace(row=row, column=column, last_row=last_row, last_column=last_column))
    return found


def _arguments(text: str, start: int) -> list[str]:
    """The arguments of the call whose parenthesis ends at `start`."""
    found, depth, begin = [], 0, start
    for m in _PART.finditer(text, start):
        if m[0] in "({":
            depth += 1
        elif m[0] in ")}":
            depth -= 1
        if depth < 0 or (depth == 0 and m[0] == ","):
            found.append(text[begin : m.start()].strip())
            begin = m.end()
        if depth < 0:
            break
    return found


def _one_range(r: References) -> bool:
    return len(r.cells) == 1 and not (r.tables or r.names or r.functions or r.everything)


def _columns_alike(a: References, b: References) -> bool:
    """Two single columns of one table, with the same rows."""
    plain = all(len(r.tables) == 1 and not (r.cells or r.names or r.functions or r.everything) for r in (a, b))
    return plain and all(
        t.table == a.tables[0].table and t.specifiers == a.tables[0].specifiers and t.first == t.last is not None
        for t in (a.tables[0], b.tables[0])
    )


def shifted(text: str, rows: int, columns: int) -> str:
    """The text of a formula that stands so many rows and columns further on, as filling does it:
    relative references move, those that would leave the sheet become #REF!."""
    if not rows and not columns:
        return text

    def moved(m: re.Match[str]) -> str:
        c1, r1, c2, r2, spill, ca, cb, ra, rb = m.group(2, 3, 4, 5, 6, 7, 8, 9, 10)
        if c1:
            if _cells(None, None, c1, r1, c2, r2) is None:
                return m[0]
            first = _moved_column(c1, columns) + _moved_row(r1, rows)
            last = ":" + _moved_column(c2, columns) + _moved_row(r2, rows) if c2 else ""
            start, new = m.start(2), first + last + spill
        elif ca:
            start, new = m.start(7), f"{_moved_column(ca, columns)}:{_moved_column(cb, columns)}"
        elif ra:
            start, new = m.start(9), f"{_moved_row(ra, rows)}:{_moved_row(rb, rows)}"
        else:
            return m[0]
        return m[0][: start - m.start()] + ("#REF!" if "#REF!" in new else new)

    return _TOKEN.sub(moved, text)


def _moved_column(text: str, by: int) -> str:
    column, relative = _column(text)
    if not relative:
        return text
    return cell_name(0, column + by)[:-1] if 0 <= column + by < MAX_COLUMNS else "#REF!"


def _moved_row(text: str, by: int) -> str:
    if text[0] == "$":
        return text
    row = int(text) + by
    return str(row) if 1 <= row <= MAX_ROWS else "#REF!"


def is_excel_function(name: str) -> bool:
    """Whether a function, as the file writes it, is one of Excel's own: those added since 2010 carry the
    prefix `_xlfn.`; add-ins' and macros' functions (`_xll.`, `_xludf.`, other names) are not."""
    upper = name.upper()
    if upper.startswith("_XLFN."):
        return not upper.startswith(("_XLFN._XLL.", "_XLFN._XLUDF."))
    return upper.startswith("_XLWS.") or upper in _FUNCTIONS


_FUNCTIONS_TEXT = """
    ABS ACCRINT ACCRINTM ACOS ACOSH ADDRESS AMORDEGRC AMORLINC AND AREAS ASC ASIN ASINH ATAN ATAN2 ATANH AVEDEV AVERAGE
    AVERAGEA AVERAGEIF AVERAGEIFS BAHTTEXT BESSELI BESSELJ BESSELK BESSELY BETADIST BETAINV BIN2DEC BIN2HEX BIN2OCT
    BINOMDIST CEILING CELL CHAR CHIDIST CHIINV CHITEST CHOOSE CLEAN CODE COLUMN COLUMNS COMBIN COMPLEX CONCATENATE
    CONFIDENCE CONVERT CORREL COS COSH COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD
    COUPNUM COUPPCD COVAR CRITBINOM CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT
    CUBEVALUE CUMIPMT CUMPRINC DATE DATEDIF DATESTRING DATEVALUE DAVERAGE DAY DAYS360 DB DBCS DCOUNT DCOUNTA DDB
    DEC2BIN DEC2HEX DEC2OCT DEGREES DELTA DEVSQ DGET DISC DMAX DMIN DOLLAR DOLLARDE DOLLARFR DPRODUCT DSTDEV DSTDEVP
    DSUM DURATION DVAR DVARP ECMA.CEILING EDATE EFFECT EOMONTH ERF ERFC ERROR.TYPE EVEN EXACT EXP EXPONDIST FACT
    FACTDOUBLE FALSE FDIST FIND FINDB FINV FISHER FISHERINV FIXED FLOOR FORECAST FREQUENCY FTEST FV FVSCHEDULE
    GAMMADIST GAMMAINV GAMMALN GCD GEOMEAN GESTEP GETPIVOTDATA GROWTH HARMEAN HEX2BIN HEX2DEC HEX2OCT HLOOKUP HOUR
    HYPERLINK HYPGEOMDIST IF IFERROR IMABS IMAGINARY IMARGUMENT IMCONJUGATE IMCOS IMDIV IMEXP IMLN IMLOG10 IMLOG2
    IMPOWER IMPRODUCT IMREAL IMSIN IMSQRT IMSUB IMSUM INDEX INDIRECT INFO INT INTERCEPT INTRATE IPMT IRR ISBLANK ISERR
    ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER ISO.CEILING ISODD ISPMT ISREF ISTEXT ISTHAIDIGIT JIS KURT LARGE
    LCM LEFT LEFTB LEN LENB LINEST LN LOG LOG10 LOGEST LOGINV LOGNORMDIST LOOKUP LOWER MATCH MAX MAXA MDETERM MDURATION
    MEDIAN MID MIDB MIN MINA MINUTE MINVERSE MIRR MMULT MOD MODE MONTH MROUND MULTINOMIAL N NA NEGBINOMDIST NETWORKDAYS
    NETWORKDAYS.INTL NOMINAL NORMDIST NORMINV NORMSDIST NORMSINV NOT NOW NPER NPV NUMBERSTRING OCT2BIN OCT2DEC OCT2HEX
    ODD ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD OFFSET OR PEARSON PERCENTILE PERCENTRANK PERMUT PHONETIC PI PMT POISSON
    POWER PPMT PRICE PRICEDISC PRICEMAT PROB PRODUCT PROPER PV QUARTILE QUOTIENT RADIANS RAND RANDBETWEEN RANK RATE
    RECEIVED REPLACE REPLACEB REPT RIGHT RIGHTB ROMAN ROUND ROUNDBAHTDOWN ROUNDBAHTUP ROUNDDOWN ROUNDUP ROW ROWS RSQ
    RTD SEARCH SEARCHB SECOND SERIESSUM SIGN SIN SINH SKEW SLN SLOPE SMALL SQRT SQRTPI STANDARDIZE STDEV STDEVA STDEVP
    STDEVPA STEYX SUBSTITUTE SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SUMSQ SUMX2MY2 SUMX2PY2 SUMXMY2 SYD T TAN TANH
    TBILLEQ TBILLPRICE TBILLYIELD TDIST TEXT THAIDAYOFWEEK THAIDIGIT THAIMONTHOFYEAR THAINUMSOUND THAINUMSTRING
    THAISTRINGLENGTH THAIYEAR TIME TIMEVALUE TINV TODAY TRANSPOSE TREND TRIM TRIMMEAN TRUE TRUNC TTEST TYPE UPPER
    USDOLLAR VALUE VAR VARA VARP VARPA VDB VLOOKUP WEEKDAY WEEKNUM WEIBULL WORKDAY WORKDAY.INTL XIRR XNPV YEAR YEARFRAC
    YIELD YIELDDISC YIELDMAT ZTEST
"""
_FUNCTIONS = frozenset(_FUNCTIONS_TEXT.split())
