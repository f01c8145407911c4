"""VBA: what is generated can be a module, and says what the registry says."""

from __future__ import annotations

import re

import pytest
import xlwings
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.excel import actions, build, vba
from crm_xl.functions import REGISTRY
from crm_xl.vocabulary.ribbon_texts import CATEGORIES, RIBBON_TEXTS

SOURCES = {
    **build.modules(xlwings.__version__, addin=True),
    "AddinEvents": vba.source("AddinEvents.bas"),
    "WorkbookEvents": vba.source("WorkbookEvents.bas"),
    "WorkbookHost": vba.source("WorkbookHost.bas"),
}
STRING = re.compile(r'"((?:[^"]|"")*)"')


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_is_plain_and_short(name: str) -> None:
    assert SOURCES[name].isascii()
    assert max(map(len, SOURCES[name].splitlines())) <= vba.LONGEST_LINE
    if name not in ("AddinEvents", "WorkbookEvents"):
        module = "CrmXlHost" if name == "WorkbookHost" else name
        assert SOURCES[name].startswith(f'Attribute VB_Name = "{module}"\n')


def procedures(source: str) -> dict[str, str]:
    """Name -> signature of every procedure of a module."""
    folded = re.sub(r" _\n\s*", " ", source)
    found = re.findall(r"(?m)^(?:(?:Public|Private) )?(?:Function|Sub) (\w+)(\([^\n]*)", folded)
    if "#If App" not in source:  # xlwings' own has two heads for a function
        assert len({name for name, _ in found}) == len(found)
    return dict(found)


def statements(source: str) -> list[str]:
    return [line.strip() for line in source.replace(" _\n", " ").splitlines()]


@pytest.mark.parametrize("name", [n for n in SOURCES if n != "xlwings"])
def test_blocks_are_closed(name: str) -> None:
    """What the editor would refuse to compile: a block without its end."""
    pairs = {
        r"(Public |Private )?Function \w": "End Function",
        r"(Public |Private )?Sub \w": "End Sub",
        r"If .* Then$": "End If",
        r"Select Case ": "End Select",
        r"With ": "End With",
        r"For ": "Next",
        r"#If ": "#End If",
    }
    code = [line for line in statements(SOURCES[name]) if not line.startswith(("'", "Attribute"))]
    for opening, closing in pairs.items():
        assert sum(bool(re.match(opening, line)) for line in code) == code.count(closing), opening


def test_what_a_module_calls_is_there() -> None:
    public = set().union(*(procedures(text) for text in SOURCES.values()))
    for name, text in SOURCES.items():
        code = "\n".join(STRING.sub('""', line) for line in statements(text) if not line.startswith("'"))
        for called in re.findall(r"\bCrm\w+", code):
            assert called in public or called.startswith("CrmXl"), (name, called)


def test_every_function_has_a_wrapper_and_every_wrapper_a_function() -> None:
    found = procedures(vba.functions_module())
    assert found.keys() == REGISTRY.keys()
    for name, signature in found.items():
        expected = [
            f"{'' if a.required else 'Optional '}{vba.parameter(a.name)} As Variant" for a in REGISTRY[name].arguments
        ]
        assert signature == f"({', '.join(expected)}) As Variant"
    text = re.sub(r" _\n\s*", " ", vba.functions_module())
    calls = re.findall(r'(\w+) = CrmCall\("(\w+)", Array\((.*)\)\)\n', text)
    assert [(a, b) for a, b, _ in calls] == [(n, n) for n in REGISTRY]
    for name, _, given_ in calls:
        wanted = [f"CrmValue({vba.parameter(a.name)})" for a in REGISTRY[name].arguments]
        assert given_ == ", ".join([*wanted, "CrmDate1904()"])


@pytest.mark.parametrize(("name", "written"), [("text", "text_"), ("Next", "Next_"), ("tag", "tag"), ("date", "date_")])
def test_reserved_words(name: str, written: str) -> None:
    assert vba.parameter(name) == written


@pytest.mark.parametrize("name", ["ABC1", "R1C1", "RC", "c", "XFD1048576"])
def test_a_cell_is_no_name(name: str) -> None:
    from dataclasses import replace

    from crm_xl.errors import CrmXlError

    with pytest.raises(CrmXlError, match=name):
        vba.wrapper(replace(REGISTRY["CLV"], name=name))


def evaluated(expression: str) -> str:
    """The text that a VBA expression made by `literal` gives."""
    decoded = re.fullmatch(r'CrmDecoded\("([0-9A-F]*)"\)', expression)
    if decoded:
        return bytes.fromhex(decoded[1]).decode("utf-16-be", "surrogatepass")
    plain = re.fullmatch(r'"((?:[^"]|"")*)"', expression)
    assert plain, expression
    return plain[1].replace('""', '"')


@given(st.text(max_size=400))
def test_texts_come_out_as_they_went_in(text: str) -> None:
    try:
        text.encode("utf-16-be")
    except UnicodeEncodeError:
        return
    lines = vba.assigned("told", text, "    ")
    assert all(line.isascii() and len(line) <= vba.LONGEST_LINE for line in lines)
    parts = [line.removeprefix("    told = ").removeprefix("told & ") for line in lines]
    assert "".join(map(evaluated, parts)) == text


def test_texts_of_the_ribbon_in_both_languages() -> None:
    source = vba.texts_module("0.0")
    for function, number in (("CrmChineseText", 0), ("CrmEnglishText", 1)):
        body = source[source.index(f"Private Function {function}(") :]
        body = body[: body.index("End Function")]
        cases = re.split(r'    Case "([\w.]+)"\n', body)[1:]
        found = {
            key: "".join(
                evaluated(line.split(" = ", 1)[1].removeprefix(f"{function} & "))
                for line in lines.splitlines()
                if " = " in line
            )
            for key, lines in zip(cases[::2], cases[1::2], strict=True)
        }
        found = {k: v for k, v in found.items() if k not in ("about",)}
        assert found == {k: t[number] for k, t in RIBBON_TEXTS.items() if k not in ("about",)}


def test_every_category_has_a_name() -> None:
    assert {f.category for f in REGISTRY.values()} == CATEGORIES.keys()


def test_settings_come_from_the_user_alone() -> None:
    text = vba.xlwings_module()
    config = text[text.index("Function GetConfig(") :]
    config = "\n".join(line for line in config[: config.index("End Function")].splitlines() if "'" not in line)
    assert "Sheet" not in config and "Directory" not in config and 'source = "user"' in config
    assert "Dictionary" not in text and "BSD 3-clause license" in text and "All rights reserved." in text
    command = text[text.index("Function XLPyCommand(") :]
    command = command[: command.index("End Function")]
    assert "ActiveWorkbook" not in command.split("#Else")[0]
    assert "ADD_WORKBOOK_TO_PYTHONPATH" not in text


def test_every_setting_that_the_add_in_reads_is_one_of_xlwings() -> None:
    assert re.findall(r'GetConfig\("([^"]*)"', SOURCES["CrmXlCore"]) == ["INTERPRETER_WIN"]
    assert 'GetConfig("INTERPRETER_WIN", "")' in SOURCES["xlwings"]


# ------------------------------------------------------------ what a workbook from a stranger can make the add-in run


def body(name: str) -> str:
    """A procedure of xlwings' module without its comments."""
    text = SOURCES["xlwings"]
    found = re.search(rf"(?ms)^(?:Public|Private) (Function|Sub) {name}\b.*?^End \1\n", text)
    assert found, name
    return "\n".join(line for line in found[0].splitlines() if not line.strip().startswith("'"))


@pytest.mark.parametrize("name", [n for n in SOURCES if n not in ("CrmXlFunctions", "AddinEvents", "WorkbookEvents")])
def test_no_cell_can_call_what_is_no_worksheet_function(name: str) -> None:
    assert "Option Private Module" in SOURCES[name].splitlines()[1:3]


def test_worksheet_functions_only_hand_values_over() -> None:
    code = [line.strip() for line in vba.functions_module().replace(" _\n", " ").splitlines()]
    inside = [line for line in code if line and not line.startswith(("'", "Attribute", "Option", "Public", "End"))]
    assert all(re.fullmatch(r'\w+ = CrmCall\("\w+", +Array\(.*\)\)', line) for line in inside)


def test_of_xlwings_only_what_we_call_is_there_and_public() -> None:
    text = SOURCES["xlwings"]
    public = re.findall(r"(?m)^(?:Public )?(?:Function|Sub) (\w+)", text)
    assert sorted(public) == ["FileExists", "GetConfig", "KillPy", "ReadFile", "RunPython", "XLPy"]
    ours = "".join(source for name, source in SOURCES.items() if name != "xlwings")
    assert all(re.search(rf"\b{name}\b", ours) for name in public)
    for gone in ("RunFrozenPython", "SaveConfigToFile", "ImportPythonUDFs", "GetUdfModules", "GetDirectoryConfig"):
        assert gone not in text
    declared = re.findall(r"(?m)^ *(\w*) ?Declare ", text)
    assert declared and set(declared) == {"Private"}
    depth = 0
    for line in text.splitlines():
        depth += line.strip().startswith("#If ")
        depth -= line.strip() == "#End If"
        assert depth >= 0
    assert depth == 0


def test_python_runs_the_actions_of_the_ribbon_and_nothing_else() -> None:
    lines = body("RunPython").splitlines()
    assert lines[1:3] == [
        "    PythonCommand = CrmCommand(PythonCommand)",
        '    If PythonCommand = "" Then Exit Function',
    ]
    command = vba.help_module().replace(" _\n", " ")
    (case,) = re.findall(r"(?m)^    Case (.*)\n        CrmCommand = (.*)$", command)
    tags = re.findall(r'tag="([^"]+)"', (vba.assets.path("addin", "customUI14.xml")).read_text(encoding="utf-8"))
    assert [evaluated(text) for text in re.split(r",\s+(?=\")", case[0])] == tags
    assert case[1] == '"import crm_xl.excel.actions as a; a." & action'
    assert all(callable(getattr(actions, tag.partition("(")[0])) for tag in tags)


def test_no_name_of_a_workbook_stands_on_a_command_line() -> None:
    for name in ("ExecuteWindows", "ExecuteMac"):
        named = re.findall(r".*ActiveWorkbook.*", body(name))
        assert len(named) == 1 and "CrmCodes(ActiveWorkbook.Name)" in named[0]
    assert "ActiveWorkbook" not in body("XLPyCommand")
    for name in ("RunPython", "XLPyCommand"):
        assert not re.search(r"PYTHONPATH = .*(?:FullName|ExcelDir)", body(name).split("' Other office")[0])
    # with no sheet of Python code either
    assert ".py" not in body("RunPython")


def test_python_and_cmd_are_not_looked_for_in_the_current_folder() -> None:
    assert "cmd.exe" not in re.sub(r"(?m)^\s*'.*", "", SOURCES["xlwings"])
    windows, server = body("ExecuteWindows"), body("XLPyCommand")
    assert 'WScript.Run(Environ("ComSpec") & " /C "' in windows
    assert windows.count('" -P -B -c "') == server.count('" -P -B -c "') == 1
    assert "sys_path" not in windows + server


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_the_name_of_the_workbook_comes_back(name: str) -> None:
    codes = name.encode("utf-16-be").hex().upper()
    assert actions._decoded(f"--wb={codes}") == f"--wb={name}"
    assert actions._decoded("--hwnd=12") == "--hwnd=12"
