"""What a refresh did, for the person who asked for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from crm_xl.rules.models import FormulaForm
from crm_xl.vocabulary.fields import Lang, Unit
from crm_xl.workbook.reporting import Change, Left


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did. Counts are customers unless said otherwise.

    `parts`, `cells`: what was written, exactly; `written`, `left_alone`: the same by column, with the
    reason, and what was not touched; `recalculated`: the user's formulas that Excel will calculate because
    they depend on it. `repairs`, `problems`: cells of sources that were mended, or could not be read and stay empty.
    """

    path: str
    as_of: str
    lang: Lang
    unit: Unit
    form: FormulaForm
    changed: bool
    customers: int
    added: list[str] = field(default_factory=list)
    deleted_kept_out: list[str] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)
    stages: dict[str, int] = field(default_factory=dict)
    rfm_classes: dict[str, int] = field(default_factory=dict)
    typed_kept: dict[str, int] = field(default_factory=dict)
    wrong_rows: int = 0
    order_lines_skipped: int = 0
    order_lines_later: int = 0
    rule_findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)
    written: list[Change] = field(default_factory=list)
    left_alone: list[Left] = field(default_factory=list)
    recalculated: int = 0
    untouched_parts: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
