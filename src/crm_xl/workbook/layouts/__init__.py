"""Layouts: compile the template workbooks."""

from __future__ import annotations

from .templates import TEMPLATES, Template, build_all, compile_template

__all__ = ["TEMPLATES", "Template", "build_all", "compile_template"]
