"""Native formulas of the sheet of findings: links to cells, and how many findings there are."""

from __future__ import annotations

from collections.abc import Mapping

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import label

from .formulas import Native, column_reference, quoted

LONGEST_TEXT = 255
"""Characters of a text within a formula."""


def cell_link(sheet: str, cell: str) -> Native | None:
    """A link to a cell of this workbook, whatever its file is called; none for a name too long for a formula.

    The sheet stands in apostrophes, doubled within: Excel and LibreOffice both read that.
    """
    target = "#'" + sheet.replace("'", "''") + "'!" + cell
    if len(target) > LONGEST_TEXT:
        return None
    return Native(f"HYPERLINK({quoted(target)},{quoted(cell)})", False)


def count_formula(headers: Mapping[str, str], severity: str, lang: Lang, rule: str | None = None) -> Native:
    """How many rows of Quality have this severity, and this rule if one is named. `headers`: field key -> header."""

    def equals(key: str, text: str) -> str:
        return f"EXACT(Quality[{column_reference(headers[key])}],{quoted(text)})"

    of_rule = "1" if rule is None else equals("found_rule", rule)
    return Native(f"SUMPRODUCT({equals('severity', label(severity, lang))}*{of_rule})", False)
