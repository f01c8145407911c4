"""The Windows side runs by `make test-windows` alone: it wants Wine, and half a minute to start."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.windows import wine

if os.environ.get("CRM_XL_WINDOWS") != "1":
    collect_ignore_glob = ["*"]


def _missing() -> str | None:
    if wine.loader() is None:
        return "Wine is not installed (apt install --no-install-recommends wine wine64)"
    if not wine.MADE.exists():
        return "Windows Python is not set up (python -m tests.windows.prepare)"
    return None


@pytest.fixture(scope="session", autouse=True)
def windows() -> Iterator[None]:
    """Wine with Windows Python; without it the tests are skipped, or fail where CI=true."""
    reason = _missing()
    if reason is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    if wine.PREFIX != wine.PREPARED:
        wine.copy_prefix()
    yield
    wine.stop()
