"""The VBA of the add-in and of workbooks that carry their own functions.

Sources stand in `addin/*.bas`. Made here: one wrapper for each function of the registry, the texts in both
languages, and xlwings' own module with the changes that we need. All of it is ASCII: the editor stores the
code page of the machine that built the project, and Chinese would silently become question marks.
"""

from __future__ import annotations

import re
from pathlib import Path

from crm_xl import __version__, assets
from crm_xl.errors import CrmXlError
from crm_xl.functions import REGISTRY, WorksheetFunction
from crm_xl.vocabulary.ribbon_texts import CATEGORIES, RIBBON_TEXTS

PROJECT = "crm_xl"
LONGEST_LINE = 1000
"""VBA's limit is 1,023 characters."""
_DESCRIPTION = 255
"""Characters that the function wizard takes."""
_IN_A_LITERAL = 150
_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}|[Rr][0-9]*[Cc][0-9]*|[RrCc]")
# MS-VBAL 3.3.5.2: reserved identifiers; with the names of built-in procedures that a parameter would hide
_RESERVED = frozenset(
    [
        "abs",
        "access",
        "addressof",
        "alias",
        "and",
        "any",
        "append",
        "array",
        "as",
        "attribute",
        "base",
        "begin",
        "binary",
        "boolean",
        "byref",
        "byte",
        "byval",
        "call",
        "case",
        "cbool",
        "cbyte",
        "ccur",
        "cdate",
        "cdbl",
        "cdec",
        "cdecl",
        "cint",
        "circle",
        "class",
        "clng",
        "clnglng",
        "clngptr",
        "close",
        "compare",
        "const",
        "csng",
        "cstr",
        "currency",
        "cvar",
        "cverr",
        "database",
        "date",
        "debug",
        "decimal",
        "declare",
        "defbool",
        "defbyte",
        "defcur",
        "defdate",
        "defdbl",
        "defdec",
        "defint",
        "deflng",
        "deflnglng",
        "deflngptr",
        "defobj",
        "defsng",
        "defstr",
        "defvar",
        "dim",
        "do",
        "doevents",
        "double",
        "each",
        "else",
        "elseif",
        "empty",
        "end",
        "endif",
        "enum",
        "eqv",
        "erase",
        "error",
        "event",
        "exit",
        "explicit",
        "false",
        "fix",
        "for",
        "friend",
        "function",
        "get",
        "global",
        "go",
        "goto",
        "gosub",
        "if",
        "imp",
        "implements",
        "in",
        "input",
        "inputb",
        "int",
        "integer",
        "is",
        "lbound",
        "len",
        "lenb",
        "let",
        "lib",
        "like",
        "line",
        "linput",
        "load",
        "local",
        "lock",
        "long",
        "longlong",
        "longptr",
        "loop",
        "lset",
        "me",
        "mid",
        "midb",
        "mod",
        "module",
        "name",
        "new",
        "next",
        "not",
        "nothing",
        "null",
        "object",
        "on",
        "open",
        "option",
        "optional",
        "or",
        "output",
        "paramarray",
        "preserve",
        "print",
        "private",
        "property",
        "pset",
        "ptrsafe",
        "public",
        "put",
        "raiseevent",
        "random",
        "redim",
        "rem",
        "reset",
        "resume",
        "return",
        "rset",
        "scale",
        "seek",
        "select",
        "set",
        "sgn",
        "shared",
        "single",
        "spc",
        "static",
        "step",
        "stop",
        "string",
        "sub",
        "tab",
        "text",
        "then",
        "time",
        "to",
        "true",
        "type",
        "typeof",
        "ubound",
        "unload",
        "unlock",
        "until",
        "variant",
        "version",
        "wend",
        "while",
        "width",
        "with",
        "withevents",
        "write",
        "xor",
    ]
)


def source(name: str) -> str:
    """A hand-written module of `addin/`."""
    return assets.path("addin", name).read_text(encoding="ascii")


# ---------------------------------------------------------------- texts


def literal(text: str) -> str:
    """A VBA expression for any text: `CrmDecoded` of code points where it is not plain."""
    if all(" " <= ch <= "~" for ch in text):
        return '"' + text.replace('"', '""') + '"'
    return f'CrmDecoded("{codes(text)}")'


def codes(text: str) -> str:
    """Four hexadecimal digits for each UTF-16 unit."""
    return text.encode("utf-16-be").hex().upper()


def assigned(name: str, text: str, indent: str) -> list[str]:
    """Lines that put a text into a variable, none of them too long."""
    pieces = [text[i : i + _IN_A_LITERAL] for i in range(0, len(text), _IN_A_LITERAL)] or [""]
    lines = [f"{indent}{name} = {literal(pieces[0])}"]
    return lines + [f"{indent}{name} = {name} & {literal(piece)}" for piece in pieces[1:]]


def texts_module(xlwings_version: str) -> str:
    """The function that says what stands under a key, in Excel's language."""
    lines = [
        'Attribute VB_Name = "CrmXlTexts"',
        "Option Explicit",
        "Option Private Module",
        "' Generated from vocabulary/ribbon_texts.py.",
        "",
        "Public Function CrmText(ByVal key As String) As String",
        "    If CrmChinese() Then CrmText = CrmChineseText(key) Else CrmText = CrmEnglishText(key)",
        "End Function",
    ]
    for number, function in enumerate(("CrmChineseText", "CrmEnglishText")):
        lines += ["", f"Private Function {function}(ByVal key As String) As String", "    Select Case key"]
        for key, texts in RIBBON_TEXTS.items():
            text = texts[number].replace("{version}", __version__).replace("{xlwings}", xlwings_version)
            lines += [f'    Case "{key}"', *assigned(function, text, "        ")]
        lines += ["    End Select", "End Function"]
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- worksheet functions


def parameter(name: str) -> str:
    """The name of an argument in VBA."""
    return f"{name}_" if name.lower() in _RESERVED else name


def wrapper(function: WorksheetFunction) -> str:
    """The VBA function that Excel calls. Error: vba_name for a name that Excel would take for a cell."""
    name = function.name
    if _CELL.fullmatch(name) or name.lower() in _RESERVED:
        raise CrmXlError("vba_name", name=name)
    names = [parameter(a.name) for a in function.arguments]
    taken = [
        f"{'' if a.required else 'Optional '}{n} As Variant" for a, n in zip(function.arguments, names, strict=True)
    ]
    given = [*(f"CrmValue({n})" for n in names), "CrmDate1904()"]
    return "\n".join(
        [
            *_folded(f"Public Function {name}(", taken, ") As Variant"),
            f'Attribute {name}.VB_Description = "{function.en.replace(chr(247), "/").replace(chr(8722), "-")}"',
            f'Attribute {name}.VB_ProcData.VB_Invoke_Func = " \\n14"',
            *_folded(f'    {name} = CrmCall("{name}", Array(', given, "))"),
            "End Function",
        ]
    )


def _folded(head: str, items: list[str], tail: str) -> list[str]:
    """A statement with its items on lines that can be read."""
    lines, current = [], head
    for i, item in enumerate(items):
        piece = item + (", " if i < len(items) - 1 else tail)
        if len(current) + len(piece) > 110:
            lines.append(current + "_")
            current = "        "
        current += piece
    return [*lines, current]


def functions_module() -> str:
    """A wrapper for each function of the registry. Error: vba_name."""
    head = [
        'Attribute VB_Name = "CrmXlFunctions"',
        "Option Explicit",
        "' Generated from the registry of worksheet functions.",
        "",
    ]
    return "\n".join([*head, *(wrapper(f) + "\n" for f in REGISTRY.values())])


def help_module() -> str:
    """What the function wizard shows, and which names are ours."""
    lines = [
        'Attribute VB_Name = "CrmXlHelp"',
        "Option Explicit",
        "Option Private Module",
        "' Generated from the registry of worksheet functions.",
        "",
        "Public Function CrmHasFunction(ByVal formula As String) As Boolean",
        "    ' Whether a formula calls one of our functions.",
        "    Dim name As Variant",
        '    For Each name In Split(CrmNames(), " ")',
        '        If InStr(1, formula, name & "(", vbTextCompare) > 0 Then',
        "            CrmHasFunction = True",
        "            Exit Function",
        "        End If",
        "    Next",
        "End Function",
        "",
        "Private Function CrmNames() As String",
    ]
    lines += assigned("CrmNames", " ".join(REGISTRY), "    ")
    lines += [
        "End Function",
        "",
        "Public Function CrmCommand(ByVal action As String) As String",
        "    ' What Python runs for a button of the ribbon; nothing for whatever else is asked for.",
        "    Select Case action",
        *_folded("    Case ", [literal(action) for action in ribbon_actions()], ""),
        '        CrmCommand = "import crm_xl.excel.actions as a; a." & action',
        "    End Select",
        "End Function",
        "",
        "Public Sub CrmDescribeFunctions()",
        "    Dim place As String",
        '    place = "\'" & Replace(ThisWorkbook.Name, "\'", "\'\'") & "\'!"',
        "    On Error Resume Next",
        *(f"    CrmDescribe{name} place" for name in REGISTRY),
        "End Sub",
    ]
    for function in REGISTRY.values():
        lines += ["", *_described(function)]
    return "\n".join(lines) + "\n"


def ribbon_actions() -> list[str]:
    """The actions that the ribbon's buttons run: their tags."""
    return re.findall(r'\btag="([^"]+)"', assets.path("addin", "customUI14.xml").read_text(encoding="utf-8"))


def _described(function: WorksheetFunction) -> list[str]:
    """The procedure that tells Excel what a function and its arguments are."""
    lines = [
        f"Private Sub CrmDescribe{function.name}(ByVal place As String)",
        "    Dim told As String",
        "    Dim category As String",
        f"    Dim arguments({len(function.arguments) - 1}) As String",
    ]
    for number, choice in enumerate(("    If CrmChinese() Then", "    Else")):
        lines.append(choice)
        lines += assigned("told", (function.zh, function.en)[number][:_DESCRIPTION], "        ")
        lines += assigned("category", CATEGORIES[function.category][number], "        ")
        for i, argument in enumerate(function.arguments):
            lines += assigned(f"arguments({i})", (argument.zh, argument.en)[number][:_DESCRIPTION], "        ")
    return [
        *lines,
        "    End If",
        f'    Application.MacroOptions Macro:=place & "{function.name}", Description:=told, _',
        "        Category:=category, ArgumentDescriptions:=arguments",
        "End Sub",
    ]


# ---------------------------------------------------------------- xlwings' own module


def xlwings_module() -> str:
    """xlwings' VBA (BSD, its notice stays), as `xlwings_custom_addin.bas` of the installed package, with these
    changes. Error: xlwings_changed if that file is not as we know it.

    A workbook that somebody sends must not say what Excel runs:
    - Settings come from the user's configuration file alone, not from a sheet or a file beside the workbook.
    - No name of a workbook stands on a command line, where `&`, `%` or `$()` in it would be a command: it
      travels as `CrmCodes`. What is left of `PYTHONPATH` there was for the workbook's folder, too.
    - Python does not look for modules in the current folder (-P), and Windows not for cmd.exe: Excel's current
      folder may be the workbook's.
    - Sheets with Python code in them (a feature of xlwings PRO) are not looked for.
    - `RunPython` takes the name of a button's action, and no others. Any cell could call it otherwise: Excel
      offers the public functions of an add-in to all workbooks. For the same reason the module is private,
      procedures that only this module calls are, too, and those that nobody calls are not there.

    And otherwise:
    - The command that starts the function server is the same for all workbooks: the DLL keeps one server per
      command, and each workbook would get a Python of its own.
    - A Python that ends with an error is told in our words: one that was killed leaves none.
    """
    import xlwings

    text = Path(xlwings.__file__).with_name("xlwings_custom_addin.bas").read_text(encoding="utf-8")
    if f'Public Const XLWINGS_VERSION As String = "{xlwings.__version__}"' not in text:
        raise CrmXlError("xlwings_changed", what="XLWINGS_VERSION")
    text = _cut(
        text, '#If App = "Microsoft Excel" Then\nFunction GetConfigFromSheet(', "#End If\n\nFunction GetConfig("
    )
    text = _cut(
        text, '    #If App = "Microsoft Excel" Then\n    If source = "" Or source = "sheet" Then', "    ' User Config\n"
    )
    text = _cut(
        text, "    For i = 1 To 2\n        If i = 1 Then\n", "    If uses_embedded_code = True Then\n        AddExcel"
    )
    command = 'import xlwings.utils;xlwings.utils.prepare_sys_path(\\""" & PYTHONPATH & "\\"");'
    for old, new, times in (
        ('Attribute VB_Name = "xlwings"\n', 'Attribute VB_Name = "xlwings"\nOption Private Module\n', 1),
        ('Public Const PROJECT_NAME As String = "myaddin"', f'Public Const PROJECT_NAME As String = "{PROJECT}"', 1),
        (
            "Public Function RunPython(PythonCommand As String)\n",
            "Public Function RunPython(ByVal PythonCommand As String)\n"
            "    PythonCommand = CrmCommand(PythonCommand)\n"
            '    If PythonCommand = "" Then Exit Function\n',
            1,
        ),
        (
            'PYTHONPATH = AddExcelDir & ";" & ActiveWorkbook.FullName & ";" & ThisWorkbook.FullName & ";"',
            'PYTHONPATH = "false;;;"',
            1,
        ),
        ('PYTHONPATH = AddExcelDir & ";" & ActiveFullName & ";" & ThisFullName & ";"', 'PYTHONPATH = "false;;;"', 2),
        ('GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")', '"false"', 2),
        (f' -B -c ""{command} " & PythonCommand', ' -P -B -c """ & PythonCommand', 1),
        (f' -B -c ""import sys, os;" & LicenseKeyEnvString & "{command}import', ' -P -B -c ""import', 1),
        (
            '" --wb=" & """" & ActiveWorkbook.Name & """ --from_xl=1"',
            '" --wb=" & CrmCodes(ActiveWorkbook.Name) & " --from_xl=1"',
            1,
        ),
        ('"|" + ActiveWorkbook.Name\n', '"|" + CrmCodes(ActiveWorkbook.Name)\n', 1),
        ('WScript.Run("cmd.exe /C "', 'WScript.Run(Environ("ComSpec") & " /C "', 1),
        ('PYTHON_WIN = "cmd.exe " &', 'PYTHON_WIN = Environ("ComSpec") & " " &', 2),
        ("        Call ShowError(LOG_FILE)\n", "        CrmTellFailure LOG_FILE\n", 2),
    ):
        if text.count(old) != times:
            raise CrmXlError("xlwings_changed", what=old)
        text = text.replace(old, new)
    return "".join(line + "\n" for line in _closed(text).splitlines())


_CALLED = ("RunPython", "XLPy", "KillPy", "GetConfig", "FileExists", "ReadFile")
"""What our modules call."""
_ENDS = "CleanUp"
"""What Python on a Mac asks Excel to run when it ends."""
_PROCEDURE = re.compile(
    r"(?ms)^(?P<test>#If [^\n]*\n)?(?:(?:Public|Private) )?(?P<kind>Function|Sub) (?P<name>\w+)\b.*?^End (?P=kind)\n"
)


def _closed(text: str) -> str:
    """xlwings' module without the procedures that nobody calls; those that only it calls are private."""
    procedures = {m["name"]: m[0] for m in _PROCEDURE.finditer(text)}
    used: set[str] = set()
    found = {*_CALLED, _ENDS}
    while found:
        used |= found
        code = "\n".join(line for name in found for line in procedures[name].splitlines() if line.strip()[:1] != "'")
        found = {name for name in procedures if re.search(rf"(?i)\b{name}\b", code)} - used

    def kept(m: re.Match[str]) -> str:
        name, procedure = m["name"], m[0]
        if name not in used:  # one with two heads begins with an #If of its own
            return "" if "#Else\nFunction " in procedure else m["test"] or ""
        scope = "Public" if name in _CALLED else "Private"
        head = rf"(?m)^(?:(?:Public|Private) )?(Function|Sub) {name}\b"
        return re.sub(head, rf"{scope} \1 {name}", procedure)

    text = _PROCEDURE.sub(kept, text)
    return re.sub(r"(?m)^( *)Declare ", r"\1Private Declare ", text)


def _cut(text: str, first: str, behind: str) -> str:
    """The text without what stands from `first` to before `behind` (or to the end of its #End If)."""
    start = text.find(first)
    end = text.find(behind, start)
    if start < 0 or end < 0 or text.count(first) != 1:
        raise CrmXlError("xlwings_changed", what=first.splitlines()[-1])
    kept = behind.startswith("#End If")
    return text[:start] + text[end + (len("#End If\n\n") if kept else 0) :]
