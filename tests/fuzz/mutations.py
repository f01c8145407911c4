"""Workbooks made a little wrong: mutations that know zips, tags, attributes and formulas."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from random import Random

HEAD = 5
"""Bytes before the file in an input: one of options, four that seed what the target does."""
_TAG = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>")
_ATTRIBUTE = re.compile(rb"\s([\w.:-]+)=(\"[^\"]*\"|'[^']*')")
_TEXT = re.compile(rb">([^<>]+)<")
_NUMBER = re.compile(rb"\d+")
_FORMULA = re.compile(rb"<f>([^<]*)</f>")
NUMBERS = (
    b"0", b"1", b"-1", b"2", b"3", b"255", b"256", b"16384", b"16385", b"65536", b"1048576", b"1048577",
    b"2147483648", b"4294967296", b"99999999999999999999", b"1e308", b"1e999", b"-0", b"0.1", b"+1", b" 1 ", b"01",
    b"NaN", b"INF", b"0x10", b"1_000", "٣".encode(), "１".encode(), "²".encode(), b"", b"1" * 5000,
)  # fmt: skip
REFERENCES = (
    b"A1", b"B2", b"C3", b"A2:C2", b"A1:C4", b"A1:C3", b"C3:A1", b"$A$1:$C$3", b"XFD1048576", b"XFE1", b"A1048577",
    b"A0", b"A1:XFD1048576", b"A:A", b"1:1", b"a1", b"AAAA1", b"A", b"1", b"R1C1", b"#REF!", b"A1 A2", b"A1,B2", b"",
    b"A1:", b":A1", b"S!A1", b"A1:C3:D4", b"A99999999999999999999", "Ａ１".encode(), "A２".encode(), b"A1:A1",
)  # fmt: skip
WORDS = (
    b"s", b"n", b"b", b"e", b"d", b"str", b"inlineStr", b"shared", b"array", b"dataTable", b"true", b"false", b"x",
    b"Customers", b"customers", b"Orders", b"Known", b"Lang", b"AsOf", b"rId1", b"rId2", b"preserve",
    "客户编号".encode(), "客户类型标签".encode(), "年消费金额(万元)".encode(), "\U0001f600".encode(), b"&#65;",
    b"&#xD800;", b"&#0;", b"&amp;", b"&lt;", b"&nosuch;", b"&", b"_x0041_", b"_x000D_", b"_xD83D_", b" ", b"  a  ",
    b"\n", b"\t", b"\xff\xfe", b"\xc3", b"\x00", b"a" * 300, b"/xl/styles.xml", b"../../x.xml", b"External", b"2024-02-30",
)  # fmt: skip
FORMULAS = (
    b"A1+1", b"SUM(A1:A3)", b"SUM(Customers[])", "Customers[[#This Row],[客户编号]]".encode(), b"Customers[#All]",
    b"'It''s'!A1", b"S!$A$1:$C$3", b"[1]S!A1", b"S:S2!A1", b"SUMIF(A1:A3,\"x\",B1)", b"INDIRECT(\"A1\")", b"A1#",
    b"A:A", b"1:3", b"{1,2;3,4}", b"\"a\"\"b\"", b"_xlfn.LET(_xlpm.x,1,_xlpm.x)", b"#REF!", b"A1:INDEX(B:B,2)", b"@A1",
    b"SEGMENT(A2,B2)", b"(A1,B2)", b"A1 A2", b"-1E+5", b"'[a b.xlsx]S'!A1", b"SUM(S!A1:A3)", b"SUMIF(A:A,A1,B:B)",
    b"Customers['#x]", b"XFD1048576", b"OFFSET(A1,1,1)", b"A1048576+1", b"$A2", b"A$2", b"T[[a]:[b]]", b"[@x]", b"[",
)  # fmt: skip
FRAGMENTS = (
    b'<c r="B2"><v>1</v></c>', b'<c><v>1</v></c>', b'<c r="A9" t="s"><v>0</v></c>', b"<row/>", b'<row r="2"></row>',
    b'<row r="900"><c r="A900" t="inlineStr"><is><t>x</t></is></c></row>', b'<f t="shared" ref="B2:B3" si="0">A2</f>',
    b'<f t="shared" si="0"/>', b'<f t="array" ref="A2:C3">A1:B2</f>', b"<f/>", b"<v/>", b"<v></v>", b"<si/>",
    b"<si><r><t>a</t></r><r><t>b</t></r></si>", b"<!-- c -->", b"<!-- <c> -->", b"<![CDATA[<c r='A1'/>]]>", b"<?pi x?>",
    b"<extLst><ext/></extLst>", b'<mergeCells count="1"><mergeCell ref="A2:B3"/></mergeCells>',
    b'<sheetProtection sheet="1"/>', b'<autoFilter ref="A1:C3"/>', b'<dimension ref="A1:C3"/>', b"<is><t>x</t></is>",
    b'<dataValidations count="1"><dataValidation sqref="A2:A3"><formula1>A2</formula1></dataValidation></dataValidations>',
    b'<conditionalFormatting sqref="A2:C3"><cfRule type="expression" priority="1"><formula>A2=1</formula></cfRule>'
    b"</conditionalFormatting>", b"<calculatedColumnFormula>A1</calculatedColumnFormula>",
    b'<definedName name="Lang">S!$A$1</definedName>', b'<definedName name="N">S!$A$2:$A$3</definedName>',
    b'<calcPr calcId="191029" fullCalcOnLoad="1"/>', b'<workbookPr date1904="1"/>', b'<sheetData/>', b"<sheetData></sheetData>",
)  # fmt: skip

Edit = Callable[[bytes, Random], bytes]


def _cut(xml: bytes, start: int, end: int, new: bytes = b"") -> bytes:
    return xml[:start] + new + xml[end:]


def _tag(xml: bytes, rng: Random) -> re.Match[bytes] | None:
    """A tag somewhere; searched from a random place, so that long parts cost no more than short ones."""
    at = rng.randrange(len(xml) + 1)
    return _TAG.search(xml, at) or _TAG.search(xml)


def _element(xml: bytes, rng: Random) -> tuple[int, int]:
    """Where an element begins and ends, with all that is in it."""
    for _ in range(8):
        m = _tag(xml, rng)
        if m is None:
            break
        if m[1]:
            continue
        if m[4]:
            return m.span()
        depth = 0
        for t in _TAG.finditer(xml, m.start()):
            if t[2] == m[2] and not t[4]:
                depth += -1 if t[1] else 1
                if not depth:
                    return m.start(), t.end()
    return 0, 0


def drop_tag(xml: bytes, rng: Random) -> bytes:
    m = _tag(xml, rng)
    return _cut(xml, *m.span()) if m else xml


def copy_tag(xml: bytes, rng: Random) -> bytes:
    m = _tag(xml, rng)
    return _cut(xml, m.end(), m.end(), m[0]) if m else xml


def swap_tags(xml: bytes, rng: Random) -> bytes:
    a, b = _tag(xml, rng), _tag(xml, rng)
    if not a or not b or a.start() == b.start():
        return xml
    first, last = sorted((a, b), key=lambda m: m.start())
    return _cut(_cut(xml, *last.span(), first[0]), *first.span(), last[0])


def drop_element(xml: bytes, rng: Random) -> bytes:
    return _cut(xml, *_element(xml, rng))


def copy_element(xml: bytes, rng: Random) -> bytes:
    start, end = _element(xml, rng)
    return _cut(xml, end, end, xml[start:end] * rng.choice((1, 1, 1, 2, 30)))


def move_element(xml: bytes, rng: Random) -> bytes:
    start, end = _element(xml, rng)
    piece, rest = xml[start:end], _cut(xml, start, end)
    m = _tag(rest, rng)
    return _cut(rest, m.end(), m.end(), piece) if m else xml


def wrap_element(xml: bytes, rng: Random) -> bytes:
    start, end = _element(xml, rng)
    name = rng.choice((b"x", b"c", b"row", b"sheetData", b"f", b"si", b"t", b"mc:AlternateContent", b"table"))
    times = rng.choice((1, 1, 2, 200))
    return _cut(xml, start, end, b"<%s>" % name * times + xml[start:end] + b"</%s>" % name * times)


def empty_element(xml: bytes, rng: Random) -> bytes:
    start, end = _element(xml, rng)
    m = _TAG.match(xml, start)
    if m is None or m[4]:
        return xml
    return _cut(xml, start, end, m[0][:-1] + (b"/>" if rng.random() < 0.5 else b"></" + m[2] + b">"))


def insert_fragment(xml: bytes, rng: Random) -> bytes:
    m = _tag(xml, rng)
    at = m.end() if m else len(xml)
    return _cut(xml, at, at, rng.choice(FRAGMENTS))


def prefix_element(xml: bytes, rng: Random) -> bytes:
    """One element gets a prefix of its own, bound to the namespace that it had, or to none."""
    start, end = _element(xml, rng)
    m = _TAG.match(xml, start)
    if m is None or b":" in m[2]:
        return xml
    space = rng.choice(
        (b' xmlns:q="http://schemas.openxmlformats.org/spreadsheetml/2006/main"', b"", b' xmlns:q="u:x"')
    )
    new = b"<q:" + m[2] + space + xml[start + 1 + len(m[2]) : end]
    if not m[4]:
        new = new[: new.rindex(b"</")] + b"</q:" + m[2] + b">"
    return _cut(xml, start, end, new)


def _value(old: bytes, rng: Random) -> bytes:
    roll = rng.random()
    number = _NUMBER.search(old)
    if number and roll < 0.35:
        return _cut(old, *number.span(), b"%d" % max(0, int(number[0][:15]) + rng.choice((-2, -1, 1, 1, 2, 7, 1000))))
    if number and roll < 0.5:
        return _cut(old, *number.span(), rng.choice(NUMBERS))
    if roll < 0.7 and re.fullmatch(rb"[$A-Z]+[$\d]+(:[$A-Z]+[$\d]+)?", old):
        return rng.choice(REFERENCES)
    if roll < 0.8:
        return old[: len(old) // 2] + rng.choice(WORDS) + old[len(old) // 2 :]
    return rng.choice(rng.choice((NUMBERS, REFERENCES, WORDS)))


def _attribute(xml: bytes, rng: Random) -> re.Match[bytes] | None:
    m = _ATTRIBUTE.search(xml, rng.randrange(len(xml) + 1)) or _ATTRIBUTE.search(xml)
    return m if m and not m[1].startswith(b"xmlns") else None


def change_attribute(xml: bytes, rng: Random) -> bytes:
    m = _attribute(xml, rng)
    return _cut(xml, m.start(2) + 1, m.end(2) - 1, _value(m[2][1:-1], rng)) if m else xml


def copy_value(xml: bytes, rng: Random) -> bytes:
    """The value of one attribute in the place of another of the same name."""
    m = _attribute(xml, rng)
    if m is None:
        return xml
    others = [o for o in _ATTRIBUTE.finditer(xml, max(0, m.start() - 4000), m.end() + 4000) if o[1] == m[1]]
    return _cut(xml, *m.span(2), rng.choice(others)[2]) if others else xml


def drop_attribute(xml: bytes, rng: Random) -> bytes:
    m = _attribute(xml, rng)
    return _cut(xml, *m.span()) if m else xml


def add_attribute(xml: bytes, rng: Random) -> bytes:
    m = _tag(xml, rng)
    if m is None or m[1]:
        return xml
    name = rng.choice((b"r", b"s", b"t", b"ref", b"si", b"cm", b"ht", b"spans", b"x:r", b"totalsRowCount", b"headerRowCount",
                       b"hidden", b"name", b"count", b"uniqueCount", b"ca", b"xml:space", b"customFormat"))  # fmt: skip
    at = m.end(2)
    return _cut(xml, at, at, b' %s="%s"' % (name, _value(b"1", rng).replace(b'"', b"")))


def respell_attribute(xml: bytes, rng: Random) -> bytes:
    """The same attribute as other writers spell it: quotes, blanks, character references."""
    m = _attribute(xml, rng)
    if m is None:
        return xml
    value = m[2][1:-1]
    quote = rng.choice((b'"', b"'"))
    if quote in value:
        return xml
    if rng.random() < 0.3 and value and value[0] < 128 and value[:1] != b"&":
        value = b"&#x%x;" % value[0] + value[1:]
    sign = rng.choice((b"=", b" = ", b"\n=\n", b"= "))
    return _cut(xml, m.start(), m.end(), rng.choice((b" ", b"\n", b"\t  ")) + m[1] + sign + quote + value + quote)


def space_tag(xml: bytes, rng: Random) -> bytes:
    m = _tag(xml, rng)
    if m is None:
        return xml
    at = m.end() - 1 - len(m[4])
    return _cut(xml, at, at, rng.choice((b" ", b"\n", b"\t\r\n")))


def space_between(xml: bytes, rng: Random) -> bytes:
    m = _tag(xml, rng)
    return _cut(xml, m.start(), m.start(), rng.choice((b" ", b"\n\t", b"\r\n", b"text"))) if m else xml


def change_text(xml: bytes, rng: Random) -> bytes:
    m = _TEXT.search(xml, rng.randrange(len(xml) + 1)) or _TEXT.search(xml)
    return _cut(xml, *m.span(1), _value(m[1], rng)) if m else xml


def respell_text(xml: bytes, rng: Random) -> bytes:
    m = _TEXT.search(xml, rng.randrange(len(xml) + 1)) or _TEXT.search(xml)
    if m is None or b"&" in m[1]:
        return xml
    new = rng.choice(
        (b"<![CDATA[" + m[1] + b"]]>", b"&#x%x;" % m[1][0] + m[1][1:], b" " + m[1] + b"\n", b"<!-- -->" + m[1])
        if m[1][0] < 128
        else (b"<![CDATA[" + m[1] + b"]]>", m[1] + b" ")
    )
    return _cut(xml, *m.span(1), new)


def change_formula(xml: bytes, rng: Random) -> bytes:
    m = _FORMULA.search(xml, rng.randrange(len(xml) + 1)) or _FORMULA.search(xml)
    if m:
        new = rng.choice(FORMULAS)
        return _cut(xml, *m.span(1), new if rng.random() < 0.6 else m[1] + rng.choice((b"+", b"&amp;", b",")) + new)
    at = xml.find(b"<v>", rng.randrange(len(xml) + 1))
    return _cut(xml, at, at, b"<f>" + rng.choice(FORMULAS) + b"</f>") if at > 0 else xml


def damage(xml: bytes, rng: Random) -> bytes:
    """A byte changed, put in or cut off."""
    at = rng.randrange(len(xml) + 1)
    return rng.choice(
        (_cut(xml, at, at + 1, bytes([rng.randrange(256)])), _cut(xml, at, at, rng.choice(WORDS)), xml[:at],
         _cut(xml, at, at + rng.randrange(1, 40)), xml + xml[at:])
    )  # fmt: skip


def recode(xml: bytes, rng: Random) -> bytes:
    codec = rng.choice(("utf-16", "utf-8-sig", "gb18030", "latin-1"))
    text = xml.decode("utf-8", "replace")
    if rng.random() < 0.6:
        text = re.sub(r'encoding="[^"]*"', f'encoding="{codec.replace("-sig", "")}"', text, count=1)
    return text.encode(codec, "replace")


EDITS: tuple[tuple[Edit, int], ...] = (
    (change_attribute, 20), (copy_value, 6), (drop_attribute, 8), (add_attribute, 7), (respell_attribute, 5),
    (drop_element, 8), (copy_element, 7), (move_element, 7), (wrap_element, 4), (empty_element, 4),
    (insert_fragment, 10), (prefix_element, 3), (space_tag, 3), (space_between, 3), (change_text, 8),
    (respell_text, 4), (change_formula, 7), (drop_tag, 2), (copy_tag, 2), (swap_tags, 2), (damage, 2), (recode, 1),
)  # fmt: skip
_KINDS, _WEIGHTS = zip(*EDITS, strict=True)
_PARTS = (
    (re.compile(r"worksheets/[^/]*\.xml$"), 10), (re.compile(r"tables/"), 8), (re.compile(r"sharedStrings"), 5),
    (re.compile(r"xl/workbook\.xml$"), 4), (re.compile(r"styles\.xml$"), 2), (re.compile(r"\.rels$|Content_Types"), 1),
    (re.compile(r"charts/|pivot"), 2), (re.compile(r"content\.xml$"), 8),
)  # fmt: skip


def unpacked(data: bytes) -> dict[str, bytes] | None:
    """The members of a zip by name, None where there is no sound one."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(i.file_size for i in infos) > 1 << 24:
                return None
            return {i.filename: archive.read(i) for i in infos}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None


def packed(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED if len(data) > 256 else zipfile.ZIP_STORED, 1)
    return out.getvalue()


def mutate_parts(parts: dict[str, bytes], rng: Random) -> None:
    """One to four edits of parts, now and then of the package itself."""
    if rng.random() < 0.04:
        name = rng.choice(list(parts))
        data = parts.pop(name)
        if rng.random() < 0.5:
            new = (
                name.upper(),
                name + "x",
                "\\".join(name.split("/")),
                "/" + name,
                rng.choice([*parts, name]),
                "é" + name,
            )
            parts[rng.choice(new)] = data
        return
    names = [n for n in parts if n.endswith((".xml", ".rels", ".vml"))] or list(parts)
    weights = [next((w for pattern, w in _PARTS if pattern.search(n)), 0.2) for n in names]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        name = rng.choices(names, weights)[0]
        for edit in rng.choices(_KINDS, _WEIGHTS, k=rng.choice((1, 1, 2, 3))):
            parts[name] = edit(parts[name], rng)


def mutate_book(data: bytes, size: int, seed: int) -> bytes:
    """Another input: the file in it edited, or what the target does with it."""
    rng = Random(seed)
    head, file = data[:HEAD].ljust(HEAD, b"\0"), data[HEAD:]
    roll = rng.random()
    if roll < 0.08:
        return (rng.randbytes(HEAD) + file)[:size]
    if roll < 0.2:
        head = rng.randbytes(HEAD)
    parts = unpacked(file) if roll < 0.95 else None
    if not parts:
        return (head + mutate_bytes(file, rng))[:size]
    mutate_parts(parts, rng)
    new = head + packed(parts)
    return new if len(new) <= size else data


def mutate_bytes(data: bytes, rng: Random) -> bytes:
    """Zip headers and plain files: bytes changed, mostly near the end, where the directory is."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        near = max(0, len(data) - 600) if rng.random() < 0.6 else 0
        at = rng.randrange(near, len(data) + 1)
        data = rng.choice(
            (_cut(data, at, at + 1, bytes([rng.randrange(256)])), _cut(data, at, at + 2, b"\xff\xff"), data[:at],
             _cut(data, at, at, data[at : at + rng.randrange(1, 60)]), _cut(data, at, at + 4, rng.randbytes(4)),
             _cut(data, at, at, rng.choice((b",", b"\n", b'"', b"\t", *WORDS, *NUMBERS))))
        )  # fmt: skip
    return data


def mutate_formula(data: bytes, size: int, seed: int) -> bytes:
    """Formula text made of the pieces of others."""
    rng = Random(seed)
    head, text = data[:HEAD].ljust(HEAD, b"\0"), data[HEAD:]
    if rng.random() < 0.3:
        head = rng.randbytes(HEAD)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(text) + 1)
        piece = rng.choice(
            (*FORMULAS, *REFERENCES, *WORDS, b"(", b")", b",", b"!", b"'", b'"', b"[", b"]", b":", b"#", b"+")
        )
        text = rng.choice(
            (_cut(text, at, at, piece), _cut(text, at, at + len(piece), piece), _cut(text, at, at + rng.randrange(1, 8)),
             _cut(text, at, at, text[:at][-20:]), piece, text + b"+" + piece)
        )  # fmt: skip
    return (head + text)[:size]
