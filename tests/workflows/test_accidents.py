"""Whatever happens to a refresh, the book is the old one or the new one, whole, and the next refresh works."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import crm_xl
from crm_xl.workbook import saving
from crm_xl.workbook.saving import backup_of, locked
from tests.support.books import AS_OF, done, refused

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

LATER = "2024-09-30"
LIST = (
    "客户编号,客户名称,年消费金额(万元),历史合作次数,首次合作时间,最近合作时间\n"
    "C1,甲,5,7,2020-01-01,2024-01-15\nC2,乙,,,,\n"
)
CALLS = ("replace", "rename", "fsync", "unlink")


class Case(NamedTuple):
    """A book of its own, its bytes, and what a refresh makes of them."""

    book: Path
    old: bytes
    new: bytes

    def again(self) -> None:
        for path in self.book.parent.iterdir():
            path.unlink()
        self.book.write_bytes(self.old)

    def names(self) -> list[str]:
        return sorted(os.listdir(self.book.parent))

    def check(self) -> None:
        """Book and backup are whole."""
        assert self.book.read_bytes() in (self.old, self.new)
        bak = backup_of(self.book)
        assert not bak.exists() or bak.read_bytes() == self.old

    def check_next(self) -> None:
        """The next refresh works and leaves nothing of the accident."""
        refresh(self.book)
        assert self.book.read_bytes() == self.new
        self.check()
        assert self.names() in ([self.book.name], [self.book.name, self.book.name + ".bak"])


def refresh(book: Path) -> None:
    crm_xl.refresh(book, as_of=LATER)


def make(folder: Path, **source: Any) -> Case:
    folder.mkdir()
    book = folder / "b.xlsx"
    crm_xl.new_workbook(book, template="customer-info", as_of=AS_OF, **source)
    old = book.read_bytes()
    made = []
    for _ in range(2):
        book.write_bytes(old)
        refresh(book)
        made.append(book.read_bytes())
    assert made[0] == made[1] != old, "the same refresh gives the same bytes"
    return Case(book, old, made[0])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return make(tmp_path_factory.mktemp("accidents") / "sample", sample=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("accidents")
    (folder / "c.csv").write_text(LIST, encoding="utf-8")
    return make(folder / "small", customers=folder / "c.csv")


def forked(work: Callable[[], object]) -> int:
    """A child that does `work`; its exit code is 0 only if that went well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def end_of(child: int) -> int:
    """Its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def only_new_names() -> None:
    """From now on, this process sees a drive on which no rename replaces a file."""
    rename = os.rename

    def only_new(source: Any, target: Any) -> None:
        if os.path.lexists(target):
            raise FileExistsError(17, "File exists")
        rename(source, target)

    os.rename = os.replace = only_new


def die_at(n: int, *, after: bool) -> None:
    """From now on, this process is killed at the n-th call by which a save changes the disk."""
    left = n

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            now = left == 0
            if now and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return call(*given, **options)
            finally:
                if now:
                    os.kill(os.getpid(), signal.SIGKILL)

        return counted

    for name in CALLS:
        setattr(os, name, deadly(getattr(os, name)))


# ---------------------------------------------------------------- killed


@pytest.mark.parametrize(("size", "times"), [("sample", 25), ("small", 175)])
def test_killed_at_random_moments(size: str, times: int, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(size)
    case.again()
    started = time.perf_counter()
    assert end_of(forked(lambda: refresh(case.book))) == 0
    longest = (time.perf_counter() - started) * 1.2
    moments = random.Random(3)
    case.again()
    for n in range(1, times + 1):
        child = forked(lambda: refresh(case.book))
        time.sleep(moments.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        assert end_of(child) in (0, -signal.SIGKILL)
        case.check()
        if n % 10 == 0:
            case.check_next()
            case.again()
        elif case.book.read_bytes() == case.new:
            case.book.write_bytes(case.old)


@pytest.mark.parametrize("way", ["over", "in turn"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_single_call(small: Case, way: str, after: bool) -> None:
    """Where no rename goes over a file, the book may stand aside for a moment: then the next refresh puts it back."""
    outcomes = set()
    for n in range(1, 100):
        small.again()
        backup_of(small.book).write_bytes(small.old)

        def work(n: int = n) -> None:
            if way == "in turn":
                only_new_names()
            die_at(n, after=after)
            refresh(small.book)

        code = end_of(forked(work))
        whole = [p for p in small.book.parent.iterdir() if p.read_bytes() in (small.old, small.new)]
        assert whole
        if way == "over" or small.book.exists():
            small.check()
            outcomes.add(small.book.read_bytes() == small.new)
        else:
            outcomes.add(None)
        small.check_next()
        if code == 0:
            break
        assert code == -signal.SIGKILL
    else:
        raise AssertionError("it never came to an end")
    assert outcomes == ({True, False, None} if way == "in turn" else {True, False})


@pytest.mark.parametrize("look", ["check", "explain"])
def test_a_book_left_aside_is_there_again_for_whoever_opens_it(small: Case, look: str) -> None:
    small.again()

    def work() -> None:
        only_new_names()
        rename = os.rename

        def cut_off(source: Any, target: Any) -> None:
            rename(source, target)
            if Path(source) == small.book:
                os.kill(os.getpid(), signal.SIGKILL)

        os.rename = cut_off
        refresh(small.book)

    assert end_of(forked(work)) == -signal.SIGKILL
    assert not small.book.exists()
    done(look, small.book, *(["C1"] if look == "explain" else []))
    assert small.book.read_bytes() == small.old
    small.check_next()


def test_a_missing_book_with_a_backup(small: Case) -> None:
    small.again()
    refresh(small.book)
    small.book.unlink()
    assert "b.xlsx.bak" in refused(1, "refresh", small.book)
    backup_of(small.book).unlink()
    assert "找不到文件" in refused(1, "refresh", small.book)
    assert small.names() == []


# ---------------------------------------------------------------- two at once


def test_refused_while_another_is_at_work(small: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small.again()
    monkeypatch.setattr(saving, "WAIT", 0.1)
    source = tmp_path / "c.csv"
    source.write_text(LIST.replace("乙", "丙"), encoding="utf-8")
    other = tmp_path / "other.xlsx"
    with locked(small.book):
        assert "另一次刷新" in refused(2, "refresh", small.book, "--as-of", LATER)
        assert "另一次刷新" in refused(2, "import", small.book, source, "--as", "customers")
        assert "另一次刷新" in refused(2, "new", small.book, "--force", "--customers", source)
        # what leaves the book alone need not wait
        done("check", small.book)
        done("import", small.book, source, "--as", "customers", "--dry-run")
        done("refresh", small.book, "--as-of", LATER, "--out", other)
        assert small.book.read_bytes() == small.old
    assert other.read_bytes() == small.new
    done("import", small.book, source, "--as", "customers")
    assert small.book.read_bytes() not in (small.old, small.new)
    assert small.names() == ["b.xlsx", "b.xlsx.bak"]


def test_many_at_once(small: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    small.again()
    monkeypatch.setattr(saving, "WAIT", 300)
    children = [forked(lambda: refresh(small.book)) for _ in range(6)]
    assert [end_of(c) for c in children] == [0] * 6
    small.check()
    assert small.names() == ["b.xlsx", "b.xlsx.bak"] and small.book.read_bytes() == small.new


# ---------------------------------------------------------------- no room, no right


def test_disk_full(small: Case) -> None:
    import resource

    small.again()

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(small.old) // 2,) * 2)
        assert "允许的大小" in refused(1, "refresh", small.book, "--as-of", LATER)

    assert end_of(forked(work)) == 0
    assert small.names() == ["b.xlsx"] and small.book.read_bytes() == small.old
    small.check_next()


def test_read_only_book(small: Case, tmp_path: Path) -> None:
    small.again()
    small.book.chmod(0o444)
    assert "只读" in refused(1, "refresh", small.book, "--as-of", LATER)
    assert small.names() == ["b.xlsx"] and small.book.read_bytes() == small.old
    done("refresh", small.book, "--as-of", LATER, "--out", tmp_path / "o.xlsx")
    assert (tmp_path / "o.xlsx").read_bytes() == small.new
