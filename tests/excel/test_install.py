"""Installing and removing the add-in: all or nothing, and back again to the last byte."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl import __version__
from crm_xl.errors import CrmXlError, Refused
from crm_xl.excel import install as room
from crm_xl.excel import vba
from crm_xl.excel.install import (
    PROJECT,
    find_line,
    install,
    internet_mark,
    marks_of,
    places,
    read_record,
    shipped_addin,
    uninstall,
    with_line,
)
from tests.support.fake_pc import CRM_XL, XLWINGS, FakePC, make_addin

KEY = "INTERPRETER_WIN"


@pytest.fixture
def pc(tmp_path: Path) -> FakePC:
    return FakePC(tmp_path)


@pytest.fixture
def mac(tmp_path: Path) -> FakePC:
    return FakePC(tmp_path, platform="darwin", user="lilei", ansi="ascii")


def set_up(pc: FakePC, **options: object) -> room.InstallReport:
    return install(pc.machine(), addin=pc.addin, **options)  # type: ignore[arg-type]


def told(error: CrmXlError) -> str:
    """Both languages, which must have all their values."""
    return error.text("zh") + error.text("en")


def vba_reads(data: bytes, key: str, codec: str) -> str | None:
    """What GetConfigFromFile gives: `Input #` takes quoted fields two by two, across lines."""
    text, fields, i = data.decode(codec, "replace"), [], 0
    while i < len(text):
        if text[i] in " \t\r\n,":
            i += 1
        elif text[i] == '"':
            end = text.find('"', i + 1)
            end = len(text) if end < 0 else end
            fields.append(text[i + 1 : end])
            i = end + 1
        else:
            end = next((j for j in range(i, len(text)) if text[j] in ",\r\n"), len(text))
            fields.append(text[i:end].rstrip())
            i = end
    pairs = zip(fields[::2], fields[1::2], strict=False)
    return next((value for name, value in pairs if name.lower() == key.lower()), None)


# ---------------------------------------------------------------- the way there


def test_a_fresh_computer_gets_the_add_in_its_settings_and_a_record(pc: FakePC) -> None:
    report = set_up(pc)
    xlstart = pc.home / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART"
    assert (xlstart / "crm_xl.xlam").read_bytes() == pc.addin.read_bytes()
    assert (pc.home / ".crm_xl" / "crm_xl.conf").read_bytes() == f'"{KEY}","{pc.python}"\r\n'.encode("gbk")
    assert report.interpreter == str(pc.python)
    assert set(report.changed) == {xlstart / "crm_xl.xlam", pc.home / ".crm_xl" / "crm_xl.conf"}
    # Excel opens whatever lies in this folder
    assert [p.name for p in xlstart.iterdir()] == ["crm_xl.xlam"]
    for lang, tab in (("zh", "客户分析"), ("en", "Customers")):
        lines = report.lines(lang)  # type: ignore[arg-type]
        assert str(xlstart / "crm_xl.xlam") in lines[0]
        assert str(pc.python) in lines[1]
        assert tab in lines[-1]


def test_the_second_time_nothing_is_written(pc: FakePC) -> None:
    set_up(pc)
    before = {p: p.stat().st_mtime_ns for p in pc.home.rglob("*")}
    report = set_up(pc)
    assert report.changed == ()
    assert {p: p.stat().st_mtime_ns for p in pc.home.rglob("*")} == before
    assert report.lines("en")[0] != set_up(FakePC(pc.home / "another")).lines("en")[0]


def test_a_newer_add_in_replaces_the_old_one(pc: FakePC) -> None:
    set_up(pc)
    make_addin(pc.addin, more="newer")
    report = set_up(pc)
    assert report.changed == (places(pc.machine()).addin,)
    assert report.changed[0].read_bytes() == pc.addin.read_bytes()


def test_the_note_that_it_came_from_the_internet_goes(pc: FakePC) -> None:
    set_up(pc)
    mark = internet_mark(places(pc.machine()).addin)
    mark.write_text("[ZoneTransfer]\nZoneId=3")
    assert set_up(pc).changed == ()
    assert not mark.exists()


@pytest.mark.parametrize(
    ("folder", "ansi"),
    [
        ("Python 3.12 (64 bit)", "cp1252"),
        ("销售部 工具", "gbk"),
        ("a, b & c's", "cp1252"),
        ("Zürich", "cp1252"),
        ("客户", "utf-8"),
    ],
)
def test_vba_reads_the_path_of_the_interpreter(tmp_path: Path, folder: str, ansi: str) -> None:
    pc = FakePC(tmp_path, ansi=ansi)
    pc.python = pc.add_python(tmp_path / folder)
    set_up(pc)
    assert vba_reads(places(pc.machine()).config.read_bytes(), KEY, ansi) == str(pc.python)


def long_python(pc: FakePC, root: Path, length: int) -> Path:
    """An interpreter whose path has so many characters."""
    folder = root / "long"
    tail = len(str(Path("Scripts", "python.exe"))) + 1
    while (left := length - tail - len(str(folder))) > 101:
        folder /= "x" * 99
    python = pc.add_python(folder / ("y" * (left - 1)))
    assert len(str(python)) == length
    return python


def test_a_path_of_240_characters_works_and_one_of_250_takes_its_short_name(pc: FakePC, tmp_path: Path) -> None:
    pc.python = long_python(pc, tmp_path / "a", 240)
    assert set_up(pc).interpreter == str(pc.python)
    # with the name of the DLL in place of python.exe these are 262 characters
    pc.python = long_python(pc, tmp_path / "b", 250)
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_path_long"
    assert str(pc.python) in told(error.value)
    short = tmp_path / "B~1" / "Scripts" / "python.exe"
    pc.short_names[pc.python] = short
    assert set_up(pc).interpreter == str(short)


def test_letters_that_vba_cannot_read_take_the_short_name_or_are_refused(tmp_path: Path) -> None:
    pc = FakePC(tmp_path, ansi="cp1252")
    pc.python = pc.add_python(tmp_path / "销售")
    before = pc.tree()
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_path_letters"
    assert r"C:\crm_xl" in told(error.value)
    assert pc.tree() == before
    pc.short_names[pc.python] = tmp_path / "4E2D~1" / "Scripts" / "python.exe"
    set_up(pc)
    config = places(pc.machine()).config.read_bytes()
    assert vba_reads(config, KEY, "cp1252") == str(pc.short_names[pc.python])


def test_a_path_that_looks_like_a_variable_is_refused(pc: FakePC, tmp_path: Path) -> None:
    pc.python = pc.add_python(tmp_path / "%appdata%")
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_path_letters"


def test_a_user_folder_that_vba_cannot_name_is_refused(tmp_path: Path) -> None:
    pc = FakePC(tmp_path, user="张三", ansi="cp1252")
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_home_letters"
    assert "张三" in told(error.value)
    assert set_up(FakePC(tmp_path / "other", user="张三", ansi="gbk")).changed


def test_a_startup_folder_too_deep_for_excel_is_refused(tmp_path: Path) -> None:
    pc = FakePC(tmp_path, user="u" * (230 - len(str(tmp_path))))
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_book_path_long"
    told(error.value)


# ---------------------------------------------------------------- refusals


def test_not_while_excel_runs(pc: FakePC) -> None:
    before = pc.tree()
    pc.processes.excel = True
    with pytest.raises(Refused) as error:
        set_up(pc)
    assert error.value.key == "addin_excel_running"
    assert pc.tree() == before
    told(error.value)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"xlwings": "0.37.7"}, "addin_wrong_xlwings"),
        ({"xlwings": None}, "addin_wrong_xlwings"),
        ({"crm_xl": None}, "addin_no_package"),
        ({"crm_xl": "9.9"}, "addin_wrong_package"),
        ({"host": False}, "addin_no_host"),
    ],
)
def test_a_python_that_lacks_something_is_refused(pc: FakePC, said: dict[str, object], key: str) -> None:
    before = pc.tree()
    pc.pythons[pc.python] |= said
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == key
    assert str(pc.python) in told(error.value)
    assert pc.tree() == before


def test_a_python_that_does_not_start_is_refused(pc: FakePC) -> None:
    pc.pythons.clear()
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_python_fails"
    told(error.value)


@pytest.mark.parametrize(("bits", "missing"), [("x64", 64), ("x86", 32)])
def test_the_dll_must_be_that_of_excel_not_that_of_python(pc: FakePC, bits: str, missing: int) -> None:
    pc.registry.set(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform", bits)
    (pc.python.parent.parent / f"xlwings{96 - missing}-{XLWINGS}.dll").unlink()
    assert set_up(pc).changed
    (pc.python.parent.parent / f"xlwings{missing}-{XLWINGS}.dll").unlink()
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_no_library"
    assert f"xlwings{missing}-{XLWINGS}.dll" in told(error.value)


def test_the_bitness_of_an_msi_installation_stands_elsewhere(pc: FakePC) -> None:
    pc.registry.entries.clear()
    assert room.excel_bits(pc.machine()) is None
    pc.registry.set(r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Office\16.0\Outlook", "Bitness", "x86")
    assert room.excel_bits(pc.machine()) == 32


def test_a_file_of_somebody_else_by_our_name_stays(pc: FakePC) -> None:
    target = places(pc.machine()).addin
    target.parent.mkdir(parents=True)
    target.write_bytes(b"somebody's")
    with pytest.raises(Refused) as error:
        set_up(pc)
    assert error.value.key == "addin_foreign_file"
    assert target.read_bytes() == b"somebody's"
    told(error.value)


def test_a_folder_that_cannot_be_made_is_named(pc: FakePC) -> None:
    (Path(pc.env["APPDATA"]) / "Microsoft").write_bytes(b"not a folder")
    before = pc.tree()
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_folder_failed"
    assert "XLSTART" in told(error.value)
    assert pc.tree() == before


def test_a_package_without_its_add_in_says_so(pc: FakePC) -> None:
    pc.addin.write_bytes(b"PK cut off")
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_missing"
    told(error.value)


@pytest.mark.parametrize("act", [install, uninstall])
def test_not_on_linux(tmp_path: Path, act: object) -> None:
    pc = FakePC(tmp_path)
    pc.platform = "linux"
    with pytest.raises(Refused) as error:
        act(pc.machine())  # type: ignore[operator]
    assert error.value.key == "addin_not_here"
    assert "crm-xl refresh" in error.value.text("en")


def test_without_its_variables_windows_is_not_known(pc: FakePC) -> None:
    del pc.env["APPDATA"]
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "addin_no_variable"
    assert "APPDATA" in told(error.value)


def test_excel_that_is_not_found_is_a_note(pc: FakePC) -> None:
    pc.registry.entries.clear()
    report = set_up(pc)
    assert report.notes == ("addin_excel_not_found",)
    assert any("WPS" in line for line in report.lines("zh"))


@pytest.mark.parametrize("times", range(3))
@pytest.mark.parametrize("installed_before", [False, True])
def test_whatever_fails_every_file_is_as_before(
    pc: FakePC, monkeypatch: pytest.MonkeyPatch, times: int, installed_before: bool
) -> None:
    config = places(pc.machine()).config
    config.parent.mkdir()
    config.write_bytes(b'"SHOW CONSOLE","True"\r\n')
    if installed_before:
        set_up(pc)
        make_addin(pc.addin, more="newer")
        pc.python = pc.add_python(pc.home.parent.parent / "new python")
    before = pc.tree()
    real, left = room.replace_file, [times]

    def failing(path: Path, *args: object, **kwargs: object) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise CrmXlError("write_failed", path=path, why="disk")
        real(path, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "replace_file", failing)
    with pytest.raises(CrmXlError) as error:
        set_up(pc)
    assert error.value.key == "write_failed"
    assert pc.tree() == before


# ---------------------------------------------------------------- the way back


@pytest.mark.parametrize(
    "config",
    [
        None,
        b"",
        b'"SHOW CONSOLE","True"\r\n"PYTHONPATH","C:\\tools"\r\n',
        b'"SHOW CONSOLE","True"\n"Interpreter_Win","C:\\old\\python.exe"\n"PYTHONPATH","x"',
        '"PYTHONPATH","C:\\客户"\r\n'.encode(),
        '"PYTHONPATH","x"'.encode("utf-16"),
    ],
)
def test_uninstall_leaves_the_computer_as_it_was(pc: FakePC, config: bytes | None) -> None:
    if config is not None:
        path = places(pc.machine()).config
        path.parent.mkdir()
        path.write_bytes(config)
    before = pc.tree()
    set_up(pc)
    assert vba_reads(places(pc.machine()).config.read_bytes(), KEY, pc.ansi) == str(pc.python)
    pc.python = pc.add_python(pc.home.parent.parent / "another python")
    set_up(pc)
    assert vba_reads(places(pc.machine()).config.read_bytes(), KEY, pc.ansi) == str(pc.python)
    report = uninstall(pc.machine())
    assert pc.tree() == before
    assert report.kept == ()
    assert places(pc.machine()).addin in report.removed
    assert all(str(path) in "".join(report.lines("zh")) for path in report.removed)


def test_uninstall_where_nothing_is_says_so_even_while_excel_runs(pc: FakePC) -> None:
    pc.processes.excel = True
    before = pc.tree()
    report = uninstall(pc.machine())
    assert (report.removed, report.kept) == ((), ())
    assert len(report.lines("zh")) == len(report.lines("en")) == 1
    assert pc.tree() == before
    pc.processes.excel = False
    set_up(pc)
    uninstall(pc.machine())
    assert uninstall(pc.machine()).removed == ()


def test_uninstall_waits_for_excel(pc: FakePC) -> None:
    set_up(pc)
    before = pc.tree()
    pc.processes.excel = True
    with pytest.raises(Refused):
        uninstall(pc.machine())
    assert pc.tree() == before


def test_uninstall_keeps_what_the_user_changed_since(pc: FakePC) -> None:
    set_up(pc)
    config = places(pc.machine()).config
    config.write_bytes(b'"INTERPRETER_WIN","C:\\mine\\python.exe"\r\n"SHOW CONSOLE","True"\r\n')
    uninstall(pc.machine())
    assert config.read_bytes() == b'"INTERPRETER_WIN","C:\\mine\\python.exe"\r\n"SHOW CONSOLE","True"\r\n'
    assert not places(pc.machine()).addin.exists()


def test_lines_added_since_stay_and_ours_goes(pc: FakePC) -> None:
    set_up(pc)
    config = places(pc.machine()).config
    config.write_bytes(config.read_bytes() + b'"SHOW CONSOLE","True"\r\n')
    uninstall(pc.machine())
    assert config.read_bytes() == b'"SHOW CONSOLE","True"\r\n'


def test_an_add_in_without_a_record_goes_too(pc: FakePC) -> None:
    set_up(pc)
    places(pc.machine()).record.unlink()
    report = uninstall(pc.machine())
    assert report.removed == (places(pc.machine()).addin,)


@pytest.mark.parametrize("with_add_in", [False, True])
def test_what_undo_kept_of_customers_goes_too(pc: FakePC, with_add_in: bool) -> None:
    before = pc.tree()
    kept = places(pc.machine()).undo / "book.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    if with_add_in:
        set_up(pc)
    assert kept.parent in uninstall(pc.machine()).removed
    assert pc.tree() == before


def test_a_damaged_record_is_none(pc: FakePC) -> None:
    set_up(pc)
    places(pc.machine()).record.write_bytes(b"\xff{")
    assert read_record(places(pc.machine())) is None
    assert set_up(pc).changed == ()


# ---------------------------------------------------------------- an environment of its own


def test_an_own_environment_is_made_once_and_removed_with_the_rest(pc: FakePC) -> None:
    before = pc.tree()
    pc.pythons[pc.python] |= {"xlwings": "0.1", "host": False}
    report = set_up(pc, own_environment=True)
    environment = pc.home / "AppData" / "Local" / "crm_xl" / "venv"
    assert report.interpreter == str(environment / "Scripts" / "python.exe")
    pip = [argv for argv in pc.ran if "pip" in argv]
    assert len(pip) == 1
    assert pip[0][-1] == f"xlwings=={XLWINGS}"
    assert set_up(pc, own_environment=True).changed == ()
    assert [argv for argv in pc.ran if "pip" in argv] == pip
    report = uninstall(pc.machine())  # type: ignore[assignment]
    assert pc.tree() == before


def test_a_given_package_is_installed_each_time(pc: FakePC, tmp_path: Path) -> None:
    wheel = tmp_path / "crm_xl-0.1.0-py3-none-any.whl"
    for count in (1, 2):
        set_up(pc, own_environment=True, package=wheel)
        pip = [argv for argv in pc.ran if "pip" in argv]
        assert len(pip) == count
        assert pip[-1][-2] == str(wheel)


def test_an_environment_whose_python_is_gone_is_made_again(pc: FakePC) -> None:
    report = set_up(pc, own_environment=True)
    del pc.pythons[Path(report.interpreter)]
    assert set_up(pc, own_environment=True).interpreter == report.interpreter
    assert len([argv for argv in pc.ran if "venv" in argv]) == 2


@pytest.mark.parametrize("url", ["", "file://{path}", "file://{path}/gone", "https://example.org/crm_xl.whl"])
def test_pip_gets_what_the_running_package_came_from(
    pc: FakePC, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    source = tmp_path / "下载 1"
    source.mkdir()
    told = json.dumps({"url": url.format(path=quote(str(source)))}) if url else None
    distribution = SimpleNamespace(read_text=lambda name: told if name == "direct_url.json" else None)
    monkeypatch.setattr(room.importlib.metadata, "distribution", lambda name: distribution)
    set_up(pc, own_environment=True)
    pip = next(argv for argv in pc.ran if "pip" in argv)
    assert pip[-2] == (str(source) if url == "file://{path}" else f"crm-xl=={CRM_XL}")


def test_a_failing_pip_leaves_nothing_and_is_told_in_its_own_words(pc: FakePC) -> None:
    before = pc.tree()
    pc.pip_fails = "Looking\nERROR: Could not find a version of pandas\nmore\n"
    with pytest.raises(CrmXlError) as error:
        set_up(pc, own_environment=True)
    assert error.value.key == "addin_environment_failed"
    assert "Could not find a version of pandas" in told(error.value)
    assert pc.tree() == before


@pytest.mark.parametrize(("word", "seconds"), [("pip", 1800), ("venv", 1800), ("-E", 120)])
def test_what_hangs_is_told_and_leaves_nothing(pc: FakePC, word: str, seconds: int) -> None:
    before = pc.tree()
    pc.hangs = word
    with pytest.raises(CrmXlError) as error:
        set_up(pc, own_environment=True)
    assert (error.value.key, error.value.values["seconds"]) == ("addin_hangs", seconds)
    assert str(seconds) in told(error.value)
    assert pc.tree() == before


def test_an_environment_cannot_remove_itself(pc: FakePC) -> None:
    before = pc.tree()
    report = set_up(pc, own_environment=True)
    removed = uninstall(pc.machine(Path(report.interpreter)))
    environment = places(pc.machine()).environment
    assert removed.environment_left == environment
    assert str(environment) in "".join(removed.lines("zh"))
    assert environment.exists()
    assert not places(pc.machine()).addin.exists()
    uninstall(pc.machine())
    assert pc.tree() == before


def test_an_environment_that_is_in_use_can_be_removed_later(pc: FakePC, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pc.tree()
    set_up(pc, own_environment=True)

    def in_use(path: Path) -> None:
        raise PermissionError(13, "in use", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(room.shutil, "rmtree", in_use)
        with pytest.raises(CrmXlError) as error:
            uninstall(pc.machine())
    assert error.value.key == "addin_not_removed"
    assert str(places(pc.machine()).environment) in told(error.value)
    uninstall(pc.machine())
    assert pc.tree() == before


# ---------------------------------------------------------------- macOS


def test_a_mac_gets_the_button_and_is_told_that_functions_do_not_exist(mac: FakePC) -> None:
    before = mac.tree()
    report = set_up(mac)
    library = mac.home / "Library"
    office = library / "Group Containers" / "UBF8T346G9.Office" / "User Content.localized"
    assert (office / "Startup.localized" / "Excel" / "crm_xl.xlam").read_bytes() == mac.addin.read_bytes()
    script = library / "Application Scripts" / "com.microsoft.Excel" / f"xlwings-{XLWINGS}.applescript"
    assert script.is_file()
    config = library / "Containers" / "com.microsoft.Excel" / "Data" / "crm_xl.conf"
    assert vba_reads(config.read_bytes(), "INTERPRETER_MAC", "ascii") == str(mac.python)
    assert report.notes == ("addin_mac_no_functions",)
    assert set_up(mac).changed == ()
    uninstall(mac.machine())
    assert mac.tree() == before


def test_on_a_mac_the_script_of_another_add_in_stays(mac: FakePC) -> None:
    scripts = mac.home / "Library" / "Application Scripts" / "com.microsoft.Excel"
    scripts.mkdir(parents=True)
    name = f"xlwings-{XLWINGS}.applescript"
    (scripts / name).write_bytes((mac.python.parent.parent / "xlwings" / name).read_bytes())
    before = mac.tree()
    set_up(mac)
    uninstall(mac.machine())
    assert mac.tree() == before


def test_a_script_changed_since_is_kept_and_told(mac: FakePC) -> None:
    set_up(mac)
    script = places(mac.machine()).scripts / f"xlwings-{XLWINGS}.applescript"  # type: ignore[operator]
    script.write_bytes(b"mine")
    report = uninstall(mac.machine())
    assert report.kept == (script,)
    assert script.read_bytes() == b"mine"
    assert str(script) in "".join(report.lines("en"))


def test_on_a_mac_a_path_with_a_space_is_refused(mac: FakePC, tmp_path: Path) -> None:
    mac.python = mac.add_python(tmp_path / "my env")
    with pytest.raises(CrmXlError) as error:
        set_up(mac)
    assert error.value.key == "addin_path_mac"
    told(error.value)
    # the add-in's own environment has none
    assert " " not in set_up(mac, own_environment=True).interpreter


def test_a_mac_on_which_excel_was_never_opened_is_not_touched(mac: FakePC) -> None:
    places(mac.machine()).config.parent.rmdir()
    before = mac.tree()
    with pytest.raises(Refused) as error:
        set_up(mac)
    assert error.value.key == "addin_start_excel_first"
    assert mac.tree() == before
    told(error.value)


# ---------------------------------------------------------------- the configuration file


LINES = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b'"SHOW CONSOLE","True"', b'"interpreter_win","x"', b"INTERPRETER_WIN,y", b"\xff\xfe"]),
    ),
    max_size=6,
)


@given(LINES, st.sampled_from([b"\r\n", b"\n", b"\r"]), st.booleans())
def test_a_line_goes_in_and_out_again_to_the_last_byte(lines: list[bytes], end: bytes, closed: bool) -> None:
    data = end.join(lines) + (end if closed else b"")
    ours = b'"INTERPRETER_WIN","C:\\p\\python.exe"'
    before = find_line(data, KEY)
    after = with_line(data, KEY, ours)
    assert find_line(after, KEY) == ours
    assert with_line(after, KEY, ours) == after
    assert with_line(after, KEY, before) == data
    others = [line for line in data.splitlines() if line != before]
    assert [line for line in after.splitlines() if line in others] == others


@given(st.dictionaries(st.sampled_from(["A", "SHOW CONSOLE", KEY]), st.text("ab 客,\\", max_size=8)))
def test_vba_finds_our_line_among_others(pairs: dict[str, str]) -> None:
    data = "".join(f'"{name}","{value}"\r\n' for name, value in pairs.items()).encode("gbk")
    after = with_line(data, KEY, '"INTERPRETER_WIN","D:\\客户 a\\python.exe"'.encode("gbk"))
    assert vba_reads(after, KEY, "gbk") == "D:\\客户 a\\python.exe"
    assert all(vba_reads(after, n, "gbk") == v for n, v in pairs.items() if n != KEY)


# ---------------------------------------------------------------- what others state too


def test_the_name_is_that_of_the_vba_project() -> None:
    assert PROJECT == vba.PROJECT


def test_the_shipped_add_in_says_what_it_was_built_for() -> None:
    import xlwings

    marks = marks_of(shipped_addin())
    assert marks is not None
    assert (marks.crm_xl, marks.xlwings) == (__version__, xlwings.__version__)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_undo_keeps_its_records_where_uninstall_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    from crm_xl.excel import undo

    pc = FakePC(tmp_path, platform, user="lilei")
    monkeypatch.delenv(undo.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("LOCALAPPDATA", pc.env.get("LOCALAPPDATA", ""))
    monkeypatch.setattr(undo.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: pc.home)
    assert undo.record_path("book.xlsx").parent == places(pc.machine()).undo


def test_the_record_can_be_read_by_people(pc: FakePC) -> None:
    pc.python = pc.add_python(pc.home / "销售")
    set_up(pc)
    text = places(pc.machine()).record.read_text(encoding="utf-8")
    assert json.loads(text)["interpreter"] == str(pc.python)
    assert "销售" in text
