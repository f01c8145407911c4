"""Files with a password, as Excel encrypts them (ECMA-376 agile encryption), in memory only."""

from __future__ import annotations

import io
from pathlib import Path

from crm_xl.errors import CrmXlError

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_ROUNDS = 10_000_000
"""Rounds of hashing that the standard allows at most ([MS-OFFCRYPTO] 2.3.4.10); Excel takes 100,000."""


def is_encrypted(data: bytes) -> bool:
    """Whether a file may be an encrypted workbook: it is a compound file, not a zip."""
    return data.startswith(_COMPOUND_FILE)


def encrypted(data: bytes, password: str) -> bytes:
    """A workbook that opens with the password only."""
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def decrypted(data: bytes, password: str, path: Path) -> bytes:
    """The workbook inside. Errors: wrong_password; file_not_workbook."""
    from msoffcrypto.exceptions import InvalidKeyError
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    try:
        file = OOXMLFile(io.BytesIO(data))
        if file.type == "agile" and file.info["spinValue"] > _MOST_ROUNDS:
            raise CrmXlError("file_not_workbook", path=path, why="spinCount")
        file.load_key(password=password, verify_password=True)
        file.decrypt(out, verify_integrity=file.type == "agile")
    except CrmXlError:
        raise
    except InvalidKeyError:
        raise CrmXlError("wrong_password", path=path) from None
    except Exception as error:  # a stranger's file may be broken in ways that the library does not foresee
        raise CrmXlError("file_not_workbook", path=path, why=type(error).__name__) from error
    return out.getvalue()
