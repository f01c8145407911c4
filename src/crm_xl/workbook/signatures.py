"""Digital signatures of a workbook: they hold for its exact bytes, so a changed workbook cannot keep them.

The signature of VBA code is another thing, stands inside xl/vbaProject*.bin, and stays.
"""

from __future__ import annotations

from .package import Package, rels_part

_ROOT = ""
"""The owner of the package's own relationships."""


def signed(package: Package) -> bool:
    """Whether the package carries a digital signature."""
    return _origin(package) is not None


def drop_signatures(package: Package) -> None:
    """Take the signatures out: their parts, content types and relationships. Without any, nothing changes."""
    origin = _origin(package)
    if origin is None:
        return
    for signature in _leading(package, origin, "signature"):
        for certificate in _leading(package, signature, "certificate"):
            package.drop_part(signature, certificate)
        _drop(package, origin, signature)
    _drop(package, _ROOT, origin)


def _origin(package: Package) -> str | None:
    """The part from which the signatures hang."""
    return package.related(_ROOT, "origin")


def _leading(package: Package, owner: str, kind: str) -> list[str]:
    """The parts that a part's relationships of a kind lead to."""
    return [part for found, part in package.relationships(owner).values() if found == kind]


def _drop(package: Package, owner: str, part: str) -> None:
    """Drop a part and the list of its own relationships."""
    if package.has(rels_part(part)):
        package.drop_part(_ROOT, rels_part(part))
    package.drop_part(owner, part)
