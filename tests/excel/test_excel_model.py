"""The model of Excel does what Microsoft's pages say, or what docs/windows-check.md has a person look at."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support import excel_model

ROOT = Path(__file__).parents[2]
CHECKS = (ROOT / "docs" / "windows-check.md").read_text(encoding="utf-8")
PAGE = r"\b\w+\.{}\s+(?:property|method)\s+\((?:Excel|Office)\)"
CITATION = re.compile(r'\((?:Excel|Office)\)|windows-check\s+[A-Z]\d+|"[A-Z#][^"]{15,}"')
NO_BEHAVIOUR = {"_cell", "body", "select", "Evaluate"}
"""Plumbing of the model itself, and what a test does or sets."""
EXCELS = [
    excel_model.Count, excel_model.Range, excel_model.AutoFilter, excel_model.ListColumn, excel_model.Items,
    excel_model.ListObject, excel_model.Name, excel_model.Worksheet, excel_model.Workbook, excel_model.Workbooks,
    excel_model.AutoCorrect, excel_model.LanguageSettings, excel_model.Application,
]  # fmt: skip
TREE = ast.parse(Path(excel_model.__file__).read_text(encoding="utf-8"))
CLASSES = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}


def behaviours(cls: ast.ClassDef) -> dict[str, str]:
    """Member -> what is written about it: its own docstring, for a plain attribute that of the class."""
    found: dict[str, str] = {}
    for node in cls.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            if not any("setter" in ast.unparse(d) for d in node.decorator_list):
                found[node.name] = ast.get_docstring(node) or ""
        elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
            for place in ast.walk(node):
                if isinstance(place, ast.Attribute) and isinstance(place.ctx, ast.Store) and place.attr[0].isupper():
                    found[place.attr] = ast.get_docstring(cls) or ""
    return {name: text for name, text in found.items() if name not in NO_BEHAVIOUR}


def uncited(cls: ast.ClassDef) -> list[str]:
    found = []
    for name, text in behaviours(cls).items():
        page = re.search(PAGE.format(name), text) or re.search(r"windows-check\s+[A-Z]\d+", text)
        if not (page if name[0].isupper() else CITATION.search(text)):
            found.append(f"{cls.name}.{name}")
    return found


@pytest.mark.parametrize("name", [cls.__name__ for cls in EXCELS])
def test_each_behaviour_cites_a_page_or_a_check(name: str) -> None:
    assert CITATION.search(ast.get_docstring(CLASSES[name]) or "")
    assert behaviours(CLASSES[name]) or name == "ListColumn"
    assert uncited(CLASSES[name]) == []


def test_every_class_that_is_served_is_one_of_them() -> None:
    others = {"Refusal", "Cell", "Address", "Line", "Wire"}
    assert CLASSES.keys() - others == {cls.__name__ for cls in EXCELS}


def test_a_behaviour_without_a_source_is_found() -> None:
    source = '''
class Thing:
    """Thing object (Excel). Thing.Named property (Excel)."""
    def __init__(self):
        self.Named, self.Other = 1, 2
    @property
    def Told(self):
        """Thing.Told property (Excel)."""
    def Else(self):
        """Thing.Told method (Excel)."""
    def does(self):
        """Something."""
'''
    (thing,) = ast.parse(source).body
    assert isinstance(thing, ast.ClassDef)
    assert uncited(thing) == ["Thing.Other", "Thing.Else", "Thing.does"]


def numbers(half: str) -> list[str]:
    return re.findall(r"(?m)^\| ([A-Z]\d+)(?: ★)? \|", half)


def test_every_check_that_is_cited_is_there_in_both_languages() -> None:
    zh, en = CHECKS.split("\n# Checking the add-in on a Windows PC\n")
    assert numbers(zh) == numbers(en) and len(set(numbers(en))) == len(numbers(en))
    source = Path(excel_model.__file__).read_text(encoding="utf-8")
    cited = set(re.findall(r"windows-check\s+([A-Z]\d+)", source))
    assert cited and cited <= set(numbers(en))
    stars = [re.findall(r"(?m)^\| ([A-Z]\d+) ★ \|", half) for half in (zh, en)]
    assert stars[0] == stars[1]
