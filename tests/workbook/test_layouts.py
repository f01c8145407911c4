"""The compiled templates: what the writer and Excel rely on."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook

from crm_xl.rules.defaults import default_rules
from crm_xl.rules.settings import write_settings
from crm_xl.rules.tables import MODELS, read_rows, write_rows
from crm_xl.vocabulary.fields import LANGS, Lang, find_field
from crm_xl.vocabulary.functions import FUNCTIONS
from crm_xl.vocabulary.guide_texts import GUIDE_FUNCTIONS, GUIDE_STEPS
from crm_xl.vocabulary.settings import NAMES, SHEET_SETTINGS
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import (
    CHOICES,
    DIMENSION_HELP,
    EXAMPLE_TARGETS,
    FREE_CHOICES,
    PURPOSES,
    RULE_HEADINGS,
    SHEETS,
    TEXTS,
)
from crm_xl.workbook.layouts import TEMPLATES, build_all, compile_template
from tests.support.lint import lint
from tests.support.validators import assert_clean

NAMESPACE = {
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
}
DOCUMENTS = {
    "customer-info": ("guide", "goals", "customers", "dimensions", "profile", "plan", "tracking", "parameters"),
    "relationship-evaluation": (
        "indicators", "bands", "scores", "evaluation", "level_plan", "calibration", "parameters",
    ),
    "sales-strategy": (
        "customers", "orders", "rfm", "portrait", "sales_plan", "tasks", "dashboard", "reviews", "parameters",
    ),
    "key-accounts": (
        "criteria", "customers", "interactions", "needs", "surveys", "questionnaire", "accounts", "parameters",
    ),
    "case-analysis": ("case", "improvements", "care", "loyalty", "parameters"),
}  # fmt: skip
"""The sheets that domain.md §13 asks of each template."""
AREAS = {
    "CrossRows": (10, 1), "CrossColumns": (1, 10), "CrossCells": (10, 10), "KpiCustomers": (1, 1),
    "KpiActive": (1, 1), "KpiSpend": (1, 1), "KpiRepurchase": (1, 1),
}  # fmt: skip


@pytest.fixture(scope="module", params=TEMPLATES)
def template(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=LANGS)
def lang(request: pytest.FixtureRequest) -> Lang:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def data(template: str, lang: Lang) -> bytes:
    return compile_template(template, lang)


@pytest.fixture(scope="module")
def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(data))


def sheet_name(key: str, lang: Lang) -> str:
    return SHEETS[key][0 if lang == "zh" else 1]


def area_of(book: Workbook, name: str) -> tuple[str, tuple[int, int, int, int]]:
    ((sheet, cells),) = book.defined_names[name].destinations
    return sheet, range_boundaries(cells)


def sheets(parts: dict[str, bytes]) -> list[bytes]:
    return [xml for name, xml in parts.items() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]


def test_same_bytes_each_time(data: bytes, template: str, lang: Lang) -> None:
    assert compile_template(template, lang) == data


def test_build_all_writes_every_template(tmp_path: Path) -> None:
    paths = build_all(tmp_path / "new")
    assert [p.name for p in paths] == [f"{t}.{x}.xlsx" for t in TEMPLATES for x in LANGS]
    assert all(p.stat().st_size > 10_000 for p in paths)


def test_module_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crm_xl.workbook.layouts", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    assert {p.name for p in tmp_path.iterdir()} == {f"{t}.{x}.xlsx" for t in TEMPLATES for x in LANGS}


def test_sheets_in_order(book: Workbook, template: str, lang: Lang) -> None:
    keys = TEMPLATES[template].sheets
    assert book.sheetnames == [sheet_name(k, lang) for k in keys]
    assert [s.title for s in book if s.sheet_state != "visible"] == ["Calc"]
    if template != "full":
        assert set(DOCUMENTS[template]) <= set(keys)


def test_full_is_all_of_it() -> None:
    """Every sheet of the others, each table once, the dashboard first."""
    full = TEMPLATES["full"]
    for other in TEMPLATES.values():
        assert set(other.sheets) <= set(full.sheets)
        assert set(other.columns) <= set(full.columns)
    assert full.sheets[0] == "dashboard" and len(set(full.sheets)) == len(full.sheets)


def test_lint_is_clean(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(data)
    assert lint(path, ours=True) == []


def test_validators_are_clean(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(data)
    assert_clean(path)


def test_headers_come_from_the_vocabulary(book: Workbook, template: str, lang: Lang) -> None:
    found = {table.name: table for sheet in book for table in sheet.tables.values()}
    assert len(found) == sum(len(sheet.tables) for sheet in book)
    for name, table in found.items():
        fields = TABLES[name].fields
        if name == "Customers":
            fields = tuple(TABLES[name].field(k) for k in TEMPLATES[template].columns)
        assert [c.name for c in table.tableColumns] == [
            f.header(lang, "wan" if f.unit == "wan" else None) for f in fields
        ]
        assert [find_field(TABLES[name], c.name)[0].key for c in table.tableColumns] == [f.key for f in fields]  # type: ignore[index]


@pytest.mark.parametrize("name", ["customer-info", "full"])
def test_document_columns_come_first(name: str) -> None:
    assert [TABLES["Customers"].field(k).header("zh", "wan") for k in TEMPLATES[name].columns[:12]] == [
        "客户编号", "客户名称", "所属行业", "企业规模(员工数)", "联系人", "联系电话", "首次合作时间",
        "最近合作时间", "年消费金额(万元)", "历史合作次数", "客户类型标签", "备注",
    ]  # fmt: skip


def test_nothing_below_growing_tables(book: Workbook) -> None:
    for sheet in book:
        for table in sheet.tables.values():
            left, _, right, bottom = range_boundaries(table.ref)
            below = [
                c.coordinate
                for row in sheet.iter_rows(min_row=bottom + 1, min_col=left, max_col=right)
                for c in row
                if c.value is not None
            ]
            assert below == [], (sheet.title, table.name)
        for chart in sheet._charts:
            first, last = chart.anchor._from, chart.anchor.to
            for left, top, right, _ in (range_boundaries(t.ref) for t in sheet.tables.values()):
                beside = last.col < left - 1 or first.col > right - 1
                assert beside or last.row < top - 1, (sheet.title, "a chart reaches into the table below")


def test_data_tables_have_one_blank_row(book: Workbook) -> None:
    filled = {"Targets", "Strategies", *MODELS} - {"NumberBins", "Scope"}
    for sheet in book:
        for name, table in ((t.name, t) for t in sheet.tables.values()):
            if name in filled:
                continue
            left, top, right, bottom = range_boundaries(table.ref)
            assert bottom == top + 1, name
            values = [c.value for row in sheet.iter_rows(bottom, bottom, left, right) for c in row]
            assert values == [None] * len(values), name


def test_blank_rows_carry_formats(book: Workbook, lang: Lang) -> None:
    expected = {"id": "@", "phone": "@", "date": "yyyy-mm-dd", "money": "#,##0.00", "count": "0", "ratio": "0.0%"}
    for sheet in book:
        for table in sheet.tables.values():
            if table.name in MODELS or table.name == "Scores":  # scores stand under the headers of amounts
                continue
            left, _, _, bottom = range_boundaries(table.ref)
            for i, column in enumerate(table.tableColumns):
                found = find_field(TABLES[table.name], column.name)
                assert found is not None
                wanted = expected.get(found[0].kind)
                if wanted:
                    assert sheet.cell(bottom, left + i).number_format == wanted, column.name


def test_ids_pasted_far_below_stay_text(book: Workbook, lang: Lang) -> None:
    for key in ("customers", "orders", "interactions", "history"):
        sheet = book[sheet_name(key, lang)]
        letter = next(c.column_letter for c in sheet[1] if c.value in ("客户编号", "Customer ID"))
        assert sheet.column_dimensions[letter].number_format == "@"


def test_rule_tables_hold_the_default_rules(book: Workbook, lang: Lang) -> None:
    rules = default_rules(lang, "wan")
    for sheet in book:
        for name, table in ((t.name, t) for t in sheet.tables.values()):
            if name not in MODELS or name in ("Scope", "NumberBins"):
                continue
            left, top, right, bottom = range_boundaries(table.ref)
            rows = [list(r) for r in sheet.iter_rows(top + 1, bottom, left, right, values_only=True)]
            models, problems = read_rows(name, [f.key for f in TABLES[name].fields], rows)
            assert not problems
            assert write_rows(name, models) == write_rows(name, getattr(rules, MODELS[name][0]))


def test_names_and_default_settings(book: Workbook, lang: Lang) -> None:
    tables = {name for sheet in book for name in sheet.tables}
    assert not {n.casefold() for n in book.defined_names} & {t.casefold() for t in tables}
    sheets_there = set(book.sheetnames)
    needed = {n for n in NAMES if sheet_name(SHEET_SETTINGS.get(n, "parameters"), lang) in sheets_there}
    assert needed == set(NAMES) & set(book.defined_names)
    values = write_settings(default_rules(lang, "wan").settings)
    for name in needed:
        sheet, (left, top, right, bottom) = area_of(book, name)
        assert (left, top) == (right, bottom)
        chosen = name.startswith("Dimension") or name == "ValueMethod"
        home = sheet_name("dimensions", lang) if chosen else ""
        assert sheet == (home if home in sheets_there else sheet_name("parameters", lang))
        assert book[sheet].cell(top, left).value == values[name], name
    sheet, (left, top, _, _) = area_of(book, "AsOf")
    assert book[sheet].cell(top, left).number_format == "yyyy-mm-dd"


def test_figures_and_cross_table_are_empty(book: Workbook, lang: Lang) -> None:
    if sheet_name("dimensions", lang) not in book.sheetnames:
        return
    for name, size in AREAS.items():
        sheet, (left, top, right, bottom) = area_of(book, name)
        assert (bottom - top + 1, right - left + 1) == size
        assert all(c.value is None for row in book[sheet].iter_rows(top, bottom, left, right) for c in row)
    _, (row_left, row_top, _, row_bottom) = area_of(book, "CrossRows")
    _, (column_left, column_top, column_right, _) = area_of(book, "CrossColumns")
    _, cells = area_of(book, "CrossCells")
    assert cells == (column_left, row_top, column_right, row_bottom)
    assert (row_left, column_top) == (column_left - 1, row_top - 1)


def test_calculation_settings(parts: dict[str, bytes]) -> None:
    assert re.findall(rb"<calcPr[^>]*>", parts["xl/workbook.xml"]) == [b'<calcPr calcId="191029"/>']


def test_one_formula_which_spills(parts: dict[str, bytes], lang: Lang) -> None:
    header = TABLES["Customers"].field("customer_id").header(lang)
    found = [
        (cell.get("r"), cell.get("cm"), cell[0].get("t"), cell[0].get("ref"), cell[0].text, cell[1].text)
        for xml in sheets(parts)
        for cell in etree.fromstring(xml).iterfind(".//s:c", NAMESPACE)
        if cell.find("s:f", NAMESPACE) is not None and cell.get("cm")
    ]
    assert found == [("C2", "1", "array", "C2", f"ROWS(Customers[{header}])", "1")]
    assert "xl/metadata.xml" in parts


def test_heights_follow_the_text(parts: dict[str, bytes], template: str) -> None:
    """Rows with wrapped text are as high as it needs, but nothing keeps Excel from fitting them anew."""
    for number, key in enumerate(TEMPLATES[template].sheets, 1):
        xml = parts[f"xl/worksheets/sheet{number}.xml"]
        # answers by hand, and texts that change with the customer who is picked
        assert key in ("questionnaire", "case") or b"customHeight" not in xml, key
        if key in ("guide", "strategies"):
            assert re.findall(rb"<row [^>]*\bht=", xml), key


def test_every_font_is_ours(parts: dict[str, bytes]) -> None:
    styles = etree.fromstring(parts["xl/styles.xml"])
    names = styles.xpath("s:fonts/s:font/s:name/@val", namespaces=NAMESPACE)
    assert set(names) == {"微软雅黑"}
    for name, xml in parts.items():
        if name.startswith("xl/charts/chart"):
            chart = etree.fromstring(xml)
            assert set(chart.xpath("//a:latin/@typeface", namespaces=NAMESPACE)) == {"微软雅黑"}
    theme = etree.fromstring(parts["xl/theme/theme1.xml"])
    for kind in ("major", "minor"):
        for face in ("a:latin", "a:ea", "a:font[@script='Hans']"):
            path = f"//a:{kind}Font/{face}/@typeface"
            assert theme.xpath(path, namespaces=NAMESPACE) == ["微软雅黑"], path


def test_charts_refer_to_exactly_the_rows_with_caches(parts: dict[str, bytes], book: Workbook, lang: Lang) -> None:
    charts = [etree.fromstring(xml) for name, xml in sorted(parts.items()) if name.startswith("xl/charts/chart")]
    assert charts
    for chart in charts:
        for series in chart.iterfind(".//c:ser", NAMESPACE):
            for kind in ("cat", "val"):
                formula = series.find(f"c:{kind}//c:f", NAMESPACE)
                assert formula is not None and formula.text
                sheet, _, cells = formula.text.rpartition("!")
                left, first, right, last = range_boundaries(cells)
                for table in book[sheet.strip("'")].tables.values():
                    begin, top, end, bottom = range_boundaries(table.ref)
                    if begin <= left and right <= end and top < first:
                        assert (first, last) == (top + 1, bottom)
                cache = formula.getnext()
                assert cache is not None and cache.tag.endswith("Cache")
                assert cache.find("c:ptCount", NAMESPACE).get("val") == str(last - first + 1)  # type: ignore[union-attr]


def test_validations_ask_but_never_refuse(book: Workbook) -> None:
    for sheet in book:
        for rule in sheet.data_validations.dataValidation:
            assert rule.errorStyle in ("warning", "information") or not rule.showErrorMessage or rule.type is None
            if rule.type == "list":
                known = rule.formula1 == "CustomerIds" and rule.formula1 in book.defined_names
                assert known or (rule.formula1.startswith('"') and len(rule.formula1) <= 257)


def test_rules_of_a_table_end_on_its_last_row(book: Workbook) -> None:
    """What ends there grows with the table."""
    for sheet in book:
        areas = [range_boundaries(t.ref) for t in sheet.tables.values()]
        ranges = [r.bounds for v in sheet.data_validations.dataValidation for r in v.sqref.ranges]
        ranges += [r.bounds for f in sheet.conditional_formatting for r in f.sqref.ranges]
        for left, top, right, bottom in ranges:
            inside = [a for a in areas if a[0] <= left and right <= a[2] and a[1] < top]
            assert all((top, bottom) == (a[1] + 1, a[3]) for a in inside), (sheet.title, left, top)


def test_links_lead_somewhere(book: Workbook) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink is not None:
                    target, _, _ = cell.hyperlink.location.rpartition("!")
                    assert target.strip("'") in book.sheetnames


def test_texts_have_both_languages() -> None:
    pairs = [*TEXTS.values(), *SHEETS.values(), *PURPOSES.values(), *RULE_HEADINGS.values()]
    pairs += [p for choices in CHOICES.values() for p in choices] + [t.name for t in EXAMPLE_TARGETS]
    pairs += [meaning for meaning, _ in DIMENSION_HELP.values()]
    assert all(len(p) == 2 and all(p) for p in pairs)
    assert all(len(n) <= 31 for p in SHEETS.values() for n in p)
    assert set(PURPOSES) == set(SHEETS) - {"guide", "calculation"}
    assert set(SHEETS) == {key for t in TEMPLATES.values() for key in t.sheets}
    assert set(GUIDE_STEPS) == set(TEMPLATES)


def test_choices_belong_to_fields() -> None:
    for table, field in [*CHOICES, *FREE_CHOICES]:
        # a text may have suggestions
        assert TABLES[table].field(field).kind in ("choice", "text" if (table, field) in FREE_CHOICES else "choice")
    assert set(RULE_HEADINGS) <= set(MODELS)
    assert set(GUIDE_FUNCTIONS) <= set(FUNCTIONS)
