from __future__ import annotations

import base64
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.table import Table as ExcelTable

from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.sheet_values import ValueBook
from crm_xl.sources.reading import decode, find_delimiter, read_raw
from crm_xl.vocabulary.fields import LANGS
from crm_xl.vocabulary.messages import MESSAGES
from crm_xl.vocabulary.records import CUSTOMERS, ORDERS

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="165" formatCode="[h]:mm:ss"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="7"><xf/><xf numFmtId="14"/>'
    '<xf numFmtId="22"/>'
    '<xf numFmtId="165"/><xf numFmtId="27"/><xf numFmtId="31"/><xf numFmtId="57"/></cellXfs></styleSheet>'
)
DATE, MOMENT, DURATION, CHINESE = 1, 2, 3, (4, 5, 6)


def make_xlsx(rows: str, *, date1904: bool = False, prefix: str = "", odd_parts: bool = False) -> bytes:
    """A workbook with the sheet S1 that holds these <row> elements, written as some other program might."""

    def prefixed(xml: str) -> str:
        if prefix:
            xml = re.sub(r"<(/?)(?=\w)", rf"<\1{prefix}:", xml).replace(" xmlns=", f" xmlns:{prefix}=")
        return xml

    book, sheet = ("odd/book.xml", "odd/deep/s.xml") if odd_parts else ("xl/workbook.xml", "xl/worksheets/sheet1.xml")
    sheet_target = f"/{sheet}" if odd_parts else "worksheets/sheet1.xml"
    folder, name = book.rsplit("/", 1)
    properties = '<workbookPr date1904="1"/>' if date1904 else ""
    content = f"{PACKAGE}/content-types"
    relations = f"{PACKAGE}/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{content}"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/{book}" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/{sheet}" ContentType="{kind}.worksheet+xml"/>'
            f'<Override PartName="/{folder}/styles.xml" ContentType="{kind}.styles+xml"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument"'
            f' Target="{book}"/></Relationships>',
        )
        package.writestr(
            f"{folder}/_rels/{name}.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="rId9" Type="{OFFICE}/worksheet"'
            f' Target="{sheet_target}"/><Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
            "</Relationships>",
        )
        package.writestr(
            book,
            prefixed(
                f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}<sheets>'
                '<sheet name="S1" sheetId="1"'
                ' r:id="rId9"/></sheets></workbook>'
            ),
        )
        package.writestr(f"{folder}/styles.xml", STYLES)
        package.writestr(sheet, prefixed(f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'))
    return out.getvalue()


def text_row(row: int, *texts: str) -> str:
    cells = (
        f'<c r="{chr(65 + i)}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>' for i, text in enumerate(texts)
    )
    return f'<row r="{row}">{"".join(cells)}</row>'


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def book_of(rows: Sequence[Sequence[object]], title: str = "客户") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return book


def refusal(path: Path, **options: object) -> CrmXlError:
    with pytest.raises(CrmXlError) as caught:
        read_raw(path, **options)  # type: ignore[arg-type]
    for lang in LANGS:
        assert "{" not in caught.value.text(lang)
    return caught.value


HEADERS = ["客户编号", "客户名称", "年消费金额(万元)", "最近合作时间"]
CSV = "客户编号,客户名称,年消费金额(万元)\n001,甲公司,15.2\n002,乙公司,3\n"

# c.xlsx with one sheet 客户, saved as .xls by LibreOffice: HEADERS and two rows
XLS = zlib.decompress(
    base64.b64decode(
        "eNrtWF1sVEUUPnPvdnu3lO62/BeoK/JT6LZpQaWg2MKCgj+tQOvvRillC5XdbtOWhEqURSQhBoKEGHnAGEwhRhPUmOiDGtv4woNG"
        "eeBBoknhwWjwYWtQJJGu3zl37rJdt0m3oInaszl3Zs7cc+fMnN/Zb74uHjz5QelFyoB7yKThpIfcaTQF9DgDH5GhacPJZNIhJyfg"
        "XwXXdcs6dEF/eUDWeT7Q0rot0O0E/PdgE8Xw6yE/raMOtF3US7nAdFhM+vfGwjM8xvfGChPrj399jt8cx01gNv/neM/+PwlYCJwM"
        "LAJ67RRAxcAS4BTgVOA0sQmiGcCZwFnAUuBs4BzgXGAZ8DagH3i7lucO3TIuRH8RsFzTlqCtmIhBfwt4LGjRnUefTP6SVS66vwiL"
        "eN81IHZxCRiiTraNYEuk1f9PwRqRoUWxDP0w0lXoKToBahG9J9RP5blKrA9QT/5abdFPGPUi+2F5zpNnETH/x8JzQSg1sMPvxMpf"
        "FSdQlK+C1EIRaqetiIPteKOUzrJ/7ZU32DvUapnht25utnrE2vAl1SBxOAav2Ix3OqgbvSA9SA8JJUhlrkLqY798INwR7mqJlLmK"
        "6RT7ZC8gVBmNhiq3bStzldJpdsJ0Ysi/Y2U0urK7e1BctI9+TfrTwkG/n+ksh9CvjI1u5Ein/x29D2eX7Zwr7PcTmfTFo9ADo9CX"
        "jEL3ZKXnOfJYmXKesumuTPrpv9CPGRjEKcmtL25KWxx3S1sSd0k7JZ4v7dR4XnKLuNsBGOkRzivwsbeeXr71ED6p8BtQFpCo6bCi"
        "y/QUp5TEJlnJneDUwSs7V4x0XEaTEuz0n2MrFu1TSFFWv6rHs57Khnx2krLgGBaSkHUVvvUH7ZFE5pGPihDT917drLuTmxK9HvK4"
        "qOeZg9EVh88dfeN4OeU3BDculnxoZ8Q8OTc3BNh+7ojVFGr8LXzlNSTN6uoak9TSXZGNv29G58kG7sBJawJLl91ZdRf2OashiQzq"
        "oSGXnUFbrWnAG2YxTbcGp1k7HPtGhONCnMI2nA4HsGI5ER+EqQzOuXzp7tK6Z4Uev6FWWsBaooDah5kB1xLhqJDnS/Kuk6b3C+1l"
        "eS5M8f9YtyitX57qJ+oWp/VPIqx6IBWJJg2sFlAzC937B7YM1jmtombMWPSCbJvUK5ZX77SItHr10zJ8uh+wg6XyCk1loRlZaKYU"
        "MDdo16VkcY7WHimMVGpkYGSkRiZGph4pKW5cqRHzsQl8hkTDO/XSFzO4xLnQb4DnRWjNEI53vDaHIRxuckbMwao0DU5BJgqjpubm"
        "5qH5P9Qzrym8ZzSvKby2oc3FyBCt50uJZx9dPpUprp/cP9OjPJlYb5tDwtLOwZJ7yUxU29tIlAvdk/BlqQMNKhA+5uEt3meU0Edu"
        "O5kS3Svq5YrNK2I6CwC2w7O2W+kfUk7tWZBj7apQ1ZkFdg3rsww70NhT93PN+Eh7a1esO9bW41+3uzUc8a9YXtnUsjUciYTljNe0"
        "t7XV3kztrOwYM24YTpKYRZbv0uCBN3+51rjD9+5RiyoWffgt6+S4rq2VPmU2tPU6NIX0+e3Q9XaPrrnjuu4+pGv1n67bNTTzxDrD"
        "HZ29uyOk62qer9bfdiCzH9+zZWrg+e9Vev9W758pxvmvzp+omu079jr2H7h2Zi3H0wxaSN8TnODuS9vjw/peQvquwPO1er4+7e7C"
        "Z7W6s/OxcFd3e6xj5Bnx+S6rqqEJyA638v4v+svw4Ww8otNJdv9xrN5FO1Fxsxw7c5a/REKsredkDvfqJsvx0yDWjeKG0wgZnhvX"
        "+mbaHXwsPPOAG1JxohH3gfC49ccpJtf7/3x9V5dbCe4Wu7D/KO4crPsNsII20QlTenBfiYEyOpTr9fNyOP8FwLOp9ddihVaRISwW"
        "mJs8tePYP9d1b0/8/yPwJ6V7NtQ="
    )
)


class TestSheetValues:
    def test_errors_and_uncalculated_formulas(self) -> None:
        rows = (
            '<row r="1"><c r="A1" t="e"><v>#VALUE!</v></c><c r="B1"><f>1+1</f></c><c r="C1" t="b"><v>1</v>'
            "</c>"
            '<c r="D1" t="str"><f>A1</f><v></v></c><c r="E1" t="str"><f>A1</f><v>x</v></c>'
            '<c r="F1" t="e"><f>NA()</f><v>#N/A</v></c><c r="G1"><f>1</f><v>7</v></c><c r="H1">'
            '<f t="shared" si="0"/></c>'
            '<c r="I1"><f>1</f><v/></c><c r="J1"><f a="b">1</f><v></v></c></row>'
        )
        for prefix in ("", "x"):
            values = ValueBook(make_xlsx(rows, prefix=prefix)).sheet("S1")
            assert values.rows == [["#VALUE!", None, True, None, "x", "#N/A", 7.0, None, None, None]]
            assert [c for c, v in enumerate(values.rows[0]) if isinstance(v, CellError)] == [0, 5]
            assert values.uncalculated == {(0, 1), (0, 7), (0, 8), (0, 9)}

    def test_text_that_looks_like_an_error_is_text(self) -> None:
        rows = text_row(1, "#N/A", 't="e"', "<f>")
        values = ValueBook(make_xlsx(rows)).sheet("S1")
        assert values.rows == [["#N/A", 't="e"', "<f>"]]
        assert not any(isinstance(v, CellError) for v in values.rows[0])

    def test_cells_without_a_reference_are_counted(self) -> None:
        rows = (
            '<row><c><v>1</v></c><c t="e"><v>#REF!</v></c></row>'
            '<row r="4"><c r="C4"><v>2</v></c><c t="e"><v>#NUM!</v></c><c><f>1</f></c></row>'
        )
        values = ValueBook(make_xlsx(rows)).sheet("S1")
        assert values.rows[0] == [1.0, "#REF!", None, None, None]
        assert values.rows[3] == [None, None, 2.0, "#NUM!", None]
        assert values.uncalculated == {(3, 4)}

    def test_errors_newer_than_the_reader(self) -> None:
        rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>#SPILL!</v></c>'
        rows += '<c r="C1" t="e"><v>#N/A</v></c></row>'
        values = ValueBook(make_xlsx(rows)).sheet("S1")
        assert values.rows == [[1.0, "#SPILL!", "#N/A"]]
        assert isinstance(values.rows[0][1], CellError)

    def test_an_error_below_and_beside_all_values(self) -> None:
        rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="C3" t="e"><v>#REF!</v></c></row>'
        assert ValueBook(make_xlsx(rows)).sheet("S1").rows == [
            [1.0, None, None],
            [None] * 3,
            [None, None, "#REF!"],
        ]

    @pytest.mark.parametrize(("date1904", "serial"), [(False, 45110), (True, 45110 - 1462)])
    def test_dates_in_both_date_systems(self, date1904: bool, serial: int) -> None:
        cells = "".join(
            f'<c r="{chr(65 + i)}1" s="{style}"><v>{serial}</v></c>' for i, style in enumerate((DATE, MOMENT, *CHINESE))
        )
        book = ValueBook(
            make_xlsx(f'<row r="1">{cells}<c r="F1" s="2"><v>{serial}.75</v></c></row>', date1904=date1904)
        )
        values = book.sheet("S1").rows[0]
        assert values == [dt.datetime(2023, 7, 3)] * 5 + [dt.datetime(2023, 7, 3, 18)]
        assert {type(v) for v in values} == {dt.datetime}
        assert book.date1904 is date1904

    def test_times_and_durations_are_numbers_of_days(self) -> None:
        rows = f'<row r="1"><c r="A1" s="{DATE}"><v>0.5</v></c><c r="B1" s="{DURATION}"><v>1.25</v></c></row>'
        assert ValueBook(make_xlsx(rows)).sheet("S1").rows == [[0.5, 1.25]]

    def test_parts_are_found_through_relationships(self) -> None:
        rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c>{}</row>'
        more = f'<c r="C1" s="{DATE}"><v>45110</v></c>'
        for odd in (False, True):
            for code in ("#N/A", "#SPILL!"):
                book = make_xlsx(rows.format(more).replace("#N/A", code), odd_parts=odd)
                values = ValueBook(book).sheet("S1").rows[0]
                assert values == [1.0, code, dt.datetime(2023, 7, 3)]
                assert isinstance(values[1], CellError)

    def test_a_cell_at_the_end_of_the_world_is_refused_not_laid_out(self) -> None:
        far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"{}</row>'
        with pytest.raises(CrmXlError) as caught:
            ValueBook(make_xlsx(far.format("><v>1</v></c>"))).sheet("S1")
        assert (caught.value.key, caught.value.values["cell"]) == ("sheet_too_far", "XFD1048576")
        assert ValueBook(make_xlsx(far.format(' s="1"/>'))).sheet("S1").rows == [[1.0]]

    def test_no_such_sheet(self) -> None:
        with pytest.raises(CrmXlError) as caught:
            ValueBook(make_xlsx("")).sheet("S2")
        assert caught.value.key == "sheet_missing"
        assert "S1" in caught.value.text("en")

    def test_an_empty_sheet(self) -> None:
        assert ValueBook(make_xlsx("")).sheet("S1").rows == []


class TestWorkbooks:
    def test_xlsx(self, tmp_path: Path) -> None:
        book = book_of(
            [
                ["我们的客户"],
                [],
                HEADERS,
                ["001", "甲", 15.2, dt.date(2023, 7, 3)],
                [1002, "乙", None, None],
                [],
            ]
        )
        book.save(tmp_path / "c.xlsx")
        raw = read_raw(tmp_path / "c.xlsx", table=CUSTOMERS)
        assert raw.headers == HEADERS
        assert raw.columns == [["001", 1002], ["甲", "乙"], [15.2, None], [dt.datetime(2023, 7, 3), None]]
        assert (raw.sheet, raw.first_row, raw.from_text) == ("客户", 4, False)

    def test_the_sheet_that_fits_is_taken(self, tmp_path: Path) -> None:
        book = book_of([["说明", "内容"], ["客户", "见下一页"]], "说明")
        book.create_sheet("空")
        sheet = book.create_sheet("数据")
        sheet.append(HEADERS)
        sheet.append(["001"])
        book.save(tmp_path / "c.xlsx")
        assert read_raw(tmp_path / "c.xlsx", table=CUSTOMERS).sheet == "数据"
        assert read_raw(tmp_path / "c.xlsx").sheet == "说明"
        assert read_raw(tmp_path / "c.xlsx", "说明", table=CUSTOMERS).headers == ["说明", "内容"]
        assert refusal(tmp_path / "c.xlsx", sheet="没有").key == "sheet_missing"

    def test_the_excel_table_of_that_name_is_taken_and_its_totals_row_left(self, tmp_path: Path) -> None:
        book = book_of([HEADERS, ["999", "旧", 1, None]], "旧表")
        sheet = book.create_sheet("新表")
        for row in (["客户编号", "客户名称"], ["001", "甲"], ["合计", "1"]):
            sheet.append([None, *row, None, "旁注"])
        sheet.add_table(ExcelTable(displayName="Customers", ref="B1:C3", totalsRowCount=1))
        book.save(tmp_path / "c.xlsx")
        raw = read_raw(tmp_path / "c.xlsx", table=CUSTOMERS)
        assert (raw.sheet, raw.headers, raw.columns) == ("新表", ["客户编号", "客户名称"], [["001"], ["甲"]])

    def test_uncalculated_formulas_are_refused_only_where_they_matter(self, tmp_path: Path) -> None:
        head = text_row(1, "客户编号", "客户名称", "自己的列", "客户类型标签")
        body = '<row r="2"><c r="A2" t="inlineStr"><is><t>1</t></is></c>{}</row>'
        other = '<c r="C2"><f>1+1</f></c><c r="D2"><f>SEGMENT(1)</f></c>'
        path = saved(tmp_path, "c.xlsx", make_xlsx(head + body.format(other)))
        assert read_raw(path, table=CUSTOMERS).columns[0] == ["1"]
        assert refusal(path).values == {"sheet": "S1", "cell": "C2"}
        path = saved(tmp_path, "c.xlsx", make_xlsx(head + body.format('<c r="B2"><f>1+1</f></c>')))
        error = refusal(path, table=CUSTOMERS)
        assert (error.key, error.values) == ("not_calculated", {"sheet": "S1", "cell": "B2"})

    def test_openpyxl_leaves_formulas_uncalculated(self, tmp_path: Path) -> None:
        book_of([HEADERS, ["001", "甲", "=1+1"]]).save(tmp_path / "c.xlsx")
        assert refusal(tmp_path / "c.xlsx", table=CUSTOMERS).values["cell"] == "C2"

    def test_an_xls_that_is_an_xlsx(self, tmp_path: Path) -> None:
        book_of([HEADERS, ["001"]]).save(tmp_path / "c.xlsx")
        (tmp_path / "c.xlsx").rename(tmp_path / "c.xls")
        assert read_raw(tmp_path / "c.xls").headers == HEADERS

    def test_xls(self, tmp_path: Path) -> None:
        for name in ("c.xls", "c.xlsx"):
            raw = read_raw(saved(tmp_path, name, XLS), table=CUSTOMERS)
            assert raw.headers == HEADERS
            assert raw.columns[0][:2] == ["001", 1002]
            assert raw.columns[3][:2] == [dt.datetime(2023, 7, 3), dt.datetime(2024, 2, 29, 13)]

    def test_ods(self, tmp_path: Path) -> None:
        pytest.importorskip("odf")
        frame = pd.DataFrame({"客户编号": ["001", "002"], "年消费金额": [15.2, 3.0]})
        frame.to_excel(tmp_path / "c.ods", index=False)
        raw = read_raw(tmp_path / "c.ods", table=CUSTOMERS)
        assert raw.columns == [["001", "002"], [15.2, 3.0]]

    def test_parquet(self, tmp_path: Path) -> None:
        pytest.importorskip("pyarrow")
        frame = pd.DataFrame(
            {
                "客户编号": ["001", None],
                "年消费金额": [15.2, float("nan")],
                "最近合作时间": [pd.Timestamp("2023-07-03"), pd.NaT],
            }
        )
        frame.to_parquet(tmp_path / "c.parquet")
        raw = read_raw(tmp_path / "c.parquet", table=CUSTOMERS)
        assert raw.columns == [["001", None], [15.2, None], [pd.Timestamp("2023-07-03"), None]]
        assert refusal(saved(tmp_path, "d.parquet", b"PAR1junk")).key == "file_unreadable"

    def test_parquet_without_its_engine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(*_: object) -> None:
            raise ImportError

        monkeypatch.setattr(pd, "read_parquet", missing)
        assert refusal(saved(tmp_path, "c.parquet", b"PAR1....")).key == "file_unreadable"

    def test_what_cannot_be_read(self, tmp_path: Path) -> None:
        assert refusal(tmp_path / "no.xlsx").key == "file_missing"
        assert refusal(tmp_path).key == "file_is_folder"
        assert refusal(saved(tmp_path, "empty.csv", b"")).key == "file_empty"
        assert refusal(saved(tmp_path, "c.pdf", b"%PDF")).key == "file_kind"
        assert refusal(saved(tmp_path, "text.xlsx", b"hello")).key == "file_not_workbook"
        assert refusal(saved(tmp_path, "html.xls", b"<html><table></table>")).key == "file_not_workbook"
        assert refusal(saved(tmp_path, "cut.xlsx", make_xlsx("")[:400])).key == "file_not_workbook"
        assert refusal(saved(tmp_path, "ole.xls", XLS[:512])).key == "file_not_workbook"
        assert refusal(saved(tmp_path, "not.parquet", b"a,b")).key == "file_unreadable"
        locked = XLS[:512] + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
        assert refusal(saved(tmp_path, "locked.xlsx", locked)).key == "encrypted"

    def test_a_zip_that_is_no_workbook(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            package.writestr("a.txt", "a")
        assert refusal(saved(tmp_path, "a.xlsx", out.getvalue())).key == "file_not_workbook"


class TestTextFiles:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
    )
    def test_encodings(self, tmp_path: Path, encoding: str) -> None:
        raw = read_raw(saved(tmp_path, "c.csv", CSV.encode(encoding)), table=CUSTOMERS)
        assert raw.headers == ["客户编号", "客户名称", "年消费金额(万元)"]
        assert raw.columns == [["001", "002"], ["甲公司", "乙公司"], ["15.2", "3"]]
        assert (raw.first_row, raw.from_text, raw.sheet) == (2, True, None)

    def test_western_text_is_not_read_as_hanzi(self) -> None:
        text = "Customer ID;Name;City\n1;Jürgen Müller GmbH;Köln\n2;Höfner;Lübeck\n" * 20
        data = text.encode("cp1252")
        assert "Müller" not in data.decode("gb18030")  # which reads it without complaint
        assert decode(data) == text

    def test_binary_is_refused(self, tmp_path: Path) -> None:
        assert refusal(saved(tmp_path, "c.csv", b"\x00\xd8\x00\xd8\x00" * 3)).key == "file_unreadable"

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters(self, tmp_path: Path, delimiter: str) -> None:
        lines = [["客户编号", "客户名称", "地址"], ["001", "甲,乙;丙|丁", "上海"], ["002", "戊", "a,b,c"]]
        quoted = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
        raw = read_raw(saved(tmp_path, "c.txt", quoted.encode()), table=CUSTOMERS)
        assert raw.columns == [["001", "002"], ["甲,乙;丙|丁", "戊"], ["上海", "a,b,c"]]

    def test_commas_in_unquoted_texts_do_not_mislead(self) -> None:
        text = "a;b\n1,5,6;2,5,6\n3,5,6;4,5,6\n"
        assert find_delimiter(text, lambda _: False) == ";"
        text = "a,x;b,y\n1,5;2,5\n"  # nothing but the headers tells: commas split it more
        assert find_delimiter(text, lambda _: False) == ","
        assert find_delimiter(text, lambda cell: cell in ("a,x", "b,y")) == ";"

    def test_excels_own_naming_of_the_delimiter(self, tmp_path: Path) -> None:
        raw = read_raw(saved(tmp_path, "c.csv", b"sep=;\r\nID;Name\r\n1;a,b\r\n"), table=CUSTOMERS)
        assert (raw.headers, raw.columns, raw.first_row) == (["ID", "Name"], [["1"], ["a,b"]], 2)

    def test_quoted_line_breaks_count_as_one_row(self, tmp_path: Path) -> None:
        text = '客户编号,备注\n1,"一\n二\r\n三"\n\n2,"他说""好"""\n'
        raw = read_raw(saved(tmp_path, "c.csv", text.encode()), table=CUSTOMERS)
        assert raw.columns == [["1", "", "2"], ["一\n二\r\n三", "", '他说"好"']]

    def test_ragged_rows(self, tmp_path: Path) -> None:
        raw = read_raw(saved(tmp_path, "c.csv", b"ID,Name\n1\n2,b,extra\n" + b"3,c\n" * 3000), table=CUSTOMERS)
        assert raw.headers == ["ID", "Name", ""]
        assert [column[:3] for column in raw.columns] == [["1", "2", "3"], ["", "b", "c"], ["", "extra", ""]]
        assert {len(column) for column in raw.columns} == {3002}

    def test_a_wide_row_far_down(self, tmp_path: Path) -> None:
        raw = read_raw(saved(tmp_path, "c.csv", b"ID,Name\n" + b"3,c\n" * 5000 + b"4,d,e\n"), table=CUSTOMERS)
        assert [len(column) for column in raw.columns] == [5001] * 3
        assert raw.columns[2][-2:] == ["", "e"]

    def test_header_below_a_title(self, tmp_path: Path) -> None:
        raw = read_raw(saved(tmp_path, "c.csv", f"客户清单,,\n,,\n{CSV}".encode()), table=CUSTOMERS)
        assert (raw.first_row, raw.columns[0]) == (4, ["001", "002"])

    def test_headers_only_and_blank_lines_only(self, tmp_path: Path) -> None:
        assert read_raw(saved(tmp_path, "c.csv", b"ID,Name\n"), table=CUSTOMERS).columns == [[], []]
        assert read_raw(saved(tmp_path, "c.csv", b"\n\n \n")).headers == []

    def test_ids_kept_from_excel_by_a_formula(self, tmp_path: Path) -> None:
        raw = read_raw(saved(tmp_path, "c.csv", b'Order no,ID,Date\n="007",1,x\n'), table=ORDERS)
        assert raw.columns[0] == ["007"]

    def test_a_text_file_named_xls(self, tmp_path: Path) -> None:
        raw = read_raw(saved(tmp_path, "c.xls", CSV.replace(",", "\t").encode("gb18030")), table=CUSTOMERS)
        assert raw.columns[0] == ["001", "002"]


def test_every_message_of_this_room_has_two_languages() -> None:
    for key in (
        "source_no_id",
        "source_two_columns",
        "source_unknown_field",
        "source_unknown_header",
        "sheet_missing",
    ):
        zh, en = MESSAGES[key]
        assert set(re.findall(r"{\w+}", zh)) == set(re.findall(r"{\w+}", en))
