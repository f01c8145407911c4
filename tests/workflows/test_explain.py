"""Explain: every figure in it is the one that stands in the refreshed workbook."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import crm_xl
from crm_xl.workflows.explain import explain
from tests.support.books import AS_OF, done, foreign, refused, shown
from tests.support.editing import Editor, set_name, set_table_cell, type_rows

LANGS = ("zh", "en")


@pytest.fixture(scope="module", params=LANGS)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explain") / f"{request.param}.xlsx"
    crm_xl.new_workbook(path, template="customer-info", lang=request.param, sample=True, as_of=AS_OF)
    return path


def test_agrees_with_the_workbook(book: Path) -> None:
    rows = shown(book)
    key = next(iter(rows[0]))
    for row in rows[::40]:
        found = explain(book, str(row[key]))
        told = {**dict(found.facts), **{s.title: s.value for s in found.steps}}
        compared = 0
        for header, value in row.items():
            if header in told:
                other = told[header]
                assert other == value or (other in (None, "") and value in (None, "")), header
                compared += 1
        assert compared >= 18
        assert found.as_of == AS_OF


def test_every_result_has_its_reason(book: Path) -> None:
    silent = set()
    for row in shown(book)[::40]:
        for step in explain(book, str(next(iter(row.values())))).steps:
            if not step.why and step.value not in ("", None):
                silent.add(step.field)
    # the strategy is looked up by the tag that stands beside it; no risk has no reason
    assert silent <= {"strategy", "churn_risk", "churn_reason"}


def test_the_score_adds_up(book: Path) -> None:
    lang = "zh" if book.stem == "zh" else "en"
    for row in shown(book)[::60]:
        found = explain(book, str(next(iter(row.values()))))
        steps = {s.field: s for s in found.steps}
        points = [s.points for s in found.scores if s.points is not None]
        assert sum(points) == pytest.approx(steps["score"].value, abs=0.005)
        weights = [s.weight for s in found.scores]
        known = [s.weight for s in found.scores if s.score is not None]
        assert steps["completeness"].value == pytest.approx(sum(known) / sum(weights))
        low = steps["completeness"].value < 0.6
        assert (steps["level"].value == ("信息待完善" if lang == "zh" else "Incomplete")) is low
        assert ("60%" in steps["level"].why) is low


def test_the_cuts_of_rfm(book: Path) -> None:
    """The cuts that it names give the very scores, by hand."""
    rows = shown(book)
    found = explain(book, str(next(iter(rows[0].values()))))
    why = next(s.why for s in found.steps if s.field == "rfm_score")
    cuts = [[float(c) for c in part.split(" / ")] for part in re.findall(r"[( ]([\d.]+(?: / [\d.]+){3})\)", why)]
    assert len(cuts) == 3
    last, orders, spend, score = (
        ("最近合作时间", "统计期订单数", "统计期消费金额(万元)", "RFM 得分")
        if book.stem == "zh"
        else ("Last order", "Orders in period", "Spend in period (CNY 10k)", "RFM score")
    )
    as_of = dt.datetime.fromisoformat(AS_OF)
    inside = [r for r in rows if r[score] and r[orders]]
    figures = [
        [(as_of - r[last]).days for r in inside],
        [r[orders] for r in inside],
        [r[spend] for r in inside],
    ]
    for values, told in zip(figures, cuts, strict=True):
        assert np.quantile(values, [0.2, 0.4, 0.6, 0.8]) == pytest.approx(told, rel=1e-4)
    for r in inside[:40]:
        days, count, money = (as_of - r[last]).days, r[orders], r[spend]
        by_hand = (
            1 + sum(c > days for c in cuts[0]),
            1 + sum(c < count for c in cuts[1]),
            1 + sum(c < money * (1 + 1e-9) - 1e-6 for c in cuts[2]),
        )
        assert "".join(map(str, by_hand))[:2] == str(r[score])[:2]


def test_text(book: Path) -> None:
    row = shown(book)[3]
    identity, name = list(row.values())[:2]
    told = done("explain", book, identity)
    assert told.startswith(f"{identity} {name}")
    assert AS_OF in told
    tag = row["客户类型标签" if book.stem == "zh" else "Segment"]
    assert tag in told
    for code in ("value ×", "five", "AsOf", "ClvYears", "None", "nan"):
        assert code not in told
    if book.stem == "en":
        assert not re.search("[一-鿿]", told.replace(str(name), ""))


def test_json(book: Path) -> None:
    identity = next(iter(shown(book)[0].values()))
    found = json.loads(done("explain", book, identity, "--json"))
    assert set(found) == {"path", "customer_id", "name", "as_of", "lang", "facts", "results", "scores"}
    assert {"segment", "lifecycle", "rfm_class", "score", "level"} <= {r["field"] for r in found["results"]}


def test_unknown_customer(book: Path) -> None:
    says = "客户编号“C999”不在表格 Customers 中" if book.stem == "zh" else "There is no customer 'C999'"
    assert says in refused(1, "explain", book, "C999")
    refused(1, "explain", book, "")


def test_ids_in_any_spelling(tmp_path: Path) -> None:
    rows = [[1001.0, 5.0], ["001", 6.0]]
    path = foreign(tmp_path / "b.xlsx", ["客户编号", "年消费金额"], rows)
    for spelling in ("1001", "1001.0", " １００１ "):
        assert explain(path, spelling, as_of=AS_OF).facts[-1] == ("年消费金额(万元)", 5)
    assert explain(path, "001", as_of=AS_OF).facts[-1] == ("年消费金额(万元)", 6)


def test_wrong_cells_and_other_rules(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF)
    set_table_cell(path, "Customers", 0, "年消费金额(万元)", "很多")
    set_name(path, "ValueMethod", "按占比")
    set_name(path, "RfmScheme", "八类(均值)")
    set_name(path, "Dimension2", "城市")
    type_rows(path, "Scope", {"列": ["区域"], "包含的值": ["东北"]})
    report = crm_xl.refresh(path, as_of=AS_OF)
    rows = {r["客户编号"]: r for r in shown(path)}
    steps: dict[str, Any] = {s.field: s for s in explain(path, "C001").steps}
    assert "输入中有错误的单元格" in steps["value_tier"].why
    assert steps["rfm_class"].value == rows["C001"]["RFM 类别"]
    outside = next(i for i, r in rows.items() if r["客户类型标签"] == "不在范围")
    steps = {s.field: s for s in explain(path, outside).steps}
    assert steps["segment"].why == "不在分析范围内"
    assert report.wrong_rows >= 0
    inside = next(i for i, r in rows.items() if r["区域"] == "东北" and i != "C001" and r["价值层级"] == "高价值")
    steps = {s.field: s for s in explain(path, inside).steps}
    assert "按占比算出的生效下限" in steps["value_tier"].why
    assert "价值 × 城市" in steps["segment"].why


def test_before_the_first_refresh(tmp_path: Path) -> None:
    """A customer typed since, and one that only the log has, are explained as the next refresh will see them."""
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF)
    count = len(shown(path))
    type_rows(path, "Customers", {"客户编号": [*(r["客户编号"] for r in shown(path)), "N1"]})
    editor = Editor(path)
    sheet, _, headers, (top, _, bottom, _) = editor.table("Orders")
    row = bottom + 1
    for header, value in (("客户编号", "N2"), ("订单日期", dt.datetime(2024, 6, 2)), ("金额(元)", 500_000)):
        editor.set(sheet, f"{chr(65 + headers.index(header))}{row}", value)
    editor.resize("Orders", bottom - top + 1)
    editor.save()
    before = {i: {s.field: s.value for s in explain(path, i, as_of=AS_OF).steps} for i in ("N1", "N2", "C001")}
    assert before["N2"]["value_tier"] == "高价值"
    crm_xl.refresh(path, as_of=AS_OF)
    rows = {r["客户编号"]: r for r in shown(path)}
    assert len(rows) == count + 2
    for identity, steps in before.items():
        assert (steps["segment"], steps["rfm_score"]) == (
            rows[identity]["客户类型标签"],
            rows[identity]["RFM 得分"] or "",
        )
