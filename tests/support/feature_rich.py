"""A workbook with everything that a careless writer loses: made by XlsxWriter, parts added by hand.

It keeps the rules of our own workbooks too (font, calcId, cached values), so that one file serves
for the lint, the lossless writer and the validators.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import xlsxwriter

from tests.support.insert import DOUBLE, DOUBLE_FORMULA, HEADERS, ROWS

FONT, CALC_ID = "微软雅黑", 191029
CUSTOMERS = 10
PERSON = "{11111111-1111-1111-1111-111111111111}"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MS_2009 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
MS_2010 = "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"


def red_dot() -> bytes:
    """An 8 x 8 red PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = b"".join(b"\0" + b"\xff\0\0" * 8 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def written_by_xlsxwriter() -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "default_format_properties": {"font_name": FONT, "font_size": 11},
        },
    )
    book.set_calc_mode("auto", CALC_ID)
    book.calc_on_load = False  # a full calculation would turn add-in functions into #NAME?
    sheet = book.add_worksheet("Customers")
    parameters = book.add_worksheet("Parameters")
    money, bold = (
        book.add_format({"num_format": "¥#,##0.00"}),
        book.add_format({"bold": True}),
    )

    segment = "SEGMENT(Customers[[#This Row],[Revenue]],Customers[[#This Row],[Orders]])"
    last = CUSTOMERS + 1
    headers = [
        {"header": "客户"},
        {"header": "Orders"},
        {"header": "Revenue", "format": money},
        {"header": "Segment", "formula": f"={segment}"},
        {"header": "Rank"},
        {"header": "Note"},
    ]
    sheet.add_table(f"A1:F{last}", {"name": "Customers", "columns": headers})
    for row in range(1, last):
        sheet.write(row, 0, f"客户{row}")
        sheet.write(row, 1, row)
        sheet.write(row, 2, row * 1000.5, money)
        sheet.write_formula(row, 3, f"={segment}", None, "Gold" if row > 5 else "Silver")
        sheet.write_formula(row, 4, f"=RANK(C{row + 1},Customers[Revenue])", None, last - row)
    # without a format of its own, XlsxWriter gives the second run the font Calibri
    sheet.write_rich_string("F2", bold, "bold", book.add_format(), " then plain")
    sheet.write_comment("A2", "legacy note", {"author": "Li"})
    sheet.add_sparkline("H2", {"range": f"Customers!B2:B{last}"})
    sheet.conditional_format(f"C2:C{last}", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(f"B2:B{last}", {"type": "3_color_scale"})
    high = {"type": "cell", "criteria": ">", "value": "Threshold", "format": bold}
    sheet.conditional_format(f"C2:C{last}", high)
    sheet.data_validation(f"F3:F{last}", {"validate": "list", "source": ["a", "b"]})
    sheet.insert_image("J2", "dot.png", {"image_data": BytesIO(red_dot())})
    sheet.insert_textbox("J6", "hello shape", {"object_position": 1})
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "categories": f"=Customers!$A$2:$A${last}",
            "values": f"=Customers!$C$2:$C${last}",
            "gradient": {"colors": ["#DDEBF7", "#9DC3E6"]},
            "data_labels": {"value": True, "custom": [{"value": "A"}]},
            "trendline": {"type": "linear"},
        }
    )
    chart.set_title({"name": "Revenue", "name_font": {"name": FONT, "size": 9, "color": "red"}})
    sheet.insert_chart("J10", chart)
    sheet.insert_button("L2", {"macro": "Go", "caption": "Go"})
    sheet.insert_checkbox("F5", True)
    sheet.write_dynamic_array_formula("P1:P3", f"=_xlfn.UNIQUE(B2:B{4})", None, 1)
    sheet.write("P2", 2)
    sheet.write("P3", 3)

    parameters.write("A1", "Threshold")
    parameters.write("B1", 5000)
    parameters.write_formula("B2", "=B1*2", None, 10000)
    parameters.write_url("A5", "https://example.com/")
    parameters.merge_range("A7:B7", "merged")
    book.define_name("Threshold", "=Parameters!$B$1")
    book.define_name("GOLD", "=_xlfn.LAMBDA(_xlpm.x,_xlpm.x>Threshold)")
    book.close()
    return out.getvalue()


def read_parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def insert_before(parts: dict[str, bytes], part: str, marker: str, xml: str) -> None:
    head, found, tail = parts[part].decode().rpartition(marker)
    if not found:
        raise ValueError(f"{part} has no {marker}")
    parts[part] = (head + xml + found + tail).encode()


def add_part(parts: dict[str, bytes], name: str, content_type: str, xml: str) -> None:
    parts[name] = DECLARATION + xml.encode()
    override = f'<Override PartName="/{name}" ContentType="{content_type}"/>'
    insert_before(parts, "[Content_Types].xml", "</Types>", override)


def relate(parts: dict[str, bytes], rels: str, id_: str, kind: str, target: str) -> None:
    xml = f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>'
    insert_before(parts, rels, "</Relationships>", xml)


def add_threaded_comment(parts: dict[str, bytes]) -> None:
    namespace = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    add_part(
        parts,
        "xl/threadedComments/threadedComment1.xml",
        "application/vnd.ms-excel.threadedcomments+xml",
        f'<ThreadedComments xmlns="{namespace}"><threadedComment ref="A2"'
        f' dT="2024-05-01T10:00:00.00" personId="{PERSON}"'
        ' id="{22222222-2222-2222-2222-222222222222}"><text>Please check</text>'
        "</threadedComment></ThreadedComments>",
    )
    add_part(
        parts,
        "xl/persons/person.xml",
        "application/vnd.ms-excel.person+xml",
        f'<personList xmlns="{namespace}"><person displayName="Li" id="{PERSON}" userId="li"'
        ' providerId="None"/></personList>',
    )
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/"
    sheet_rels, book_rels = (
        "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/_rels/workbook.xml.rels",
    )
    threaded = "../threadedComments/threadedComment1.xml"
    relate(parts, sheet_rels, "rId90", kind + "threadedComment", threaded)
    relate(parts, book_rels, "rId90", kind + "person", "persons/person.xml")


def add_custom_xml(parts: dict[str, bytes]) -> None:
    namespace = f"{OFFICE}/customXml"
    parts["customXml/item1.xml"] = b'<crm xmlns="urn:crm_xl"><version>1</version></crm>'
    add_part(
        parts,
        "customXml/itemProps1.xml",
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        f'<ds:datastoreItem xmlns:ds="{namespace}"'
        ' ds:itemID="{33333333-3333-3333-3333-333333333333}"><ds:schemaRefs>'
        '<ds:schemaRef ds:uri="urn:crm_xl"/></ds:schemaRefs></ds:datastoreItem>',
    )
    parts["customXml/_rels/item1.xml.rels"] = (
        DECLARATION
        + (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/relationships/customXmlProps"'
            ' Target="itemProps1.xml"/></Relationships>'
        ).encode()
    )
    kind = f"{OFFICE}/relationships/customXml"
    relate(parts, "xl/_rels/workbook.xml.rels", "rId91", kind, "../customXml/item1.xml")


def add_table_slicer(parts: dict[str, bytes], source: str = "Segment", column: int = 4) -> None:
    """A slicer on a column of the first table: `source` is its header, `column` its id."""
    kind = "http://schemas.microsoft.com/office/2007/relationships/"
    sheet_rels, book_rels = (
        "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/_rels/workbook.xml.rels",
    )
    add_part(
        parts,
        "xl/slicerCaches/slicerCache1.xml",
        "application/vnd.ms-excel.slicerCache+xml",
        f'<slicerCacheDefinition xmlns="{MS_2009}"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' mc:Ignorable="x" xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        f' name="Slicer_Segment" sourceName="{source}"><extLst>'
        f'<x:ext uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}" xmlns:x15="{MS_2010}">'
        f'<x15:tableSlicerCache tableId="1" column="{column}"/></x:ext></extLst></slicerCacheDefinition>',
    )
    add_part(
        parts,
        "xl/slicers/slicer1.xml",
        "application/vnd.ms-excel.slicer+xml",
        f'<slicers xmlns="{MS_2009}"><slicer name="Segment" cache="Slicer_Segment"'
        ' caption="Segment" rowHeight="241300"/></slicers>',
    )
    relate(parts, book_rels, "rId92", kind + "slicerCache", "slicerCaches/slicerCache1.xml")
    relate(parts, sheet_rels, "rId91", kind + "slicer", "../slicers/slicer1.xml")
    insert_before(
        parts,
        "xl/workbook.xml",
        "</workbook>",
        f'<extLst><ext uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}" xmlns:x15="{MS_2010}">'
        f'<x15:slicerCaches xmlns:x14="{MS_2009}"><x14:slicerCache r:id="rId92"/>'
        "</x15:slicerCaches></ext></extLst>",
    )
    insert_before(
        parts,
        "xl/worksheets/sheet1.xml",
        "</extLst></worksheet>",
        f'<ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}" xmlns:x15="{MS_2010}">'
        f'<x14:slicerList xmlns:x14="{MS_2009}"><x14:slicer r:id="rId91"/></x14:slicerList></ext>',
    )
    insert_before(parts, "xl/drawings/drawing1.xml", "</xdr:wsDr>", SLICER_SHAPE)


def corner(name: str, column: int, row: int) -> str:
    return (
        f"<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{name}>"
    )


SLICER_SHAPE = (
    f"<xdr:twoCellAnchor>{corner('from', 15, 4)}{corner('to', 18, 14)}"
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:sle15="http://schemas.microsoft.com/office/drawing/2012/slicer">'
    '<mc:Choice Requires="sle15"><xdr:graphicFrame macro=""><xdr:nvGraphicFramePr>'
    '<xdr:cNvPr id="90" name="Segment"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>'
    '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
    '<a:graphicData uri="http://schemas.microsoft.com/office/drawing/2010/slicer">'
    '<sle:slicer xmlns:sle="http://schemas.microsoft.com/office/drawing/2010/slicer"'
    ' name="Segment"/></a:graphicData></a:graphic></xdr:graphicFrame></mc:Choice>'
    '<mc:Fallback><xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="0" name=""/>'
    '<xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/>'
    '<a:ext cx="100" cy="100"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    "</xdr:spPr></xdr:sp></mc:Fallback></mc:AlternateContent><xdr:clientData/>"
    "</xdr:twoCellAnchor>"
)


def make(path: Path | str) -> Path:
    """Write the workbook to `path` and return it."""
    parts = read_parts(written_by_xlsxwriter())
    add_threaded_comment(parts)
    add_custom_xml(parts)
    add_table_slicer(parts)
    return write_parts(Path(path), parts)


# ------------------------------------------------------------ a department's workbook around a customer table

CUSTOMER_SHEET, DATA_SHEET, PIVOT_SHEET = "客户", "数据", "透视"
TOP, LAST = 3, 3 + len(ROWS)
"""Rows of the table's headers and of its last customer."""
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SPEND, NAME = HEADERS.index("年消费金额(万元)"), HEADERS.index("客户名称")
SPENT = sum(row[SPEND] or 0 for row in ROWS)


def department_book() -> bytes:
    """A customer table, and everything beside it that ends on its last row."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_calc_mode("auto", CALC_ID)
    book.calc_on_load = False
    sheet, data, pivot = (book.add_worksheet(name) for name in (CUSTOMER_SHEET, DATA_SHEET, PIVOT_SHEET))
    date, money = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0.00"})
    bold, open_cell = book.add_format({"bold": True}), book.add_format({"locked": False})
    columns: list[dict[str, object]] = [{"header": h} for h in HEADERS]
    columns[HEADERS.index(DOUBLE)]["formula"] = f"={DOUBLE_FORMULA}"
    columns[SPEND]["format"] = money
    sheet.add_table(TOP - 1, 0, LAST - 1, len(HEADERS) - 1, {"name": "Customers", "columns": columns})
    for i, row in enumerate(ROWS):
        for j, value in enumerate(row):
            if value is not None and value != "":
                if isinstance(value, str):
                    sheet.write_string(TOP + i, j, value)
                else:
                    sheet.write(TOP + i, j, value, date if j in (5, 6) else money if j == SPEND else None)
        sheet.write_formula(TOP + i, HEADERS.index(DOUBLE), f"={DOUBLE_FORMULA}", None, (row[SPEND] or 0) * 2)
    sheet.write("A1", "客户表")
    sheet.write_comment("A2", "legacy note", {"author": "Li"})
    sheet.write_rich_string("P2", bold, "bold", " then plain")
    spend, first = f"D{TOP + 1}:D{LAST}", TOP + 1
    sheet.conditional_format(spend, {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(f"E{first}:E{LAST}", {"type": "3_color_scale"})
    above = {"type": "formula", "criteria": f"=$D{first}>AVERAGE($D${first}:$D${LAST})", "format": bold}
    sheet.conditional_format(f"A{first}:C{LAST}", above)
    sheet.data_validation(f"E{first}:E{LAST}", {"validate": "integer", "criteria": ">=", "value": 0})
    sheet.add_sparkline("P4", {"range": f"{CUSTOMER_SHEET}!{spend}"})
    sheet.insert_image("P6", "dot.png", {"image_data": BytesIO(red_dot())})
    sheet.insert_textbox("P8", "hello shape")
    sheet.insert_button("U2", {"macro": "Go", "caption": "Go"})
    sheet.insert_checkbox("S2", True)
    sheet.write_dynamic_array_formula("T4:T6", f"=_xlfn.UNIQUE(B{first}:B{first + 2})", None, ROWS[0][1])
    sheet.write_column("T5", [ROWS[1][1], ROWS[2][1]])
    sheet.set_row(LAST - 2, None, None, {"hidden": True})
    sheet.set_column("G:G", 14, open_cell, {"hidden": True})
    sheet.print_area(f"A1:M{LAST}")
    sheet.repeat_rows(TOP - 1)
    sheet.set_header("&L客户&R&D")
    sheet.set_landscape()
    sheet.freeze_panes(TOP, 1)
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": f"={CUSTOMER_SHEET}!$D${TOP}",
            "categories": f"={CUSTOMER_SHEET}!$B${first}:$B${LAST}",
            "values": f"={CUSTOMER_SHEET}!$D${first}:$D${LAST}",
            "gradient": {"colors": ["#DDEBF7", "#9DC3E6"]},
            "data_labels": {"value": True},
            "trendline": {"type": "linear"},
        }
    )
    other = book.add_chart({"type": "line"})
    other.add_series({"values": f"={DATA_SHEET}!$B$2:$B$4", "marker": {"type": "diamond"}})
    sheet.insert_chart("W2", chart)
    sheet.insert_chart("W20", other)

    data.add_table("A1:B4", {"name": "Sales", "columns": [{"header": "月"}, {"header": "销售额"}]})
    data.write_column("A2", ["一月", "二月", "三月"])
    data.write_column("B2", [10, 20, 30])
    data.write_formula("D1", "=SUM(Customers[年消费金额(万元)])", None, SPENT)
    data.write_formula("D2", f"=SUM({CUSTOMER_SHEET}!D{first}:D{LAST})", None, SPENT)
    data.write_formula("D3", "=COUNTA(Ids)", None, len(ROWS))
    data.write_formula("D4", "=B2*2", None, 20)
    book.define_name("Ids", f"={CUSTOMER_SHEET}!$A${first}:$A${LAST}")
    book.define_name("GOLD", "=_xlfn.LAMBDA(_xlpm.x,_xlpm.x>1)")

    pivot.write_row("A3", ["行标签", "求和项:年消费"])
    for i, row in enumerate(ROWS):
        pivot.write(3 + i, 0, row[NAME])
        pivot.write(3 + i, 1, row[SPEND])
    pivot.write_row(3 + len(ROWS), 0, ["总计", SPENT])
    book.close()
    return out.getvalue()


def add_pivot(parts: dict[str, bytes]) -> None:
    """A pivot table over the customers' cells, by name."""
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    names = [row[NAME] for row in ROWS]
    fields, records = "", ""
    for i, header in enumerate(HEADERS):
        items = "".join(f'<s v="{name}"/>' for name in names)
        shared = f'<sharedItems count="{len(names)}">{items}</sharedItems>' if i == NAME else "<sharedItems/>"
        if i == SPEND:
            shared = (
                '<sharedItems containsString="0" containsBlank="1" containsNumber="1" minValue="0.8" maxValue="150"/>'
            )
        fields += f'<cacheField name="{header}" numFmtId="0">{shared}</cacheField>'
    for i, row in enumerate(ROWS):
        cells = ["<m/>"] * len(HEADERS)
        cells[NAME] = f'<x v="{i}"/>'
        cells[SPEND] = "<m/>" if row[SPEND] is None else f'<n v="{row[SPEND]}"/>'
        records += f"<r>{''.join(cells)}</r>"
    cache, record, table = (
        f"xl/{name}1.xml"
        for name in ("pivotCache/pivotCacheDefinition", "pivotCache/pivotCacheRecords", "pivotTables/pivotTable")
    )
    ref = f"A{TOP}:M{LAST}"
    add_part(
        parts,
        cache,
        f"{KIND}.pivotCacheDefinition+xml",
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships" r:id="rId1" refreshedBy="Li"'
        f' refreshedDate="45000" createdVersion="6" refreshedVersion="6" recordCount="{len(ROWS)}">'
        f'<cacheSource type="worksheet"><worksheetSource ref="{ref}" sheet="{CUSTOMER_SHEET}"/></cacheSource>'
        f'<cacheFields count="{len(HEADERS)}">{fields}</cacheFields></pivotCacheDefinition>',
    )
    add_part(
        parts,
        record,
        f"{KIND}.pivotCacheRecords+xml",
        f'<pivotCacheRecords xmlns="{MAIN}" count="{len(ROWS)}">{records}</pivotCacheRecords>',
    )
    plain, count = '<pivotField showAll="0"/>', len(names)
    items = "".join(f'<item x="{i}"/>' for i in range(count)) + '<item t="default"/>'
    shown = [plain] * len(HEADERS)
    shown[NAME] = f'<pivotField axis="axisRow" showAll="0"><items count="{count + 1}">{items}</items></pivotField>'
    shown[SPEND] = '<pivotField dataField="1" showAll="0"/>'
    lines = "".join(f'<i><x v="{i}"/></i>' for i in range(count)) + '<i t="grand"><x/></i>'
    add_part(
        parts,
        table,
        f"{KIND}.pivotTable+xml",
        f'<pivotTableDefinition xmlns="{MAIN}" name="透视1" cacheId="1" dataCaption="值" updatedVersion="6"'
        f' createdVersion="6" indent="0" outline="1" outlineData="1"><location ref="A3:B{4 + count}"'
        f' firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="{len(HEADERS)}">'
        f'{"".join(shown)}</pivotFields><rowFields count="1"><field x="{NAME}"/></rowFields>'
        f'<rowItems count="{count + 1}">{lines}</rowItems><colItems count="1"><i/></colItems>'
        f'<dataFields count="1"><dataField name="求和项:年消费" fld="{SPEND}" baseField="0" baseItem="0"/>'
        "</dataFields></pivotTableDefinition>",
    )
    empty = DECLARATION + f'<Relationships xmlns="{rels}"></Relationships>'.encode()
    kind = f"{OFFICE}/relationships"
    for owner in ("pivotCache/_rels/pivotCacheDefinition1", "pivotTables/_rels/pivotTable1", "worksheets/_rels/sheet3"):
        parts[f"xl/{owner}.xml.rels"] = empty
    relate(parts, "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels", "rId1", f"{kind}/pivotCacheRecords",
           "pivotCacheRecords1.xml")  # fmt: skip
    relate(parts, "xl/pivotTables/_rels/pivotTable1.xml.rels", "rId1", f"{kind}/pivotCacheDefinition",
           "../pivotCache/pivotCacheDefinition1.xml")  # fmt: skip
    relate(parts, "xl/worksheets/_rels/sheet3.xml.rels", "rId1", f"{kind}/pivotTable",
           "../pivotTables/pivotTable1.xml")  # fmt: skip
    relate(parts, "xl/_rels/workbook.xml.rels", "rId95", f"{kind}/pivotCacheDefinition",
           "pivotCache/pivotCacheDefinition1.xml")  # fmt: skip
    insert_before(parts, "xl/workbook.xml", "</workbook>",
                  '<pivotCaches><pivotCache cacheId="1" r:id="rId95"/></pivotCaches>')  # fmt: skip


def add_query(parts: dict[str, bytes]) -> None:
    """The table Sales comes from a query."""
    kind = f"{OFFICE}/relationships"
    add_part(
        parts,
        "xl/connections.xml",
        f"{KIND}.connections+xml",
        f'<connections xmlns="{MAIN}"><connection id="1" name="Sales" type="1" refreshedVersion="6" saveData="1">'
        '<dbPr connection="DSN=none" command="SELECT * FROM Sales"/></connection></connections>',
    )
    relate(parts, "xl/_rels/workbook.xml.rels", "rId96", f"{kind}/connections", "connections.xml")
    fields = "".join(
        f'<queryTableField id="{i}" name="{h}" tableColumnId="{i}"/>' for i, h in ((1, "月"), (2, "销售额"))
    )
    add_part(
        parts,
        "xl/queryTables/queryTable1.xml",
        f"{KIND}.queryTable+xml",
        f'<queryTable xmlns="{MAIN}" name="Sales" connectionId="1" autoFormatId="16"><queryTableRefresh nextId="3">'
        f'<queryTableFields count="2">{fields}</queryTableFields></queryTableRefresh></queryTable>',
    )
    rels = "xl/tables/_rels/table2.xml.rels"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts[rels] = DECLARATION + f'<Relationships xmlns="{package}"></Relationships>'.encode()
    relate(parts, rels, "rId1", f"{kind}/queryTable", "../queryTables/queryTable1.xml")
    table = parts["xl/tables/table2.xml"].decode().replace(" totalsRowShown", ' tableType="queryTable" totalsRowShown')
    columns = re.sub(r'(<tableColumn id="(\d)")( name="[^"]*")', r'\1 uniqueName="\2"\3 queryTableFieldId="\2"', table)
    parts["xl/tables/table2.xml"] = columns.encode()


def add_sheet_extras(parts: dict[str, bytes]) -> None:
    """What XlsxWriter does not write on the sheet: a validation by another sheet in the newer form, printer
    settings, the newer half of the button."""
    sheet, rels, kind = "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels", f"{OFFICE}/relationships"
    formula = f"<xm:f>{DATA_SHEET}!$A$2:$A$4</xm:f>"
    insert_before(
        parts,
        sheet,
        "</extLst></worksheet>",
        f'<ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{MS_2009}"><x14:dataValidations count="1"'
        ' xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list"'
        f' allowBlank="1"><x14:formula1>{formula}</x14:formula1><xm:sqref>C{TOP + 1}:C{LAST}</xm:sqref>'
        "</x14:dataValidation></x14:dataValidations></ext>",
    )
    parts["xl/printerSettings/printerSettings1.bin"] = b"printer\0" * 16
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(
        b"<Default ", f'<Default Extension="bin" ContentType="{KIND}.printerSettings"/><Default '.encode(), 1
    )
    relate(parts, rels, "rId93", f"{kind}/printerSettings", "../printerSettings/printerSettings1.bin")
    add_part(
        parts,
        "xl/ctrlProps/ctrlProp1.xml",
        "application/vnd.ms-excel.controlproperties+xml",
        f'<formControlPr xmlns="{MS_2009}" objectType="Button" lockText="1"/>',
    )
    relate(parts, rels, "rId94", f"{kind}/ctrlProp", "../ctrlProps/ctrlProp1.xml")
    xml = parts[sheet].decode()
    xml = re.sub(r"(<pageSetup [^>]*?)/>", r'\1 r:id="rId93"/>', xml)
    shape = max(re.findall(r'id="_x0000_s(\d+)"', parts["xl/drawings/vmlDrawing1.vml"].decode()))
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    anchor = "".join(
        f"<{end}><xdr:col>{c}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{r}</xdr:row><xdr:rowOff>0</xdr:rowOff></{end}>"
        for end, c, r in (("from", 20, 1), ("to", 21, 2))
    )
    control = (
        f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice xmlns:x14="{MS_2009}" Requires="x14"><controls>'
        f'<control shapeId="{shape}" r:id="rId94" name="Go"><controlPr defaultSize="0" print="0" macro="[0]!Go">'
        f'<anchor xmlns:xdr="{drawing}">{anchor}</anchor></controlPr></control></controls></mc:Choice>'
        "</mc:AlternateContent>"
    )
    parts[sheet] = re.sub(r"(<legacyDrawing [^>]*/>)", rf"\1{control}", xml).encode()


def add_macros(parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = compound_file()
    types = "[Content_Types].xml"
    macro = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    parts[types] = parts[types].replace(f"{KIND}.sheet.main+xml".encode(), macro.encode())
    override = '<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    insert_before(parts, types, "</Types>", override)
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    relate(parts, "xl/_rels/workbook.xml.rels", "rId97", kind, "vbaProject.bin")


def compound_file() -> bytes:
    """The smallest OLE file that holds what a VBA project must: three sectors of streams each."""
    size, end, fat_mark, free = 512, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    stream = b"\x01" * 4096  # 8 sectors: shorter ones would need a mini stream
    # sector 0: the FAT; 1 and 2: directory; 3 to 10: dir; 11 to 18: _VBA_PROJECT
    fat = [fat_mark, 2, end, *range(4, 11), end, *range(12, 19), end]
    fat += [free] * (size // 4 - len(fat))

    def entry(name: str, kind: int, start: int, length: int, child: int, right: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
        links = struct.pack("<III", free, right, child)
        return head + links + b"\0" * 36 + struct.pack("<IQ", start, length)

    directory = (
        entry("Root Entry", 5, end, 0, 1, free)
        + entry("VBA", 1, 0, 0, 2, free)
        + entry("dir", 2, 3, 4096, free, 3)
        + entry("_VBA_PROJECT", 2, 11, 4096, free, free)
    ).ljust(2 * size, b"\0")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    return header + struct.pack("<128I", *fat) + directory + stream + stream


def make_department(path: Path) -> Path:
    """A workbook with macros (.xlsm) in which a department lives: the customer table of `tests.support.insert`
    on its first sheet, and everything that a refresh must keep or let grow."""
    parts = read_parts(department_book())
    add_threaded_comment(parts)
    add_custom_xml(parts)
    add_pivot(parts)
    add_table_slicer(parts, "客户类型标签", HEADERS.index("客户类型标签") + 1)
    add_query(parts)
    add_sheet_extras(parts)
    add_macros(parts)
    return write_parts(path, parts)
