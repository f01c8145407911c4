"""Sheets read by another thread while something else goes on: pandas is imported, other sheets are looked at."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from .sheet_marks import Marks
from .sheet_values import SheetValues, ValueBook, file_bytes
from .zip_parts import ZipParts

_FIRST = ("Orders", "Customers", "History")
"""Tables that take long, or that a refresh reads first."""
_LARGEST = 1 << 23
"""Bytes of a file. What a thread frees after reading more, no other can use again: the process would grow."""


class ReadAhead:
    """The sheets of a workbook that have tables. Reading begins at once; calamine and zlib let go of Python's lock.
    One thread looks at what the next sheet is made of while another has calamine read; a third one reads the second
    sheet meanwhile, with a calamine of its own.

    What is wrong with the file or a sheet is raised when it is asked for.
    """

    def __init__(self, path: str | Path) -> None:
        self._reading, self._looking, self._beside = (ThreadPoolExecutor(1) for _ in range(3))
        self._sheets: dict[str, Future[SheetValues]] = {}
        self._book: ValueBook | None = None
        self._other: Future[ValueBook] | None = None
        self._data = self._reading.submit(file_bytes, path)
        self._begun = self._reading.submit(self._begin, path)

    def _begin(self, path: str | Path) -> None:
        """Queue the sheets; runs in the thread that reads."""
        try:
            if len(self._data.result()) > _LARGEST:
                return
            book = self._book = ValueBook(self._data.result(), tables=True, name=path, keep=True)
            other = self._beside.submit(book.again)
            first = [place for name in _FIRST if (place := book.table(name))]
            for number, sheet in enumerate(dict.fromkeys(place.sheet for place in [*first, *book.tables])):
                marks = self._looking.submit(book.marks, sheet)
                if number == 1:
                    self._sheets[sheet] = self._beside.submit(_read, other, sheet, marks)
                else:
                    self._sheets[sheet] = self._reading.submit(_read, book, sheet, marks)
            self._other = self._beside.submit(other.result)  # when nobody reads with it any more
        finally:
            for pool in (self._reading, self._looking, self._beside):
                pool.shutdown(wait=False)

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


def _read(book: ValueBook | Future[ValueBook], sheet: str, marks: Future[Marks | None]) -> SheetValues:
    return (book.result() if isinstance(book, Future) else book).marked_sheet(sheet, marks.result())
