"""Exports as they really look: what is mapped is right, what is not is asked about, nothing is silently wrong."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_xl.errors import CrmXlError
from crm_xl.sources.loading import Loaded, load
from crm_xl.vocabulary.records import CUSTOMERS
from tests.support import messy
from tests.support.messy import ALL_KINDS, KEYS, TRUTH, Disturbance, Draft, draft, saved


def check(draft: Draft, path: Path) -> Loaded | None:
    """Load the file and compare field by field; None if it was refused, which must be foreseen."""
    try:
        loaded = load(path, CUSTOMERS, need_id=False)
    except CrmXlError as error:
        assert draft.refused or "customer_name" in draft.asks, (error.key, error.text("en"))
        assert error.key in ("source_unsure", "source_no_id")
        return None
    mapped = [key for key in loaded.frame.columns if key in KEYS]
    wrong = {key: loaded.frame[key].tolist() for key in mapped if not equal(loaded.frame[key], draft.truth[key])}
    assert not wrong, wrong
    strays = [key for key in loaded.frame.columns if key not in KEYS]
    assert not strays
    questions = {c.field.key for q in loaded.questions for c in q.fields}
    missing = {key for key in draft.keys if key} - set(mapped)
    assert missing <= draft.asks, missing
    assert missing <= questions, (missing, questions)
    return loaded


def equal(column: pd.Series[Any], wanted: list[Any]) -> bool:
    if len(column) != len(wanted):
        return False
    if column.dtype.kind == "M":
        return bool((column == pd.Series(wanted, dtype="datetime64[s]")).all())
    if column.dtype.kind == "f":
        return bool(np.allclose(column.to_numpy(), np.array(wanted, dtype=float), rtol=1e-9))
    return [str(v) for v in column] == wanted


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("disturb", ALL_KINDS, ids=lambda f: f.__name__)
def test_each_kind(disturb: Disturbance, kind: str, tmp_path: Path) -> None:
    made = draft()
    disturb(made)
    if kind == "csv" and made.only_xlsx:
        pytest.skip("a csv knows no merged cells")
    check(made, saved(made, tmp_path, kind))


def test_there_are_thirty_kinds() -> None:
    assert len(ALL_KINDS) >= 30


def test_what_was_left_out_is_listed(tmp_path: Path) -> None:
    made = draft()
    for disturb in (messy.title, messy.unit_row, messy.subtotals, messy.pages, messy.footers, messy.table_below):
        disturb(made)
    loaded = check(made, saved(made, tmp_path))
    assert loaded is not None
    listed = {line.row for line in loaded.left_out}
    grid, _ = made.grid()
    filled = {i for i, row in enumerate(grid, 1) if any(c not in (None, "") for c in row)}
    header = len(made.top) + 1
    assert listed == filled - set(loaded.rows.tolist()) - {header}
    assert [line.why for line in loaded.left_out].count("total") == 3
    assert {line.why for line in loaded.left_out} == {"title", "units", "total", "header", "footer", "table"}
    assert len(loaded.elsewhere) == 1


def test_hidden_rows_are_read_and_named(tmp_path: Path) -> None:
    made = draft()
    messy.hidden_rows(made)
    loaded = check(made, saved(made, tmp_path))
    assert loaded is not None and loaded.hidden == (3, 4)


def test_a_sheet_on_its_side_is_told(tmp_path: Path) -> None:
    made = draft()
    made.rows = [list(line) for line in zip(made.headers, *made.rows, strict=True)]
    made.headers = ["", *(f"客户 {i}" for i in range(1, 13))]
    with pytest.raises(CrmXlError) as caught:
        load(saved(made, tmp_path), CUSTOMERS)
    assert caught.value.key == "source_transposed"


def test_rows_that_a_delimiter_has_moved_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("客户编号,客户名称,城市\nA1,甲,上海\nA2,乙,浦东新区,上海\nA3,丙\n", encoding="utf-8")
    loaded = load(path, CUSTOMERS)
    assert loaded.frame["customer_id"].tolist() == ["A1", "A3"]
    assert [(line.row, line.why) for line in loaded.left_out] == [(3, "wide")]


UNITS = st.sampled_from([None, *messy.UNIT_KINDS])
LAYOUTS = [f for f in messy.LAYOUT_KINDS if f not in (messy.grouped_header, messy.other_year)]
"""A header over two rows takes what the other disturbances do to headers apart: it has tests of its own."""


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    headers=st.lists(st.sampled_from(messy.HEADER_KINDS), max_size=2, unique=True),
    columns=st.lists(st.sampled_from(messy.COLUMN_KINDS), max_size=2, unique=True),
    unit=UNITS,
    values=st.lists(st.sampled_from(messy.VALUE_KINDS), max_size=3, unique=True),
    layouts=st.lists(st.sampled_from(LAYOUTS), max_size=5, unique=True),
    file=st.sampled_from([None, *messy.FILE_KINDS]),
    kind=st.sampled_from(["xlsx", "csv"]),
)
def test_no_combination_is_silently_wrong(
    headers: list[Disturbance],
    columns: list[Disturbance],
    unit: Disturbance | None,
    values: list[Disturbance],
    layouts: list[Disturbance],
    file: Disturbance | None,
    kind: str,
) -> None:
    made = draft()
    if unit is not None and messy.numbers_as_text in values:
        values = [v for v in values if v is not messy.numbers_as_text]
    if messy.percents in values and messy.percents_unsaid in values:
        values.remove(messy.percents)
    # titles go above units, and units onto the columns that there are in the end
    layouts = sorted(layouts, key=lambda f: f in (messy.title, messy.filter_lines, messy.blank_lines))
    for disturb in (*headers, *columns, *values, *([unit] if unit else []), *layouts, *([file] if file else [])):
        disturb(made)
    if made.only_xlsx:
        kind = "xlsx"
    if len(made.rows) < len(TRUTH["phone"]):
        return
    with tempfile.TemporaryDirectory() as folder:
        never_wrong(made, saved(made, Path(folder), kind))


def never_wrong(made: Draft, path: Path) -> None:
    """What came through is right; what did not is asked about or could not be sure."""
    try:
        loaded = load(path, CUSTOMERS, need_id=False)
    except CrmXlError as error:
        assert error.key in ("source_unsure", "source_no_id", "source_two_columns"), error.text("en")
        return
    mapped = [key for key in loaded.frame.columns if key in KEYS]
    wrong = {key: loaded.frame[key].tolist() for key in mapped if not equal(loaded.frame[key], made.truth[key])}
    assert not wrong, wrong
    assert not [key for key in loaded.frame.columns if key not in KEYS]
    questions = {c.field.key for q in loaded.questions for c in q.fields}
    assert {key for key in made.keys if key} - set(mapped) <= questions
