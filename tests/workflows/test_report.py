"""What `refresh --report` prints, and signed workbooks: refused, or refreshed without their signature."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import crm_xl
from crm_xl.errors import Refused
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.report_texts import WHY
from tests.support import hostile
from tests.support.books import digest, done, members, refused
from tests.support.formula_book import HOME, formula_book, order_log
from tests.support.validators import need, new_findings, sdk_validator

AS_OF = "2024-06-30"
SIGNATURE = re.compile("_xmlsignatures|digital-signature", re.IGNORECASE)


def users(path: Path) -> Path:
    return formula_book(
        path, {"分析": {"A1": "=客户!F2", "A2": "=SEGMENT(客户!F2)", "A3": "=SUM(客户!D2:D9)"}}, double="D2*2"
    )


def squeezed(told: str) -> str:
    """Without the spaces and line ends of a table."""
    return re.sub(r"\s", "", told)


# ------------------------------------------------------------ --report


def test_both_tables(tmp_path: Path) -> None:
    path = users(tmp_path / "b.xlsx")
    told = done("refresh", path, "--as-of", AS_OF, "--report")
    _, _, told = told.partition("写入的内容：")
    first, _, second = told.partition("未改动的内容")
    for text in (f"{HOME}!F2:F9", "分析!A1", "xl/sharedStrings.xml", WHY["result"][0]):
        assert text in first
    assert squeezed(WHY["recalculate"][0]) in squeezed(first)
    for text in (f"{HOME}!H2:H9", "分析!A2", "SEGMENT"):
        assert text in second
        assert text not in first
    assert "{" not in told


def test_without_it_neither(tmp_path: Path) -> None:
    told = done("refresh", users(tmp_path / "b.xlsx"), "--as-of", AS_OF)
    assert f"{HOME}!F2:F9" not in told
    assert "xl/" not in told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_in_the_language_of_the_workbook(tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, lang=lang, as_of=AS_OF)
    told = done("refresh", path, "--as-of", "2024-09-30", "--report")
    pick = 0 if lang == "zh" else 1
    for key in ("result", "report", "figure"):
        assert WHY[key][pick] in told
        assert WHY[key][1 - pick] not in told
    if lang == "en":
        assert not re.search("[一-鿿]", told)
    report = json.loads(done("refresh", path, "--as-of", "2024-12-31", "--json"))
    assert report["written"]
    assert {c["why"] for c in report["written"]} <= WHY.keys()


def test_new_customers_and_ranges_that_grew(tmp_path: Path) -> None:
    path = users(tmp_path / "b.xlsx")
    done("refresh", path, "--as-of", AS_OF)
    log = order_log(tmp_path / "o.csv", ["N1"])
    told = done("refresh", path, "--as-of", AS_OF, "--orders", log, "--report")
    for key in ("new_rows", "formula_grown", "table"):
        assert WHY[key][0] in told
    assert f"{HOME}!H10" in told


def test_nothing_to_write(tmp_path: Path) -> None:
    path = users(tmp_path / "b.xlsx")
    done("refresh", path, "--as-of", AS_OF)
    before = digest(path)
    told = done("refresh", path, "--as-of", AS_OF, "--report")
    assert WHY["result"][0] not in told
    assert digest(path) == before


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C"}, {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "cp936"}],
    ids=["C", "ASCII", "cp936"],
)
def test_in_a_pipe_on_a_poor_terminal(tmp_path: Path, environment: dict[str, str]) -> None:
    path = users(tmp_path / "b.xlsx")
    command = Path(sys.executable).with_name("crm-xl")
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "SYSTEMROOT", "TEMP") if k in os.environ}
    ran = subprocess.run(
        [command, "refresh", path, "--as-of", AS_OF, "--report"],
        capture_output=True,
        env={**kept, **environment},
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"F2:F9" in ran.stdout
    assert b"A2" in ran.stdout
    assert b"\x1b" not in ran.stdout
    if "PYTHONIOENCODING" in environment:
        assert f"{HOME}!F2:F9" in ran.stdout.decode("gbk")


def test_report_and_json_is_json(tmp_path: Path) -> None:
    told = json.loads(done("refresh", users(tmp_path / "b.xlsx"), "--as-of", AS_OF, "--report", "--json"))
    assert {(c["sheet"], c["cells"], c["why"]) for c in told["written"]} >= {(HOME, "F2:F9", "result")}


# ------------------------------------------------------------ signed workbooks


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    path = tmp_path / "签名.xlsx"
    path.write_bytes(hostile.signed())
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "c.csv"
    path.write_text("客户编号,年消费金额(万元)\nC1,99\nC900,5\n", encoding="utf-8")
    return path


def assert_unharmed(path: Path, before: str) -> None:
    assert digest(path) == before
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(path.stem)] == [path.name]


def test_a_signed_workbook_is_refused(signed: Path, source: Path) -> None:
    before = digest(signed)
    for command in (["refresh", signed, "--as-of", AS_OF], ["import", signed, source, "--as", "customers"]):
        for more in ([], ["--json"]):
            told = refused(2, *command, *more)
            assert "--break-signature" in told
            assert signed.name in told
            assert_unharmed(signed, before)
    with pytest.raises(Refused) as caught:
        crm_xl.refresh(signed, as_of=AS_OF)
    assert caught.value.key == "signed"
    assert_unharmed(signed, before)


def assert_without_signature(path: Path, old: dict[str, bytes]) -> None:
    new = members(path)
    for name, data in new.items():
        text = name + data.decode("latin-1")
        if name == "[Content_Types].xml":  # which extension means what may stay there
            text = re.sub("<Default[^>]*>", "", text)
        assert not SIGNATURE.search(text), name
    kept = {name for name in old if not SIGNATURE.search(name)}
    assert kept <= new.keys()


def test_refreshed_without_its_signature(signed: Path) -> None:
    old, before = members(signed), digest(signed)
    done("refresh", signed, "--as-of", AS_OF, "--break-signature")
    assert_without_signature(signed, old)
    assert digest(Path(f"{signed}.bak")) == before
    after = digest(signed)
    done("refresh", signed, "--as-of", AS_OF)  # no signature any more: an ordinary workbook
    assert digest(signed) == after


def test_the_report_names_the_signature(signed: Path) -> None:
    old = members(signed)
    report = crm_xl.refresh(signed, as_of=AS_OF, break_signature=True)
    new = members(signed)
    assert set(report.parts) == {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    gone = old.keys() - new.keys()
    assert {c.part for c in report.written if c.why == "signature"} == gone


def test_elsewhere_the_signed_one_stays(signed: Path, tmp_path: Path) -> None:
    old, before, out = members(signed), digest(signed), tmp_path / "out.xlsx"
    assert "--break-signature" in refused(2, "refresh", signed, "--as-of", AS_OF, "--out", out)
    assert not out.exists()
    done("refresh", signed, "--as-of", AS_OF, "--out", out, "--break-signature")
    assert_unharmed(signed, before)
    assert_without_signature(out, old)


def test_imported_without_its_signature(signed: Path, source: Path) -> None:
    old = members(signed)
    done("import", signed, source, "--as", "customers", "--break-signature")
    assert_without_signature(signed, old)


def test_a_workbook_without_one_is_the_same_either_way(tmp_path: Path) -> None:
    one, two = users(tmp_path / "1.xlsx"), tmp_path / "2.xlsx"
    two.write_bytes(one.read_bytes())
    done("refresh", one, "--as-of", AS_OF)
    done("refresh", two, "--as-of", AS_OF, "--break-signature")
    assert members(one) == members(two)


def test_no_finding_that_it_did_not_have(signed: Path, source: Path, tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK's validator is not installed")
    before = tmp_path / "before.xlsx"
    before.write_bytes(signed.read_bytes())
    done("import", signed, source, "--as", "customers", "--break-signature")
    assert new_findings(before, signed) == []
    done("refresh", signed, "--as-of", AS_OF)
    assert new_findings(before, signed) == []
