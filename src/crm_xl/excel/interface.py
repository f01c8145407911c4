"""The language in which this computer speaks to its user."""

from __future__ import annotations

import locale
import os

from crm_xl.vocabulary.fields import Lang

LANGUAGE_VARIABLE = "CRM_XL_LANG"


def interface_language() -> Lang:
    """zh or en: what the environment variable CRM_XL_LANG says, else the system's language."""
    asked = os.environ.get(LANGUAGE_VARIABLE, "").strip().lower()
    if asked in ("zh", "en"):
        return "zh" if asked == "zh" else "en"
    try:
        name = locale.getlocale()[0] or ""
    except ValueError:  # an environment that names no locale that there is
        name = ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
