"""The doctor: a healthy computer has nothing to complain of, and each ailment is named with its remedy."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_xl.errors import CrmXlError, Refused
from crm_xl.excel.doctor import Check, doctor
from crm_xl.excel.install import install, internet_mark, places
from crm_xl.excel.machine import Process
from crm_xl.vocabulary.addin_texts import ADDIN_TEXTS
from tests.support.fake_pc import FakePC, make_addin

EXCEL = r"HKCU\Software\Microsoft\Office\16.0\Excel"
POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel"
COMMON = r"Software\Policies\Microsoft\Office\16.0\Common"
ASR = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
ASR_LOCAL = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
ASR_MANAGED = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager"
CHILDREN, WIN32 = "d4f940ab-401b-4efc-aadc-ad5f3c50688a", "92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b"
LOCATIONS = rf"{EXCEL}\Security\Trusted Locations"


def installed(root: Path, platform: str = "win32") -> FakePC:
    pc = FakePC(root, platform, user="lilei", ansi="gbk" if platform == "win32" else "ascii")
    install(pc.machine(), addin=pc.addin)
    return pc


@pytest.fixture
def pc(tmp_path: Path) -> FakePC:
    return installed(tmp_path)


def examine(pc: FakePC, workbook: str | Path | None = None) -> dict[str, Check]:
    checks = doctor(pc.machine(), workbook, addin=pc.addin)
    found = {check.name: check for check in checks}
    assert len(found) == len(checks)
    for check in checks:
        lines = [check.lines("zh"), check.lines("en")]
        assert all(line and "{" not in line for told in lines for line in told)
        json.dumps(dataclasses.asdict(check), default=str)
    return found


def server(pc: FakePC, pid: int, parent: int) -> Process:
    command = f'"{pc.python}" -B -c "import xlwings; xlwings.serve(\'{{1234}}\')"'
    return Process(pid, parent, command)


def book(path: Path, *targets: str) -> Path:
    """A workbook with links to other files."""
    with zipfile.ZipFile(path, "w") as archive:
        for i, target in enumerate(targets):
            archive.writestr(
                f"xl/externalLinks/_rels/externalLink{i}.xml.rels",
                f'<Relationships><Relationship Id="rId1" Target="{target}" TargetMode="External"/></Relationships>',
            )
    return path


def test_a_healthy_computer_has_nothing_to_complain_of(pc: FakePC, tmp_path: Path) -> None:
    found = examine(pc, book(tmp_path / "客户.xlsx", "crm_xl.xlam", "other.xlsx"))
    assert {name: check.result for name, check in found.items()} == {
        name.removeprefix("check_"): "ok"
        for name in ADDIN_TEXTS
        if name.startswith("check_")
        and name not in ("check_line", "check_script", "check_functions")
        and not name.startswith("check_is_")
    }
    assert "正常" in found["excel"].lines("zh")[0]
    assert "64" in found["excel"].text("en")


def test_looking_changes_nothing(pc: FakePC) -> None:
    before = pc.tree()
    internet_mark(places(pc.machine()).addin).write_text("3")
    examine(pc)
    internet_mark(places(pc.machine()).addin).unlink()
    assert pc.tree() == before


def test_a_computer_without_the_add_in(tmp_path: Path) -> None:
    found = examine(FakePC(tmp_path))
    assert found["addin"].key == "doctor_addin_missing"
    assert found["config"].key == "doctor_config_empty"
    assert {name for name, check in found.items() if check.result != "ok"} == {"addin", "config"}


def registry(key: str, name: str, value: object) -> Callable[[FakePC], None]:
    return lambda pc: pc.registry.set(key, name, value)


def rewrite_config(text: str, codec: str = "gbk") -> Callable[[FakePC], None]:
    def act(pc: FakePC) -> None:
        places(pc.machine()).config.write_bytes(text.replace("PYTHON", str(pc.python)).encode(codec))

    return act


def no_excel(pc: FakePC) -> None:
    pc.registry.entries.clear()


def only_excel_itself(pc: FakePC) -> None:
    pc.registry.entries.clear()
    pc.registry.set(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe", "", r"C:\x\EXCEL.EXE")


def add_in_gone(pc: FakePC) -> None:
    places(pc.machine()).addin.unlink()


def package_incomplete(pc: FakePC) -> None:
    pc.addin.unlink()


def newer_package(pc: FakePC) -> None:
    make_addin(pc.addin, more="newer")


def hanging(word: str) -> Callable[[FakePC], None]:
    return lambda pc: setattr(pc, "hangs", word)


def built_for(**versions: str) -> Callable[[FakePC], None]:
    return lambda pc: (make_addin(places(pc.machine()).addin, **versions), None)[1]


def no_marks(pc: FakePC) -> None:
    places(pc.machine()).addin.write_bytes(b"PK")


def python_gone(pc: FakePC) -> None:
    pc.python.unlink()


def python_dead(pc: FakePC) -> None:
    pc.pythons.clear()


def python_says(**said: object) -> Callable[[FakePC], None]:
    return lambda pc: pc.pythons[pc.python].update(said)


def python_far(pc: FakePC) -> None:
    far = Path("\\\\server\\tools\\python.exe")
    pc.pythons[far] = pc.pythons[pc.python]
    rewrite_config(f'"INTERPRETER_WIN","{far}"\r\n')(pc)


def no_library(pc: FakePC) -> None:
    for path in pc.python.parent.parent.glob("*.dll"):
        path.unlink()


def marked(pc: FakePC) -> None:
    internet_mark(places(pc.machine()).addin).write_text("[ZoneTransfer]\nZoneId=3")


def alternate_folder(name: str) -> Callable[[FakePC], None]:
    def act(pc: FakePC) -> None:
        folder = pc.home / "startup"
        folder.mkdir()
        (folder / name).write_bytes(b"")
        (folder / "~$other.xlam").write_bytes(b"")
        pc.registry.set(rf"{EXCEL}\Options", "AltStartup", r"%USERPROFILE%/startup")

    return act


def trusted_elsewhere(pc: FakePC) -> None:
    pc.registry.set(rf"{LOCATIONS}\Location0", "Path", "C:\\Templates\\")


def disabled(odd: bool) -> Callable[[FakePC], None]:
    path = "c:\\users\\lilei\\xlstart\\Crm_XL.xlam\0".encode("utf-16-le")
    return registry(rf"{EXCEL}\Resiliency\DisabledItems", "2B4A", b"\1\0\0\0" + b"\7" * odd + path)


def servers(*families: tuple[int, int], excel: bool) -> Callable[[FakePC], None]:
    def act(pc: FakePC) -> None:
        pc.processes.excel = excel
        pc.processes.python = [server(pc, pid, parent) for pid, parent in families]

    return act


def wps_server(pc: FakePC) -> None:
    pc.registry.set(r"HKCR\Excel.Application\CLSID", "", "{45540001}")
    pc.registry.set(r"HKCR\CLSID\{45540001}\LocalServer32", "", r'"D:\WPS Office\office6\et.exe" /Automation')


PROBLEMS: list[tuple[Callable[[FakePC], None], str, str, str]] = [
    (no_excel, "excel", "problem", "doctor_no_excel"),
    (only_excel_itself, "excel", "ok", "doctor_excel"),
    (add_in_gone, "addin", "problem", "doctor_addin_gone"),
    (package_incomplete, "addin", "problem", "addin_missing"),
    (newer_package, "addin", "problem", "doctor_addin_differs"),
    (built_for(xlwings="0.37.7"), "versions", "problem", "doctor_versions_differ"),
    (built_for(crm_xl="0.0.9"), "versions", "problem", "doctor_versions_differ"),
    (no_marks, "versions", "problem", "doctor_no_marks"),
    (python_gone, "python", "problem", "doctor_python_gone"),
    (python_dead, "python", "problem", "addin_python_fails"),
    (hanging("-E"), "python", "problem", "addin_hangs"),
    (python_says(version="3.9.13"), "python", "problem", "doctor_python_old"),
    (python_says(host=False), "packages", "problem", "doctor_packages_missing"),
    (python_says(crm_xl=None), "packages", "problem", "doctor_packages_missing"),
    (python_says(bits=32), "library", "ok", "doctor_library"),
    (no_library, "library", "problem", "doctor_library_missing"),
    (rewrite_config(""), "config", "problem", "doctor_config_empty"),
    (rewrite_config('"INTERPRETER_WIN","PYTHON"\r\n', "utf-8-sig"), "config", "problem", "doctor_config_letters"),
    (rewrite_config('"INTERPRETER_WIN","PYTHON"\r\n', "utf-16"), "config", "problem", "doctor_config_letters"),
    (rewrite_config('"INTERPRETER_WIN","C:\\客"\r\n', "utf-8"), "config", "problem", "doctor_config_letters"),
    (rewrite_config('"INTERPRETER_WIN","C:\\py.exe"\r\n'), "config", "warning", "doctor_config_other"),
    (
        rewrite_config('"INTERPRETER_WIN","PYTHON"\r\n"use udf server","True"\r\n'),
        "config",
        "warning",
        "doctor_config_setting",
    ),
    (marked, "blocked", "problem", "doctor_blocked"),
    (alternate_folder("crm_xl.xlam"), "copies", "problem", "doctor_copies"),
    (registry(rf"{EXCEL}\Options", "OPEN1", r'/R "D:\old folder\CRM_XL.xlam"'), "copies", "problem", "doctor_copies"),
    (alternate_folder("Bloomberg.xll"), "others", "ok", "doctor_others"),
    (registry(rf"{EXCEL}\Options", "OPEN", r'"D:\方方格子.xlam"'), "others", "ok", "doctor_others"),
    (registry(rf"{POLICY}\Security\Trusted Locations", "AllLocationsDisabled", 1), "trusted", "problem",
     "doctor_locations_off"),
    (registry(LOCATIONS, "AllLocationsDisabled", 1), "trusted", "problem", "doctor_locations_off"),
    (trusted_elsewhere, "trusted", "warning", "doctor_not_trusted"),
    (disabled(odd=False), "disabled", "problem", "doctor_disabled"),
    (disabled(odd=True), "disabled", "problem", "doctor_disabled"),
    (registry(rf"HKCU\{COMMON}", "VbaOff", 1), "policy", "problem", "policy_vba_off"),
    (registry(rf"HKLM\{COMMON}", "VbaOff", 1), "policy", "problem", "policy_vba_off"),
    (registry(rf"{POLICY}\Security", "DisableAllAddins", 1), "policy", "problem", "policy_addins_off"),
    (registry(rf"{POLICY}\Security", "RequireAddinSig", 1), "policy", "problem", "policy_signed_addins"),
    (registry(rf"{POLICY}\Resiliency", "RestrictToList", 1), "policy", "problem", "policy_addin_list"),
    (registry(rf"{POLICY}\Resiliency\AddinList", "crm_xl.xlam", "0"), "policy", "problem", "policy_addin_list"),
    (registry(rf"HKCU\{COMMON}\Toolbars\Excel", "NoExtensibilityCustomizationFromDocument", 1), "policy", "problem",
     "policy_no_ribbon"),
    (registry(rf"{POLICY}\Security", "VBAWarnings", 4), "policy", "warning", "policy_macros_off"),
    (registry(rf"{EXCEL}\Security", "VBAWarnings", 3), "policy", "warning", "policy_macros_off"),
    (registry(rf"{EXCEL}\Security", "VBAWarnings", 2), "policy", "ok", "policy_nothing"),
    (registry(rf"{POLICY}\Security", "blockcontentexecutionfrominternet", 1), "policy", "warning",
     "policy_internet_macros"),
    (registry(ASR, CHILDREN, "1"), "attack_surface", "problem", "asr_child_processes"),
    (registry(ASR, CHILDREN, "2"), "attack_surface", "ok", "asr_nothing"),
    (registry(ASR_LOCAL, CHILDREN.upper(), 6), "attack_surface", "problem", "asr_child_processes"),
    (registry(ASR_MANAGED, "ASRRules", f"{CHILDREN}=0|{WIN32.upper()}=1"), "attack_surface", "problem",
     "asr_win32_calls"),
    (registry(ASR_MANAGED, "ASRRules", f"{CHILDREN}=2"), "attack_surface", "ok", "asr_nothing"),
    (servers((7, 1), excel=False), "processes", "warning", "doctor_processes_left"),
    (servers((7, 1), (8, 7), excel=True), "processes", "ok", "doctor_processes"),
    (servers((7, 1), (8, 7), (9, 2), excel=True), "processes", "warning", "doctor_processes_many"),
    (wps_server, "wps", "problem", "wps_is_excel"),
    (registry(r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\.xlsx\UserChoice", "ProgId",
              "ET.Xlsx.6"), "wps", "warning", "wps_opens_xlsx"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "name", "result", "key"), PROBLEMS)
def test_each_ailment_is_named(pc: FakePC, act: Callable[[FakePC], None], name: str, result: str, key: str) -> None:
    act(pc)
    found = examine(pc)[name]
    assert (found.result, found.key) == (result, key)


def test_no_answer_is_left_untried(tmp_path: Path) -> None:
    """Each key is an answer of a healthy computer or named in a test of this file."""
    healthy = set()
    for platform in ("win32", "darwin"):
        pc = installed(tmp_path / platform, platform)
        healthy |= {check.key for check in examine(pc, book(pc.home / "a.xlsx")).values()}
    source = Path(__file__).read_text(encoding="utf-8")
    answers = {key for key in ADDIN_TEXTS if key.startswith(("doctor_", "policy_", "asr_", "wps_"))}
    assert {key for key in answers - healthy if f'"{key}"' not in source} == set()


def test_a_python_on_the_network(pc: FakePC, monkeypatch: pytest.MonkeyPatch) -> None:
    python_far(pc)
    real = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda path: str(path).startswith("\\\\") or real(path))
    machine = dataclasses.replace(pc.machine(), run=lambda argv, limit=0: pc.run([str(pc.python), *argv[1:]]))
    found = {check.name: check for check in doctor(machine, addin=pc.addin)}
    assert found["python"].key == "doctor_python_far"


def test_processes_of_others_are_none_of_ours(pc: FakePC) -> None:
    pc.processes.python = [
        Process(5, 1, "C:\\another\\python.exe -c \"import xlwings; xlwings.serve('{1}')\""),
        Process(6, 1, f"{pc.python} notebook.py"),
    ]
    assert examine(pc)["processes"].result == "ok"


def test_a_list_of_processes_that_does_not_come_is_told(pc: FakePC, monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs() -> list[Process]:
        raise CrmXlError("addin_hangs", command="powershell", seconds=120)

    monkeypatch.setattr(pc.processes, "pythons", hangs)
    found = examine(pc)
    assert (found["processes"].result, found["processes"].key) == ("warning", "addin_hangs")
    assert {name for name, check in found.items() if check.result != "ok"} == {"processes"}


def test_xlstart_among_the_trusted_locations(pc: FakePC) -> None:
    pc.registry.set(rf"{LOCATIONS}\Location0", "Path", "C:\\Templates\\")
    pc.registry.set(rf"{LOCATIONS}\Location1", "Path", r"%APPDATA%\Microsoft\Excel\XLSTART\ ".strip())
    assert examine(pc)["trusted"].result == "ok"


def test_an_add_in_on_the_list_of_the_policy_is_allowed(pc: FakePC) -> None:
    pc.registry.set(rf"{POLICY}\Resiliency", "RestrictToList", 1)
    pc.registry.set(rf"{POLICY}\Resiliency\AddinList", "CRM_XL.xlam", "1")
    assert examine(pc)["policy"].result == "ok"


# ---------------------------------------------------------------- the workbook


@pytest.mark.parametrize(
    "scheme", ["https://company.sharepoint.com/sites/sales/客户.xlsx", "https://d.docs.live.net/1/a.xlsx"]
)
def test_a_workbook_in_the_cloud(pc: FakePC, scheme: str) -> None:
    found = examine(pc, scheme)
    assert (found["place"].result, found["place"].key) == ("warning", "doctor_book_in_cloud")
    assert scheme in found["place"].text("zh")
    assert "links" not in found


def test_a_workbook_that_is_synced(pc: FakePC) -> None:
    folder = pc.home / "OneDrive"
    folder.mkdir()
    pc.env["ONEDRIVE"] = str(folder)
    assert examine(pc, book(folder / "a.xlsx"))["place"].key == "doctor_book_synced"
    assert examine(pc, book(pc.home / "a.xlsx"))["place"].key == "doctor_book"


def test_a_workbook_from_the_internet(pc: FakePC) -> None:
    path = book(pc.home / "a.xlsm")
    internet_mark(path).write_text("3")
    assert examine(pc, path)["place"].key == "doctor_book_blocked"


def test_a_workbook_that_is_not_there_or_none(pc: FakePC) -> None:
    assert examine(pc, pc.home / "none.xlsx")["place"].key == "file_missing"
    path = pc.home / "a.xlsx"
    path.write_bytes(b"not a workbook")
    assert examine(pc, path)["links"].key == "doctor_book_unreadable"


def test_links_to_an_add_in_elsewhere(pc: FakePC, tmp_path: Path) -> None:
    here = places(pc.machine()).addin
    mine = book(tmp_path / "mine.xlsx", f"file:///{here}", "crm_xl.xlam", "D:\\prices.xlsx")
    assert examine(pc, mine)["links"].key == "doctor_no_links"
    elsewhere = "file:///C:\\Users\\%E5%BC%A0\\AppData\\Roaming\\Microsoft\\Excel\\XLSTART\\crm_xl.xlam"
    found = examine(pc, book(tmp_path / "theirs.xlsx", elsewhere))["links"]
    assert (found.result, found.key) == ("warning", "doctor_links")
    assert "张" in found.text("zh")


# ---------------------------------------------------------------- other systems


def test_on_a_mac_functions_are_said_not_to_exist(tmp_path: Path) -> None:
    pc = installed(tmp_path, "darwin")
    found = examine(pc)
    assert {name for name, check in found.items() if check.result != "ok"} == {"functions"}
    assert "SEGMENT" in found["functions"].text("en")
    assert {"wps", "policy", "blocked"}.isdisjoint(found)
    next((pc.home / "Library" / "Application Scripts").rglob("*.applescript")).unlink()
    assert examine(pc)["script"].key == "doctor_script_missing"


def test_not_on_linux(tmp_path: Path) -> None:
    pc = FakePC(tmp_path)
    pc.platform = "linux"
    with pytest.raises(Refused):
        doctor(pc.machine())
