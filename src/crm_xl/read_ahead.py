"""Sheets read by another thread while something else goes on: pandas is imported, other sheets are looked at."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from .sheet_values import SheetValues, ValueBook, file_bytes
from .zip_parts import ZipParts

_FIRST = ("Customers", "Orders", "History")
"""Tables that a refresh reads first, or that may be large."""
_LARGEST = 1 << 23
"""Bytes of a file. What a thread frees after reading more, no other can use again: the process would grow."""


class ReadAhead:
    """The sheets of a workbook that have tables. Reading begins at once; calamine and zlib let go of Python's lock.
    One thread looks at what the next sheet is made of while another one has calamine read it.

    What is wrong with the file or a sheet is raised when it is asked for.
    """

    def __init__(self, path: str | Path) -> None:
        self._pool, self._looking = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._sheets: dict[str, Future[SheetValues]] = {}
        self._book: ValueBook | None = None
        self._other: Future[ValueBook] | None = None
        self._data = self._pool.submit(file_bytes, path)
        self._begun = self._pool.submit(self._begin, path)

    def _begin(self, path: str | Path) -> None:
        """Queue the sheets; runs in the pool's thread, as all that uses the book."""
        try:
            if len(self._data.result()) > _LARGEST:
                return
            book = self._book = ValueBook(self._data.result(), tables=True, name=path, keep=True)
            first = [place for name in _FIRST if (place := book.table(name))]
            for sheet in dict.fromkeys(place.sheet for place in [*first, *book.tables]):
                marks = self._looking.submit(book.marks, sheet)
                if not self._sheets:
                    self._other = self._looking.submit(ValueBook, self._data.result(), name=path)
                self._sheets[sheet] = self._pool.submit(lambda s, m: book.marked_sheet(s, m.result()), sheet, marks)
        finally:
            self._pool.shutdown(wait=False)
            self._looking.shutdown(wait=False)

    def holds(self, data: bytes) -> bool:
        """Whether this is the file that is read."""
        return self._begun.exception() is None and self._data.result() == data

    def lend(self, parts: ZipParts) -> None:
        """Let those who read the parts of this file have what was inflated for its values."""
        if self._book:
            self._book.lend(parts)

    def book(self) -> ValueBook | None:
        """The file opened once more, for those who read other sheets of it meanwhile."""
        return self._other.result() if self._other else None

    def sheet(self, name: str) -> SheetValues | None:
        """A sheet, read or being read; None if it is not, nor will be then: whoever asks reads it as fast. Errors:
        those of `ValueBook.sheet`."""
        found = self._sheets.pop(name, None)
        return found.result() if found is not None and not found.cancel() else None
