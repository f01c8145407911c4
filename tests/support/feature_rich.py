"""A workbook with everything that a careless writer loses: made by XlsxWriter, parts added by hand.

It keeps the rules of our own workbooks too (font, calcId, cached values), so that one file serves
for the lint, the lossless writer and the validators.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import xlsxwriter

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


def add_table_slicer(parts: dict[str, bytes]) -> None:
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
        ' name="Slicer_Segment" sourceName="Segment"><extLst>'
        f'<x:ext uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}" xmlns:x15="{MS_2010}">'
        '<x15:tableSlicerCache tableId="1" column="4"/></x:ext></extLst></slicerCacheDefinition>',
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
