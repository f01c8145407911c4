"""Files that a stranger might send: bombs, lies, torn zips, XML that grows, sheets of unusual shapes.

Each maker gives the bytes of a file. Most start from `parts`, a sound workbook with two customers.
"""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from io import BytesIO

from tests.support.packages import MAIN, OFFICE, PACKAGE, STYLES

SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
BOOK_RELS, SHEET_RELS, TYPES = (
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/_rels/sheet1.xml.rels",
    "[Content_Types].xml",
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
DEEP = 100_000
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEADERS = ("客户编号", "年消费金额(万元)", "客户类型标签")
_LAUGHS = "<!DOCTYPE x [" + "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha" * 50}">' for i in range(12)
)  # 10^13 bytes
LAUGHS = _LAUGHS + "]>"
EXTERNAL = '<!DOCTYPE x [<!ENTITY a11 SYSTEM "file:///etc/hostname">]>'


def _cell(name: str, text: str) -> str:
    return f'<c r="{name}" t="s"><v>{text}</v></c>'


ROWS = (
    f'<row r="1">{_cell("A1", "0")}{_cell("B1", "1")}{_cell("C1", "2")}</row>'
    f'<row r="2">{_cell("A2", "3")}<c r="B2"><v>30</v></c></row>'
    f'<row r="3">{_cell("A3", "4")}<c r="B3"><v>2</v></c></row>'
)


def sheet(rows: str = ROWS, *, before: str = "", after: str = "") -> str:
    return (
        f'{_DECLARATION}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheetData>{rows}</sheetData>{after}'
        '<tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>'
    )


def parts(**changed: str | bytes) -> dict[str, bytes]:
    """The parts of a workbook with a table of two customers. `changed`: sheet, strings, book, styles."""
    texts = "".join(f"<si><t>{t}</t></si>" for t in (*_HEADERS, "C1", "C2"))
    columns = "".join(f'<tableColumn id="{i}" name="{h}"/>' for i, h in enumerate(_HEADERS, 1))
    overrides = "".join(
        f'<Override PartName="/{part}" ContentType="{_KIND}.{kind}+xml"/>'
        for part, kind in (
            (BOOK, "sheet.main"),
            (SHEET, "worksheet"),
            (STRINGS, "sharedStrings"),
            ("xl/styles.xml", "styles"),
            ("xl/tables/table1.xml", "table"),
        )
    )
    found: dict[str, str | bytes] = {
        TYPES: f'{_DECLARATION}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": rels({"rId1": ("officeDocument", BOOK)}),
        BOOK: changed.get("book", book()),
        BOOK_RELS: rels(
            {
                "rId1": ("worksheet", "worksheets/sheet1.xml"),
                "rId2": ("styles", "styles.xml"),
                "rId3": ("sharedStrings", "sharedStrings.xml"),
            }
        ),
        SHEET: changed.get("sheet", sheet()),
        SHEET_RELS: rels({"rId1": ("table", "../tables/table1.xml")}),
        STRINGS: changed.get("strings", f'{_DECLARATION}<sst xmlns="{MAIN}" count="5" uniqueCount="5">{texts}</sst>'),
        "xl/styles.xml": changed.get("styles", STYLES),
        "xl/tables/table1.xml": f'{_DECLARATION}<table xmlns="{MAIN}" id="1" name="Customers" displayName="Customers"'
        f' ref="A1:C3"><autoFilter ref="A1:C3"/><tableColumns count="3">{columns}</tableColumns></table>',
    }
    return {name: data.encode() if isinstance(data, str) else data for name, data in found.items()}


def book(*, before: str = "", sheets: str = "", after: str = "") -> str:
    return (
        f'{_DECLARATION}{before}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f'<sheets><sheet name="S" sheetId="1" r:id="rId1"/>{sheets}</sheets>{after}</workbook>'
    )


def rels(links: Mapping[str, tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="{key}" Type="{kind if ":" in kind else f"{OFFICE}/{kind}"}" Target="{target}"/>'
        for key, (kind, target) in links.items()
    )
    return f'{_DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'


def zipped(members: Mapping[str, bytes], level: int = 6) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def good() -> bytes:
    return zipped(parts())


# ---------------------------------------------------------------- zips


def forged(
    members: Mapping[str, bytes],
    *,
    sizes: Mapping[str, int] | None = None,
    packed: Mapping[str, tuple[int, bytes]] | None = None,
    checksums: Mapping[str, int] | None = None,
    local_names: Mapping[str, str] | None = None,
    offsets: Mapping[str, int] | None = None,
    methods: Mapping[str, int] | None = None,
    flags: int = 0,
    again: str = "",
) -> bytes:
    """A zip written by hand, lies included. `packed`: (size, deflated) of members too large to hold.
    `offsets`: where the directory says that they begin. `again`: a member listed twice."""
    sizes, packed, checksums, local_names = sizes or {}, packed or {}, checksums or {}, local_names or {}
    offsets, methods = offsets or {}, methods or {}
    body, directory, count = bytearray(), bytearray(), 0
    for name in [*members, *packed]:
        data = members.get(name, b"")
        size, raw = packed[name] if name in packed else (len(data), deflated(data))
        size, crc = sizes.get(name, size), checksums.get(name, zlib.crc32(data))
        head = struct.pack("<5H3L", 20, flags, methods.get(name, 8), 0, 33, crc, len(raw), size)
        local = local_names.get(name, name).encode()
        start = len(body)
        body += b"PK\x03\x04" + head + struct.pack("<2H", len(local), 0) + local + raw
        for _ in range(2 if name == again else 1):
            directory += b"PK\x01\x02" + struct.pack("<H", 20) + head
            directory += struct.pack("<5H2L", len(name.encode()), 0, 0, 0, 0, 0, offsets.get(name, start))
            directory += name.encode()
            count += 1
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def deflated(data: bytes) -> bytes:
    pack = zlib.compressobj(6, zlib.DEFLATED, -15)
    return pack.compress(data) + pack.flush()


@cache
def spaces(megabytes: int, head: bytes = b"") -> bytes:
    """`head` and many spaces, deflated: about a thousandth of their size."""

    def block(data: bytes, flush: int) -> bytes:
        pack = zlib.compressobj(6, zlib.DEFLATED, -15)
        return pack.compress(data) + pack.flush(flush)

    # a fully flushed block stands alone, so one packed megabyte serves for all
    return (
        block(head, zlib.Z_FULL_FLUSH)
        + block(b" " * (1 << 20), zlib.Z_FULL_FLUSH) * megabytes
        + block(b"", zlib.Z_FINISH)
    )


def bomb(part: str, megabytes: int = 1000, says: int | None = None) -> bytes:
    """A part that inflates to a gigabyte. `says`: what the directory says."""
    members = parts()
    head = members.pop(part)
    size = len(head) + (megabytes << 20)
    return forged(members, packed={part: (size if says is None else says, spaces(megabytes, head))})


def many_bombs(count: int = 200) -> bytes:
    """Each small enough; together 12 GB."""
    raw = spaces(60)
    return forged(parts(), packed={f"xl/media/{i}.xml": (60 << 20, raw) for i in range(count)})


def overlapping() -> bytes:
    """A hundred members that are one and the same."""
    data = b" " * 1000
    names = {f"xl/media/{i}.xml": data for i in range(100)}
    start = forged(parts()).index(b"PK\x01\x02")
    return forged({**parts(), **names}, offsets=dict.fromkeys(names, start))


def nested() -> bytes:
    """A workbook in a workbook in a workbook: nobody is to look inside."""
    data = good()
    for _ in range(50):
        data = zipped({**parts(), "xl/embeddings/book.xlsx": data})
    return data


def bad_checksum(part: str = SHEET) -> bytes:
    return forged(parts(), checksums={part: 12345})


def torn(share: float) -> bytes:
    data = good()
    return data[: int(len(data) * share)]


def flipped(seed: int) -> bytes:
    """A sound workbook with some bytes changed."""
    chance, data = random.Random(seed), bytearray(good())
    for _ in range(chance.choice((1, 1, 3, 20))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def scrambled(seed: int) -> bytes:
    """A sound zip whose XML has some bytes changed, cut out or doubled."""
    chance, members = random.Random(seed), parts()
    part = chance.choice(list(members))
    data = bytearray(members[part])
    for _ in range(chance.choice((1, 3, 10))):
        at, many = chance.randrange(len(data)), chance.choice((1, 1, 5, 40))
        data[at : at + many] = chance.choice((b"", bytes([chance.randrange(256)]), data[at : at + many] * 2))
    return zipped({**members, part: bytes(data)})


def noise(seed: int) -> bytes:
    return b"PK\x03\x04" * (seed % 2) + random.Random(seed).randbytes(2000)


def many_members(count: int = 70_000) -> bytes:
    """More members than a directory without zip64 can count."""
    return zipped({**parts(), **{f"xl/media/{i}.xml": b"" for i in range(count)}}, 1)


# ---------------------------------------------------------------- XML


def with_doctype(part: str, doctype: str = LAUGHS) -> bytes:
    """A part with entities, one of them in use."""
    members = parts()
    text = members[part].decode().replace(_DECLARATION, _DECLARATION + doctype)
    text = text.replace('name="S"', 'name="&a11;"').replace("<t>C1<", "<t>&a11;<").replace("<v>30<", "<v>&a11;<")
    return zipped({**members, part: text.encode()})


def recoded(part: str, encoding: str) -> bytes:
    """A part in another encoding than UTF-8, and saying so."""
    members = parts()
    text = members[part].decode().replace("UTF-8", encoding)
    return zipped({**members, part: text.encode(encoding)})


def replaced(part: str, data: str | bytes) -> bytes:
    return zipped({**parts(), part: data.encode() if isinstance(data, str) else data})


def nesting(part: str) -> bytes:
    """Elements 100,000 deep, at the end of a part."""
    members = parts()
    deep = b"<a>" * DEEP + b"</a>" * DEEP
    head, closing, tail = members[part].rpartition(b"</")
    return zipped({**members, part: head + deep + closing + tail})


def nested_drawing() -> bytes:
    links = rels({"rId1": ("table", "../tables/table1.xml"), "rId2": ("drawing", "../drawings/drawing1.xml")})
    drawing = "<xdr:wsDr xmlns:xdr='urn:d'>" + "<xdr:g>" * DEEP + "</xdr:g>" * DEEP + "</xdr:wsDr>"
    members = parts(sheet=sheet(after='<drawing r:id="rId2"/>'))
    return zipped({**members, SHEET_RELS: links.encode(), "xl/drawings/drawing1.xml": drawing.encode()})


def many_relationships(part: str = BOOK_RELS, count: int = 100_000) -> bytes:
    more = "".join(f'<Relationship Id="x{i}" Type="{OFFICE}/worksheet" Target="s{i}.xml"/>' for i in range(count))
    members = parts()
    return zipped({**members, part: members[part].replace(b"</Rel", more.encode() + b"</Rel")}, 1)


def many_names(count: int = 50_000) -> bytes:
    names = "".join(f'<definedName name="n{i}">S!$A${i + 1}</definedName>' for i in range(count))
    return zipped(parts(book=book(after=f"<definedNames>{names}</definedNames>")), 1)


def many_sheets(count: int = 20_000) -> bytes:
    """20,000 sheets, all of them in one part."""
    more = "".join(f'<sheet name="s{i}" sheetId="{i + 2}" r:id="rId1"/>' for i in range(count))
    return zipped(parts(book=book(sheets=more)), 1)


def long_attribute(part: str) -> bytes:
    members = parts()
    tag = {SHEET: b"<sheetData", BOOK: b"<sheets", STRINGS: b"<si", "xl/tables/table1.xml": b"<tableColumns"}[part]
    return zipped({**members, part: members[part].replace(tag, tag + b' x="' + b"y" * 1_000_000 + b'"', 1)})


def unclosed(tag: str, *, count: int = 200_000, part: str = SHEET, before: bytes = b"") -> bytes:
    """An opening tag again and again that nothing closes: what looks ahead for its end looks far.

    `before`: what it stands in front of, else the end of the rows, or of the part.
    """
    members = parts()
    head, closing, tail = members[part].rpartition(before or (b"</sheetData>" if part == SHEET else b"</"))
    return zipped({**members, part: head + tag.encode() * count + closing + tail})


# ---------------------------------------------------------------- sheets of unusual shapes


def styled_cells(rows: int, columns: int) -> bytes:
    """Empty cells that only have a format."""
    letters = [_letters(c) for c in range(columns)]
    more = "".join(
        f'<row r="{r}">' + "".join([f'<c r="{a}{r}" s="1"/>' for a in letters]) + "</row>" for r in range(4, rows + 4)
    )
    return zipped(parts(sheet=sheet(ROWS + more)), 1)


def far_cell(*, styled: bool = False) -> bytes:
    """One cell in the last corner."""
    cell = '<c r="XFD1048576" s="1"/>' if styled else '<c r="XFD1048576"><v>1</v></c>'
    return zipped(parts(sheet=sheet(f'{ROWS}<row r="1048576">{cell}</row>')))


FAR: dict[str, str] = {
    # a value in the last corner, hidden from a quick look
    "without row numbers": '<row r="1048575"/><row><c r="XFD1048576"><v>1</v></c></row>',
    "without any number": '<row r="1048575"/><row><c r="XFC1048576"/><c><v>1</v></c></row>',
    "before other rows": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="5"/>',
    "in another row": '<row r="5"><c r="XFD1048576"><v>1</v></c></row>',
    "with single quotes": "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    "with blanks": '<row r = "1048576"><c r = "XFD1048576"><v>1</v></c></row>',
    "in small letters": '<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>',
    "beyond the sheet": '<row r="99999999"><c r="ZZZZ99999999"><v>1</v></c></row>',
    "beyond 32 bits": '<row r="4294967296"><c r="A4294967296"><v>1</v></c></row>',
    "with a prefix": f'<x:row xmlns:x="{MAIN}" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    "in a formula": '<row r="1048576"><c r="XFD1048576"><f>1+1</f></c></row>',
    "as an inline text": '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>',
    "behind an attribute": '<row r="1048576"><c s="1"\nr="XFD1048576"><v>1</v></c></row>',
    "behind a comment": '<!-- --><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "before its row": '<row r="5"><c r="XFD1048576"><v>1</v></c><c r="A5"><v>1</v></c></row>',
    "between usual ones": '<row r="5"><c r="A5"><v>1</v></c><x:c r="XFD1048576"><x:v>1</x:v></x:c></row>',
    "in a row far down": '<row r="1048576"><c r="A1048576"/><c t="n" r="XFD1048576"><v>1</v></c></row>',
    "with an error": '<row r="1048576"><c r="XFD1048576" t="e"/></row>',
    "that looks nearer": '<row r="1048576"><c s="1" x=\' r="A9"\' r="XFD1048576"><v>1</v></c></row>',
    "behind a greater-than": '<row r="1048576"><c x="/>" r="XFD1048576"><v>1</v></c></row>',
}


def far(cells: str) -> bytes:
    return zipped(parts(sheet=sheet(ROWS + cells)))


def short_rows(count: int = 1_048_576) -> bytes:
    more = "".join(f'<row r="{r}"><c r="F{r}"><v>{r}</v></c></row>' for r in range(4, count + 1))
    return zipped(parts(sheet=sheet(ROWS + more)), 1)


def wide_row(columns: int = 16_384) -> bytes:
    cells = "".join(f'<c r="{_letters(c)}5"><v>{c}</v></c>' for c in range(columns))
    return zipped(parts(sheet=sheet(f'{ROWS}<row r="5">{cells}</row>')))


def huge_table() -> bytes:
    """A table that says it covers the whole sheet, though two rows are there."""
    members = parts()
    table = members["xl/tables/table1.xml"].replace(b"A1:C3", b"A1:XFD1048576")
    return zipped({**members, "xl/tables/table1.xml": table})


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ---------------------------------------------------------------- other formats


def old_excel() -> bytes:
    return OLE + bytes(504) + b"\x09\x08" + bytes(2000)


def password() -> bytes:
    """A password-protected workbook, as far as its header and directory."""
    entry = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 34)
    return OLE + bytes(504) + bytes(512) + entry.ljust(512, b"\0") + random.Random(1).randbytes(4000)


def strict() -> bytes:
    return zipped({name: data.replace(MAIN.encode(), STRICT.encode()) for name, data in parts().items()})


def binary() -> bytes:
    """What an .xlsb looks like from outside."""
    members = {name.replace(".xml", ".bin") if name == BOOK else name: data for name, data in parts().items()}
    members["_rels/.rels"] = members["_rels/.rels"].replace(b"workbook.xml", b"workbook.bin")
    members[TYPES] = (
        members[TYPES].replace(b"workbook.xml", b"workbook.bin").replace(b"main+xml", b"binary.macroEnabled.main")
    )
    return zipped({**members, "xl/workbook.bin": b"\x83\x01\x00" + bytes(100)})


def signed() -> bytes:
    """A digitally signed workbook, as Excel lays it out. The signature itself is a dummy."""
    kind = f"{PACKAGE}/relationships/digital-signature"
    members = parts()
    root = {"rId1": ("officeDocument", BOOK), "rId2": (f"{kind}/origin", "_xmlsignatures/origin.sigs")}
    types = (
        '<Default Extension="sigs" ContentType="application/vnd.openxmlformats-package.digital-signature-origin"/>'
        '<Override PartName="/_xmlsignatures/sig1.xml" ContentType='
        '"application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"/>'
    )
    return zipped(
        {
            **members,
            TYPES: members[TYPES].replace(b"</Types>", types.encode() + b"</Types>"),
            "_rels/.rels": rels(root).encode(),
            "_xmlsignatures/origin.sigs": b"",
            "_xmlsignatures/_rels/origin.sigs.rels": rels({"rId1": (f"{kind}/signature", "sig1.xml")}).encode(),
            "_xmlsignatures/sig1.xml": b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
            "_xmlsignatures/_rels/sig1.xml.rels": rels({"rId1": (f"{kind}/certificate", "certificate1.cer")}).encode(),
            "_xmlsignatures/certificate1.cer": b"\x30\x82",
        }
    )


def spreadsheet_of_repeats(rows: int = 1_048_576, columns: int = 16_384) -> bytes:
    """An .ods of one cell, said to be repeated over the whole sheet."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'{_DECLARATION}<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0"'
        f' xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">'
        "<table:table-row><table:table-cell office:value-type='string'><text:p>客户编号</text:p></table:table-cell>"
        f'</table:table-row><table:table-row table:number-rows-repeated="{rows}"><table:table-cell'
        f' table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest,
        }
    )


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    # nothing of these may be opened: maker, message key
    "bomb in the sheet": (partial(bomb, SHEET), "unpacks_too_large"),
    "bomb in the shared strings": (partial(bomb, STRINGS), "unpacks_too_large"),
    "bomb in the workbook part": (partial(bomb, BOOK), "unpacks_too_large"),
    "many bombs": (many_bombs, "unpacks_too_large"),
    "overlapping members": (overlapping, "file_not_workbook"),
    "two names": (lambda: forged(parts(), local_names={SHEET: "xl/worksheets/sheet9.xml"}), "file_not_workbook"),
    "offset beyond the file": (lambda: forged(parts(), offsets={SHEET: 1 << 30}), "file_not_workbook"),
    "a member listed twice": (lambda: forged(parts(), again=SHEET), "file_not_workbook"),
    "names that differ in case": (lambda: zipped({**parts(), BOOK.upper(): b"<a/>"}), "file_not_workbook"),
    "a name with NUL": (lambda: forged({**parts(), "xl/a\0b.xml": b""}), "file_not_workbook"),
    "encrypted members": (lambda: forged(parts(), flags=1), "encrypted"),
    "unknown compression": (lambda: forged(parts(), methods={SHEET: 12}), "file_not_workbook"),
    "stored with two sizes": (lambda: forged(parts(), methods={SHEET: 0}), "file_not_workbook"),
    "70,000 members": (many_members, "file_not_workbook"),
    ".xls": (old_excel, ""),
    "password": (password, "encrypted"),
    ".xlsb": (binary, "binary_workbook"),
}

HOSTILE: dict[str, Callable[[], bytes]] = {
    # refused or done right, whichever is easier
    "good": good,
    "nested": nested,
    "says less in the sheet": partial(bomb, SHEET, says=2000),
    "says less in the shared strings": partial(bomb, STRINGS, says=500),
    "says less in the workbook part": partial(bomb, BOOK, says=400),
    "says more": lambda: forged(parts(), sizes={SHEET: 50 << 20}),
    **{f"wrong checksum: {part}": partial(bad_checksum, part) for part in parts()},
    **{f"entities: {part}": partial(with_doctype, part) for part in parts()},
    **{f"external entity: {part}": partial(with_doctype, part, EXTERNAL) for part in (BOOK, SHEET, STRINGS)},
    **{f"UTF-16: {part}": partial(recoded, part, "UTF-16") for part in parts()},
    **{f"GB18030: {part}": partial(recoded, part, "GB18030") for part in parts()},
    **{f"no XML: {part}": partial(replaced, part, b"\xff\xfe\x00 <<<&&& \x00") for part in parts()},
    **{f"empty: {part}": partial(replaced, part, b"") for part in parts()},
    **{f"deep: {part}": partial(nesting, part) for part in parts()},
    "deep: drawing": nested_drawing,
    "1,000,000 empty cells in 1,000 columns": partial(styled_cells, 1000, 1000),
    "1,048,000 empty cells in one column": partial(styled_cells, 1_048_000, 1),
    "a value in the last corner": far_cell,
    "a format in the last corner": partial(far_cell, styled=True),
    **{f"a far cell {how}": partial(far, cells) for how, cells in FAR.items()},
    "1,048,576 short rows": short_rows,
    "16,384 columns": wide_row,
    "a table over the whole sheet": huge_table,
    "100,000 relationships of the workbook": many_relationships,
    "100,000 relationships of the sheet": partial(many_relationships, SHEET_RELS),
    "100,000 relationships of the package": partial(many_relationships, "_rels/.rels"),
    "50,000 names": many_names,
    "20,000 sheets": many_sheets,
    **{f"long attribute: {part}": partial(long_attribute, part) for part in (SHEET, BOOK, STRINGS)},
    **{
        f"unclosed {tag}": partial(unclosed, tag)
        for tag in (
            '<row r="9">',
            '<c r="A9">',
            "<f>",
            "<v>",
            "<is><t>",
            '<c r="A9" t="e">',
            "<row ",
            "<c ",
            "<f ",
            "<c>",
            '<c r="A9" ',
            '<c r="A9"><f>',
            '<c r="A9"><f ',
            '<c r="A9" t="e"><v>',
            '<row r="9"><c r="A9"><f/>',
            't="e" ',
        )
    },
    **{
        f"unclosed before the rows {tag}": partial(unclosed, tag, before=b"<sheetData>")
        for tag in ("<dimension ", "<col ", "<sheetData ", "<sheetPr>")
    },
    **{
        f"unclosed behind the rows {tag}": partial(unclosed, tag, before=b"<tableParts")
        for tag in (
            "<sheetProtection ",
            "<dataValidation ",
            "<dataValidation>",
            "<formula1>",
            "<conditionalFormatting ",
        )
    },
    **{f"unclosed in texts {tag}": partial(unclosed, tag, part=STRINGS) for tag in ("<si>", "<t>", "<rPh>", "<si ")},
    **{
        f"unclosed in names {tag}": partial(unclosed, tag, part=BOOK)
        for tag in ("<definedName ", '<definedName name="a">', "<sheet ", "<calcPr ")
    },
    "unclosed in styles": partial(unclosed, "<xf>", part="xl/styles.xml"),
    "unclosed in a table": partial(unclosed, "<tableColumn>", part="xl/tables/table1.xml"),
    "unclosed in relationships": partial(unclosed, "<Relationship ", part=BOOK_RELS),
    "a word of a million letters": partial(replaced, BOOK, book(before=f"<?a {'y' * 1_000_000}?>")),
    "an attribute of a million letters": partial(replaced, BOOK, book(sheets=f"<sheet {'y' * 1_000_000}/>")),
    "no relationships of the package": lambda: zipped({k: v for k, v in parts().items() if k != "_rels/.rels"}),
    "no link to the texts": partial(replaced, BOOK_RELS, parts()[BOOK_RELS].replace(b"/sharedStrings", b"/x")),
    "Strict": strict,
    "signed": signed,
}


# ---------------------------------------------------------------- what leads elsewhere

COMMAND = "=cmd|'/c calc'!A0"
"""What Excel would run as a command (DDE), were it a formula."""


def linked(target: str) -> bytes:
    """A workbook that leads to `target` wherever a workbook may: an external book, a picture, a hyperlink, a query, a
    style sheet, the relationships of the package."""
    members = parts(
        sheet=sheet(before='<sheetPr><tabColor rgb="FF00FF00"/></sheetPr>', after='<hyperlinks><hyperlink ref="A1" r:id="rId2"/></hyperlinks>'
                    '<drawing r:id="rId3"/>'),
        book=f'{_DECLARATION}<?xml-stylesheet href="{target}"?>'
        + book(after='<externalReferences><externalReference r:id="rId9"/></externalReferences>').removeprefix(_DECLARATION),
    )  # fmt: skip
    away = f'Target="{target}" TargetMode="External"/>'
    kind = f'<Relationship Type="{OFFICE}'

    def with_links(part: str, *links: str) -> bytes:
        return members[part].replace(b"</Relationships>", "".join(links).encode() + b"</Relationships>")

    links = (f'{kind}/hyperlink" Id="rId2" {away}', f'{kind}/image" Id="rId4" {away}',
             f'{kind}/drawing" Id="rId3" Target="../drawings/drawing1.xml"/>')  # fmt: skip
    return zipped(
        {
            **members,
            SHEET_RELS: with_links(SHEET_RELS, *links),
            BOOK_RELS: with_links(
                BOOK_RELS,
                f'{kind}/externalLink" Id="rId9" Target="externalLinks/externalLink1.xml"/>',
                f'{kind}/connections" Id="rId10" {away}',
            ),
            "_rels/.rels": with_links("_rels/.rels", f'{kind}/metadata/thumbnail" Id="rId7" {away}'),
            "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}"><externalBook'
            f' r:id="rId1"/></externalLink>'.encode(),
            "xl/externalLinks/_rels/externalLink1.xml.rels": with_links(
                "_rels/.rels", f'{kind}/externalLinkPath" Id="rId1" {away}'
            ),
            "xl/drawings/drawing1.xml": f'<d xmlns:r="{OFFICE}"><blip r:link="rId4"/></d>'.encode(),
        }
    )


def odd_names() -> bytes:
    """Members whose names would lead out of a folder, were they ever unpacked."""
    names = (
        "../../outside.xml",
        "/outside.xml",
        "C:\\outside.xml",
        "..\\outside.xml",
        "xl/CON",
        "xl/aux.xml ",
        "xl/…/a",
    )
    return zipped({**parts(), **dict.fromkeys(names, b"<a/>")})


def lists() -> dict[str, bytes]:
    """Lists that are none, by their names."""
    header = "客户编号,客户名称\n".encode()
    chance = random.Random(5)
    return {
        "quote.csv": header + b'C1,"' + b"x" * 1_000_000,
        "quotes.csv": header + b'C1,"' + b'""' * 1_000_000,
        "long.csv": header + b"C1," + b"x" * 20_000_000 + b"\n",
        "nul.csv": header + b"C1,\0\0\n" * 1000,
        "noise.csv": header + chance.randbytes(1_000_000),
        "odd-bytes.csv": bytes(chance.choices(b"\x81\xff\x8d\xfe a,\n", k=1_000_000)),
        "returns.csv": header + b"C1,a\r" * 100_000,
        "delimiters.csv": b"sep=\n" + header + b"C1,a\n",
        "letters.tsv": header.decode().encode("utf-32"),
        "half.txt": header.decode().encode("utf-16")[:-1],
        "command.csv": header + f'"{COMMAND}","{COMMAND}"\n'.encode(),
        "page.xls": b"<html><table><tr><td>x</td></tr></table></html>",
        "torn.xls": OLE + bytes(2000),
        "torn.parquet": b"PAR1" + bytes(100) + b"PAR1",
        "length.parquet": b"PAR1" + bytes(100) + b"\xff\xff\xff\x7fPAR1",
        "zip.ods": zipped({"content.xml": b"<a/>"}),
        "laughs.ods": zipped({"content.xml": (_DECLARATION + LAUGHS + "<a>&a11;</a>").encode()}),
    }


def lists_that_grow() -> dict[str, bytes]:
    """Small files that ask for much memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = BytesIO()
    with pq.ParquetWriter(out, pa.schema([("客户编号", pa.int64())])) as writer:
        for _ in range(5):
            writer.write_table(pa.table({"客户编号": pa.repeat(pa.scalar(1), 10_000_000)}))
    return {
        "one-line.csv": "客户编号\n".encode() + b"C\n" * 100_000 + b"," * 1_000_000,
        "equal-rows.parquet": out.getvalue(),
    }


def large_sheets(count: int, *, parts_each: bool) -> bytes:
    """Sheets that cover a million cells each and hold two; all in one part, or in one each."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="100000"><c r="J100000"><v>1</v></c></row>'
    number = range(2, count + 2)
    own = {f"rId{100 + i}": ("worksheet", f"worksheets/s{i if parts_each else 2}.xml") for i in number}
    more = "".join(f'<sheet name="s{i}" sheetId="{i}" r:id="rId{100 + i}"/>' for i in number)
    members = parts(book=book(sheets=more))
    links = members[BOOK_RELS].replace(b"</Relationships>", rels(own).partition('relationships">')[2].encode())
    pages = {f"xl/worksheets/s{i}.xml": sheet(cells).replace("<tableParts", "<x").encode() for i in number}
    return zipped({**members, BOOK_RELS: links, **pages, SHEET: sheet(cells).encode()})


def long_texts(length: int = 32_767) -> list[str]:
    """Cells of one thing again and again: what a regular expression goes over many times, if it is a bad one."""
    units = ("a", "1", " ", "-", ".", "+", "@", "集团", "有限公司", "股份有限公司 ", "区", "市", "年", "第一", "甲", "x ", "转1", "1-",
             "a@", "a.", "2024-01-", "(", "((", "1,", "1.", "+86 ", "13800138000", "*", "(1", "1e", ", Co", "Co. ", "\u3000", "\n",
             "é", "😀", "１")  # fmt: skip
    found = [
        text + end for unit in units for text in [unit * (length // len(unit) - 4)] for end in ("", "!", "公司X", "@")
    ]
    return [*found, "(" + " " * length + "x", " " * length + "1" + " " * length + "x", "1,111" * (length // 5) + "x"]
