"""Digital signatures: found, and taken out without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_xl.workbook.package import CONTENT_TYPES, Package
from crm_xl.workbook.signatures import drop_signatures, signed
from tests.support import hostile
from tests.support.packages import book_of


def test_taken_out() -> None:
    package = Package(Path("book.xlsx"), hostile.signed())
    assert signed(package)
    drop_signatures(package)
    assert not signed(package)
    left = book_of(package.to_bytes())
    assert [name for name in left if "_xmlsignatures" in name] == []
    assert b"_xmlsignatures" not in b"".join(left.values())
    plain = book_of(hostile.good())
    assert {name: data for name, data in left.items() if name not in (CONTENT_TYPES, "_rels/.rels")} == {
        name: data for name, data in plain.items() if name not in (CONTENT_TYPES, "_rels/.rels")
    }
    assert left["_rels/.rels"] == plain["_rels/.rels"]


def test_without_one_nothing_changes() -> None:
    package = Package(Path("book.xlsx"), hostile.good())
    assert not signed(package)
    drop_signatures(package)
    assert package.changed == []


@pytest.mark.parametrize("missing", ["_xmlsignatures/_rels/origin.sigs.rels", "_xmlsignatures/_rels/sig1.xml.rels"])
def test_half_a_signature(missing: str) -> None:
    """Parts that lead nowhere are no reason to stop."""
    parts = {name: data for name, data in book_of(hostile.signed()).items() if name != missing}
    package = Package(Path("book.xlsx"), hostile.zipped(parts))
    drop_signatures(package)
    assert not signed(package)


def test_signatures_that_lead_round_in_a_circle() -> None:
    parts = book_of(hostile.signed())
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/certificate"
    parts["_xmlsignatures/_rels/sig1.xml.rels"] = hostile.rels({"rId1": (kind, "origin.sigs")}).encode()
    package = Package(Path("book.xlsx"), hostile.zipped(parts))
    drop_signatures(package)
    assert not signed(package)
