"""A worksheet part read as a stream: what stands before the cells, whole rows, what stands behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from crm_xl.errors import CrmXlError

from .zip_parts import check_prolog

_SHEET_DATA = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)sheetData\b[^<>]*?(/?)>")
_TAG_IN_TAG = re.compile(rb"<[^<>]*<")
_FEW_CUTS = 8
_BLOCK = 1 << 20
_ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d{1,7})[\"']")
_LONGEST_HEAD, _LONGEST_ROW = 1 << 24, 1 << 26
MAX_ROWS = 1_048_576


class Row(NamedTuple):
    """A row element: 0-based number, attributes, content (None: a closed tag), all of it."""

    number: int
    attributes: bytes
    body: bytes | None
    xml: bytes


@dataclass(slots=True)
class KeptSheet:
    """A worksheet part that a `SheetStream` read to its end; another one over it checks nothing again."""

    head: bytes
    prefix: bytes
    self_closed: bool
    blocks: list[tuple[int, bytes]]
    tail: bytes
    tail_at: int

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        for _, block in self.blocks:
            yield block
        yield self.tail


class SheetStream:
    """One worksheet part. Read `blocks` to the end before `tail`. All that it gives is UTF-8.

    Errors: file_not_workbook, has_doctype.
    """

    def __init__(self, pieces: Iterable[bytes], name: str) -> None:
        self.name = name
        self._kept = pieces if isinstance(pieces, KeptSheet) else None
        if self._kept:
            self.head, self.prefix = self._kept.head, self._kept.prefix
            self.self_closed, self.tail, self.tail_at = self._kept.self_closed, self._kept.tail, self._kept.tail_at
        else:
            self._begin(pieces)
        self._numbers = re.compile(rb"<" + re.escape(self.prefix) + rb'row r="(\d{1,7})"')

    def _begin(self, pieces: Iterable[bytes]) -> None:
        name = self.name
        self._pieces = iter(pieces)
        head = b""
        found = None
        for piece in self._pieces:
            head += piece
            found = _SHEET_DATA.search(head, max(0, len(head) - len(piece) - 200))
            if found or len(head) > _LONGEST_HEAD:
                break
        if found is None:
            raise self.broken("no sheetData")
        self.head, self._rest = self._utf8(head[: found.end()]), head[found.end() :]
        check_prolog(self.head, name, name)
        if b"<!" not in self.head and _TAG_IN_TAG.search(self.head):
            raise self.broken("a tag that does not end")
        self.prefix = found[1]
        self.self_closed = bool(found[2])
        self.tail = b""
        self.tail_at = len(self.head)
        """Where the tail begins in the part."""

    def broken(self, why: str) -> CrmXlError:
        return CrmXlError("file_not_workbook", path=self.name, why=why)

    def _utf8(self, xml: bytes) -> bytes:
        try:
            if not xml.isascii():
                xml.decode()
        except UnicodeDecodeError:
            raise self.broken("not in UTF-8") from None
        return xml

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """(place in the part, whole row elements), in order."""
        if self._kept:
            yield from self._kept.blocks
            return
        if not self.self_closed:
            yield from self._blocks()
        else:
            self.tail = self._rest
        self.tail = self._utf8(self.tail + b"".join(self._pieces))
        if self.tail.find(b"sheetData", self.tail.find(b">")) >= 0 or re.search(
            rb"<" + self.prefix + rb"row[\s/>]", self.tail
        ):
            raise self.broken("rows behind the rows")  # other readers would find them

    def kept(self) -> KeptSheet:
        """The whole part, of which nothing has been read before."""
        blocks = list(self.blocks())
        return KeptSheet(self.head, self.prefix, self.self_closed, blocks, self.tail, self.tail_at)

    def _blocks(self) -> Iterator[tuple[int, bytes]]:
        opening, closing = b"<" + self.prefix + b"row", b"</" + self.prefix + b"sheetData"
        held, searched = self._rest, 0
        while True:
            end = held.find(closing, searched)
            cut = end if end >= 0 else held.rfind(opening)
            start = 0
            while start < cut:
                stop = held.find(opening, start + _BLOCK, cut) if cut - start > 2 * _BLOCK else cut
                block = held[start : stop if stop > start else cut]
                if b"!" in block and b"<!" in block:  # may hold what looks like cells
                    raise self.broken("comments between the cells")
                yield self.tail_at, self._utf8(block)
                self.tail_at += len(block)
                start += len(block)
            held = held[start:]
            if end >= 0:
                self.tail = held
                return
            if len(held) > _LONGEST_ROW:
                raise self.broken("a row without an end")
            piece = next(self._pieces, None)
            if piece is None:
                raise self.broken("no end of sheetData")
            searched = max(0, len(held) - len(closing))
            held += piece

    def every_row(self, wanted: Callable[[bytes, int, int], bool] = lambda block, first, last: True) -> Iterator[Row]:
        """All rows, but for those of blocks, with their first and last row, that are not wanted."""
        before = -1
        for _, block in self.blocks():
            first, last = self.first_number(block), self.last_number(block)
            if first is not None and last is not None and not wanted(block, first, last):
                before = last
                continue
            for row in self.rows(block, before):
                before = row.number
                yield row

    def cut_blocks(self, firsts: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """`blocks`, cut where rows are missing, as behind a title, and before the rows of these numbers."""
        opening = b"<" + self.prefix + b"row"
        for place, block in self.blocks():
            first, last = self.first_number(block), self.last_number(block)
            gapless = first is not None and last is not None and last - first + 1 == block.count(opening)
            if gapless and not any(first < number <= last for number in firsts):  # type: ignore[operator]
                yield place, block
                continue
            numbers = [int(number) - 1 for number in self._numbers.findall(block)]
            cuts = {i for i, (a, b) in enumerate(pairwise(numbers), 1) if b > a + 1 or b in firsts}
            starts: list[int] = []
            if cuts and len(cuts) <= _FEW_CUTS and len(numbers) == block.count(opening):
                starts = [m.start() for i, m in enumerate(re.finditer(re.escape(opening), block)) if i in cuts]
            for start, end in pairwise([0, *starts, len(block)]):
                yield place + start, block[start:end]

    def first_number(self, block: bytes) -> int | None:
        """The number of the first row of a block; None if it does not say."""
        at = block.find(b"<" + self.prefix + b"row")
        number = _ROW_NUMBER.search(block, at, block.find(b">", at)) if at >= 0 else None
        return int(number[1]) - 1 if number else None

    def last_number(self, block: bytes) -> int | None:
        """The number of the last row of a block; None if it does not say."""
        at = block.rfind(b"<" + self.prefix + b"row")
        number = _ROW_NUMBER.search(block, at, block.find(b">", at)) if at >= 0 else None
        return int(number[1]) - 1 if number else None

    def in_order(self, block: bytes, before: int) -> bool:
        """Whether the rows of a block are plainly numbered and follow `before` one by one."""
        _, *rows = block.split(b"<" + self.prefix + b"row")
        next_ones = (b' r="%d"' % number for number in range(before + 2, before + 2 + len(rows)))
        if all(map(bytes.startswith, rows, next_ones)):
            return True
        numbers = list(map(int, self._numbers.findall(block)))
        if len(numbers) != len(rows):
            return False
        return all(a < b for a, b in pairwise([before + 1, *numbers]))

    def rows(self, block: bytes, before: int) -> Iterator[Row]:
        """The rows of a block. `before`: the number of the row before them."""
        opening, closing = b"<" + self.prefix + b"row", b"</" + self.prefix + b"row"
        between, *pieces = block.split(opening)
        if between.strip():
            raise self.broken("text between the rows")
        for piece in pieces:
            end = piece.find(b">")
            attributes = piece[:end]
            if end < 0 or attributes[:1] not in (b" ", b"", b"/", b"\n", b"\r", b"\t"):
                raise self.broken("a row that cannot be read")
            closed = attributes.endswith(b"/")
            stop = end if closed else piece.rfind(closing)
            gap = piece.find(b">", stop)
            if stop < end or gap < 0 or (piece[gap + 1 :].strip() if len(piece) > gap + 1 else b""):
                raise self.broken("a row that does not end")
            number = self._number(attributes, before)
            if not before < number < MAX_ROWS:
                raise self.broken("rows out of order")
            before = number
            body = None if closed else piece[end + 1 : stop]
            yield Row(number, attributes[:-1] if closed else attributes, body, opening + piece)

    def _number(self, attributes: bytes, before: int) -> int:
        if attributes.startswith(b' r="'):
            text = attributes[4 : attributes.find(b'"', 4)]
            return int(text) - 1 if text.isdigit() and len(text) < 8 else -1
        found = _ROW_NUMBER.search(attributes)
        return int(found[1]) - 1 if found else before + 1
