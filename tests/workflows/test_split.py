"""Split: a complete workbook for each owner, with nothing of the others in any part of it."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import re
import shutil
import unicodedata
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import msoffcrypto
import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import crm_xl
from crm_xl.vocabulary.tables import TABLES
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.widen import widened
from crm_xl.workflows.file_names import file_names
from tests.support.books import cli, column, digest, done, foreign, refused, shown
from tests.support.editing import set_name, set_table_cell, type_rows
from tests.support.libreoffice import available, convert
from tests.support.team import AS_OF, NAMES, OWNERS, PHONES, everything_in, table_rows, team_book, type_cells
from tests.support.validators import findings, need, sdk_validator


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return team_book(tmp_path_factory.mktemp("made"))


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "team.xlsx"))


def record(path: Path) -> dict[str, Any]:
    """What a file says it was given, read without our code."""
    cells = column(path, "分发底稿", "HandedOut")
    return dict(json.loads(zlib.decompress(base64.b64decode("".join(cells)))))


def assert_only_his(path: Path, owner: str) -> None:
    texts = everything_in(path.read_bytes())
    texts["record"] = json.dumps(record(path), ensure_ascii=False)
    for customer in set(NAMES) - set(OWNERS[owner]):
        for part, text in texts.items():
            for told in (PHONES[customer], PHONES[customer].replace("-", ""), customer):
                assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(told)}(?![A-Za-z0-9])", text), (part, told)
            name = NAMES[customer]
            # part of what the owner's own customer is called; and as an ordinary word it is nobody's name
            known = re.sub("上海宏远精密机械有限公司", "", text) if "C001" in OWNERS[owner] else text
            if len(name) == 2:
                assert not re.search(f"(?<![\u3400-\u9fff]){name}(?![\u3400-\u9fff])", known), (part, name)
            else:
                assert name not in known, (part, name)


def test_each_owner_gets_his_own(book: Path, tmp_path: Path) -> None:
    before = digest(book)
    told = done("split", book, "--by", "负责人", "--out", tmp_path / "out")
    assert "4 个工作簿，7 位客户，按“负责人”拆分" in told
    assert digest(book) == before
    for owner, ids in OWNERS.items():
        path = tmp_path / "out" / f"{owner}.xlsx"
        assert column(path, "客户编号") == list(ids)
        assert {r["客户编号"] for r in shown(path, "Orders")} <= set(ids)
        assert {r["客户编号"] for r in shown(path, "Interactions")} <= {*ids, None}
        assert {r["客户编号"] for r in shown(path, "History")} == set(ids)
        assert_only_his(path, owner)
        kept = digest(path)
        assert not crm_xl.refresh(path, as_of=AS_OF).changed
        assert digest(path) == kept
    first = shown(tmp_path / "out" / "张三.xlsx")
    assert [r["级别备注"] for r in first] == ["甲", None]
    assert first[0]["历史合作次数"] == 2 and first[0]["客户类型标签"] == "高价值低频客户"
    assert first[1]["备注"] == "和****、**贸易有限公司(139****9002)比过价"
    (talk,) = [r["内容"] for r in shown(tmp_path / "out" / "张三.xlsx", "Interactions") if r["方式"] == "拜访"]
    assert talk == "谈到红星机械一厂和**贸易有限公司"
    assert shown(tmp_path / "out" / "王五.xlsx", "Interactions")[0]["内容"] == "call 138****8001"
    assert shown(tmp_path / "out" / "王五.xlsx")[1]["备注"] == "高峰期送货，另有一位 +86138****8001"
    assert "客户基础信息表!" in told  # where something was masked


def test_masked_for_outside_eyes(book: Path, tmp_path: Path) -> None:
    done("split", book, "--out", tmp_path / "out", "--mask")
    first = shown(tmp_path / "out" / "张三.xlsx")[0]
    assert (first["联系人"], first["联系电话"], first["邮箱"]) == ("王*", "138****8001", "w***@hongyuan.cn")
    assert first["客户名称"] == NAMES["C001"] and first["负责人"] == "张三"
    for owner, ids in OWNERS.items():
        path = tmp_path / "out" / f"{owner}.xlsx"
        assert_only_his(path, owner)
        for text in everything_in(path.read_bytes()).values():
            assert not any(PHONES[i] in text for i in ids)


def test_by_any_column(book: Path, tmp_path: Path) -> None:
    told = json.loads(done("split", book, "--by", "城市", "--out", tmp_path / "out", "--json"))
    assert {f["owner"] for f in told["files"]} == {"上海", "北京", "Shanghai", "苏州", "杭州"}
    assert {f["owner"]: f["customers"] for f in told["files"]}["上海"] == 3
    assert not any(f["refused"] for f in told["files"])
    message = refused(2, "split", book, "--by", "负责任", "--out", tmp_path / "out")
    assert "没有“负责任”列" in message and "负责人" in message


def test_rules_settings_and_the_managers_plans_come_along(book: Path, tmp_path: Path) -> None:
    set_table_cell(book, "ValueTiers", 0, "下限", 5)
    set_name(book, "SpendMonths", 24)
    set_name(book, "MovementBy", "生命周期阶段")
    crm_xl.refresh(book, as_of=AS_OF)
    segments = column(book, "细分群体", "Plan")
    set_table_cell(
        book, "Plan", segments.index(shown(book)[0]["客户类型标签"]), "执行时间", "七月，先谈鼎盛贸易有限公司"
    )
    done("split", book, "--out", tmp_path / "out")
    path = tmp_path / "out" / "张三.xlsx"
    opened = FileWorkbook(path)
    assert opened.read_table("ValueTiers").rows[0][0] == 5
    assert opened.read_name("SpendMonths") == 24 and opened.read_name("MovementBy") == "生命周期阶段"
    assert "七月，先谈**贸易有限公司" in column(path, "执行时间", "Plan")
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def test_goals_of_the_owner_only(tmp_path: Path) -> None:
    book = team_book(tmp_path, template="full")
    type_rows(book, "Targets", {
        "目标": ["全员复购", "张三消费", "李四名单"], "类型": ["达到"] * 3, "指标": ["复购率", "年消费总额", "复购率"],
        "范围": [None, "张三", "李四"], "目标值": [0.5, 20, 0.4],
    })  # fmt: skip
    type_rows(book, "Improvements", {"类型": ["反馈"], "内容": ["红星机械一厂要求更快发货"]})
    crm_xl.refresh(book, as_of=AS_OF)
    done("split", book, "--out", tmp_path / "out")
    assert column(tmp_path / "out" / "张三.xlsx", "目标", "Targets") == ["张三消费"]
    assert column(tmp_path / "out" / "王五.xlsx", "目标", "Targets") == []
    assert column(tmp_path / "out" / "张三.xlsx", "内容", "Improvements") == ["红星机械一厂要求更快发货"]
    assert column(tmp_path / "out" / "王五.xlsx", "内容", "Improvements") == ["****一厂要求更快发货"]
    for owner in OWNERS:
        assert not crm_xl.refresh(tmp_path / "out" / f"{owner}.xlsx", as_of=AS_OF).changed
    before = digest(book)
    assert "没有需要写回的修改" in done("merge", book, tmp_path / "out")
    assert digest(book) == before


def test_mentions_in_every_table(tmp_path: Path) -> None:
    """Somebody wrote of everybody wherever a text can stand."""
    book = team_book(tmp_path, template="full")
    text = "见" + "、".join(f"{NAMES[i]} {i} ({PHONES[i]})" for i in NAMES if len(NAMES[i]) > 2) + " tom@acme.example"
    opened, cells = FileWorkbook(book), []
    for name in (n for n in opened.table_names() if n in TABLES):
        keys = [f.key for f in TABLES[name].fields if f.kind == "text" and f.group != "result"]
        if TABLES[name].computed:
            keys = [f.key for f in TABLES[name].fields if f.group == "user" and f.kind == "text"]
        headers = opened.headers(name)
        if "customer_id" in headers and name != "Customers" and not TABLES[name].computed:
            cells.append((name, 0, headers["customer_id"], "C001"))
        known = (
            "customer_name",
            "indicator",
            "criterion",
            "dimension",
            "field",
            "value",
            "scope_value",
            "scope",
            "reference",
        )
        cells += [(name, 0, headers[k], text) for k in keys if k in headers and k not in known]
    assert len({c[0] for c in cells}) > 15
    type_cells(book, cells)
    crm_xl.refresh(book, as_of=AS_OF)
    done("split", book, "--out", tmp_path / "out")
    for owner in OWNERS:
        path = tmp_path / "out" / f"{owner}.xlsx"
        assert_only_his(path, owner)
        assert not crm_xl.refresh(path, as_of=AS_OF).changed
    before = digest(book)
    done("merge", book, tmp_path / "out")
    assert digest(book) == before


def test_what_must_not_happen(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done("split", book, "--out", out)
    assert "已存在" in refused(2, "split", book, "--out", out)
    done("split", book, "--out", out, "--force")
    own = Path(shutil.copy(book, out / "张三.xlsx"))
    assert "不能覆盖" in refused(2, "split", own, "--out", out, "--force")
    assert "文件夹" in refused(1, "split", book, "--out", tmp_path / "no" / "where")
    assert "不是文件夹" in refused(1, "split", book, "--out", book)
    ours = foreign(tmp_path / "f.xlsx", ["客户编号", "客户名称", "负责人"], [["1", "甲", "乙"]])
    assert "无法拆分" in refused(1, "split", ours, "--out", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_what_escapes_the_masks_keeps_the_file_back(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search in the finished file does not rely on the masking: without it, it finds what stands there."""
    monkeypatch.setattr("crm_xl.workflows.handing_out.Mentions.replaced", lambda _self, text: text)
    told = refused_with_files(1, "split", book, "--out", tmp_path / "out")
    assert "张三 的工作簿中发现其他负责人的客户资料" in told and "鼎盛贸易有限公司" in told
    assert not (tmp_path / "out" / "张三.xlsx").exists()
    assert (tmp_path / "out" / "未分配.xlsx").exists()


def refused_with_files(code: int, *arguments: object) -> str:
    result = cli(*arguments)
    assert result.exit_code == code
    return result.stderr


def test_columns_of_the_users_own_in_other_tables_and_ids_of_two_owners(book: Path, tmp_path: Path) -> None:
    day = dt.datetime(2024, 5, 3)
    book.write_bytes(widened(book.read_bytes(), "Orders", {"发票号": ["F-1"], "开票日": [day], "箱数": [7]}))
    type_cells(book, [
        ("Orders", 0, "发票号", "F-1"), ("Orders", 1, "发票号", "找鼎盛贸易有限公司"), ("Orders", 0, "开票日", day), ("Orders", 0, "箱数", 7),
        ("Customers", 7, "客户编号", "C002"), ("Customers", 7, "客户名称", "鼎盛二号"), ("Customers", 7, "负责人", "张三"),
        ("Customers", 8, "客户名称", "没有编号的"), ("Customers", 8, "负责人", "李四"),
    ])  # fmt: skip
    crm_xl.refresh(book, as_of=AS_OF)
    done("split", book, "--out", tmp_path / "out")
    first, last = tmp_path / "out" / "张三.xlsx", tmp_path / "out" / "李四.xlsx"
    rows = table_rows(first, "Customers", "Orders")
    assert [r["客户编号"] for r in rows["Customers"]] == ["C001", "C003", "C002"]
    assert [(r["订单号"], r["发票号"], r["开票日"], r["箱数"]) for r in rows["Orders"]] == [
        ("1", "F-1", day, 7), ("2", "找**贸易有限公司", None, None), ("3", None, None, None), ("4", None, None, None),
    ]  # fmt: skip
    assert [r["客户编号"] for r in table_rows(last, "Customers")["Customers"]] == ["C002", "C005", None]
    before = digest(book)
    done("merge", book, tmp_path / "out")
    assert digest(book) == before
    n = len(rows["Orders"])
    type_cells(first, [
        ("Orders", n, "客户编号", "C001"), ("Orders", n, "订单日期", day), ("Orders", n, "金额(元)", 5), ("Orders", n, "发票号", "F-2"),
        ("Orders", 0, "箱数", 8), ("Customers", 2, "城市", "无锡"),
    ])  # fmt: skip
    told = cli("merge", book, tmp_path / "out")
    assert told.exit_code == 3 and "同一编号有多行" in told.stdout
    after = table_rows(book, "Orders")["Orders"]
    assert [(r["发票号"], r["箱数"]) for r in after if r["客户编号"] == "C001"] == [
        ("F-1", 8), ("找鼎盛贸易有限公司", None), ("F-2", None),
    ]  # fmt: skip


def test_ids_that_look_like_amounts_or_cells(tmp_path: Path) -> None:
    """Ids 1, 12 and A1 are in every text: they are kept apart by column, and raise no false alarm."""
    rows = "客户编号,客户名称,联系电话,负责人,备注,客户来源\n1,甲公司,13800138001,张三,买了12台A1纸,A1\n12,乙公司,13800138002,李四,,\nA1,丙公司,13800138001,李四,,\n2024,丁公司,,王五,,\n"
    (tmp_path / "c.csv").write_text(rows, encoding="utf-8")
    book = tmp_path / "b.xlsx"
    crm_xl.new_workbook(book, template="customer-info", customers=tmp_path / "c.csv", as_of=AS_OF)
    done("split", book, "--out", tmp_path / "out")
    first = shown(tmp_path / "out" / "张三.xlsx")[0]
    assert (first["备注"], first["客户来源"]) == ("买了12台****纸", "A1")
    assert first["联系电话"] == "13800138001"  # both have it
    assert [str(i) for i in column(tmp_path / "out" / "李四.xlsx", "客户编号")] == ["12", "A1"]


def test_a_password(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv("TEAM_PASSWORD", "")
    assert "TEAM_PASSWORD 没有设置或为空" in refused(2, "split", book, "--out", out, "--password-env", "TEAM_PASSWORD")
    assert "终端" in refused(2, "split", book, "--out", out, "--password")
    monkeypatch.setenv("TEAM_PASSWORD", "合格的 password 42")
    written: list[bytes] = []
    real = os.replace
    monkeypatch.setattr("os.replace", lambda a, b: (written.append(Path(a).read_bytes()), real(a, b))[1])
    assert "已加密" in done("split", book, "--out", out, "--password-env", "TEAM_PASSWORD")
    assert written and not any(data.startswith(b"PK") for data in written)
    for owner, ids in OWNERS.items():
        path = out / f"{owner}.xlsx"
        raw = path.read_bytes()
        for i in NAMES:
            for text in (NAMES[i], PHONES[i]):
                assert text.encode() not in raw and text.encode("utf-16-le") not in raw
        file = msoffcrypto.OfficeFile(BytesIO(raw))
        file.load_key(password="合格的 password 42", verify_password=True)
        plain = BytesIO()
        file.decrypt(plain)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheet = openpyxl.load_workbook(plain)["客户基础信息表"]
        assert [sheet.cell(r, 1).value for r in range(2, 3)] == list(ids[:1])
        path.write_bytes(plain.getvalue())
        assert_only_his(path, owner)
    monkeypatch.setenv("TEAM_PASSWORD", "short")
    told = refused_with_files(0, "split", book, "--out", out, "--force", "--password-env", "TEAM_PASSWORD")
    assert "少于 8 个字符" in told


@pytest.mark.parametrize(
    ("template", "lang", "name"), [("full", "zh", "b.xlsx"), ("customer-info", "en", "b.xlsm")], ids=["full", "xlsm"]
)
def test_a_file_is_a_clean_workbook(
    template: str, lang: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_xl.workflows.new.PAST", 1)  # half a year of snapshots takes long to judge
    need(sdk_validator() is not None, "the Open XML SDK validator is not installed")
    book = tmp_path / name
    crm_xl.new_workbook(book, template=template, lang=lang, sample=True, as_of=AS_OF)  # type: ignore[arg-type]
    told = json.loads(done("split", book, "--out", tmp_path / "out", "--json"))
    assert sum(f["customers"] for f in told["files"]) == 200
    path = Path(told["files"][0]["path"])
    assert path.suffix == book.suffix
    assert findings(path, ours=True) == []
    kept = digest(path)
    assert not crm_xl.refresh(path, as_of=AS_OF).changed
    assert digest(path) == kept
    before = digest(book)
    done("merge", book, tmp_path / "out")
    assert digest(book) == before
    assert not book.with_name(f"{name}.bak").exists()


def test_the_record_survives_another_program(book: Path, tmp_path: Path) -> None:
    need(available(), "LibreOffice is not installed")
    done("split", book, "--out", tmp_path / "out")
    path = tmp_path / "out" / "张三.xlsx"
    before = record(path)
    saved = convert(path, "xlsx", tmp_path / "saved", recalculated=False)
    assert record(saved) == before
    shutil.copy(saved, path)
    kept = digest(book)
    done("merge", book, tmp_path / "out")
    assert digest(book) == kept


# ---------------------------------------------------------------- names of files


def test_names_of_files() -> None:
    people = [
        "张三", "张三 ", "../../etc/passwd", "a/b\\c", "CON", "nul.txt", "Ann", "ann", "ANN", "x.", "", " ", "~$x", ".hidden",
        "e\u0301", "\u00e9", "王" * 200, "a:b*?", "\u202egnp.exe", "COM1", "line\nbreak",
    ]  # fmt: skip
    names = file_names(people, ".xlsx", "未分配")
    assert names[:3] == ["张三.xlsx", "张三 (2).xlsx", "_.._etc_passwd.xlsx"]
    assert names[4:9] == ["_CON.xlsx", "_nul.txt.xlsx", "Ann.xlsx", "ann (2).xlsx", "ANN (3).xlsx"]
    assert names[10:12] == ["未分配.xlsx", "未分配 (2).xlsx"]


@given(
    st.lists(st.text(max_size=40) | st.sampled_from(["CON", "con", "..", "/", "a", "A", "ä", "a\u0308"]), max_size=12)
)
@example(["", "未分配", "未分配 (2)"])
def test_names_are_safe_and_different(people: list[str]) -> None:
    names = file_names(people, ".xlsx", "未分配")
    assert len({unicodedata.normalize("NFKD", n).casefold() for n in names}) == len(people)
    for name in names:
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        assert not name.startswith((".", "~", " ")) and name.endswith(".xlsx")
        assert len(name.encode()) < 200
        stem = name.removesuffix(".xlsx")
        assert stem.rstrip(". ") == stem and stem
        assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", stem)
