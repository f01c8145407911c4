"""Files from strangers: refused with a reason or done right, in bounded memory and time, and left unharmed."""

from __future__ import annotations

import multiprocessing
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import crm_xl
from crm_xl.errors import CrmXlError
from crm_xl.sources.loading import load
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.workflows.check import check
from tests.support import hostile

if sys.platform == "win32":
    pytest.skip("needs fork and resource limits", allow_module_level=True)

import resource

MEMORY = 3 << 30
SECONDS = 20
"""No timing, but the bound within which even a hostile file must be dealt with."""
AS_OF = "2024-06-30"


def refreshed(path: Path) -> None:
    """Refresh, and see for ourselves that the new file is whole."""
    report = crm_xl.refresh(path, as_of=AS_OF)
    assert report.changed
    before, after = _members(path.with_name(path.name + ".bak")), _members(path)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert changed <= {hostile.SHEET, hostile.STRINGS, "xl/styles.xml", "xl/tables/table1.xml"}, changed
    assert hostile.SHEET in changed


def _members(path: Path) -> dict[str, tuple[int, int]]:
    with zipfile.ZipFile(path) as archive:
        return {i.filename: (i.file_size, i.CRC) for i in archive.infolist()}


def loaded(path: Path) -> None:
    assert "customer_id" in load(path, CUSTOMERS).frame


def checked(path: Path) -> None:
    check(path)


DOORS: dict[str, Callable[[Path], None]] = {"refresh": refreshed, "check": checked, "load": loaded}


def outcome(door: str, path: Path) -> str:
    """'done', the key of the reason, or what went wrong."""
    before, folder = path.read_bytes(), set(os.listdir(path.parent))
    try:
        DOORS[door](path)
    except CrmXlError as error:
        if not (error.text("zh") and error.text("en")):
            return "no message"
        if path.read_bytes() != before or set(os.listdir(path.parent)) != folder:
            return "harmed"
        return error.key
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:300]
    new = set(os.listdir(path.parent)) - folder
    if new - ({path.name + ".bak"} if door == "refresh" else set()):
        return f"stray files: {new}"
    return "done"


def _child(door: str, paths: Sequence[Path], answers: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    for path in paths:
        answers.send(outcome(door, path))
    answers.close()
    os._exit(0)  # the process of pytest has no end to be run here


def outcomes(door: str, paths: Sequence[Path]) -> list[str]:
    """The outcome of each file, in a process of its own: a crash or a signal ends only that."""
    fork = multiprocessing.get_context("fork")
    receive, send = fork.Pipe(duplex=False)
    child = fork.Process(target=_child, args=(door, paths, send))
    child.start()
    send.close()
    found = []
    try:
        while len(found) < len(paths):
            found.append(receive.recv())
    except EOFError:
        child.join()
        found.append(f"killed: {child.exitcode}")
    child.join()
    return found


def _written(folder: Path, files: Sequence[bytes]) -> list[Path]:
    paths = []
    for i, data in enumerate(files):
        path = folder / str(i) / "客户.xlsx"
        path.parent.mkdir()
        path.write_bytes(data)
        paths.append(path)
    return paths


def is_reason(found: str) -> bool:
    return found == "done" or (found.isidentifier() and found != "harmed")


@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_refused_or_done(tmp_path: Path, name: str) -> None:
    data = hostile.HOSTILE[name]()
    found = {}
    for door in DOORS:
        path = tmp_path / door / "客户.xlsx"
        path.parent.mkdir()
        path.write_bytes(data)
        found[door] = outcomes(door, [path])[0]
    assert all(map(is_reason, found.values())), found
    if name == "good":
        assert set(found.values()) == {"done"}


@pytest.mark.parametrize("name", hostile.REFUSED)
@pytest.mark.parametrize("door", DOORS)
def test_refused(tmp_path: Path, name: str, door: str) -> None:
    make, key = hostile.REFUSED[name]
    found = outcomes(door, _written(tmp_path, [make()]))[0]
    assert found != "done" and is_reason(found)
    assert key in ("", found)


@pytest.mark.parametrize("door", DOORS)
def test_torn(tmp_path: Path, door: str) -> None:
    paths = _written(tmp_path, [hostile.torn(share / 20) for share in range(20)])
    assert set(outcomes(door, paths)) == {"file_empty", "file_not_workbook"}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("make", [hostile.flipped, hostile.scrambled, hostile.noise])
def test_damaged(tmp_path: Path, door: str, make: Callable[[int], bytes]) -> None:
    paths = _written(tmp_path, [make(seed) for seed in range(100)])
    found = outcomes(door, paths)
    assert len(found) == len(paths) and all(map(is_reason, found)), {
        seed: what for seed, what in enumerate(found) if not is_reason(what)
    }


@pytest.mark.parametrize("size", [(1, 1), (1_048_576, 16_384), (1_000_000, 200), (1, 2_000_000_000)])
def test_a_spreadsheet_of_repeats(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "list.ods"
    path.write_bytes(hostile.spreadsheet_of_repeats(*size))
    found = outcomes("load", [path])[0]
    assert is_reason(found) and (found == "done" or size != (1, 1)), found
