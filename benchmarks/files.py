"""Whole commands on whole files, each as a process of its own, against what a user would do instead."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from measure import ROOT, Child, against, child, in_turns, median, ms, ratio, table
from plots import plot_scale

JOBS = Path(__file__).with_name("others.py")
PLOT = ROOT / "docs" / "performance-scale.svg"
HEAD = ("What", "Against", "Ours", "Other", "Time (limit)", "Memory (limit)")
TEMPLATE = "customer-info"
"""That of the rows without a name."""
DAY, LATER = "2024-06-30", "2024-07-31"
MONTH_ENDS = (
    (2023, 8, 31), (2023, 9, 30), (2023, 10, 31), (2023, 11, 30), (2023, 12, 31), (2024, 1, 31), (2024, 2, 29),
    (2024, 3, 31), (2024, 4, 30), (2024, 5, 31), (2024, 6, 30),
)  # fmt: skip
CUSTOMERS = 100_000
SIZES = (1_000, 10_000, 100_000, 500_000)


@dataclass(frozen=True)
class Bench:
    """Where files are made (inputs once, for all groups), and their size; scale 1 is that of the docs."""

    folder: Path
    scale: float = 1.0

    def size(self, count: int) -> int:
        return max(10, round(count * self.scale))

    def copy(self, path: Path) -> Path:
        return Path(shutil.copyfile(path, self.folder / "book.xlsx"))

    def foreign(self, count: int) -> Path:
        path = self.folder / f"foreign-{count}.xlsx"
        if not path.exists():
            job("make_foreign", count, path)
        return path

    def listed(self, count: int) -> Path:
        path = self.folder / f"list-{count}.csv"
        if not path.exists():
            job("make_csv", count, path)
        return path


def job(name: str, *args: object) -> Child:
    return child(JOBS, name, *args)


def crm_xl(*args: object) -> Child:
    return child("-m", "crm_xl", *args)


def refresh(book: Path, day: str) -> Child:
    return crm_xl("refresh", book, "--as-of", day)


def refresh_copy(bench: Bench, source: Path, day: str = DAY) -> Child:
    return refresh(bench.copy(source), day)


def new(out: Path, listed: Path, *more: str) -> Child:
    return crm_xl("new", out, "--force", "--template", TEMPLATE, "--customers", listed, "--as-of", DAY, *more)


def write_cells(cells: Path, out: Path) -> Child:
    """XlsxWriter at work; the seconds are those of the writing alone."""
    done = job("write_cells", cells, out)
    return done._replace(seconds=float(done.out))


def refresh_rows(bench: Bench) -> str:
    """A workbook of somebody else's with all its columns filled, refreshed a month later; and its first time."""
    count = bench.size(CUSTOMERS)
    source, written = bench.foreign(count), bench.folder / "script.xlsx"
    filled, book = bench.folder / "filled.xlsx", bench.folder / "book.xlsx"
    refresh_copy(bench, source)
    shutil.copyfile(book, filled)
    runs = in_turns(
        2,
        lambda: refresh_copy(bench, filled, LATER),
        lambda: job("script", filled, written, LATER),
        lambda: job("floor", filled),
        lambda: refresh_copy(bench, source),
    )
    refresh_copy(bench, filled, LATER)
    job("same", book, written)
    ours, script, floor, first = runs
    what = f"refresh, {count:,} customers × 25 columns"
    rows = [
        (what, "the script a user would write (pandas, openpyxl)", *shown(ours, script),
         ratio(ours, script, "seconds", 1 / 12, "1/12"), ratio(ours, script, "mb", 1 / 3, "1/3")),
        ("the same", "the floor: calamine reads, zlib inflates and deflates", *shown(ours, floor),
         ratio(ours, floor, "seconds", 2.5), ""),
        ("the first time, with empty result columns", "the same script and floor, on the filled book",
         str(median(first)), "", "", ""),
    ]  # fmt: skip
    return table(HEAD, rows)


def new_rows(bench: Bench) -> str:
    """A new workbook from a csv, in both forms, against XlsxWriter writing its cells."""
    count = bench.size(CUSTOMERS)
    listed, written = bench.listed(count), bench.folder / "written.xlsx"
    rows = []
    for form in ("values", "spill"):
        book, cells = bench.folder / f"new-{form}.xlsx", bench.folder / "cells.pickle"
        new(book, listed, "--formulas", form)
        job("take_cells", book, cells)

        ours, theirs = in_turns(3, partial(new, book, listed, "--formulas", form), partial(write_cells, cells, written))
        rows.append(
            (f"`new` from a csv, {count:,} customers, {form}", "XlsxWriter writes the same cells",
             str(median(ours)), ms(median(theirs).seconds), ratio(ours, theirs, "seconds", 0.5), "")
        )  # fmt: skip
    return table(HEAD, rows)


def sample_rows(bench: Bench) -> str:
    """The sample a month later, against a Python that only imports pandas."""
    sample = bench.folder / "sample.xlsx"
    crm_xl("new", sample, "--force", "--template", TEMPLATE, "--sample", "--as-of", DAY)
    runs = in_turns(7, partial(refresh_copy, bench, sample, LATER), partial(child, "-c", "import pandas"))
    more = median(runs[0]).seconds - median(runs[1]).seconds
    row = ("refresh of the sample, 200 customers", "`import pandas`", *shown(*runs),
           against(f"{more:+.2f} s", more, 1, "+1 s"), "")  # fmt: skip
    return table(HEAD, [row])


def full_rows(bench: Bench) -> str:
    """The full workbook with a year of monthly snapshots, a month later, against the floor on the same file."""
    count, lines = bench.size(2_000), bench.size(50_000)
    listed, orders, book = bench.listed(count), bench.folder / "orders.csv", bench.folder / "full.xlsx"
    job("make_orders", lines, count, orders)
    new_full = ("new", book, "--force", "--template", "full", "--customers", listed, "--orders", orders)
    crm_xl(*new_full, "--as-of", "2023-07-31")
    for year, month, day in MONTH_ENDS:
        refresh(book, f"{year}-{month:02d}-{day:02d}")
    ours, floor = in_turns(5, partial(refresh_copy, bench, book, LATER), partial(job, "floor", book))
    what = f"refresh of `full`, {count:,} customers, {lines:,} order lines, 12 snapshots"
    row = (what, "the floor: calamine reads, zlib inflates and deflates", *shown(ours, floor),
           ratio(ours, floor, "seconds", 2), "")  # fmt: skip
    return table(HEAD, [row])


def scale_rows(bench: Bench) -> str:
    """Time and memory from small to large, as a table and as a plot."""
    columns = ("refresh, foreign workbook", "new workbook from a csv", "refresh, that workbook a month later")
    sizes = [bench.size(n) for n in SIZES]
    found: list[tuple[Child, ...]] = []
    for count in sizes:
        own = bench.folder / f"own-{count}.xlsx"
        runs = in_turns(
            3 if count <= 10_000 else 1,
            partial(refresh_copy, bench, bench.foreign(count)),
            partial(new, own, bench.listed(count)),
            partial(refresh, own, LATER),
        )
        found.append(tuple(median(r) for r in runs))
    rows = [(f"{n:,}", *map(str, line)) for n, line in zip(sizes, found, strict=True)]
    big, small = found[-1], found[-2]
    grown = [f"{a.seconds / b.seconds:.1f} × time, {a.mb / b.mb:.1f} × memory" for a, b in zip(big, small, strict=True)]
    rows.append((f"× {sizes[-1] / sizes[-2]:g}", *grown))
    plot = PLOT if bench.scale == 1 else bench.folder / PLOT.name
    plot_scale(sizes, dict(zip(columns, zip(*found, strict=True), strict=True)), plot)
    return table(("Customers", *columns), rows)


def shown(ours: Sequence[Child], other: Sequence[Child]) -> tuple[str, str]:
    return str(median(ours)), str(median(other))


GROUPS: dict[str, Callable[[Bench], str]] = {
    "refresh": refresh_rows,
    "new": new_rows,
    "sample": sample_rows,
    "full": full_rows,
    "scale": scale_rows,
}
"""Each group makes one table; a further one needs an entry here and markers of its name in the docs."""
