"""Our own lint of an .xlsx or .xlsm: what Excel does not forgive and the validators let pass.

`lint(path)` returns findings, one line each: part, cell, what is wrong. An empty list is clean.
`lint(path, ours=True)` adds the rules that only the workbooks that we generate have to keep.

The file is read once into a `Book`; every rule is a small function from a `Book` to findings.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

from lxml import etree
from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.utils.cell import get_column_letter

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
MAX_FORMULA, MAX_TEXT_LITERAL, MAX_CELL_TEXT = 8_192, 255, 32_767
MAX_LIST_LITERAL, MAX_SHEET_NAME, MAX_HYPERLINKS = 255, 31, 65_530
MAX_ARGUMENTS, MAX_NESTING = 255, 64
OUR_FONT, OUR_CALC_ID = "微软雅黑", "191029"


def words(text: str) -> list[str]:
    return text.split()


WORKBOOK_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
}

# Functions that a file stores with a prefix: [MS-XLSX] 2.2.3, and the newer ones that Excel stores
# the same way. (NETWORKDAYS.INTL, WORKDAY.INTL, IFERROR and COUNTIFS have none.)
FUTURE_FUNCTIONS = frozenset(
    words("""
    ACOT ACOTH AGGREGATE ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE
    BINOM.INV BITAND BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CEILING.PRECISE
    CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT CHISQ.TEST CHOOSECOLS CHOOSEROWS COMBINA
    CONCAT CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S CSC CSCH DAYS DECIMAL
    DETECTLANGUAGE DROP ENCODEURL ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT
    F.INV F.INV.RT F.TEST FIELDVALUE FILTERXML FLOOR.MATH FLOOR.PRECISE FORECAST.ETS
    FORECAST.ETS.CONFINT FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR FORMULATEXT
    GAMMA GAMMA.DIST GAMMA.INV GAMMALN.PRECISE GAUSS GROUPBY HSTACK HYPGEOM.DIST IFNA IFS IMAGE
    IMCOSH IMCOT IMCSC IMCSCH IMSEC IMSECH IMSINH IMTAN ISFORMULA ISOMITTED ISOWEEKNUM LAMBDA LET
    LOGNORM.DIST LOGNORM.INV MAKEARRAY MAP MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST
    NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC
    PERCENTOF PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI PIVOTBY POISSON.DIST QUARTILE.EXC
    QUARTILE.INC RANDARRAY RANK.AVG RANK.EQ REDUCE REGEXEXTRACT REGEXREPLACE REGEXTEST RRI SCAN
    SEC SECH SEQUENCE SHEET SHEETS SKEW.P SORTBY STDEV.P STDEV.S STOCKHISTORY SWITCH T.DIST
    T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST TAKE TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL
    TOROW TRANSLATE TRIMRANGE UNICHAR UNICODE UNIQUE VALUETOTEXT VAR.P VAR.S VSTACK WEBSERVICE
    WEIBULL.DIST WRAPCOLS WRAPROWS XLOOKUP XMATCH XOR Z.TEST ANCHORARRAY SINGLE
    """)
)
# These are stored as _xlfn._xlws.
WORKSHEET_FUTURE_FUNCTIONS = frozenset({"FILTER", "SORT", "PY"})
CRITERIA_FUNCTIONS = frozenset({"COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS"})

CHILD_ORDER = {
    "worksheet": words("""
        sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection
        protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells
        phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins
        pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors
        smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls
        webPublishItems tableParts extLst"""),
    "workbook": words("""
        fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups
        externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr
        smartTagTypes webPublishing fileRecoveryPr webPublishObjects extLst"""),
    "styleSheet": words("""
        numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors
        extLst"""),
    "table": words("autoFilter sortState tableColumns tableStyleInfo extLst"),
}
REPEATABLE = {"conditionalFormatting", "fileRecoveryPr"}

Box = tuple[int, int, int, int]  # first row, first column, last row, last column
Findings = Iterator[str]


# --- small readers --------------------------------------------------------------------------------


def local(element: etree._Element) -> str:
    """The element's name without its namespace (Strict and Transitional differ only in that)."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def children(element: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if element is None else [child for child in element if local(child) == name]


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(iter(children(element, name)), None)


def descendants(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return iter(()) if element is None else element.iter(f"{{*}}{name}")


def related_id(element: etree._Element, name: str = "id") -> str:
    """The value of r:id (or another attribute of the relationships namespace)."""
    for key, value in element.attrib.items():
        if key.endswith("}" + name) and "relationships" in key:
            return str(value)
    return ""


def number(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def is_true(text: str | None) -> bool:
    return text in ("1", "true")


def units(text: str) -> int:
    """Excel counts UTF-16 units: a character outside the basic plane is two."""
    return len(text.encode("utf-16-le")) // 2


def decode_escapes(text: str) -> str:
    """`_x000a_` is how a part stores a character that XML attributes would lose."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def plain_text(element: etree._Element) -> str:
    """Text of an <si> or <is>: its own <t> or those of its runs, never the phonetic hints."""
    runs = [
        *children(element, "t"),
        *(t for r in children(element, "r") for t in children(r, "t")),
    ]
    return "".join(t.text or "" for t in runs)


def address(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


def position(ref: str) -> tuple[int, int] | None:
    """Row and column of `B3`, or None if it is no cell of a sheet."""
    match = re.fullmatch(r"([A-Z]{1,3})([1-9]\d{0,6})", ref)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    return (row, column) if row <= MAX_ROW and column <= MAX_COLUMN else None


def box(ref: str) -> Box | None:
    """`A1:B2`, `A1`, `A:B` or `1:2` as numbers, or None if it is no range."""
    first, _, last = ref.replace("$", "").partition(":")
    if ":" not in ref:
        last = first
    start, end = position(first), position(last)
    if start is None and end is None:
        if re.fullmatch(r"[A-Z]{1,3}", first) and re.fullmatch(r"[A-Z]{1,3}", last):
            start, end = position(f"{first}1"), position(f"{last}{MAX_ROW}")
        elif first.isdecimal() and last.isdecimal():
            start, end = position(f"A{first}"), position(f"XFD{last}")
    if start is None or end is None or start[0] > end[0] or start[1] > end[1]:
        return None
    return (*start, *end)


def inside(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def overlaps(named: Iterable[tuple[str, Box]]) -> Iterator[tuple[str, str]]:
    """Pairs that share a cell, by a sweep down the rows."""
    active: list[tuple[str, Box]] = []
    for name, area in sorted(named, key=lambda pair: pair[1][0]):
        active = [pair for pair in active if pair[1][2] >= area[0]]
        for other, other_area in active:
            if meet(area, other_area):
                yield other, name
        active.append((name, area))


def repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


# --- formulas -------------------------------------------------------------------------------------

# An apostrophe escapes the next character of a column name; while tokenising, a private-use
# character stands for the pair, so that brackets can be counted.
ESCAPES = {
    "'[": "\ue000",
    "']": "\ue001",
    "'#": "\ue002",
    "''": "\ue003",
    "'@": "\ue004",
}
UNESCAPED = {stand_in: pair[1] for pair, stand_in in ESCAPES.items()}


@dataclass
class TableReference:
    table: str  # '' where the file left it out
    items: list[str]  # '#This Row', '#Headers' …
    columns: list[str]
    malformed: bool = False


@dataclass
class FormulaFacts:
    """What one formula text says, read once."""

    problems: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)  # as stored, upper case
    tables: list[TableReference] = field(default_factory=list)
    sheets: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)


def protect_escapes(text: str) -> str:
    """Replace the escaped characters inside [...] by their stand-ins."""
    out, depth, i = [], 0, 0
    while i < len(text):
        c = text[i]
        if depth and c == "'" and text[i : i + 2] in ESCAPES:
            out.append(ESCAPES[text[i : i + 2]])
            i += 2
            continue
        if not depth and c in "\"'":
            end = text.find(c, i + 1)
            end = len(text) if end < 0 else end
            out.append(text[i : end + 1])
            i = end + 1
            continue
        depth += (c == "[") - (c == "]" and depth > 0)
        out.append(c)
        i += 1
    return "".join(out)


def restore(text: str) -> str:
    return "".join(UNESCAPED.get(c, c) for c in text)


def read_formula(text: str) -> FormulaFacts:
    facts = FormulaFacts()
    if text.startswith("="):
        facts.problems.append("formula starts with =, which a file leaves out")
        text = text[1:]
    try:
        source = protect_escapes(re.sub(r"[\r\t]", " ", text))
        tokens = Tokenizer("=" + source).items
    except (TokenizerError, IndexError, AttributeError, ValueError) as error:
        # the tokenizer ends with any of these on an unclosed string or an unmatched bracket
        facts.problems.append(f"formula syntax: {error}")
        return facts
    facts.problems.extend(grammar_problems(tokens))
    for index, token in enumerate(tokens):
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            name = re.split(r"[:!@]", token.value[:-1])[-1].upper()
            if name:
                facts.functions.append(name)
            if name in ("_XLFN.LET", "_XLFN.LAMBDA") and not parameter_is_marked(tokens, index):
                facts.problems.append(f"formula: parameter of {name[6:]} without _xlpm.")
        if token.type == Token.FUNC and token.subtype == Token.OPEN and "[" in token.value:
            read_operand(token.value.rpartition(":")[0], facts)
        if token.type != Token.OPERAND:
            continue
        if token.subtype == Token.TEXT:
            facts.texts.append(token.value[1:-1].replace('""', '"'))
        elif token.subtype == Token.RANGE:
            read_operand(token.value, facts)
    return facts


def parameter_is_marked(tokens: list[Token], opening: int) -> bool:
    following = [t for t in tokens[opening + 1 :] if t.type != Token.WSPACE][:2]
    if not following or following[0].type != Token.OPERAND:
        return True  # LAMBDA(1+1) has no parameter
    only_body = len(following) < 2 or following[1].type != Token.SEP
    return only_body or following[0].value.lower().startswith("_xlpm.")


def grammar_problems(tokens: list[Token]) -> Iterator[str]:
    """Operands and operators must alternate; an empty argument is legal, an empty union is not."""
    open_kinds: list[str] = []
    calls: list[bool] = []
    arguments: list[int] = []
    want_operand, spaced, before = True, False, ""
    for token in tokens:
        kind, sub, value = token.type, token.subtype, token.value
        if kind == Token.WSPACE:
            spaced = True
            continue
        if kind == Token.OPERAND or sub == Token.OPEN:
            # LAMBDA(…)(…): a parenthesis right after a call is another call
            call = kind == Token.PAREN and before == Token.CLOSE and not spaced
            joined = call or value.startswith(":")
            if not want_operand and not spaced and not joined:
                yield f"formula syntax: no operator before {value}"
            if value.startswith("@"):
                yield f"formula syntax: {value} is written as shown, not as stored (_xlfn.SINGLE)"
            if sub == Token.OPEN:
                open_kinds.append(kind)
                calls.append(call or kind == Token.FUNC)
                arguments.append(1)
                if len(open_kinds) > MAX_NESTING:
                    yield f"formula nested more than {MAX_NESTING} deep"
                want_operand = True
            else:
                want_operand = value.endswith(":")
        elif sub == Token.CLOSE:
            if not open_kinds or open_kinds[-1] != kind:
                yield f"formula syntax: unmatched {value}"
                return
            empty_argument = calls.pop() and before in (Token.OPEN, Token.SEP)
            if want_operand and not empty_argument:
                yield f"formula syntax: nothing before {value}"
            open_kinds.pop()
            if arguments.pop() > MAX_ARGUMENTS:
                yield f"formula with a call of more than {MAX_ARGUMENTS} arguments"
            want_operand = False
        elif kind == Token.SEP:
            in_function = bool(open_kinds) and open_kinds[-1] == Token.FUNC
            empty_argument = in_function and before in (Token.OPEN, Token.SEP)
            if want_operand and not empty_argument:
                yield f"formula syntax: nothing before {value}"
            if arguments:
                arguments[-1] += 1
            want_operand = True
        elif kind == Token.OP_IN:
            if want_operand:
                yield f"formula syntax: nothing before {value}"
            want_operand = True
        elif kind == Token.OP_POST and want_operand:
            yield f"formula syntax: nothing before {value}"
        before = kind if kind == Token.SEP else sub or kind
        spaced = False
    if open_kinds:
        yield "formula syntax: parenthesis not closed"
    elif want_operand:
        yield "formula syntax: ends where a value is expected"


def read_operand(operand: str, facts: FormulaFacts) -> None:
    """Sheets, names and structured references of one operand."""
    if operand.startswith("#"):
        return
    qualifier = re.match(r"(?:'((?:[^']|'')+)'|([^'!\[\]()]+))!", operand)
    if qualifier and "[" not in qualifier[0] and "#REF" not in qualifier[0]:
        found = (qualifier[1] or qualifier[2]).replace("''", "'")
        facts.sheets.update(found.split(":"))
    unquoted = re.sub(r"'(?:[^']|'')*'", lambda m: "\ue010" * len(m[0]), operand)
    i = 0
    while (start := unquoted.find("[", i)) >= 0:
        depth, end = 0, start
        for end in range(start, len(unquoted)):
            depth += (unquoted[end] == "[") - (unquoted[end] == "]")
            if not depth:
                break
        i = end + 1
        name = re.search(r"[\w.\\?]*$", unquoted[:start])
        table = name[0] if name else ""
        content, after = unquoted[start + 1 : end], unquoted[i : i + 1]
        if not table and after and after not in ":, )":
            return  # [1]Sheet1!A1: another workbook, whose tables we do not know
        facts.tables.append(read_table_reference(table, content))
    if not re.search(r"[\[!:\ue010]", unquoted):
        facts.names.add(unquoted)


def read_table_reference(table: str, content: str) -> TableReference:
    reference = TableReference(table, [], [])
    content = content.strip() if content.strip().startswith("[") else content
    if not content:
        return reference
    parts, rest = [content], ""
    if content.startswith(("[", "@[")):
        parts = re.findall(r"\[([^\[\]]*)\]", content)
        rest = re.sub(r"\[[^\[\]]*\]", "", content)
    reference.malformed = bool(re.search(r"[^:,\s]", rest)) or parts[:1] == [""]
    for part in parts:
        if part.startswith("#"):
            reference.items.append(restore(part))
        elif part.startswith("@"):
            reference.malformed = True  # [@x] is what Excel shows; a file has [[#This Row],[x]]
        else:
            reference.columns.append(restore(part))
    return reference


# --- the workbook in memory -----------------------------------------------------------------------


@dataclass
class Formula:
    part: str
    where: str
    text: str
    kind: str  # cell, name, rule (validation or conditional format), column, chart, sparkline


@dataclass
class FormulaCell:
    ref: str
    row: int
    column: int
    kind: str  # normal, array, shared, dataTable
    area: str  # the ref of an array, a data table or a shared master
    text: str
    group: str  # si
    cached: str | None
    cell_type: str


@dataclass
class Sheet:
    name: str
    sheet_id: str
    part: str
    root: etree._Element | None = None
    formulas: list[FormulaCell] = field(default_factory=list)
    styles: dict[str, str] = field(default_factory=dict)  # style index → first place
    metadata: dict[tuple[str, str], str] = field(default_factory=dict)  # (cm or vm, index) → cell
    texts: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)  # wanted cells only
    inline: list[str] = field(default_factory=list)
    text_cells: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Table:
    part: str
    sheet: Sheet
    root: etree._Element
    names: list[str]  # column names, decoded

    @property
    def name(self) -> str:
        return str(self.root.get("displayName") or self.root.get("name") or "")

    @property
    def area(self) -> Box | None:
        return box(self.root.get("ref", ""))

    @property
    def header_rows(self) -> int:
        return number(self.root.get("headerRowCount", "1")) or 0

    @property
    def total_rows(self) -> int:
        return number(self.root.get("totalsRowCount", "0")) or 0


@dataclass
class Relationship:
    id: str
    type: str
    target: str  # the member's name, '' for an external one
    raw: str

    @property
    def kind(self) -> str:
        return self.type.rpartition("/")[2]


class Book:
    """An unpacked workbook: parts, relationships, sheets, tables, names, formulas."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self.members: list[str] = []
        self.parts: dict[str, bytes] = {}
        self.roots: dict[str, etree._Element] = {}
        self.sheets: list[Sheet] = []
        self.tables: list[Table] = []
        self.facts_of: dict[str, FormulaFacts] = {}
        self.unzip()
        self.defaults, self.overrides = self.content_types()
        self.folded = {name.casefold(): name for name in self.parts}
        self.relationships = {name: self.read_relationships(name) for name in self.parts if name.endswith(".rels")}
        self.workbook_part = next((r.target for r in self.related("") if r.kind == "officeDocument"), "")
        self.parse_parts()
        self.workbook = self.roots.get(self.workbook_part)
        self.styles = self.singleton("styles")
        self.strings = children(self.singleton("sharedStrings"), "si")
        self.find_sheets()

    # the package

    def unzip(self) -> None:
        try:
            archive = zipfile.ZipFile(self.path)
        except zipfile.BadZipFile as error:
            self.problems.append(f"{self.path.name}: not a zip file ({error})")
            return
        with archive:
            for info in archive.infolist():
                if info.is_dir():
                    continue
                self.members.append(info.filename)
                try:
                    self.parts[info.filename] = archive.read(info)
                except (
                    zipfile.BadZipFile,
                    zlib.error,
                    RuntimeError,
                    OSError,
                    EOFError,
                ) as error:
                    self.problems.append(f"{info.filename}: cannot be unpacked ({error})")

    def parse(self, name: str) -> etree._Element | None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        try:
            root = etree.fromstring(self.parts[name], parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            self.problems.append(f"{name}: malformed XML ({error})")
            return None
        if root.getroottree().docinfo.internalDTD is not None:
            self.problems.append(f"{name}: has a DOCTYPE, which Excel refuses")
        return root

    def content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        name = "[Content_Types].xml"
        root = self.parse(name) if name in self.parts else None
        if root is None:
            return {}, {}
        defaults = {e.get("Extension", "").lower(): e.get("ContentType", "") for e in children(root, "Default")}
        overrides = {
            e.get("PartName", "").lstrip("/").casefold(): e.get("ContentType", "") for e in children(root, "Override")
        }
        return defaults, overrides

    def content_type(self, name: str) -> str:
        extension = posixpath.basename(name).rpartition(".")[2].lower()
        return self.overrides.get(name.casefold()) or self.defaults.get(extension, "")

    def read_relationships(self, name: str) -> list[Relationship]:
        root = self.parse(name)
        folder = posixpath.dirname(posixpath.dirname(name))
        found = []
        for element in children(root, "Relationship"):
            raw, target = element.get("Target", ""), ""
            if element.get("TargetMode") != "External" and not raw.startswith("#"):
                path = unquote(raw.partition("#")[0].replace("\\", "/"))
                joined = path if path.startswith("/") else posixpath.join("/", folder, path)
                target = posixpath.normpath(joined).lstrip("/")
                target = self.folded.get(target.casefold(), target)
            found.append(Relationship(element.get("Id", ""), element.get("Type", ""), target, raw))
        return found

    def related(self, name: str) -> list[Relationship]:
        folder, base = posixpath.split(name)
        rels = posixpath.join(folder, "_rels", base + ".rels")
        return self.relationships.get(self.folded.get(rels.casefold(), rels), [])

    def is_sheet(self, name: str) -> bool:
        return self.content_type(name).endswith("worksheet+xml")

    def parse_parts(self) -> None:
        for name in self.parts:
            is_xml = self.content_type(name).endswith(("+xml", "/xml"))
            known = name == "[Content_Types].xml" or name.endswith(".rels")
            if is_xml and not known and not self.is_sheet(name):
                root = self.parse(name)
                if root is not None:
                    self.roots[name] = root

    def singleton(self, kind: str) -> etree._Element | None:
        """The one part that the workbook relates to by this kind."""
        for relationship in self.related(self.workbook_part):
            if relationship.kind == kind:
                return self.roots.get(relationship.target)
        return None

    # sheets and tables

    def find_sheets(self) -> None:
        targets = {r.id: r.target for r in self.related(self.workbook_part)}
        for element in children(child(self.workbook, "sheets"), "sheet"):
            part = targets.get(related_id(element), "")
            sheet = Sheet(element.get("name", ""), element.get("sheetId", ""), part)
            self.sheets.append(sheet)
            tables = []
            for relationship in self.related(part):
                root = self.roots.get(relationship.target)
                if relationship.kind == "table" and root is not None and local(root) == "table":
                    columns = children(child(root, "tableColumns"), "tableColumn")
                    names = [decode_escapes(c.get("name", "")) for c in columns]
                    tables.append(Table(relationship.target, sheet, root, names))
            self.tables.extend(tables)
            if part in self.parts and self.is_sheet(part):
                wanted = {
                    (t.area[0], column)
                    for t in tables
                    if t.area and t.header_rows
                    for column in range(t.area[1], t.area[3] + 1)
                }
                self.scan(sheet, wanted)

    def scan(self, sheet: Sheet, wanted: set[tuple[int, int]]) -> None:
        """Walk the cells once, keeping only what the rules ask for."""
        events = etree.iterparse(
            BytesIO(self.parts[sheet.part]),
            events=("end",),
            tag="{*}row",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        )
        last_row = 0
        seen_rows: set[int] = set()
        try:
            for _, row in events:
                if local(row.getparent()) != "sheetData":
                    continue
                last_row = self.scan_row(sheet, row, last_row, seen_rows, wanted)
                row.clear()
                while row.getprevious() is not None:  # a large sheet must not stay in memory
                    del row.getparent()[0]
        except etree.XMLSyntaxError as error:
            self.problems.append(f"{sheet.part}: malformed XML ({error})")
            return
        sheet.root = events.root
        self.roots[sheet.part] = events.root

    def scan_row(
        self,
        sheet: Sheet,
        row: etree._Element,
        last_row: int,
        seen: set[int],
        wanted: set[tuple[int, int]],
    ) -> int:
        said = row.get("r")
        at = number(said) if said is not None else last_row + 1
        if at is None or not 1 <= at <= MAX_ROW:
            sheet.problems.append(f"row {said}: not a row number")
            return last_row
        if at in seen:
            sheet.problems.append(f"row {at}: duplicate row")
        elif at < last_row:
            sheet.problems.append(f"row {at}: out of order, after row {last_row}")
        seen.add(at)
        if row.get("s"):
            sheet.styles.setdefault(row.get("s", ""), f"row {at}")
        last_column = 0
        for cell in row:
            if local(cell) == "c":
                last_column = self.scan_cell(sheet, cell, at, last_column, wanted)
        return max(at, last_row)

    def scan_cell(
        self,
        sheet: Sheet,
        cell: etree._Element,
        row: int,
        last_column: int,
        wanted: set[tuple[int, int]],
    ) -> int:
        ref = cell.get("r")
        at = (row, last_column + 1) if ref is None else position(ref)
        if at is None:
            sheet.problems.append(f"{ref}: not a cell address (row {row})")
            return last_column
        ref = ref or address(*at)
        if at[0] != row:
            sheet.problems.append(f"{ref}: cell in row {row}")
        column = at[1]
        if column == last_column:
            sheet.problems.append(f"{ref}: duplicate cell")
        elif column < last_column:
            sheet.problems.append(f"{ref}: out of order, after {address(row, last_column)}")
        formula = value = inline = None
        for element in cell:
            tag = local(element)
            if tag == "f":
                formula = element
            elif tag == "v":
                value = element
            elif tag == "is":
                inline = element
        kind = cell.get("t", "n")
        cached = None if value is None else value.text or ""
        if cell.get("s"):
            sheet.styles.setdefault(cell.get("s", ""), ref)
        for key in ("cm", "vm"):
            if cell.get(key):
                sheet.metadata.setdefault((key, cell.get(key, "")), ref)
        text = cached or ""
        if kind == "s":
            sheet.text_cells += cached is not None
            index = number(cached)
            if cached is not None and (index is None or not 0 <= index < len(self.strings)):
                sheet.problems.append(f"{ref}: shared string index {cached} out of range")
            elif index is not None and at in wanted:
                text = plain_text(self.strings[index])
        elif kind == "inlineStr":
            sheet.inline.append(ref)
            text = "" if inline is None else plain_text(inline)
        else:
            problem = value_problem(kind, cached)
            if problem:
                sheet.problems.append(f"{ref}: {problem}")
        if at in wanted:
            sheet.texts[at] = (kind, text)
        if formula is not None:
            sheet.formulas.append(
                FormulaCell(
                    ref,
                    row,
                    column,
                    formula.get("t", "normal"),
                    formula.get("ref", ""),
                    formula.text or "",
                    formula.get("si", ""),
                    cached,
                    kind,
                )
            )
        return max(column, last_column)

    # formulas

    def formulas(self) -> Iterator[Formula]:
        """Every formula of the workbook, wherever it is stored."""
        for sheet in self.sheets:
            for cell in sheet.formulas:
                if cell.kind in ("normal", "array") or (cell.text and cell.kind == "shared"):
                    yield Formula(sheet.part, cell.ref, cell.text, "cell")
            yield from rule_formulas(sheet)
        for name in children(child(self.workbook, "definedNames"), "definedName"):
            if not is_true(name.get("vbProcedure")) and not is_true(name.get("function")):
                where = f"name {name.get('name')}"
                yield Formula(self.workbook_part, where, name.text or "", "name")
        for table in self.tables:
            for column in children(child(table.root, "tableColumns"), "tableColumn"):
                for kind in ("calculatedColumnFormula", "totalsRowFormula"):
                    formula = child(column, kind)
                    if formula is not None and formula.text:
                        where = f"column {column.get('name')} {kind}"
                        yield Formula(table.part, where, formula.text, "column")
        for part, root in self.roots.items():
            if local(root) == "chartSpace":
                for reference in root.iter("{*}f"):
                    if "chart" in etree.QName(reference).namespace and reference.text:
                        yield Formula(part, "chart reference", reference.text, "chart")

    def facts(self, formula: str) -> FormulaFacts:
        """Facts of a formula; a filled-down column is read once, whatever its row numbers are."""
        key = formula
        if not ("[" in formula and "'" in formula):  # an escape would mislead the pattern
            key = ROW_NUMBER.sub(lambda m: f"{m[1]}1" if m[1] else m[0], formula)
        if key not in self.facts_of:
            self.facts_of[key] = read_formula(key)
        return self.facts_of[key]


# Strings, brackets and quoted sheets are stepped over; what remains are A1 references.
ROW_NUMBER = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\[\]]*\]|(?<![\w.\\?])(\$?[A-Z]{1,3}\$?)[1-9]\d*(?![\w.(!\[])")


def value_problem(kind: str, cached: str | None) -> str:
    if cached is None or (cached == "" and kind == "str"):
        return ""
    if kind == "n" and cached:
        try:
            float(cached)
        except ValueError:
            return f"numeric cell with value {cached!r}"
        if not re.fullmatch(r"\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*", cached):
            return f"numeric cell with value {cached!r}"
    if kind == "b" and cached not in ("0", "1", "true", "false"):
        return f"boolean cell with value {cached!r}"
    if kind == "e" and not cached.startswith("#"):
        return f"error cell with value {cached!r}"
    if kind == "str" and units(cached) > MAX_CELL_TEXT:
        return f"text of more than {MAX_CELL_TEXT} characters"
    if kind not in ("n", "b", "e", "str", "d"):
        return f"unknown cell type {kind!r}"
    return ""


def rule_formulas(sheet: Sheet) -> Iterator[Formula]:
    """Formulas of validations, conditional formats (old and x14) and sparklines."""
    for validation in descendants(sheet.root, "dataValidation"):
        where = f"validation {area_of(validation)}"
        for name in ("formula1", "formula2"):
            yield from texts_below(sheet, validation, name, where, "rule")
    for formatting in descendants(sheet.root, "conditionalFormatting"):
        where = f"conditional format {area_of(formatting)}"
        for rule in children(formatting, "cfRule"):
            formulas = [*children(rule, "formula"), *children(rule, "f")]
            formulas += [f for cfvo in rule.iter("{*}cfvo") for f in children(cfvo, "f")]
            for formula in formulas:
                if formula.text:
                    yield Formula(sheet.part, where, formula.text, "rule")
            for cfvo in rule.iter("{*}cfvo"):
                if cfvo.get("type") == "formula" and cfvo.get("val"):
                    yield Formula(sheet.part, where, cfvo.get("val", ""), "rule")
    for sparkline in descendants(sheet.root, "sparkline"):
        yield from texts_below(sheet, sparkline, "f", "sparkline", "sparkline")


def texts_below(sheet: Sheet, element: etree._Element, name: str, where: str, kind: str) -> Iterator[Formula]:
    for found in children(element, name):
        text = "".join(found.itertext()).strip()  # x14 wraps it in <xm:f>
        if text:
            yield Formula(sheet.part, where, text, kind)


def area_of(element: etree._Element) -> str:
    """`sqref` of a validation or format: an attribute, or <xm:sqref> in the x14 form."""
    below = child(element, "sqref")
    return element.get("sqref") or ("" if below is None else below.text or "")


# --- rules: the package ---------------------------------------------------------------------------


def check_zip(book: Book) -> Findings:
    for name in repeated(name.casefold() for name in book.members):
        yield f"{name}: member stored more than once"
    for name in book.members:
        if "\\" in name or name.startswith("/") or ".." in name.split("/"):
            yield f"{name}: bad member name"
    if not book.parts:
        return
    if "[Content_Types].xml" not in book.parts:
        yield "[Content_Types].xml: missing"
    if book.workbook is None:
        yield "no workbook part"


def check_relationships(book: Book) -> Findings:
    for name, relationships in book.relationships.items():
        for double in repeated(r.id for r in relationships):
            yield f"{name}: relationship id {double} used twice"
        for r in relationships:
            if r.target and r.target not in book.parts:
                yield f"{name} {r.id}: target {r.raw} is missing"
    for name, root in book.roots.items():
        known = {r.id for r in book.related(name)}
        for element in root.iter():
            if isinstance(element.tag, str):
                for key, value in element.attrib.items():
                    is_id = key.startswith("{") and etree.QName(key).namespace in RELATIONSHIP_IDS
                    if is_id and value and value not in known:
                        yield f"{name}: {local(element)} uses unknown relationship {value}"


RELATIONSHIP_IDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)


def check_content_types(book: Book) -> Findings:
    for name in book.parts:
        if name != "[Content_Types].xml" and not book.content_type(name):
            yield f"{name}: no content type"
    expected = WORKBOOK_TYPES.get(book.path.suffix.lower())
    said = book.content_type(book.workbook_part)
    if expected and book.workbook is not None and said != expected:
        yield f"{book.workbook_part}: content type {said} does not fit {book.path.suffix}"


def check_child_order(book: Book) -> Findings:
    for name, root in book.roots.items():
        order = CHILD_ORDER.get(local(root))
        if order is None:
            continue
        last = -1
        for element in root:
            tag = local(element)
            if tag == "AlternateContent":
                inner = next((e for choice in element for e in choice), None)
                tag = "" if inner is None else local(inner)
                if tag not in order:
                    continue
            elif not tag or etree.QName(element).namespace != etree.QName(root).namespace:
                continue  # a comment, or an extension that older readers ignore
            if tag not in order:
                yield f"{name}: unexpected element {tag} in {local(root)}"
                continue
            place = order.index(tag)
            if place < last:
                yield f"{name}: element {tag} after {order[last]}"
            elif place == last and tag not in REPEATABLE:
                yield f"{name}: element {tag} twice"
            last = max(last, place)


def check_problems(book: Book) -> Findings:
    """What was found while reading: damage, malformed XML, rows and cells out of place."""
    yield from book.problems
    for sheet in book.sheets:
        for problem in sheet.problems:
            yield f"{sheet.part} {problem}"


# --- rules: strings and styles --------------------------------------------------------------------


def check_shared_strings(book: Book) -> Findings:
    root = book.singleton("sharedStrings")
    if root is None:
        return
    part = next(name for name, r in book.roots.items() if r is root)
    unique, count = root.get("uniqueCount"), root.get("count")
    if unique is not None and number(unique) != len(book.strings):
        yield f"{part}: uniqueCount {unique}, but {len(book.strings)} strings"
    used = sum(sheet.text_cells for sheet in book.sheets)
    if count is not None and number(count) != used:
        yield f"{part}: count {count}, but {used} cells use a shared string"
    for index, item in enumerate(book.strings):
        if units(plain_text(item)) > MAX_CELL_TEXT:
            yield f"{part}: string {index} of more than {MAX_CELL_TEXT} characters"


def check_styles(book: Book) -> Findings:
    formats = children(child(book.styles, "cellXfs"), "xf")
    for sheet in book.sheets:
        used = dict(sheet.styles)
        for column in descendants(sheet.root, "col"):
            if column.get("style"):
                used.setdefault(column.get("style", ""), f"column {column.get('min')}")
        for style, where in used.items():
            index = number(style)
            if index is None or not 0 <= index < len(formats):
                yield f"{sheet.part} {where}: style index {style} out of range"
    if book.styles is None:
        return
    counts = {
        "fontId": len(children(child(book.styles, "fonts"), "font")),
        "fillId": len(children(child(book.styles, "fills"), "fill")),
        "borderId": len(children(child(book.styles, "borders"), "border")),
        "xfId": len(children(child(book.styles, "cellStyleXfs"), "xf")),
    }
    for position_, xf in enumerate(formats):
        for key, count in counts.items():
            index = number(xf.get(key, "0"))
            if index is None or index >= max(count, 1):
                yield f"styles: cell format {position_} has {key} {xf.get(key)}, out of range"


def check_dxfs(book: Book) -> Findings:
    """Differential formats are used by rules, tables, filters, table styles and pivot tables."""
    count = len(children(child(book.styles, "dxfs"), "dxf"))
    for part, root in book.roots.items():
        main = etree.QName(root).namespace
        if local(root) not in (
            "worksheet",
            "table",
            "styleSheet",
            "pivotTableDefinition",
        ):
            continue
        for element in root.iter(f"{{{main}}}*"):
            for key, value in element.attrib.items():
                if key.lower().endswith("dxfid"):
                    index = number(value)
                    if index is None or not 0 <= index < count:
                        yield f"{part}: {local(element)} {key} {value} out of range"


# --- rules: names, sheets, tables -----------------------------------------------------------------


def check_sheet_names(book: Book) -> Findings:
    for name in (sheet.name for sheet in book.sheets):
        if not name or units(name) > MAX_SHEET_NAME:
            yield f"sheet name {name!r}: not of 1 to {MAX_SHEET_NAME} characters"
        if re.search(r"[\[\]:*?/\\\x00-\x1f]", name):
            yield f"sheet name {name!r}: forbidden character"
        if name.startswith("'") or name.endswith("'"):
            yield f"sheet name {name!r}: quote at its start or end"
        if name.casefold() == "history":
            yield f"sheet name {name!r}: reserved by Excel"
    for name in repeated(sheet.name.casefold() for sheet in book.sheets):
        yield f"sheet name {name!r}: used twice"
    for double in repeated(sheet.sheet_id for sheet in book.sheets):
        yield f"sheetId {double}: used twice"


def check_workbook(book: Book) -> Findings:
    sheets = children(child(book.workbook, "sheets"), "sheet")
    if not sheets:
        yield f"{book.workbook_part}: no sheets"
    elif all(sheet.get("state", "visible") != "visible" for sheet in sheets):
        yield f"{book.workbook_part}: no visible sheet"
    for view in children(child(book.workbook, "bookViews"), "workbookView"):
        active = number(view.get("activeTab", "0"))
        if active is None or active >= max(len(sheets), 1):
            yield f"{book.workbook_part}: activeTab {view.get('activeTab')} out of range"


def is_cell_like(name: str) -> bool:
    """RFM1 is a cell, and R1C1 another one: neither can name anything."""
    return position(name.upper()) is not None or bool(re.fullmatch(r"R(\d+)?(C(\d+)?)?|C(\d+)?", name.upper()))


def name_problem(name: str) -> str:
    if not 1 <= units(name) <= 255:
        return "not of 1 to 255 characters"
    if not re.fullmatch(r"[^\W\d][\w.\\?]*|\\[\w.\\?]*", name):
        return "not a valid name"
    return "looks like a cell address" if is_cell_like(name) else ""


def check_defined_names(book: Book) -> Findings:
    tables = {table.name.casefold() for table in book.tables}
    seen: set[tuple[str, str]] = set()
    for element in children(child(book.workbook, "definedNames"), "definedName"):
        name, scope = element.get("name", ""), element.get("localSheetId", "")
        where = f"{book.workbook_part} name {name}"
        if (scope, name.casefold()) in seen:
            yield f"{where}: duplicate defined name"
        seen.add((scope, name.casefold()))
        if not scope and name.casefold() in tables:
            yield f"{where}: a defined name equal to a table name"
        index = number(scope)
        if scope and (index is None or index >= len(book.sheets)):
            yield f"{where}: localSheetId {scope} out of range"
        problem = name_problem(name)
        if problem and not name.startswith("_xl"):
            yield f"{where}: {problem}"


def check_table_names(book: Book) -> Findings:
    for name in repeated(table.name.casefold() for table in book.tables):
        yield f"table {name}: duplicate table name"
    for double in repeated(table.root.get("id", "") for table in book.tables):
        yield f"table id {double}: duplicate table id"
    for table in book.tables:
        problem = name_problem(table.name)
        if problem:
            yield f"{table.part} table {table.name}: {problem}"
    for sheet in book.sheets:
        listed = [related_id(e) for e in children(child(sheet.root, "tableParts"), "tablePart")]
        stored = [r.id for r in book.related(sheet.part) if r.kind == "table"]
        if sorted(listed) != sorted(stored):
            yield f"{sheet.part}: tableParts {listed} differ from the related tables {stored}"


def check_table_shape(book: Book) -> Findings:
    for table in book.tables:
        where = f"{table.part} table {table.name}"
        columns = children(child(table.root, "tableColumns"), "tableColumn")
        for double in repeated(name.casefold() for name in table.names):
            yield f"{where}: duplicate header {double!r}"
        for double in repeated(column.get("id", "") for column in columns):
            yield f"{where}: duplicate column id {double}"
        declared = child(table.root, "tableColumns")
        if declared is not None and declared.get("count", str(len(columns))) != str(len(columns)):
            yield f"{where}: tableColumns count {declared.get('count')}, but {len(columns)} columns"
        area = table.area
        if area is None:
            yield f"{where}: ref {table.root.get('ref')} is not a range"
            continue
        width, height = area[3] - area[1] + 1, area[2] - area[0] + 1
        if width != len(columns):
            yield f"{where}: ref is {width} wide, for {len(columns)} columns"
        if height < table.header_rows + table.total_rows + 1:
            yield f"{where}: ref has no row for data"
        yield from filter_problems(table, where, area)


def filter_problems(table: Table, where: str, area: Box) -> Findings:
    auto_filter = child(table.root, "autoFilter")
    if auto_filter is None:
        return
    if not table.header_rows:
        yield f"{where}: autoFilter on a table without a header row"
    ref = auto_filter.get("ref")
    filtered = box(ref or "")
    if ref is not None and filtered is None:
        yield f"{where}: autoFilter ref {ref} is not a range"
    elif filtered and not inside(filtered, area):
        yield f"{where}: autoFilter ref {ref} is not inside the table's"
    elif filtered and filtered != (
        area[0],
        area[1],
        area[2] - table.total_rows,
        area[3],
    ):
        yield f"{where}: autoFilter ref {ref} is not the table's without its totals row"
    for column in children(auto_filter, "filterColumn"):
        index = number(column.get("colId"))
        if index is None or index > area[3] - area[1]:
            yield f"{where}: filterColumn colId {column.get('colId')} out of range"


def check_table_headers(book: Book) -> Findings:
    for table in book.tables:
        if table.area is None or not table.header_rows or table.sheet.root is None:
            continue
        row, first = table.area[:2]
        for offset, name in enumerate(table.names):
            kind, text = table.sheet.texts.get((row, first + offset), ("", ""))
            if kind not in ("s", "str", "inlineStr") or decode_escapes(text) != name:
                yield (
                    f"{table.sheet.part} {address(row, first + offset)}: header cell {text!r}"
                    f" differs from column {name!r} of table {table.name}"
                )


def check_overlaps(book: Book) -> Findings:
    for sheet in book.sheets:
        tables = [(t.name, t.area) for t in book.tables if t.sheet is sheet and t.area]
        for one, other in overlaps(tables):
            yield f"{sheet.part}: tables {one} and {other} overlap"
        merged: list[tuple[str, Box]] = []
        for cell in children(child(sheet.root, "mergeCells"), "mergeCell"):
            area = box(cell.get("ref", ""))
            if area is None:
                yield f"{sheet.part} {cell.get('ref')}: merged cells are not a range"
            else:
                merged.append((cell.get("ref", ""), area))
        for one, other in overlaps(merged):
            yield f"{sheet.part}: merged cells {one} and {other} overlap"
        for ref, area in merged:
            for name, table_area in tables:
                if meet(area, table_area):
                    yield f"{sheet.part}: merged cells {ref} inside table {name}"
        own_filter = child(sheet.root, "autoFilter")
        filtered = None if own_filter is None else box(own_filter.get("ref", ""))
        for name, table_area in tables:
            if filtered and meet(filtered, table_area):
                yield f"{sheet.part}: the sheet's autoFilter overlaps table {name}"


# --- rules: formulas ------------------------------------------------------------------------------


def check_formula_syntax(book: Book) -> Findings:
    for formula in book.formulas():
        if not formula.text.strip():
            yield f"{formula.part} {formula.where}: empty formula"
            continue
        for problem in book.facts(formula.text).problems:
            yield f"{formula.part} {formula.where}: {problem} in {shorten(formula.text)}"


def check_formula_lengths(book: Book) -> Findings:
    for formula in book.formulas():
        where = f"{formula.part} {formula.where}"
        if units(formula.text) > MAX_FORMULA:
            yield f"{where}: formula of more than {MAX_FORMULA} characters"
        is_list = formula.kind == "rule" and formula.where.startswith("validation")
        for text in book.facts(formula.text).texts:
            if units(text) > (MAX_LIST_LITERAL if is_list else MAX_TEXT_LITERAL):
                what = "list" if is_list else "text literal"
                yield f"{where}: {what} of more than {MAX_TEXT_LITERAL} characters"


def check_future_functions(book: Book) -> Findings:
    for formula in book.formulas():
        for name in book.facts(formula.text).functions:
            where = f"{formula.part} {formula.where}"
            bare = name.removeprefix("_XLFN.").removeprefix("_XLWS.")
            if bare in WORKSHEET_FUTURE_FUNCTIONS and name != f"_XLFN._XLWS.{bare}":
                yield f"{where}: {bare} needs the prefix _xlfn._xlws."
            elif name in FUTURE_FUNCTIONS:
                yield f"{where}: {name} needs the prefix _xlfn."


def check_structured_references(book: Book) -> Findings:
    columns = {table.name.casefold(): {n.casefold() for n in table.names} for table in book.tables}
    for formula in book.formulas():
        if "[" not in formula.text:
            continue
        where = f"{formula.part} {formula.where}"
        references = book.facts(formula.text).tables
        if references and formula.kind in ("rule", "chart", "sparkline"):
            what = "validation or conditional format" if formula.kind == "rule" else formula.kind
            yield f"{where}: structured reference directly in a {what}"
        for reference in references:
            if reference.malformed:
                yield f"{where}: malformed structured reference in {shorten(formula.text)}"
            if not reference.table:
                if not is_own_total(book, formula, reference):
                    yield f"{where}: structured reference without a table name"
            elif reference.table.casefold() not in columns:
                yield f"{where}: unknown table {reference.table}"
            else:
                known = columns[reference.table.casefold()]
                for column in reference.columns:
                    if decode_escapes(column).casefold() not in known:
                        yield f"{where}: table {reference.table} has no column {column!r}"
            for item in reference.items:
                if item.casefold() not in SPECIAL_ITEMS:
                    yield f"{where}: unknown item {item} of a structured reference"


def is_own_total(book: Book, formula: Formula, reference: TableReference) -> bool:
    """In a totals row, `SUBTOTAL(109,[Income])` is how Excel 2007 stores a column of the table."""
    at = position(formula.where)
    if at is None or reference.items or reference.malformed:
        return False
    for table in book.tables:
        if table.sheet.part == formula.part and table.area and table.total_rows:
            last_row = (table.area[2], table.area[1], table.area[2], table.area[3])
            known = {name.casefold() for name in table.names}
            if inside(at * 2, last_row):
                return all(decode_escapes(c).casefold() in known for c in reference.columns)
    return False


SPECIAL_ITEMS = {"#all", "#data", "#headers", "#totals", "#this row"}


def check_sheet_references(book: Book) -> Findings:
    known = {sheet.name.casefold() for sheet in book.sheets}
    for formula in book.formulas():
        for sheet in book.facts(formula.text).sheets:
            if sheet.casefold() not in known:
                yield f"{formula.part} {formula.where}: unknown sheet {sheet!r}"


def check_arrays(book: Book) -> Findings:
    for sheet in book.sheets:
        areas: list[tuple[str, Box]] = []
        for cell in sheet.formulas:
            if cell.kind != "array":
                continue
            area = box(cell.area)
            if area is None:
                yield f"{sheet.part} {cell.ref}: array formula without a ref"
            elif area[:2] != (cell.row, cell.column):
                yield f"{sheet.part} {cell.ref}: array ref {cell.area} does not start here"
            else:
                areas.append((cell.ref, area))
        for one, other in overlaps(areas):
            yield f"{sheet.part}: array formulas at {one} and {other} overlap"
        for merged in children(child(sheet.root, "mergeCells"), "mergeCell"):
            whole = box(merged.get("ref", ""))
            for ref, area in areas:
                if whole is not None and meet(area, whole):
                    yield f"{sheet.part} {ref}: array formula in merged cells"
        large = [(ref, area) for ref, area in areas if area[:2] != area[2:]]
        for table in (t for t in book.tables if t.sheet is sheet and t.area):
            for ref, area in large:
                if table.area and meet(area, table.area):
                    yield f"{sheet.part} {ref}: array of more than one cell in table {table.name}"
        if large:
            for cell in sheet.formulas:
                for ref, area in large:
                    if cell.kind != "array" and inside((cell.row, cell.column) * 2, area):
                        yield f"{sheet.part} {cell.ref}: formula inside the array of {ref}"


def check_shared_formulas(book: Book) -> Findings:
    for sheet in book.sheets:
        masters = {c.group for c in sheet.formulas if c.kind == "shared" and c.text}
        for cell in sheet.formulas:
            if cell.kind == "shared" and cell.group not in masters:
                yield f"{sheet.part} {cell.ref}: shared formula si {cell.group!r} without a master"


def check_metadata(book: Book) -> Findings:
    root = book.singleton("sheetMetadata")
    counts = {
        "cm": len(children(child(root, "cellMetadata"), "bk")),
        "vm": len(children(child(root, "valueMetadata"), "bk")),
    }
    for sheet in book.sheets:
        for (key, value), ref in sheet.metadata.items():
            index = number(value)
            if root is None:
                yield f"{sheet.part} {ref}: {key} {value} without a metadata part"
            elif index is None or not 0 <= index <= counts[key]:
                yield f"{sheet.part} {ref}: {key} {value} out of range"


def check_calc_chain(book: Book) -> Findings:
    root = book.singleton("calcChain")
    by_id = {sheet.sheet_id: sheet for sheet in book.sheets}
    formulas = {key: {cell.ref for cell in sheet.formulas} for key, sheet in by_id.items()}
    areas = {key: [b for cell in sheet.formulas if cell.area and (b := box(cell.area))] for key, sheet in by_id.items()}
    sheet_id = ""
    for entry in children(root, "c"):
        sheet_id = entry.get("i", sheet_id)
        ref = entry.get("r", "")
        if sheet_id not in by_id:
            yield f"calcChain {ref}: unknown sheet id {sheet_id}"
        elif ref not in formulas[sheet_id]:
            at = position(ref)
            if at is None or not any(inside(at * 2, area) for area in areas[sheet_id]):
                yield f"calcChain {by_id[sheet_id].name}!{ref}: cell without a formula"


# --- rules: what hangs on a sheet -----------------------------------------------------------------


def check_ranges(book: Book) -> Findings:
    """Every sqref and ref of a sheet must be made of ranges."""
    for sheet in book.sheets:
        if sheet.root is None:
            continue
        for element in sheet.root.iter("{*}dataValidation", "{*}conditionalFormatting"):
            ranges = area_of(element).split()
            if not ranges or any(box(ref) is None for ref in ranges):
                yield f"{sheet.part}: {local(element)} with range {area_of(element)!r}"
        for element in sheet.root.iter("{*}dimension", "{*}hyperlink", "{*}autoFilter"):
            if element.get("ref") and box(element.get("ref", "")) is None:
                yield f"{sheet.part}: {local(element)} with range {element.get('ref')!r}"


def check_validations(book: Book) -> Findings:
    limits = {"errorTitle": 32, "error": 255, "promptTitle": 32, "prompt": 255}
    for sheet in book.sheets:
        for validation in descendants(sheet.root, "dataValidation"):
            for key, limit in limits.items():
                if units(decode_escapes(validation.get(key, ""))) > limit:
                    yield (f"{sheet.part} validation {area_of(validation)}: {key} of more than {limit} characters")


def check_hyperlinks(book: Book) -> Findings:
    for sheet in book.sheets:
        count = len(children(child(sheet.root, "hyperlinks"), "hyperlink"))
        if count > MAX_HYPERLINKS:
            yield f"{sheet.part}: {count} hyperlinks, more than {MAX_HYPERLINKS}"


def check_drawings(book: Book) -> Findings:
    for part, root in book.roots.items():
        if local(root) == "wsDr":
            # a Fallback repeats the ids of what it stands for
            ids = [
                e.get("id", "")
                for e in root.iter("{*}cNvPr")
                if not any(local(a) == "Fallback" for a in e.iterancestors())
            ]
            for double in repeated(ids):
                yield f"{part}: duplicate drawing id {double}"
        elif local(root) == "chartSpace":
            yield from chart_problems(part, root)


def chart_problems(part: str, root: etree._Element) -> Findings:
    plot = next(descendants(root, "plotArea"), None)
    if plot is None or "drawingml/2006/chart" not in etree.QName(root).namespace + "/":
        return
    axes = {i.get("val", "") for axis in plot if local(axis).endswith("Ax") for i in children(axis, "axId")}
    series = []
    for chart in plot:
        if local(chart).endswith("Chart"):
            for axis in children(chart, "axId"):
                if axis.get("val", "") not in axes | {"0"}:  # 0: a 3-D chart without that axis
                    yield f"{part}: {local(chart)} uses unknown axis {axis.get('val')}"
            for ser in children(chart, "ser"):
                series += [i.get("val", "") for i in children(ser, "idx")]
    for double in repeated(series):
        yield f"{part}: duplicate series idx {double}"


def check_comments(book: Book) -> Findings:
    people = {
        e.get("id", "").upper()
        for root in book.roots.values()
        if local(root) == "personList"
        for e in children(root, "person")
    }
    for part, root in book.roots.items():
        if local(root) == "comments":
            authors = len(children(child(root, "authors"), "author"))
            comments = children(child(root, "commentList"), "comment")
            for double in repeated(c.get("ref", "") for c in comments):
                yield f"{part} {double}: two comments"
            for comment in comments:
                author = number(comment.get("authorId"))
                if author is None or author >= authors:
                    yield f"{part} {comment.get('ref')}: authorId {comment.get('authorId')}"
        elif local(root) == "ThreadedComments":
            for comment in children(root, "threadedComment"):
                if comment.get("personId", "").upper() not in people:
                    yield f"{part} {comment.get('ref')}: unknown person"


def check_table_slicers(book: Book) -> Findings:
    columns = {
        table.root.get("id", ""): {c.get("id", "") for c in children(child(table.root, "tableColumns"), "tableColumn")}
        for table in book.tables
    }
    for part, root in book.roots.items():
        if local(root) == "slicerCacheDefinition":
            for cache in root.iter("{*}tableSlicerCache"):
                if cache.get("tableId", "") not in columns:
                    yield f"{part}: slicer of unknown table id {cache.get('tableId')}"
                elif cache.get("column", "") not in columns[cache.get("tableId", "")]:
                    yield f"{part}: slicer of unknown column id {cache.get('column')}"


# --- rules: macros and ribbon ---------------------------------------------------------------------

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
FREE_SECTOR = 0xFFFFFFFF
LAST_REGULAR_SECTOR = 0xFFFFFFFA


def check_vba(book: Book) -> Findings:
    for part, data in book.parts.items():
        if posixpath.basename(part).casefold() == "vbaproject.bin":
            problem = ole_problem(data)
            if problem:
                yield f"{part}: {problem}"


def ole_problem(data: bytes) -> str:
    """Why this is not a whole compound file with a VBA project; '' if it is."""
    if data[:8] != OLE_MAGIC:
        return "not an OLE compound file"
    if len(data) < 512:
        return "truncated in its header"
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        return "OLE header with a bad sector size"
    size = 1 << shift
    fat_count, directory = struct.unpack_from("<II", data, 44)
    first_difat, difat_count = struct.unpack_from("<II", data, 68)

    def sector(index: int) -> bytes:
        return data[(index + 1) * size : (index + 2) * size]

    table = list(struct.unpack_from("<109I", data, 76))
    for _ in range(difat_count):
        block = sector(first_difat)
        if len(block) < size:
            return "truncated: a sector of the header's list is missing"
        entries = struct.unpack(f"<{size // 4}I", block)
        table += entries[:-1]
        first_difat = entries[-1]
    fat_sectors = [index for index in table if index != FREE_SECTOR]
    if len(fat_sectors) != fat_count:
        return f"OLE header claims {fat_count} FAT sectors, lists {len(fat_sectors)}"
    if fat_count > len(data) // size + 1:
        return f"truncated: {fat_count} FAT sectors claimed, {len(data)} bytes"
    fat: list[int] = []
    for index in fat_sectors:
        block = sector(index)
        if len(block) < size:
            return f"truncated: FAT sector {index} is missing"
        fat += struct.unpack(f"<{size // 4}I", block)
    used = max((i for i, entry in enumerate(fat) if entry != FREE_SECTOR), default=-1) + 1
    if len(data) < (used + 1) * size:
        return f"truncated: {used} sectors of {size} bytes claimed, {len(data)} bytes"
    return directory_problem(data, size, directory, fat)


def directory_problem(data: bytes, size: int, first: int, fat: list[int]) -> str:
    """Walk the directory: every stream must be as long as it says, and a project be there."""

    def chain(start: int) -> list[int]:
        sectors: list[int] = []
        while start <= LAST_REGULAR_SECTOR and start < len(fat) and len(sectors) <= len(fat):
            sectors.append(start)
            start = fat[start]
        return sectors

    entries = b"".join(data[(i + 1) * size : (i + 2) * size] for i in chain(first))
    names = set()
    for at in range(0, len(entries) - 127, 128):
        entry = entries[at : at + 128]
        length, kind = struct.unpack_from("<HB", entry, 64)
        if kind not in (1, 2, 5):
            continue
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        names.add(name.casefold())
        start, stream_size = struct.unpack_from("<II", entry, 116)
        in_mini_stream = kind == 2 and stream_size < 4096
        if kind != 1 and not in_mini_stream and len(chain(start)) * size < stream_size:
            return f"truncated: stream {name} is shorter than its {stream_size} bytes"
    missing = {"vba", "dir", "_vba_project"} - names
    return f"no VBA project in it ({', '.join(sorted(missing))} missing)" if missing else ""


def check_custom_ui(book: Book) -> Findings:
    for part, root in book.roots.items():
        if local(root) != "customUI":
            continue
        for double in repeated(e.get("id", "") for e in root.iter("*") if e.get("id")):
            yield f"{part}: duplicate customUI id {double}"
        images = {r.id for r in book.related(part)}
        for element in root.iter("*"):
            if element.get("image") and element.get("image") not in images:
                yield f"{part}: image {element.get('image')} of {element.get('id')} is missing"


# --- rules that only our own workbooks have to keep -----------------------------------------------


def our_content_types(book: Book) -> Findings:
    for name in book.overrides:
        if name not in book.folded:  # Excel itself leaves these behind, and opens such files
            yield f"[Content_Types].xml: type of a part that does not exist, {name}"


def our_cells(book: Book) -> Findings:
    for sheet in book.sheets:
        for ref in sheet.inline:
            yield f"{sheet.part} {ref}: inlineStr (blank in Apple's previews)"
        for cell in sheet.formulas:
            if cell.cached is None or (cell.cached == "" and cell.cell_type != "str"):
                yield f"{sheet.part} {cell.ref}: formula without a cached value"
            elif cell.cell_type == "e" and cell.cached == "#NAME?":
                yield f"{sheet.part} {cell.ref}: cached #NAME?"


def our_calculation(book: Book) -> Findings:
    settings = child(book.workbook, "calcPr")
    if settings is None or settings.get("calcId") != OUR_CALC_ID:
        said = None if settings is None else settings.get("calcId")
        yield f"{book.workbook_part}: calcId {said}, not {OUR_CALC_ID}"
    if settings is not None:
        for key in ("fullCalcOnLoad", "forceFullCalc"):
            if is_true(settings.get(key)):
                yield f"{book.workbook_part}: {key} makes Excel recalculate everything"


def our_fonts(book: Book) -> Findings:
    fonts = children(child(book.styles, "fonts"), "font")
    formats = [xf for group in ("cellStyleXfs", "cellXfs") for xf in children(child(book.styles, group), "xf")]
    used = {0} | {number(xf.get("fontId", "0")) for xf in formats}
    for index, font in enumerate(fonts):
        if index not in used:
            continue  # XlsxWriter stores a Tahoma that no cell uses, for comments
        name, scheme = child(font, "name"), child(font, "scheme")
        said = None if name is None else name.get("val")
        what = "default font" if index == 0 else f"font {index}"
        if said != OUR_FONT:
            yield f"styles: {what} is {said}, not {OUR_FONT}"
        if scheme is not None and scheme.get("val", "none") != "none":
            yield f"styles: {what} follows the theme instead of its name"
    for index, item in enumerate(book.strings):
        for font in item.iter("{*}rFont"):
            if font.get("val") != OUR_FONT:
                yield f"sharedStrings: string {index} has a run in {font.get('val')}"


def our_functions(book: Book) -> Findings:
    """Criteria are patterns: `<50人`, `A*` and 18-digit ids count wrongly."""
    for formula in book.formulas():
        for name in book.facts(formula.text).functions:
            if name in CRITERIA_FUNCTIONS:
                yield f"{formula.part} {formula.where}: {name} matches text by pattern"


def our_names(book: Book) -> Findings:
    elements = children(child(book.workbook, "definedNames"), "definedName")
    known = {element.get("name", "").casefold() for element in elements}
    known |= {table.name.casefold() for table in book.tables}
    for formula in book.formulas():
        for name in book.facts(formula.text).names:
            folded = name.replace("$", "").casefold()
            is_ref = box(folded.upper()) is not None
            if not is_ref and folded not in known and not folded.startswith("_xl"):
                yield f"{formula.part} {formula.where}: unknown name {name}"


def shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


CHECKS: list[Callable[[Book], Findings]] = [
    check_problems,
    check_zip,
    check_relationships,
    check_content_types,
    check_child_order,
    check_shared_strings,
    check_styles,
    check_dxfs,
    check_sheet_names,
    check_workbook,
    check_defined_names,
    check_table_names,
    check_table_shape,
    check_table_headers,
    check_overlaps,
    check_formula_syntax,
    check_formula_lengths,
    check_future_functions,
    check_structured_references,
    check_sheet_references,
    check_arrays,
    check_shared_formulas,
    check_metadata,
    check_calc_chain,
    check_ranges,
    check_validations,
    check_hyperlinks,
    check_drawings,
    check_comments,
    check_table_slicers,
    check_vba,
    check_custom_ui,
]
OUR_CHECKS: list[Callable[[Book], Findings]] = [
    our_content_types,
    our_cells,
    our_calculation,
    our_fonts,
    our_functions,
    our_names,
]


def lint(path: Path | str, *, ours: bool = False) -> list[str]:
    """Findings on a workbook, in the order of the rules; `ours` adds the rules of our own files."""
    book = Book(Path(path))
    checks = CHECKS + OUR_CHECKS if ours else CHECKS
    return [finding for check in checks for finding in check(book)]
