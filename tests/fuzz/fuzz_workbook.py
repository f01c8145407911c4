"""A coverage-guided fuzz run over reader and writer: see README.md beside this file.

Needs `atheris` for running; the targets and what they hold to be true are plain functions (`examine`).
"""

from __future__ import annotations

import argparse
import base64
import csv
import datetime as dt
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # run as a script
    sys.path.insert(0, str(ROOT))
RUNNING = "--child" in sys.argv
if RUNNING:
    import atheris
with atheris.instrument_imports(include=["crm_xl"]) if RUNNING else nullcontext():
    import crm_xl
    import crm_xl.workflows.refresh
    from crm_xl.errors import CrmXlError
    from crm_xl.sources.loading import load
    from crm_xl.sources.reading import read_raw
    from crm_xl.vocabulary.tables import TABLES
    from crm_xl.workbook.file_workbook import FileWorkbook
    from crm_xl.workbook.growth import Resize, moved_text
    from crm_xl.workbook.list_file import ListColumn, csv_bytes, xlsx_bytes
    from crm_xl.workbook.references import references, shifted

from lxml import etree  # noqa: E402

from tests.fuzz.mutations import FORMULAS, HEAD, mutate_book, mutate_bytes, mutate_formula, packed, unpacked  # noqa: E402
from tests.fuzz.shrink import in_a_process, shrunk  # noqa: E402

AS_OF = "2024-06-30"
SLOW = 15 if RUNNING else 5
"""Seconds of CPU time for one run; more is a hang. Counting what is covered costs time, too."""
HANG = 45
"""Seconds on the clock after which the child is ended; others may be using the machine."""
LONGEST = 300_000
"""Bytes of an input."""
MEMORY = 2 << 30
ADDRESSES = 6 << 30
"""What a process may map; more than it uses: arrow reserves without using."""
LIST_KINDS = ("csv", "txt", "tsv", "xls", "ods", "parquet")
AT_START = 60
"""Inputs of the corpus with which a child starts, beside the seeds."""
SHARES = {"refresh": 5, "edits": 3, "load": 2, "lists": 3, "formula": 1}
FORMS = (None, "values", "row", "spill")
LIST = "客户编号,客户名称,年消费金额(万元),历史合作次数,最近合作时间\nC1,甲,30,4,2024-05-01\nC2,乙,2.5,1,2023-01-02\n"


class Wrong(AssertionError):
    """Something that must hold does not. The first argument names it, without anything of the input."""


def must(holds: bool, what: str, *details: object) -> None:
    if not holds:
        raise Wrong(what, *(str(d)[:600] for d in details))


# ------------------------------------------------------------ what must hold


def parsed(xml: bytes) -> Any:
    """The root, or None where the XML is not well-formed."""
    try:
        return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, huge_tree=True, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_SIGNED = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_ROWS = re.compile(rb"(\$?[A-Z]{1,3}\$?)\d+")
_CONTENT = ("v", "f", "is")


def number(letters: str) -> int:
    value = 0
    for ch in letters:
        value = value * 26 + ord(ch) - 64
    return value


def cells(root: Any) -> dict[tuple[int, int], tuple[Any, ...]] | None:
    """(row, column), from 1 -> style, type and content of each cell, empty ones left out. None for a sheet
    that does not say clearly where its cells stand, or holds what no sheet does."""
    found: dict[tuple[int, int], tuple[Any, ...]] = {}
    sheets = [e for e in root if local(e) == "sheetData"]
    if (
        local(root) != "worksheet"
        or len(sheets) > 1
        or sum(local(e) == "sheetData" for e in root.iter()) != len(sheets)
    ):
        return None
    row = 0
    for line in sheets[0] if sheets else ():
        if not isinstance(line.tag, str):
            continue
        given = line.get("r") or str(row + 1)
        if local(line) != "row" or not re.fullmatch("[0-9]{1,7}", given) or int(given) <= row:
            return None
        row, column = int(given), 0
        for cell in line:
            if not isinstance(cell.tag, str):
                continue
            at = _CELL.fullmatch(cell.get("r", "A1"))
            here = number(at[1]) if at and "r" in cell.attrib else column + 1
            if local(cell) != "c" or at is None or here <= column or ("r" in cell.attrib and int(at[2]) != row):
                return None
            column = here
            inner = [e for e in cell if local(e) in _CONTENT]
            if len(inner) != len(list(cell)) or len({local(e) for e in inner}) != len(inner):
                return None
            if inner:
                found[row, column] = cell.get("s", "0"), cell.get("t", "n"), tuple(map(content, inner))
    return found


def content(element: Any) -> bytes:
    """An element as canonical XML, without the mark that says: calculate me."""
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    copy.attrib.pop("ca", None)
    return bytes(etree.tostring(copy, method="c14n", exclusive=True))


def covers(ranges: Sequence[str]) -> Callable[[tuple[int, int]], bool]:
    areas = []
    for name in ranges:
        ends = [_CELL.fullmatch(end) for end in name.split(":")]
        must(all(ends), "the report names no cells", name)
        (c1, r1), (c2, r2) = ((number(m[1]), int(m[2])) for m in (ends[0], ends[-1]) if m)
        areas.append((r1, c1, r2, c2))
    return lambda at: any(r1 <= at[0] <= r2 and c1 <= at[1] <= c2 for r1, c1, r2, c2 in areas)


def sheet_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Sheet part -> sheet name, where the package says so plainly."""
    book, links = (parsed(parts.get(n, b"")) for n in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    if book is None or links is None:
        return {}
    targets = {e.get("Id"): e.get("Target", "") for e in links if isinstance(e.tag, str)}
    found: dict[str, str] = {}
    for sheet in (e for e in book.iter() if local(e) == "sheet"):
        key = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), None)
        target = targets.get(key, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in found:
            return {}
        found[part] = sheet.get("name", "")
    return found if len(set(found.values())) == len(found) else {}


def check_saved(before: bytes, path: Path, parts: Sequence[str], written: Mapping[str, Sequence[str]]) -> None:
    """A saved book against the one before: only what the report names differs, and what could be parsed still can."""
    old = unpacked(before)
    try:
        with zipfile.ZipFile(path) as archive:
            must(archive.testzip() is None or old is None, "a member of the saved zip is broken")
            names = [i.filename for i in archive.infolist()]
            new = {n: archive.read(n) for n in names} if old is not None else {}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        must(old is None, "the saved zip is broken", error)
        return
    if old is None:
        return
    must(len(set(names)) == len(names), "the saved zip has a member twice")
    differing = {n for n in old.keys() | new.keys() if old.get(n) != new.get(n)}
    must(differing <= set(parts), "a part changed that the report does not name", sorted(differing - set(parts)))
    sheets = sheet_names(old)
    grown = any("/tables/" in part for part in parts)
    for part in sorted(differing):
        a, b = old.get(part), new.get(part)
        if b is None:
            must("calcchain" in part.lower(), "a part is gone", part)
            continue
        was, now = (parsed(a) if a is not None else True), parsed(b)
        must(now is not None or was is None, f"not well-formed any more: {kind_of(part)}", part)
        if a is None or was is None or now is None or part not in sheets:
            continue
        first, second = cells(was), cells(now)
        if first is None or second is None:
            must(first is None, "the order of cells is gone", part)
            continue
        named = covers(written.get(sheets[part], ()))
        for at in first.keys() | second.keys():
            if named(at):
                continue
            x, y = first.get(at), second.get(at)
            if grown and x and y:
                x, y = ((*t[:2], tuple(_ROWS.sub(rb"\1", e) for e in t[2])) for t in (x, y))
            must(x == y, "a cell outside the report differs", part, at, x, y)


def kind_of(part: str) -> str:
    return re.sub(r"\d+", "", part.rpartition("/")[2])


# ------------------------------------------------------------ the targets


def refresh_target(data: bytes, folder: Path) -> bool:
    options, rng, file = data[0], Random(data[1:HEAD]), data[HEAD:]
    book, out = folder / "b.xlsx", folder / "out.xlsx"
    book.write_bytes(file)
    asked: dict[str, Any] = {"as_of": AS_OF if options & 32 else "2025-03-31", "formulas": FORMS[options >> 6]}
    if rng.random() < 0.2:
        orders = folder / "o.csv"
        orders.write_text("客户编号,订单日期,金额\nC1,2024-06-02,30000\nN9,2024-06-03,12000\n", encoding="utf-8")
        asked["orders"] = orders
    report = crm_xl.refresh(book, out=out, **asked)
    must(book.read_bytes() == file, "the input is harmed")
    if not report.changed:
        return False
    check_saved(file, out, report.parts, report.cells)
    if options % 4 == 0:
        try:
            again = crm_xl.refresh(out, out=folder / "again.xlsx", **asked)
        except CrmXlError as error:
            raise Wrong("a second refresh is refused", error.key, error) from error
        must(not again.changed, "a second refresh changes something", again.cells, again.parts)
    return True


_TEXTS = (
    "甲",
    "",
    " a ",
    "=1+1",
    "a\nb",
    "_x0041_",
    "<&>\"'",
    "]]>",
    "\x00",
    "\ufffe",
    "\U0001f600",
    "x" * 40_000,
    "#N/A",
)


def random_cell(rng: Random) -> object:
    return rng.choice(
        (rng.choice(_TEXTS), rng.randrange(-(10**9), 10**9), rng.random() * 1e6, 1e308, float("nan"), float("inf"), True,
         None, dt.datetime(2024, 1, 2), dt.date(1900, 2, 28), dt.datetime(1899, 12, 30), 10**25, "C1", "C2")
    )  # fmt: skip


def edits_target(data: bytes, folder: Path) -> bool:
    rng, file = Random(data[1:HEAD]), data[HEAD:]
    path, out = folder / "b.xlsx", folder / "out.xlsx"
    path.write_bytes(file)
    book = FileWorkbook(path)
    tables = [name for name in TABLES if book.has_table(name)]
    for _ in range(rng.randrange(1, 4) if tables else 0):
        name = rng.choice(tables)
        fields = list(book.headers(name))
        if not fields:
            continue
        rows = [{key: random_cell(rng) for key in fields} for _ in range(rng.randrange(1, 5))]
        kind = rng.randrange(4)
        if kind == 0:
            place = book.place_of(name)
            height = max(0, min(place.last - place.first + 1, 1000))
            count = rng.randrange(height + 1)
            values = [random_cell(rng) for _ in range(count)]
            book.write_column(name, rng.choice(fields), values, yields=rng.random() < 0.5)
        elif kind == 1:
            book.append_rows(name, rows)
        elif kind == 2:
            book.replace_rows(name, rows[: rng.randrange(5)], formulas=False)
        elif book.has_name("AsOf"):
            book.write_name("AsOf", random_cell(rng))
    changed = book.save(out, backup=False)
    must(path.read_bytes() == file, "the input is harmed")
    if changed:
        check_saved(file, out, book.report.parts, book.report.cells)
    return changed


def load_target(data: bytes, folder: Path) -> bool:
    options, file = data[0], data[HEAD:]
    path = folder / f"b.{('xlsx', 'xlsm', 'xls', 'ods')[options % 4]}"
    path.write_bytes(file)
    loaded = load(path, list(TABLES.values())[(options >> 3) % len(TABLES)])
    must(path.read_bytes() == file, "the input is harmed")
    must(len(loaded.frame) == len(loaded.rows), "rows and their places differ in number")
    return True


def lists_target(data: bytes, folder: Path) -> bool:
    """Lists of every other kind are loaded; what was read leaves again as a list in which nothing is a formula."""
    options, file = data[0], data[HEAD:]
    path = folder / f"b.{LIST_KINDS[options % len(LIST_KINDS)]}"
    path.write_bytes(file)
    try:
        loaded = load(path, list(TABLES.values())[(options >> 3) % len(TABLES)])
        must(len(loaded.frame) == len(loaded.rows), "rows and their places differ in number")
    except CrmXlError:  # what is no customer's may still be a list
        if path.suffix == ".parquet":  # its cells may be of any type, and none of them reaches a list
            raise
    raw = read_raw(path)
    must(path.read_bytes() == file, "the input is harmed")
    must(len({len(column) for column in raw.columns}) <= 1, "columns differ in length")
    must(len(raw.columns) == len(raw.headers), "headers and columns differ in number")
    if path.suffix != ".parquet" and raw.columns:
        check_lists([ListColumn(h, "text", c[:200]) for h, c in zip(raw.headers[:50], raw.columns[:50], strict=True)])
    return bool(raw.columns)


def check_lists(columns: Sequence[ListColumn]) -> None:
    """A list as .csv and .xlsx has its rows, and not one formula."""
    count = len(columns[0].cells) + 1
    rows = list(csv.reader(io.StringIO(csv_bytes(columns).decode("utf-8-sig"), newline="")))
    empty = sum(not any(row) for row in rows)  # a row without anything reads as none
    must(count - empty <= len(rows) <= count, "the csv has other rows", len(rows), count)
    for cell in (cell for row in rows for cell in row):
        risky = cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or cell[:1] in "\t\r\n"  # fmt: skip
        must(not (risky and cell) or _SIGNED.fullmatch(cell) is not None, "a formula in a csv", cell)
    sheet = parsed(zipfile.ZipFile(io.BytesIO(xlsx_bytes("S", columns))).read("xl/worksheets/sheet1.xml"))
    must(sheet is not None, "the list's sheet is not well-formed")
    must(not any(local(e) == "f" for e in sheet.iter()), "a formula in a list")
    must(sum(local(e) == "row" for e in sheet.iter()) == count, "the list has other rows")


def plain(formula: str) -> str:
    """Formula text but for case and leading zeros, which mean nothing to Excel."""
    return re.sub(r"0+(?=\d)", "", formula.upper())


def formula_target(data: bytes, folder: Path) -> bool:
    rng, text = Random(data[1:HEAD]), data[HEAD:].decode("utf-8", "replace")
    references(text)
    must(plain(shifted(text, 0, 0)) == plain(text), "a shift by nothing changes a formula", shifted(text, 0, 0))
    shifted(text, rng.randrange(-5, 5), rng.randrange(-5, 5))
    shifted(text, rng.choice((10**6, -(10**6), 1)), rng.choice((20_000, -20_000, 1)))
    first, left, old = rng.randrange(5), rng.randrange(4), rng.randrange(1, 9)
    resize = Resize(rng.choice(("S", "It's", "")), first, left, left + 2, first + old, first + rng.randrange(1, 12))
    moved = moved_text(text, [resize], home="S")
    must(_ROWS.sub(rb"\1", moved.encode()) == _ROWS.sub(rb"\1", text.encode()), "more than rows moved", moved)
    return moved != text


TARGETS: dict[str, Callable[[bytes, Path], bool]] = {
    "refresh": refresh_target,
    "edits": edits_target,
    "load": load_target,
    "lists": lists_target,
    "formula": formula_target,
}


def examine(target: str, data: bytes) -> str:
    """Run a target on an input: 'done', 'same' or the key of the refusal. Errors: whatever must not be."""
    data = data.ljust(HEAD, b"\0")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.process_time()
        try:
            outcome = "done" if TARGETS[target](data, folder) else "same"
        except CrmXlError as error:
            must(bool(error.text("zh") and error.text("en")), "a refusal without a text", error.key)
            book = next(folder.glob("b.*"), None)
            must(book is None or book.read_bytes() == data[HEAD:], "the input is harmed")
            must(not (folder / "out.xlsx").exists(), "refused, and written all the same", error.key)
            outcome = error.key
        stray = {p.name for p in folder.iterdir()} - {"out.xlsx", "again.xlsx", "o.csv"}
        must(all(n.startswith("b.") and n.count(".") == 1 for n in stray), "stray files", sorted(stray))
    seconds = time.process_time() - began
    must(seconds < SLOW, "slow", f"{seconds:.1f} s")
    return outcome


def signature(error: BaseException) -> str:
    """What two reports of one fault have in common: the kind, and the innermost line of ours."""
    if isinstance(error, Wrong):
        return f"Wrong: {error.args[0]}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "crm_xl" in f.filename]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.name}: {last.line}"


# ------------------------------------------------------------ seeds


def small_books(folder: Path) -> dict[str, bytes]:
    """Workbooks to begin with. CRM_XL_CORPUS: a dozen of its smallest files get a customer table."""
    import pandas as pd

    from tests.support import feature_rich, hostile
    from tests.support.insert import CannotInsert, insert_customers

    customers = pd.DataFrame({"客户编号": ["C1", "C2", "C3"], "客户名称": list("甲乙丙")})
    orders = pd.DataFrame({"客户编号": ["C1", "C2", "C1"], "订单日期": ["2024-05-01", "2023-01-02", "2022-02-03"],
                           "金额(元)": [30_000, 500, 7]})  # fmt: skip
    for lang, form in (("zh", "row"), ("en", "spill")):
        crm_xl.new_workbook(folder / f"{form}.xlsx", template="customer-info", customers=customers, orders=orders, as_of=AS_OF, lang=lang,
                            formulas=form)  # fmt: skip
    feature_rich.make(folder / "rich.xlsx")
    (folder / "good.xlsx").write_bytes(hostile.good())
    books = sorted(folder.glob("*.xlsx"))
    if corpus := os.environ.get("CRM_XL_CORPUS"):
        done = 0
        for path in sorted(Path(corpus).glob("*.xlsx"), key=lambda p: p.stat().st_size)[::5]:
            out = folder / path.name
            try:
                insert_customers(path, out, own_sheet=bool(done % 2))
            except (CannotInsert, zipfile.BadZipFile, etree.XMLSyntaxError, KeyError):
                continue
            books.append(out)
            done += 1
            if done == 12:
                break
    return {path.stem: data for path in books if len(data := path.read_bytes()) < LONGEST - HEAD}


def small_lists(folder: Path) -> dict[str, bytes]:
    """Lists of all kinds but workbooks: kind, with a number behind a dash where there are several -> file."""
    import pandas as pd

    from tests.sources.test_reading import XLS

    frame = pd.read_csv(io.StringIO(LIST), parse_dates=["最近合作时间"])
    frame.to_excel(folder / "c.ods", index=False)
    found = {"xls": XLS, "ods": (folder / "c.ods").read_bytes(), "csv": LIST.encode()}
    found["tsv"] = LIST.replace(",", "\t").encode("gb18030")
    found["txt"] = LIST.replace(",", ";").encode("utf-16")
    found["csv-1"] = ('sep=|\n"客户|编号"|备注\n="001"|"a""b\nc"\n-5|=1+1\n' + "x|@y\n" * 60).encode("utf-8-sig")
    for i, packing in enumerate(("snappy", "gzip", None)):
        frame.convert_dtypes().to_parquet(folder / "c.parquet", compression=packing)
        found[f"parquet-{i}"] = (folder / "c.parquet").read_bytes()
    return found


def seeds(folder: Path) -> dict[str, dict[str, bytes]]:
    """Target -> name -> input."""
    books = {}
    for name, file in small_books(folder).items():
        parts = unpacked(file)
        books[name] = packed(parts) if parts else file
    found = {
        target: {f"{name}-{head[0]}": head + file for name, file in books.items() for head in heads}
        for target, heads in {
            "refresh": (b"\x20abcd", b"\x40abcd"),
            "edits": (b"\0abcd", b"\0efgh", b"\0ijkl"),
            "load": (b"\0abcd",),
        }.items()
    }
    found["lists"] = {
        f"list-{name}": bytes([LIST_KINDS.index(name.partition("-")[0])]) + b"abcd" + file
        for name, file in small_lists(folder).items()
    }
    found["formula"] = {f"formula-{i}": b"\0abcd" + text for i, text in enumerate(FORMULAS)}
    return found


# ------------------------------------------------------------ a child: one target, fuzzed in this process


def save(folder: Path, target: str, text: str, told: str, data: bytes) -> None:
    """Keep a crash, unless a smaller input of the same signature is there."""
    stem = f"{target}-{hashlib.sha1(text.encode()).hexdigest()[:10]}"
    place = folder / f"{stem}.input"
    if place.exists() and place.stat().st_size <= len(data):
        return
    place.write_bytes(data)
    (folder / f"{stem}.txt").write_text(f"{text}\n\n{told[-6000:]}", encoding="utf-8", errors="replace")


def warm_up(target: str) -> None:
    from tests.support import hostile

    if target == "lists":
        with tempfile.TemporaryDirectory() as name:
            for kind, file in small_lists(Path(name)).items():
                examine(target, bytes([LIST_KINDS.index(kind.partition("-")[0])]) + b"abcd" + file)
    else:
        examine(target, b"\0abcd" + hostile.good())


def child(target: str, corpus: Path, crashes: Path, figures: Path, seconds: int, seed: int) -> None:
    """Fuzz one target for some seconds; ends the process."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    with atheris.instrument_imports(include=["crm_xl"]):  # imported when first used; no run is slow for it
        warm_up(target)
    outcomes: dict[str, int] = {}
    fresh = [p.read_bytes() for p in sorted(corpus.glob("seed-*"))]
    written = time.monotonic()

    def once(data: bytes) -> None:
        nonlocal written
        try:
            outcome = examine(target, data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a Rust panic is no Exception
            save(crashes, target, signature(error), "".join(traceback.format_exception(error)), data)
            outcome = "crash"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        if time.monotonic() - written > 2:
            written = time.monotonic()
            figures.write_text(json.dumps(outcomes))

    def mutated(data: bytes, size: int, chance: int) -> bytes:
        if Random(~chance).random() < 0.5:  # what was found piles edits on edits until all is refused
            data = Random(~chance).choice(fresh)
        if target == "formula":
            return mutate_formula(data, size, chance)
        if target == "lists" and data[HEAD : HEAD + 2] != b"PK":
            return (data[:HEAD] + mutate_bytes(data[HEAD:], Random(chance)))[:size]
        return mutate_book(data, size, chance)

    options = [
        sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={LONGEST}",
        "-len_control=0", f"-timeout={HANG}", f"-rss_limit_mb={MEMORY >> 20}", "-malloc_limit_mb=2048",
        f"-artifact_prefix={crashes}/{target}-end-", "-print_final_stats=0", "-close_fd_mask=1", "-report_slow_units=1000",
    ]  # fmt: skip
    atheris.Setup(options, once, custom_mutator=mutated)
    atheris.Fuzz()


# ------------------------------------------------------------ the parent: starts children again, tells figures


@dataclass
class Figures:
    outcomes: dict[str, int] = field(default_factory=dict)
    coverage: int = 0
    ends: int = 0

    def text(self) -> str:
        runs = sum(self.outcomes.values())
        done, crashes = self.outcomes.get("done", 0), self.outcomes.get("crash", 0)
        return f"{runs} runs, {done} done, cov {self.coverage}, {crashes + self.ends} crashes"


def sampled(corpus: Path, into: Path, rng: Random) -> None:
    """The seeds and some of what was found, the newest rather than the oldest: starting runs each of them."""
    found = sorted((p for p in corpus.iterdir() if not p.name.startswith("seed-")), key=lambda p: p.stat().st_mtime)
    newest = found[-AT_START // 2 :]
    older = found[: -AT_START // 2]
    chosen = [*newest, *rng.sample(older, min(len(older), AT_START // 2)), *corpus.glob("seed-*")]
    for path in chosen:
        shutil.copy2(path, into)


def run_child(target: str, arguments: argparse.Namespace, seconds: int, seed: int, tell: Callable[[], None],
              figures: Figures) -> None:  # fmt: skip
    """One child until its time is over; what it died of is kept as a crash."""
    base = dict(figures.outcomes)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        start, counts, log = work / "corpus", work / "figures.json", work / "log"
        start.mkdir()
        corpus = arguments.corpus / target
        sampled(corpus, start, Random(seed))
        command = [sys.executable, __file__, "--child", target, "--corpus", start, "--crashes", arguments.crashes,
                   "--figures", counts, "--seconds", seconds, "--seed", seed]  # fmt: skip
        environment = {**os.environ, "TMPDIR": name, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(c) for c in command], stdout=out, stderr=out, env=environment, start_new_session=True
            )
        give_up = time.monotonic() + seconds + 2 * HANG + 60
        try:
            while process.poll() is None and time.monotonic() < give_up:
                time.sleep(1)
                if counts.exists():
                    read_figures(counts, log, base, figures)
                tell()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
        if counts.exists():
            read_figures(counts, log, base, figures)
        text = log.read_bytes().decode(errors="replace")
        ends = sorted(arguments.crashes.glob(f"{target}-end-*"))
        if process.returncode:
            figures.ends += 1
            if not ends:
                print(f"{target}: the child ended with {process.returncode}:\n{text[-1500:]}", flush=True)
        for path in ends:
            panic = re.search(r"panicked at [^\n]*\n[^\n]*|memory allocation of \d+ bytes failed", text)
            kind = path.name.removeprefix(f"{target}-end-").partition("-")[0]
            what = panic[0] if panic else last_frame(text) or f"exit code {process.returncode}"
            what = re.sub(r"\s+", " ", re.sub(r"\d{3,}", "N", what))
            save(arguments.crashes, target, f"{kind}: {what}", text, path.read_bytes())
            path.unlink()
        known = {p.name for p in corpus.iterdir()}
        for path in start.iterdir():
            if path.name not in known:
                shutil.copy2(path, corpus)


def last_frame(text: str) -> str:
    """The innermost line of ours in a traceback that faulthandler or atheris printed."""
    frames = re.findall(r'File "[^"]*crm_xl/([^"]*)", line \d+,? in (\w+)', text)
    return " ".join(frames[-1]) if frames else ""


def read_figures(counts: Path, log: Path, base: Mapping[str, int], figures: Figures) -> None:
    try:
        found = json.loads(counts.read_text())
    except ValueError:  # being written
        return
    figures.outcomes = {key: base.get(key, 0) + found.get(key, 0) for key in base.keys() | found.keys()}
    covered = re.findall(rb"cov: (\d+)", log.read_bytes())
    figures.coverage = max(figures.coverage, *(int(c) for c in covered[-1:]), 0)


def parent(arguments: argparse.Namespace) -> None:
    shares = {t: s for t, s in SHARES.items() if arguments.target in (None, t)}
    arguments.crashes.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for target, inputs in seeds(Path(folder)).items():
            (arguments.corpus / target).mkdir(parents=True, exist_ok=True)
            for name, data in inputs.items():
                (arguments.corpus / target / f"seed-{name}").write_bytes(data)
    began, said = time.monotonic(), 0
    until = began + arguments.minutes * 60
    figures = {target: Figures() for target in shares}

    def tell(last: bool = False) -> None:
        nonlocal said
        minutes = int((time.monotonic() - began) / 60)
        if minutes > said or last:
            said = minutes
            distinct = len(list(arguments.crashes.glob("*.txt")))
            parts = " | ".join(f"{t}: {f.text()}" for t, f in figures.items())
            print(f"{minutes} min: {parts} | distinct {distinct}", flush=True)

    # a child costs seconds to start, so that the turns are long; a short run still gives each target two
    turn = min(60.0, arguments.minutes * 30 / sum(shares.values()))
    seed = arguments.seed
    while time.monotonic() < until:
        for target, share in shares.items():
            end = min(until, time.monotonic() + turn * share)
            while (seconds := int(end - time.monotonic())) > 2:
                seed += 1
                run_child(target, arguments, seconds, seed, tell, figures[target])
        if until - time.monotonic() <= 3:
            break
    tell(last=True)
    for target, f in figures.items():
        print(target, dict(sorted(f.outcomes.items(), key=lambda item: -item[1])))
    for path in sorted(arguments.crashes.glob("*.txt")):
        text, size = path.read_text(encoding="utf-8").splitlines()[0], path.with_suffix(".input").stat().st_size
        print(f"{path.stem} ({size} bytes): {text}")


def again(path: Path) -> None:
    """Run the target on a kept input."""
    data = path.read_bytes()
    print(f"{len(data)} bytes: {base64.b64encode(data[:HEAD]).decode()} + the file")
    print(examine(path.name.partition("-")[0], data))


def shrink(crashes: Path) -> None:
    """Take back what the kept crashes do not need, and tell what is left."""
    with tempfile.TemporaryDirectory() as folder:
        begun = seeds(Path(folder))
    for path in sorted(crashes.glob("*.input")):
        target = path.name.partition("-")[0]
        if target == "formula":
            continue

        def examined(data: bytes, target: str = target) -> str:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # an abort tells its stack
            try:
                return examine(target, data)
            except BaseException as error:
                return signature(error)

        before = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()[0]
        outcome = in_a_process(examined, path.read_bytes())
        if outcome not in (before, "the end"):
            print(f"{path.stem}: was {before}\n  now {outcome}", flush=True)
            continue
        data, told = shrunk(path.read_bytes(), begun[target], examined)
        path.write_bytes(data)
        path.with_suffix(".diff").write_text("\n".join(told) + "\n", encoding="utf-8")
        print(f"{path.stem}, {len(data)} bytes: {outcome}", *told, sep="\n  ", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--corpus", type=Path, required=not {"--again", "--shrink"} & {*sys.argv})
    parser.add_argument("--crashes", type=Path, required="--again" not in sys.argv)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=list(TARGETS))
    parser.add_argument("--again", type=Path, help="run a kept input (*.input) once more")
    parser.add_argument("--shrink", action="store_true", help="of the crashes kept, take back what they do not need")
    parser.add_argument("--child", choices=list(TARGETS), help=argparse.SUPPRESS)
    parser.add_argument("--figures", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.again:
        again(arguments.again)
    elif arguments.shrink:
        shrink(arguments.crashes)
    elif arguments.child:
        child(
            arguments.child, arguments.corpus, arguments.crashes, arguments.figures, arguments.seconds, arguments.seed
        )
    else:
        parent(arguments)


if __name__ == "__main__":
    main()
