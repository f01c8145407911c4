"""crm_xl: customer segments, scores and stages in the Excel workbook where the customers stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_xl.workflows.analyse import Analysis as Analysis
    from crm_xl.workflows.analyse import analyse as analyse
    from crm_xl.workflows.new import new_workbook as new_workbook
    from crm_xl.workflows.opening import load_rules as load_rules
    from crm_xl.workflows.refresh import refresh as refresh

__version__ = "0.1.0"

_HOMES = {
    "Analysis": "crm_xl.workflows.analyse",
    "analyse": "crm_xl.workflows.analyse",
    "new_workbook": "crm_xl.workflows.new",
    "load_rules": "crm_xl.workflows.opening",
    "refresh": "crm_xl.workflows.refresh",
}
__all__ = ["Analysis", "__version__", "analyse", "load_rules", "new_workbook", "refresh"]


def __getattr__(name: str) -> Any:
    """Import on first use: `import crm_xl` alone loads neither pandas nor pydantic."""
    if name not in _HOMES:
        raise AttributeError(f"module 'crm_xl' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
