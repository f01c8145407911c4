"""Files from strangers: refused with a reason or done right, in bounded memory and time, and left unharmed."""

from __future__ import annotations

import ast
import multiprocessing
import os
import re
import sys
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import typer

import crm_xl
from crm_xl import cli, sheet_values
from crm_xl.analysis import cleaning, contact_data, duplicates, masking
from crm_xl.errors import CrmXlError
from crm_xl.sources.loading import load
from crm_xl.vocabulary.fields import normal_header
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


# ------------------------------------------------------------ what a file leads to


REACHES_OUT = re.compile(
    r"socket\.|urllib\.|http\.|ftplib\.|smtplib\.|subprocess\.|os\.(system|exec|posix_spawn|spawn|startfile|fork)|webbrowser\."
)


def _watched(door: str, path: Path, told: Connection) -> None:
    """The outcome of a door, what reached out of the process meanwhile, and which files it opened."""
    reached: list[str] = []
    opened: list[str] = []

    def hook(event: str, details: tuple[object, ...]) -> None:
        if REACHES_OUT.match(event):
            reached.append(f"{event} {details}"[:200])
        elif event == "open" and isinstance(details[0], (str, bytes, os.PathLike)):
            opened.append(os.fsdecode(details[0]))

    sys.addaudithook(hook)
    found = outcome(door, path)
    told.send((found, reached, opened))
    told.close()
    os._exit(0)


def watched(door: str, path: Path) -> tuple[str, list[str], list[str]]:
    fork = multiprocessing.get_context("fork")
    receive, send = fork.Pipe(duplex=False)
    child = fork.Process(target=_watched, args=(door, path, send))
    child.start()
    send.close()
    answer: tuple[str, list[str], list[str]] = receive.recv()
    child.join()
    return answer


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("scheme", ["file", "path", "http", "unc"])
def test_nothing_that_a_workbook_leads_to_is_opened(tmp_path: Path, door: str, scheme: str) -> None:
    secret = tmp_path / "secret" / "secret.xlsx"
    secret.parent.mkdir()
    secret.write_bytes(hostile.good())
    target = {
        "file": secret.as_uri(),
        "path": "../secret/secret.xlsx",
        "http": "http://127.0.0.1:9/secret.xlsx",
        "unc": "\\\\127.0.0.1\\share\\secret.xlsx",
    }[scheme]
    path = tmp_path / "book" / "客户.xlsx"
    path.parent.mkdir()
    path.write_bytes(hostile.linked(target))
    before = _members(path)
    found, reached, opened = watched(door, path)
    assert found == "done"
    assert reached == []
    assert not [name for name in opened if "secret" in name and not name.startswith(str(path.parent))]
    after = _members(path)
    kept = [name for name in before if "externalLink" in name or "drawing" in name or name.endswith(".rels")]
    assert len(kept) >= 5 and all(after[name] == before[name] for name in kept)


@pytest.mark.parametrize("door", DOORS)
def test_members_are_never_unpacked_to_files(tmp_path: Path, door: str) -> None:
    path = tmp_path / "in" / "客户.xlsx"
    path.parent.mkdir()
    path.write_bytes(hostile.odd_names())
    assert is_reason(outcomes(door, [path])[0])
    assert {p.name for p in tmp_path.rglob("*")} <= {"in", "客户.xlsx", "客户.xlsx.bak"}


@pytest.mark.parametrize("name", hostile.lists())
def test_lists(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(hostile.lists()[name])
    found = outcomes("load", [path])[0]
    assert is_reason(found), found
    if name == "command.csv":
        assert found == "done"


@pytest.mark.parametrize("name", ["one-line.csv", "equal-rows.parquet"])
def test_lists_that_grow(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(hostile.lists_that_grow()[name])
    assert outcomes("load", [path])[0] == "file_unreadable"


@pytest.mark.parametrize("parts_each", [False, True])
def test_many_sheets_that_are_large(tmp_path: Path, parts_each: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_values, "_MAX_AREAS", 5_000_000)
    (path,) = _written(tmp_path, [hostile.large_sheets(200, parts_each=parts_each)])
    assert outcomes("load", [path])[0] == "sheet_too_far"


def test_texts_of_a_list_never_become_formulas(tmp_path: Path) -> None:
    starts = [hostile.COMMAND, "+1+1", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://127.0.0.1:9/","x")', "＝1+1"]
    header = '客户编号,客户名称,联系人,备注,"=1+1"'
    rows = [f'C{i},"{t}","{t}","{t}","{t}"'.replace('"h', '""h').replace('/"', '/""').replace(',"x")', ',""x"")')
            for i, t in enumerate(starts)]  # fmt: skip
    source, book = tmp_path / "c.csv", tmp_path / "客户.xlsx"
    source.write_text("\n".join([header, *rows]), encoding="utf-8")
    crm_xl.new_workbook(book, template="customer-info", customers=source, as_of=AS_OF)
    crm_xl.refresh(book, as_of="2024-07-31")
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    formulas = [f for name, xml in parts.items() if "worksheets/" in name for f in re.findall(r"<f[ >][^<]*", xml)]
    assert formulas and not any("cmd|" in f or "127.0.0.1" in f for f in formulas)
    assert "cmd|" in parts["xl/sharedStrings.xml"]


def test_no_cell_takes_long() -> None:
    """Every text function on cells of 32,767 characters, all within the seconds of one file."""

    def all_of_them(_: Path) -> None:
        for text in hostile.long_texts():
            cleaning.parse_numbers([text], from_text=True)
            cleaning.parse_dates([text], from_text=True)
            cleaning.clean_texts([text])
            cleaning.normal_ids([text])
            duplicates.phone_numbers(text)
            contact_data.scrubbed(text)
            normal_header(text)
            for kind in ("auto", "name", "company", "phone", "email", "id", "address"):
                masking.mask(text, kind)

    DOORS["texts"] = all_of_them
    try:
        path = Path(__file__)
        assert outcomes("texts", [path])[0] == "done"
    finally:
        del DOORS["texts"]


# ------------------------------------------------------------ what our code may do at all

SOURCE = Path(crm_xl.__file__).parent
REACHING = {
    "socket",
    "ssl",
    "http",
    "ftplib",
    "smtplib",
    "requests",
    "httpx",
    "aiohttp",
    "webbrowser",
    "telnetlib",
    "urllib3",
}
"""Modules that talk to other machines. (urllib.parse and url2pathname only take addresses apart.)"""
EXECUTING = {"pickle", "marshal", "shelve", "cloudpickle", "joblib", "dill", "runpy", "code", "codeop"}
"""Modules by which data becomes code."""


def modules() -> dict[str, ast.Module]:
    return {str(p.relative_to(SOURCE)): ast.parse(p.read_text(encoding="utf-8")) for p in SOURCE.rglob("*.py")}


def test_nothing_of_ours_talks_to_other_machines_or_makes_code_of_data() -> None:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [(node.module or "").partition(".")[0]]
            elif isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                assert called not in ("eval", "exec", "compile", "__import__"), (name, node.lineno)
                attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                assert attribute not in ("urlopen", "urlretrieve", "extractall", "extract_all"), (name, node.lineno)
                assert not any(k.arg == "shell" for k in node.keywords), (name, node.lineno)
            assert not {*names} & (REACHING | EXECUTING), (name, names)


def test_other_programs_are_started_by_the_installation_of_the_add_in_alone() -> None:
    starting = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(a.name == "subprocess" for a in node.names))
        or (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
            and re.match("system|startfile|popen|spawn|exec|posix_spawn|fork", node.attr)
        )
    }
    assert starting <= {os.path.join("excel", "machine.py")}


def test_no_command_takes_a_password_as_an_argument() -> None:
    """An argument stands in the history of the shell and in the list of processes."""

    def options(command: typer.core.TyperGroup | object) -> list[object]:
        inner = getattr(command, "commands", {}).values()
        return [*getattr(command, "params", []), *(o for c in inner for o in options(c))]

    named = [o for o in options(typer.main.get_command(cli.app)) if "password" in (o.name or "")]  # type: ignore[attr-defined]
    for option in named:
        assert option.is_flag or any(text.endswith("-env") for text in option.opts), option.opts  # type: ignore[attr-defined]


def test_libraries_read_files_of_strangers_safely() -> None:
    """pyarrow before 14.0.1 ran code that a parquet file brought along (CVE-2023-47248)."""
    project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *(n for some in project["optional-dependencies"].values() for n in some)]
    (arrow,) = [n for n in needed if n.startswith("pyarrow")]
    assert int(re.findall(r">=(\d+)", arrow)[0]) >= 15


def test_the_threat_model_names_real_tests() -> None:
    root = Path(__file__).resolve().parents[1]
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", (root / "docs" / "security.md").read_text(encoding="utf-8"))
    assert len(named) > 40
    for file, test in named:
        text = (root / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"(?m)^ *def {test}\(", text), f"{file}::{test}"
