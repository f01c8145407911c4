"""Lists and logs that come in from files, and what was found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_xl.errors import CrmXlError
from crm_xl.sources.loading import Loaded, load
from crm_xl.sources.mapping import NO_OVERRIDES, asked
from crm_xl.vocabulary.fields import Lang, Table, Unit
from crm_xl.vocabulary.messages import message

from .opening import LOGS, shown


def load_source(
    source: str | Path,
    table: Table,
    unit: Unit,
    *,
    sheet: str | None = None,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    header_row: int | None = None,
    need_id: bool = True,
    absent: list[str] | None = None,
) -> Loaded:
    """A file as `table`. Errors: those of `load`; source_no_column for a log without date or amount, source_unsure
    where it is not sure which column that is."""
    loaded = load(
        source,
        table,
        sheet=sheet,
        overrides=overrides,
        unit=unit,
        header_row=header_row,
        need_id=need_id,
        absent=absent,
    )
    for key in LOGS[table.name][1] if table.name in LOGS else ():
        if key not in loaded.frame:
            unsure = [q for q in loaded.questions if any(c.field.key == key for c in q.fields)]
            if unsure:
                raise CrmXlError("source_unsure", path=source, questions=tuple(map(asked, unsure[:3])))
            raise CrmXlError("source_no_column", path=source, field=table.field(key))
    return loaded


@dataclass(slots=True)
class SourceNotes:
    """What reading sources found, as lines for a person: values mended, values left empty, the rest."""

    repairs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    others: dict[str, list[object]] = field(default_factory=dict)
    """Columns of a customer list that are the user's own: they come along."""

    def add(self, source: str | Path, loaded: Loaded, lang: Lang) -> None:
        name = Path(source).name
        for r in loaded.repairs:
            line = message(
                "source_cell", lang, source=name, row=r.row, header=r.header, what=f"{r.found} → {shown(r.value)}"
            )
            self.repairs.append(line)
        for p in loaded.problems:
            what = message(p.message_key, lang, **p.values)
            self.problems.append(message("source_cell", lang, source=name, row=p.row, header=p.header, what=what))
        headers = [m.header for m in loaded.matches if m.field is None and m.header and m.header not in self.others]
        if headers:
            told = message("columns_left_out", lang, source=name, count=len(headers), headers=headers)
            self.left_out.append(told)
        rows = [str(line.row) for line in loaded.left_out if line.why not in ("title", "units")]
        if rows:
            told = message("rows_left_out", lang, source=name, count=len(rows), rows=rows)
            self.left_out.append(told)
        self.left_out += [message("other_table", lang, source=name, text=other) for other in loaded.elsewhere]
