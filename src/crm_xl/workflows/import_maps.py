"""Which column is which, kept in a small TOML file for the next export of the same kind."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_xl.errors import CrmXlError, Refused
from crm_xl.vocabulary.cli_texts import text
from crm_xl.vocabulary.fields import Lang


@dataclass(slots=True)
class ColumnMap:
    """`columns`: their header -> our header, '' for a column that is not to be read; `units`: their header -> the unit
    of its amounts; `header_row` is 1-based."""

    table: str
    sheet: str | None = None
    header_row: int | None = None
    columns: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def overrides(self) -> dict[str, str]:
        """The map as `sources.mapping.understand` takes it: 年消费金额(千元)."""
        return {
            theirs: f"{ours}({self.units[theirs]})" if ours and theirs in self.units else ours
            for theirs, ours in self.columns.items()
        }


def read_map(path: str | Path, table: str) -> ColumnMap:
    """A saved map for a kind of table (customers, orders …). Errors: file_missing, map_unreadable, map_other_table."""
    path = Path(path)
    try:
        told = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise CrmXlError("file_missing", path=path) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CrmXlError("map_unreadable", path=path, why=error) from error
    found = ColumnMap(
        _of(told, "table", str, path, table),
        _of(told, "sheet", str, path, None),
        _of(told, "header_row", int, path, None),
        _texts(told, "columns", path),
        _texts(told, "units", path),
    )
    if found.table != table:
        raise Refused("map_other_table", path=path, found=found.table, table=table)
    return found


def _of(told: Mapping[str, Any], key: str, kind: type, path: Path, default: Any) -> Any:
    value = told.get(key, default)
    if value is not default and (not isinstance(value, kind) or isinstance(value, bool)):
        raise CrmXlError("map_unreadable", path=path, why=f"{key} = {value!r}")
    return value


def _texts(told: Mapping[str, Any], key: str, path: Path) -> dict[str, str]:
    found = told.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise CrmXlError("map_unreadable", path=path, why=f"[{key}]")
    return dict(found)


def map_text(columns: ColumnMap, lang: Lang) -> str:
    """The map as TOML, with a line that says what it is."""
    import tomli_w

    told: dict[str, Any] = {"table": columns.table}
    if columns.sheet is not None:
        told["sheet"] = columns.sheet
    if columns.header_row:
        told["header_row"] = columns.header_row
    told["columns"] = columns.columns
    if columns.units:
        told["units"] = columns.units
    return f"# {text('map_comment', lang)}\n{tomli_w.dumps(told)}"


def save_map(path: str | Path, columns: ColumnMap, lang: Lang) -> None:
    """Write a map. Errors: file_unreadable."""
    try:
        Path(path).write_text(map_text(columns, lang), encoding="utf-8", newline="\n")
    except OSError as error:
        raise CrmXlError("file_unreadable", path=path, why=error.strerror or error) from error
