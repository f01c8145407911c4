"""The add-in's VBA as VBScript, which Wine can execute: the same statements but for what VBScript has no word for.

Types, attributes and `Optional` fall away (an argument left out is passed as a missing one), conditional compilation
is decided for 64-bit Excel on Windows, MsgBox, ChrW and AscW, which Wine's VBScript lacks, are procedures of the test's
(Show, Character, Unit), and one pattern of error handling becomes a second procedure:

        On Error GoTo failed                       On Error Resume Next
    again:                                         Name = NameTried(...), which is BODY
        BODY                                       If Tried Then Exit Function
        Exit Function                       ->     HANDLER, in which `Resume again` tries once more
    failed:
        HANDLER (with Resume again)
"""

from __future__ import annotations

import re

_CONSTANTS = {'App = "Microsoft Excel"': True, "Not Mac": True, "Mac": False, "VBA7": True, "Win64": True}
_TRIED = re.compile(
    r"(?ms)^(?P<head>Function (?P<name>\w+)\((?P<parameters>[^)]*)\)\n)(?P<before>(?:(?!^End Function).)*?)"
    r"^ *On Error GoTo failed\nagain:\n(?P<body>.*?)^ *Exit Function\nfailed:\n(?P<handler>.*?)^End Function\n"
)


def _compiled(text: str) -> str:
    """The lines that VBA would compile."""
    kept: list[str] = []
    branches: list[bool] = []
    for line in text.splitlines():
        word = line.strip()
        if word.startswith("#If "):
            branches.append(all(branches) and _CONSTANTS[word.removeprefix("#If ").removesuffix(" Then")])
        elif word == "#Else":
            branches[-1] = not branches[-1] and all(branches[:-1])
        elif word == "#End If":
            branches.pop()
        elif all(branches) and not word.startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


def _two_procedures(found: re.Match[str]) -> str:
    name, parameters = found["name"], found["parameters"]
    given = ", ".join(p.split()[-1] for p in parameters.split(",") if p.strip())
    # Err alone does not tell: a procedure that went on after an error of its own leaves it set
    tries = f"Tried = False\n{name} = {name}Tried({given})\nIf Tried Then Exit Function\n"
    handler = found["handler"].replace("Resume again\n", f"Err.Clear\n{tries}")
    body = re.sub(rf"\b{name} = ", f"{name}Tried = ", found["body"]).replace(
        "Exit Function", "Tried = True: Exit Function"
    )
    return (
        f"Dim Tried\n{found['head']}{found['before']}On Error Resume Next\n{tries}{handler}End Function\n\n"
        f"Function {name}Tried({parameters})\n{body}Tried = True\nEnd Function\n"
    )


def vbscript(vba: str) -> str:
    """A module, or some of its procedures."""
    text = re.sub(r" _\r?\n\s*", " ", vba)
    text = re.sub(r"(?m)^\s*(Attribute|Option|#Const) .*\n", "", text)
    text = _compiled(text)
    text = text.replace("Optional ", "")
    text = re.sub(r"(?m)^(Public|Private) (Function|Sub|Const) ", r"\2 ", text)
    text = re.sub(r"(?m)^(Public|Private) (?=m[A-Z])", "Dim ", text)
    # an object variable begins as Nothing, not as Empty
    text = re.sub(r"(?m)^( *)Dim (\w+) As Object\b.*", r"\1Dim \2\n\1Set \2 = Nothing", text)
    text = re.sub(r" As \w+(\.\w+)?", "", text)
    text = re.sub(r"\b(\w+)\$\(", r"\1(", text)
    text = re.sub(r"\bMsgBox ", "Show ", text).replace("ChrW(", "Character(").replace("AscW(", "Unit(")
    return _TRIED.sub(_two_procedures, text)


def procedure(module: str, name: str) -> str:
    """One procedure of a module."""
    found = re.search(rf"(?ms)^(Public |Private )?(Function|Sub) {name}\b.*?^End \2\n", module)
    assert found, name
    return found[0]
