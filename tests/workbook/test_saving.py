"""A file gets into its place whole or not at all, whatever breaks, and one writer at a time."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from crm_xl.errors import CrmXlError, Refused
from crm_xl.workbook import saving
from crm_xl.workbook.saving import backup_of, locked, open_in_excel, recover, replace_file

OLD, NEW, OLDER = b"old " * 4000, b"new! " * 4000, b"older " * 1000
PIECES = 4

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork")


def fill(out: IO[bytes]) -> None:
    for at in range(0, len(NEW), len(NEW) // PIECES):
        out.write(NEW[at : at + len(NEW) // PIECES])


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "客户 [1].xlsx"
    path.write_bytes(OLD)
    return path


def files(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.parent.iterdir()}


def helper(path: Path, kind: str) -> Path:
    return path.with_name(f".{path.name}.crm-xl-{kind}")


def failure(path: Path, **options: Any) -> CrmXlError:
    with pytest.raises(CrmXlError) as error:
        replace_file(path, fill, **{"backup": True, **options})
    return error.value


def why(error: CrmXlError) -> str:
    reason = error.values.get("why", "")
    return getattr(reason, "key", str(reason))


@pytest.fixture
def no_rename_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drive on which no rename replaces a file."""
    rename = os.rename

    def only_new(source: Any, target: Any) -> None:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "File exists")
        rename(source, target)

    monkeypatch.setattr(os, "replace", only_new)
    monkeypatch.setattr(os, "rename", only_new)


# ---------------------------------------------------------------- replacing


@pytest.mark.parametrize("way", ["over", "in turn"])
def test_the_new_file_in_place_and_the_old_one_kept(book: Path, way: str, request: pytest.FixtureRequest) -> None:
    if way == "in turn":
        request.getfixturevalue("no_rename_over")
    for older in (None, OLDER):
        book.write_bytes(OLD)
        if older is not None:
            backup_of(book).write_bytes(older)
        replace_file(book, fill, backup=True)
        assert files(book) == {book.name: NEW, book.name + ".bak": OLD}


@posix
@pytest.mark.parametrize("way", ["over", "in turn"])
def test_on_the_disk_before_it_gets_its_name(
    book: Path, way: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if way == "in turn":
        request.getfixturevalue("no_rename_over")
    backup_of(book).write_bytes(OLDER)
    synced: set[int] = set()
    fsync = os.fsync

    def noted(fd: int) -> None:
        fsync(fd)
        synced.add(os.fstat(fd).st_ino)

    def guarded(call: Callable[..., None]) -> Callable[..., None]:
        def renames(source: Path, target: Path) -> None:
            if target in (book, backup_of(book)):
                assert source.stat().st_ino in synced
            call(source, target)
            synced.discard(book.parent.stat().st_ino)

        return renames

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "replace", guarded(os.replace))
    monkeypatch.setattr(os, "rename", guarded(os.rename))
    replace_file(book, fill, backup=True)
    assert book.parent.stat().st_ino in synced, "the last rename, too"
    assert files(book) == {book.name: NEW, book.name + ".bak": OLD}


@pytest.mark.parametrize("there", [True, False])
def test_without_backup(book: Path, there: bool) -> None:
    if not there:
        book.unlink()
    replace_file(book, fill, backup=False)
    assert files(book) == {book.name: NEW}


def test_a_first_file_needs_no_backup_and_has_the_usual_mode(book: Path) -> None:
    book.unlink()
    replace_file(book, fill, backup=True)
    assert files(book) == {book.name: NEW}
    usual = book.with_name("usual")
    usual.write_bytes(b"")
    assert book.stat().st_mode == usual.stat().st_mode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_rights_stay_and_hold_from_the_first_byte(book: Path, mode: int) -> None:
    book.chmod(mode)
    seen = []

    def look(out: IO[bytes]) -> None:
        seen.extend(stat.S_IMODE(p.stat().st_mode) for p in book.parent.iterdir() if p != book)
        fill(out)

    replace_file(book, look, backup=True)
    assert seen == [mode]
    assert [stat.S_IMODE(p.stat().st_mode) for p in (book, backup_of(book))] == [mode, mode]


@posix
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root gives files away")
def test_owner_stays(book: Path) -> None:
    os.chown(book, 1234, 4321)
    replace_file(book, fill, backup=True)
    for path in (book, backup_of(book)):
        assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


def test_rights_that_the_drive_cannot_keep_do_not_stop_a_save(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    for name in ("chmod", "chown", "utime"):
        monkeypatch.setattr(os, name, never, raising=False)
    replace_file(book, fill, backup=True)
    assert files(book) == {book.name: NEW, book.name + ".bak": OLD}


@pytest.mark.parametrize("call", [errno.EINVAL, errno.ENOTSUP])
def test_a_drive_without_fsync(book: Path, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    def never(_: int) -> None:
        raise OSError(call, "cannot")

    monkeypatch.setattr(os, "fsync", never)
    replace_file(book, fill, backup=True)
    assert files(book) == {book.name: NEW, book.name + ".bak": OLD}


@posix
def test_a_link_stays_a_link(book: Path, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    link = folder / "link.xlsx"
    link.symlink_to(book)
    replace_file(link, fill, backup=True)
    assert link.is_symlink() and book.read_bytes() == NEW and backup_of(link).read_bytes() == OLD
    assert sorted(os.listdir(folder)) == ["link.xlsx", "link.xlsx.bak"]
    (folder / "~$link.xlsx").touch()
    assert open_in_excel(link) and not open_in_excel(book)
    book.with_name("~$" + book.name).touch()
    (folder / "~$link.xlsx").unlink()
    assert open_in_excel(link) and open_in_excel(book)


def test_open_in_excel(book: Path) -> None:
    book.with_name("~$" + book.name).write_bytes(b"")
    with pytest.raises(Refused) as error:
        replace_file(book, fill, backup=True)
    assert error.value.key == "open_in_excel"
    assert files(book) == {book.name: OLD, "~$" + book.name: b""}


def test_check_has_the_last_word(book: Path) -> None:
    def changed(path: Path) -> None:
        assert path == book.resolve()
        raise CrmXlError("write_failed", path=path, why="changed")

    backup_of(book).write_bytes(OLDER)
    assert why(failure(book, check=changed)) == "changed"
    assert files(book) == {book.name: OLD, book.name + ".bak": OLDER}


@pytest.mark.parametrize("stop", [ZeroDivisionError, KeyboardInterrupt, MemoryError])
def test_whatever_stops_the_writing_leaves_nothing_behind(book: Path, stop: type[BaseException]) -> None:
    def breaks(out: IO[bytes]) -> None:
        out.write(NEW[:100])
        raise stop

    with pytest.raises(stop):
        replace_file(book, breaks, backup=True)
    assert files(book) == {book.name: OLD}


@pytest.mark.parametrize("name", ["客" * 60 + ".xlsx", "n" * 246 + ".xlsx"])
def test_the_longest_names(tmp_path: Path, name: str) -> None:
    book = tmp_path / name
    book.write_bytes(OLD)
    with locked(book):
        replace_file(book, fill, backup=True)
    assert files(book) == {book.name: NEW, book.name + ".bak": OLD}


# ---------------------------------------------------------------- failures


class Faults:
    """Fails the n-th of the calls by which a save touches the disk; `always`: and every later one."""

    def __init__(self, patch: pytest.MonkeyPatch, n: int, code: int, *, always: bool = False) -> None:
        self.left, self.code, self.always, self.fired = n, code, always, False
        for name in ("replace", "rename", "fsync", "open"):
            patch.setattr(os, name, self.counted(getattr(os, name)))
        opened = Path.open

        def path_open(path: Path, mode: str = "r", *more: Any, **options: Any) -> Any:
            file = self.counted(opened)(path, mode, *more, **options)
            return FaultyFile(file, self) if "x" in mode else file

        patch.setattr(Path, "open", path_open)

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == 0 or (self.always and self.left < 0):
                self.fired = True
                raise OSError(self.code, os.strerror(self.code))
            return call(*given, **options)

        return counted


class FaultyFile:
    def __init__(self, file: IO[bytes], faults: Faults) -> None:
        self.file = file
        self.write = faults.counted(file.write)
        self.flush = faults.counted(file.flush)
        self.fileno = file.fileno

    def __enter__(self) -> FaultyFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@pytest.mark.parametrize("older", [None, OLDER])
@pytest.mark.parametrize("way", ["over", "in turn"])
@pytest.mark.parametrize("always", [False, True], ids=["once", "from then on"])
def test_disk_full_at_every_single_call(
    book: Path, way: str, always: bool, older: bytes | None, request: pytest.FixtureRequest
) -> None:
    if way == "in turn":
        request.getfixturevalue("no_rename_over")
    refused = 0
    for n in range(1, 100):
        book.write_bytes(OLD)
        bak = backup_of(book)
        bak.unlink(missing_ok=True)
        if older is not None:
            bak.write_bytes(older)
        error = None
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, n, errno.ENOSPC, always=always)
            try:
                replace_file(book, fill, backup=True)
            except CrmXlError as failed:
                error = failed
        if not faults.fired:
            assert error is None
            break
        if error is not None and error.key == "moved_aside":
            # nothing could be renamed any more: the old file has another name until the next opening
            moved, aside = error.values["path"], error.values["aside"]
            assert always and isinstance(moved, Path) and isinstance(aside, Path)
            assert aside.is_file() and not moved.exists() and str(aside) in str(error)
            with locked(book):
                pass
        found = files(book)
        if error is None:
            # only the folder's own fsync failed, after the deed
            assert found == {book.name: NEW, bak.name: OLD}
            continue
        refused += 1
        assert why(error) == "why_disk_full" and "No space is left" in str(error)
        assert found.pop(book.name) == OLD
        assert found in ([{}, {bak.name: OLD}] if older is None else [{bak.name: OLDER}, {bak.name: OLD}])
    else:
        raise AssertionError("it never came to an end")
    assert refused >= 2 * (2 + PIECES)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "why_disk_full"),
        (errno.EDQUOT, "why_disk_full"),
        (errno.EROFS, "why_folder_read_only"),
        (errno.EACCES, "why_folder_read_only"),
        (errno.EFBIG, "why_too_large"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_reasons_in_plain_words(book: Path, monkeypatch: pytest.MonkeyPatch, code: int, reason: str) -> None:
    opened = Path.open

    def guarded(path: Path, mode: str = "r", *more: Any) -> Any:
        if mode == "xb":
            raise OSError(code, os.strerror(code))
        return opened(path, mode, *more)

    monkeypatch.setattr(Path, "open", guarded)
    error = failure(book)
    assert (error.key, error.values["path"], why(error)) == ("write_failed", book, reason)
    assert "why_" not in error.text("zh") + error.text("en")
    assert files(book) == {book.name: OLD}


class HeldOnWindows(PermissionError):
    winerror = 32


@pytest.mark.parametrize("times", [3, 100])
def test_a_file_that_another_program_holds_on_windows(book: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """A virus scanner lets go after a moment; Excel does not."""
    replace, rename, tries = os.replace, os.rename, iter(range(times))

    def held(call: Callable[..., None]) -> Callable[..., None]:
        def guarded(source: Path, target: Path) -> None:
            if book in (source, target) and next(tries, None) is not None:
                raise HeldOnWindows(errno.EACCES, "Access is denied")
            call(source, target)

        return guarded

    monkeypatch.setattr(os, "replace", held(replace))
    monkeypatch.setattr(os, "rename", held(rename))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    if times == 3:
        replace_file(book, fill, backup=False)
        assert files(book) == {book.name: NEW}
    else:
        assert why(failure(book, backup=False)) == "why_in_use"
        assert files(book) == {book.name: OLD}


def test_backup_that_cannot_be_replaced(book: Path) -> None:
    backup_of(book).mkdir()
    error = failure(book)
    assert (error.key, error.values["path"]) == ("write_failed", backup_of(book))
    assert book.read_bytes() == OLD and sorted(os.listdir(book.parent)) == [book.name, book.name + ".bak"]


def test_a_read_only_file_is_not_replaced(book: Path) -> None:
    book.chmod(0o444)
    error = failure(book)
    assert (error.key, error.values["path"], why(error)) == ("write_failed", book, "why_file_read_only")
    assert "只读" in error.text("zh") and files(book) == {book.name: OLD}
    book.chmod(0o644)
    replace_file(book, fill, backup=False)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_file_that_may_not_be_written(book: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    opened = Path.open

    def guarded(path: Path, mode: str = "r", *more: Any) -> Any:
        if mode == "r+b":
            raise OSError(code, os.strerror(code))
        return opened(path, mode, *more)

    monkeypatch.setattr(Path, "open", guarded)
    assert why(failure(book)) in ("why_file_read_only", "why_in_use")
    assert files(book) == {book.name: OLD}


# ---------------------------------------------------------------- real refusals of the system


def in_child(work: Callable[[], object]) -> str:
    """What `work` raised in a forked child: key and reason, or 'done'."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "broken"
        try:
            try:
                work()
                said = "done"
            except CrmXlError as error:
                said = f"{error.key} {why(error)}"
            except BaseException as error:
                said = repr(error)
            os.write(writing, said.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield Path(name)


def as_anybody() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


@posix
def test_folder_without_the_right_to_write(open_folder: Path) -> None:
    book = open_folder / "b.xlsx"
    book.write_bytes(OLD)
    book.chmod(0o666)
    open_folder.chmod(0o555)

    def work() -> None:
        as_anybody()
        with locked(book):  # no lock can be there, and none is needed
            replace_file(book, fill, backup=True)

    assert in_child(work) == "write_failed why_folder_read_only"
    open_folder.chmod(0o777)
    assert files(book) == {"b.xlsx": OLD}
    assert in_child(work) == "done"
    assert files(book) == {"b.xlsx": NEW, "b.xlsx.bak": OLD}


@posix
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs two users")
def test_another_persons_file_in_a_folder_open_to_all(open_folder: Path) -> None:
    book = open_folder / "b.xlsx"
    book.write_bytes(OLD)
    book.chmod(0o644)

    def work() -> None:
        as_anybody()
        replace_file(book, fill, backup=True)

    assert in_child(work) == "write_failed why_file_read_only"
    assert files(book) == {"b.xlsx": OLD}


@posix
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs two users")
def test_lock_that_another_person_left(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = open_folder / "b.xlsx"
    book.write_bytes(OLD)
    lock = helper(book, "lock")
    lock.touch(0o644)
    monkeypatch.setattr(saving, "WAIT", 0.1)

    def work() -> None:
        as_anybody()
        with locked(book):
            assert lock.exists()

    assert in_child(work) == "done"
    with locked(book):
        assert in_child(work).startswith("busy")


@posix
def test_a_real_limit_of_the_system(book: Path) -> None:
    import resource

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        replace_file(book, fill, backup=True)

    assert in_child(work) == "write_failed why_too_large"
    assert files(book) == {book.name: OLD}


@posix
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(tmp_path)]
    try:
        made = subprocess.run(mount, capture_output=True, text=True).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("no right to mount a small disk")
    try:
        book = tmp_path / "b.xlsx"
        book.write_bytes(OLD)
        assert why(failure(book)) == "why_disk_full"  # the new file fits, the backup does not
        assert files(book) == {"b.xlsx": OLD}
        replace_file(book, fill, backup=False)
        assert files(book) == {"b.xlsx": NEW}
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


# ---------------------------------------------------------------- after an accident


def test_recover(book: Path) -> None:
    aside = helper(book, "aside")
    recover(book)
    book.rename(aside)
    recover(book)
    assert files(book) == {book.name: OLD}


def test_a_missing_book_with_a_copy_to_go_back_to(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bak = backup_of(book)
    book.rename(bak)
    with pytest.raises(CrmXlError) as error:
        recover(book)
    assert error.value.key == "file_missing_backup" and bak.name in str(error.value)
    bak.unlink()
    recover(book)  # then there is nothing to say

    def never(*_: object) -> None:
        raise OSError(errno.EIO, "gone")

    aside = helper(book, "aside")
    aside.write_bytes(OLD)
    monkeypatch.setattr(os, "rename", never)
    with pytest.raises(CrmXlError) as error:
        recover(book)
    assert error.value.key == "file_missing_backup" and aside.name in str(error.value)


def test_the_lock_clears_up_after_killed_runs(book: Path) -> None:
    others = [".其他.xlsx.0123456789abcdef.crm-xl-tmp", f".{book.name}.crm-xl-mine.tmp", f"{book.name}.tmp"]
    ours = [helper(path, "0123456789abcdef.tmp") for path in (book, backup_of(book))]
    for path in [*ours, *(book.with_name(o) for o in others)]:
        path.write_bytes(b"half")
    helper(book, "aside").write_bytes(OLDER)
    backup_of(book).write_bytes(OLD)
    backup_of(book).rename(helper(backup_of(book), "aside"))
    with locked(book):
        found = files(book)
        del found[helper(book, "lock").name]
        assert found == {book.name: OLD, book.name + ".bak": OLD, **dict.fromkeys(others, b"half")}
    assert files(book) == found


# ---------------------------------------------------------------- one at a time

HOLD = """
import sys, time
from pathlib import Path
from crm_xl.workbook.saving import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""

COUNT = """
import sys
from pathlib import Path
from crm_xl.workbook import saving
book, number = Path(sys.argv[1]), Path(sys.argv[2])
saving.WAIT, saving._PAUSE = 300, 0.0005
for _ in range(int(sys.argv[3])):
    with saving.locked(book):
        number.write_text(str(int(number.read_text()) + 1))
"""


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_two_processes_and_one_is_killed(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "WAIT", 0.2)
    holder = hold(book)
    try:
        with pytest.raises(Refused) as error, locked(book):
            raise AssertionError("two at once")
        assert error.value.key == "busy" and error.value.exit_code == 2
        with locked(book.with_name("other.xlsx")):
            pass
        holder.kill()  # SIGKILL
        holder.wait()
        assert helper(book, "lock").exists()
        with locked(book), pytest.raises(Refused), locked(book):
            raise AssertionError("two at once")
    finally:
        holder.kill()
        holder.communicate()
    assert files(book) == {book.name: OLD}


def test_the_second_waits_for_the_first(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "WAIT", 60)
    holder = hold(book)
    try:
        sleep = time.sleep

        def let_go(seconds: float) -> None:
            if not holder.stdin.closed:  # type: ignore[union-attr]
                holder.communicate("\n")
            sleep(seconds)

        monkeypatch.setattr(time, "sleep", let_go)
        with locked(book):
            assert holder.returncode == 0
    finally:
        holder.kill()
    assert files(book) == {book.name: OLD}


def test_never_two_at_once_while_lock_files_come_and_go(book: Path) -> None:
    number = book.with_name("number")
    number.write_text("0")
    workers = [subprocess.Popen([sys.executable, "-c", COUNT, book, number, "150"]) for _ in range(4)]
    assert [w.wait() for w in workers] == [0] * 4
    assert number.read_text() == "600"
    assert sorted(os.listdir(book.parent)) == ["number", book.name]


@posix
def test_a_link_and_its_book_have_one_lock(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "WAIT", 0.1)
    link = tmp_path / "link.xlsx"
    link.symlink_to(book)
    with locked(link), pytest.raises(Refused), locked(book):
        raise AssertionError("two at once")


@posix
@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_drive_without_locks(book: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    import fcntl

    def never(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", never)
    half = helper(book, "0123456789abcdef.tmp")
    half.write_bytes(b"perhaps somebody is writing it")
    book.rename(helper(book, "aside"))
    with locked(book):
        replace_file(book, fill, backup=True)
    assert files(book)[book.name] == NEW and half.exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with locked(tmp_path / "no" / "b.xlsx"):
        pass
    assert os.listdir(tmp_path) == []


def test_the_lock_goes_with_an_error(book: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(book):
        _ = 1 / 0
    assert files(book) == {book.name: OLD}
