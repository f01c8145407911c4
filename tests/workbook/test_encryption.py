"""Files with a password: what comes out of a damaged one, or with another password."""

from __future__ import annotations

import io
from pathlib import Path

import msoffcrypto
import pytest

from crm_xl import assets
from crm_xl.errors import CrmXlError
from crm_xl.workbook.encryption import decrypted, encrypted, is_encrypted

PATH = Path("x.xlsx")


@pytest.fixture(scope="module")
def plain() -> bytes:
    return assets.path("workbook_templates", "customer-info.zh.xlsx").read_bytes()


@pytest.fixture(scope="module")
def locked(plain: bytes) -> bytes:
    return encrypted(plain, "密码 42 ünï")


def test_there_and_back(plain: bytes, locked: bytes) -> None:
    assert is_encrypted(locked) and not is_encrypted(plain)
    assert plain[:200] not in locked
    assert decrypted(locked, "密码 42 ünï", PATH) == plain
    other = msoffcrypto.OfficeFile(io.BytesIO(locked))
    assert other.info["keyDataHashAlgorithm"] == "SHA512" and other.info["passwordKeyBits"] == 256
    assert encrypted(plain, "密码 42 ünï") != locked  # a salt of its own each time


def test_another_password(locked: bytes) -> None:
    with pytest.raises(CrmXlError) as caught:
        decrypted(locked, "密码 42", PATH)
    assert caught.value.key == "wrong_password"


def test_damaged_files(locked: bytes) -> None:
    at = locked.rindex(bytes(locked[-600:-590]))
    changed = locked[:at] + bytes(b ^ 255 for b in locked[at : at + 8]) + locked[at + 8 :]
    endless = locked.replace(b'spinCount="100000"', b'spinCount="999999999"')
    for data in (locked[:100], locked[:2000], locked[:8] + b"x" * 5000, changed, endless):
        with pytest.raises(CrmXlError) as caught:
            decrypted(data, "密码 42 ünï", PATH)
        assert caught.value.key in ("wrong_password", "file_not_workbook")
