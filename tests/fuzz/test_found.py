"""What the fuzz run found, each as the smallest edit of a good workbook: refused with a reason, or done right."""

from __future__ import annotations

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("the harness needs fork", allow_module_level=True)

from tests.fuzz.fuzz_workbook import HEAD, LIST, examine
from tests.fuzz.mutations import mutate_book, mutate_formula, unpacked
from tests.fuzz.shrink import fewer
from tests.support import hostile

TABLE = "xl/tables/table1.xml"
CHOICES = b"\x20abcd"
"""What a target does, as seeded bytes; with these, a refresh is done twice."""
FOUND: dict[str, tuple[str, str, str]] = {
    "a sheet without a name": (hostile.BOOK, '<sheet name="S" ', '<si><si spans="0"/><sheet '),
    "calcId that is no whole number": (hostile.BOOK, "</sheets>", '</sheets><calcPr calcId="0.1"/>'),
    "more columns than the range has": (
        TABLE,
        "</tableColumns>",
        '<tableColumn id="4" name="客户名称"/></tableColumns>',
    ),
    "fewer columns than the range has": (TABLE, '<tableColumn id="3" name="客户类型标签"/>', ""),
    "a cell in a column that no sheet has": (hostile.SHEET, '<c r="B2">', '<c r="Carray5">'),
    "headerRowCount that is no number": (TABLE, ' ref="A1:C3">', ' headerRowCount="  a  1" ref="A1:C3">'),
    "a shared string around others": (hostile.STRINGS, "<si><t>C1</t></si>", "<si><si><t>C1</t></si></si>"),
    "texts in the wrong place": (hostile.STRINGS, "<si><t>C2</t></si></sst>", "<si><si><t>C2</t></si></si></sst>"),
    "a dimension in digits of another script": (hostile.SHEET, "<sheetData>", '<dimension ref="A1:C²"/><sheetData>'),
    "a rule's range in digits of another script": (
        hostile.SHEET,
        "</sheetData>",
        '</sheetData><conditionalFormatting sqref="C²:C3"/>',
    ),
    "a long name of an encoding": (hostile.SHEET, 'encoding="UTF-8"', f'encoding="UTF-{"1" * 5000}"'),
    "blanks around the = of a cell's name": (hostile.SHEET, '<c r="B2">', '<c r\n=\n"B2">'),
    "rows that go back": (hostile.SHEET, '<row r="3">', '<row r="1">'),
    "a tab in a sheet's name": (hostile.BOOK, 'name="S"', 'name="\tS"'),
    "links that are no XML": (hostile.SHEET_RELS, "?>\n", "?>\nLang\n"),
    "two lists of shared strings": (hostile.STRINGS, "</sst>", "</sst><sst><si><t>C3</t></si></sst>"),
    "a blank in the end of a shared string": (hostile.STRINGS, "</si>", "</si\n>"),
    "a cell that is there twice": (hostile.SHEET, '<c r="B2">', '<c r="A2">'),
    "something else behind the last cell": (hostile.SHEET, "</row></sheetData>", "<is><t>x</t></is></row></sheetData>"),
    "a blank in the end of a cell": (hostile.SHEET, "<v>30</v></c>", "<v>30</v\n></c >"),
    "rows behind the rows": (hostile.SHEET, "<v>0</v>", "<v><sheetData></sheetData>0</v>"),
    "an empty shared string in another one": (hostile.STRINGS, "<si><t>C2</t>", "<si><si/><t>C2</t>"),
    "a cell in a value": (hostile.SHEET, "<v>30</v>", '<v><c r="C2"><v>30</v></c></v>'),
    "a column's style of 5,000 digits": (
        hostile.SHEET,
        "<sheetData>",
        f'<cols><col min="1" max="{"1" * 5000}" style="{"1" * 5000}"/></cols><sheetData>',
    ),
    "a character that there is not": (hostile.STRINGS, "<t>C2</t>", "<t>C2&#9999999;</t>"),
    "a shared string of another namespace": (
        hostile.STRINGS,
        "<si><t>客户编号</t></si>",
        '<q:si xmlns:q="u:x" uniqueCount="1"/>',
    ),
    "shared strings that end in the middle": (hostile.STRINGS, "</t></si></sst>", ""),
}
"""Name -> part, text, what takes its place."""


def examined_all(file: bytes) -> None:
    for target in ("refresh", "load"):
        examine(target, CHOICES + file)
    for seed in range(12):  # other edits each
        examine("edits", bytes([0, seed, 0, 0, 0]) + file)


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    part, old, new = FOUND[name]
    parts = hostile.parts()
    xml = parts[part].decode()
    assert old in xml
    examined_all(hostile.zipped({**parts, part: xml.replace(old, new, 1).encode()}))


@pytest.mark.parametrize("part", [hostile.BOOK, hostile.STRINGS, TABLE, hostile.BOOK_RELS])
def test_not_utf_8(part: str) -> None:
    parts = hostile.parts()
    at = parts[part].rindex(b'"')
    examined_all(hostile.zipped({**parts, part: parts[part][:at] + b"\xc3\xb4\xe9" + parts[part][at:]}))


# ------------------------------------------------------------ the harness itself


def test_a_good_book_passes_every_target() -> None:
    good = CHOICES + hostile.good()
    assert examine("refresh", good) == "done"
    assert examine("load", good) == "done"
    assert "done" in {examine("edits", bytes([0, i, 0, 0, 0]) + hostile.good()) for i in range(8)}
    assert examine("lists", b"\0abcd" + LIST.encode()) == "done"
    assert examine("formula", b"\x02abcdSUM(A1:A3)") in ("done", "same")


def test_the_harness_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    good = CHOICES + hostile.good()
    from tests.fuzz import fuzz_workbook

    refresh = fuzz_workbook.crm_xl.refresh

    def forgetful(*arguments: object, **named: object) -> object:
        report = refresh(*arguments, **named)  # type: ignore[arg-type]
        report.cells = {}
        return report

    monkeypatch.setattr(fuzz_workbook.crm_xl, "refresh", forgetful)
    with pytest.raises(fuzz_workbook.Wrong, match="outside the report"):
        examine("refresh", good)


def test_mutations_repeat_with_their_seed_and_mostly_keep_a_zip() -> None:
    good = CHOICES + hostile.good()
    made = [mutate_book(good, 100_000, seed) for seed in range(200)]
    assert made == [mutate_book(good, 100_000, seed) for seed in range(200)]
    assert sum(unpacked(data[HEAD:]) is not None for data in made) > 150
    assert len(set(made)) > 150
    assert mutate_formula(b"\0abcdA1+1", 100, 3) == mutate_formula(b"\0abcdA1+1", 100, 3)


def test_fewer_keeps_only_the_edits_that_matter() -> None:
    old, new = b"<a><b/><c/><d/></a>", b"<a><x/><b/><bad/><c/></a>"
    assert fewer(old, new, lambda xml: b"<bad/>" in xml) == b"<a><b/><bad/><c/><d/></a>"
