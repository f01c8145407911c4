"""Putting a file in its place: whole or not at all, the old one kept, one writer at a time."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from crm_xl.errors import CrmXlError, Refused
from crm_xl.vocabulary.messages import Told

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

WAIT = 2.0
"""Seconds that a second refresh waits for the first."""

_PAUSE = 0.05
_LONGEST_NAME = 200
"""Bytes of a file's name that the names of its helpers repeat: a name may have 255."""

_NO_RENAME_OVER = {errno.EEXIST, errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
"""What network and FUSE drives answer to a rename over an existing file."""

_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}
_HELD_ON_WINDOWS = (5, 32, 33)
"""Access denied, sharing violation, lock violation: another program has the file open."""

_REASONS = {
    errno.ENOSPC: "why_disk_full",
    errno.EDQUOT: "why_disk_full",
    errno.EFBIG: "why_too_large",
    errno.EACCES: "why_folder_read_only",
    errno.EPERM: "why_folder_read_only",
    errno.EROFS: "why_folder_read_only",
    errno.EBUSY: "why_in_use",
    errno.ETXTBSY: "why_in_use",
}


# ---------------------------------------------------------------- replacing


def replace_file(
    target: Path,
    write: Callable[[IO[bytes]], object],
    *,
    backup: bool,
    check: Callable[[Path], None] | None = None,
) -> None:
    """What `write` puts into a file becomes `target`; with `backup` the old one becomes `target`.bak.

    A link stays a link: the file that it leads to is replaced. `check` is called with that file right
    before, and raises if it must stay. Errors: Refused open_in_excel; write_failed (the old file is
    whole), moved_aside (it is, under another name); whatever `write` and `check` raise.
    """
    if open_in_excel(target):
        raise Refused("open_in_excel", path=target)
    place = _place(target)
    bak = backup_of(target)
    made: list[Path] = []
    try:
        with _failing(target):
            there = place.exists()
            keep = backup and there
            if there:
                _refuse_read_only(place, target)
            new = _write_beside(place, write, made, like=place if there else None)
            if keep:
                with _failing(bak):
                    old = _write_beside(bak, lambda out: _copy_into(place, out), made, like=place)
            if check is not None:
                check(place)
            if keep:
                with _failing(bak):
                    _rename_over(old, bak)
            _rename_over(new, place)
    finally:
        for path in made:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def open_in_excel(path: Path) -> bool:
    """Whether Excel's own lock file stands beside the workbook, or beside what a link leads to."""
    return any(p.with_name("~$" + p.name).exists() for p in (path, _place(path)))


def backup_of(path: Path) -> Path:
    """Where the old file is kept."""
    return path.with_name(path.name + ".bak")


def _place(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _helper(path: Path, kind: str) -> Path:
    """A hidden file beside `path` that names it."""
    name = path.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return path.with_name(f".{name}.crm-xl-{kind}")


def _temporary(path: Path, token: str) -> Path:
    return _helper(path, f"{token}.tmp")


def _refuse_read_only(place: Path, target: Path) -> None:
    """A file's write protection counts, though its folder would let us put another in its place."""
    why = "why_file_read_only"
    if place.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        try:
            place.open("r+b").close()
            return
        except PermissionError:
            if sys.platform == "win32":
                why = "why_in_use"
        except OSError as error:
            if error.errno != errno.EROFS:
                raise
    raise CrmXlError("write_failed", path=target, why=Told(why))


def _write_beside(final: Path, write: Callable[[IO[bytes]], object], made: list[Path], *, like: Path | None) -> Path:
    """A new file in the folder of `final`, flushed to disk, with the rights of `like`; put into `made`."""
    path = _temporary(final, secrets.token_hex(8))
    with path.open("xb") as out:
        made.append(path)
        if like is not None:
            # before the first byte: what only few may read is never there for all
            _copy_rights(like, path)
        write(out)
        out.flush()
        try:
            os.fsync(out.fileno())
        except OSError as error:
            if error.errno not in _CANNOT_SYNC:
                raise
    return path


def _copy_into(source: Path, out: IO[bytes]) -> None:
    with source.open("rb") as content:
        shutil.copyfileobj(content, out, 1 << 20)


def _copy_rights(source: Path, path: Path) -> None:
    """Owner, mode and attributes, as far as the drive and our rights allow."""
    if sys.platform != "win32":
        found = source.stat()
        for owner in (found.st_uid, -1):
            try:
                os.chown(path, owner, found.st_gid)
                break
            except OSError:
                continue
    for copy in (shutil.copymode, shutil.copystat):
        with suppress(OSError):
            copy(source, path)


@contextmanager
def _failing(path: Path) -> Iterator[None]:
    """What the system refuses is told as a failure to write `path`."""
    try:
        yield
    except OSError as error:
        raise CrmXlError("write_failed", path=path, why=_why(error)) from error


def _why(error: OSError) -> object:
    """The cause in plain words where it is known."""
    if getattr(error, "winerror", None) in _HELD_ON_WINDOWS:
        return Told("why_in_use")
    key = _REASONS.get(error.errno or 0)
    return Told(key) if key else error.strerror or error


# ---------------------------------------------------------------- renaming


def _rename_over(new: Path, final: Path) -> None:
    """`new` becomes `final`, in one step where the drive can do that. Errors: OSError, moved_aside."""
    try:
        _patiently(os.replace, new, final)
    except OSError as error:
        if error.errno not in _NO_RENAME_OVER or not final.is_file():
            raise
        _rename_in_turn(new, final)
    _sync_folder(final.parent)


def _rename_in_turn(new: Path, final: Path) -> None:
    """The second way: the old file steps aside and is back if anything fails. `recover` knows its name."""
    aside = _helper(final, "aside")
    aside.unlink(missing_ok=True)
    os.rename(final, aside)
    try:
        os.rename(new, final)
    except BaseException as error:
        try:
            os.rename(aside, final)
        except OSError as second:
            if final.exists():
                raise error from None
            raise CrmXlError("moved_aside", path=final, aside=aside, why=_why(second)) from error
        raise
    # the old file goes only when the new one is sure to be found after a power cut
    _sync_folder(final.parent)
    with suppress(OSError):
        aside.unlink()


def _patiently(rename: Callable[[Path, Path], None], new: Path, final: Path) -> None:
    """Virus scanners and indexers on Windows hold a new file for a moment."""
    for pause in (0.05, 0.1, 0.2, 0.4):
        try:
            return rename(new, final)
        except OSError as error:
            if getattr(error, "winerror", None) not in _HELD_ON_WINDOWS:
                raise
        time.sleep(pause)
    rename(new, final)


def _sync_folder(folder: Path) -> None:
    """The rename itself reaches the disk. It has happened, so a failure here is none of the save."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


# ---------------------------------------------------------------- after an accident


def recover(path: Path) -> None:
    """A book that a killed save left aside is put back. Called before a book is opened.

    Errors: file_missing_backup (no book, but a copy to go back to); Refused busy.
    """
    place = _place(path)
    aside = _helper(place, "aside")
    if place.exists():
        return
    if aside.exists():
        with locked(path):
            pass
    kept = next((p for p in (aside, backup_of(path)) if p.is_file()), None)
    if kept is not None and not place.exists():
        raise CrmXlError("file_missing_backup", path=path, backup=kept)


def _settle(final: Path) -> None:
    """Finish or undo the second way of renaming where it was cut off."""
    aside = _helper(final, "aside")
    with suppress(OSError):
        if not aside.is_file():
            return
        if final.exists():
            aside.unlink()
        else:
            os.rename(aside, final)
            _sync_folder(final.parent)


def _clear(final: Path) -> None:
    """Take away what killed runs left half written; nobody writes while we hold the lock."""
    pattern = re.compile(re.escape(_temporary(final, "TOKEN").name).replace("TOKEN", "[0-9a-f]{16}"))
    with suppress(OSError):
        for name in os.listdir(final.parent):
            if pattern.fullmatch(name):
                with suppress(OSError):
                    final.with_name(name).unlink()


# ---------------------------------------------------------------- one at a time


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one refresh or import of a book at a time, on all machines that see its folder.

    The system frees the lock when its process dies; what such a one left behind is cleared up. Where no
    lock can be (a read-only folder, a drive that has none) it goes on without. Errors: Refused busy.
    """
    place = _place(path)
    lock = _helper(place, "lock")
    held = _wait_for(lock, path)
    try:
        for final in (place, backup_of(path)):
            _settle(final)
            if held is not None:
                _clear(final)
        yield
    finally:
        if held is not None:
            _release(held, lock)


def _wait_for(lock: Path, path: Path) -> int | None:
    """The open lock file; None where there can be none."""
    until = time.monotonic() + WAIT
    while True:
        try:
            held = _try_lock(lock)
        except OSError:
            return None
        if held is not None:
            return held
        if time.monotonic() >= until:
            raise Refused("busy", path=path)
        time.sleep(_PAUSE)


def _try_lock(lock: Path) -> int | None:
    """The open and locked file, or None while somebody else has it. Errors: OSError where locks are impossible."""
    try:
        fd = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        fd = os.open(lock, os.O_RDONLY)  # another person's; to wait for it, reading is enough
    got = False
    try:
        got = _lock_now(fd) and _still_there(fd, lock)
    finally:
        if not got:
            os.close(fd)
    return fd if got else None


def _still_there(fd: int, lock: Path) -> bool:
    """Whoever had the lock took the file away with it: a lock on a removed file keeps nobody out."""
    try:
        return os.path.samestat(os.fstat(fd), os.stat(lock))
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _lock_now(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _release(fd: int, lock: Path) -> None:
        os.close(fd)
        # fails, rightly, while another has it open
        with suppress(OSError):
            lock.unlink()

else:

    def _lock_now(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                return False
            raise
        return True

    def _release(fd: int, lock: Path) -> None:
        # while it is still locked: afterwards it might be the next one's
        with suppress(OSError):
            lock.unlink()
        os.close(fd)
