"""A part with some stretches replaced, read as a stream: neither the old nor the new one is held whole."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

_IN_MEMORY = 1 << 23
"""So many new bytes are kept in memory, more of them in a temporary file."""


class Patched:
    """The bytes that `source` streams, with stretches of them replaced."""

    def __init__(self, source: Callable[[], Iterable[bytes]]) -> None:
        self.source = source
        self._spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - lives as long as the part
        self._size = 0
        self._stretches: list[tuple[int, int, int, int]] = []
        """Start and end in the source, place and length in the spool."""
        self.length: int | None = None
        """Bytes of the source, where they are known."""

    def replace(self, start: int, end: int, new: bytes) -> None:
        """Put `new` where the source has the bytes from `start` to `end`. Stretches do not overlap."""
        self._spool.seek(self._size)
        self._spool.write(new)
        self._stretches.append((start, end, self._size, len(new)))
        self._size += len(new)

    @property
    def added(self) -> int:
        """Bytes that are new."""
        return self._size

    def __bool__(self) -> bool:
        """Whether anything was replaced."""
        return bool(self._stretches)

    def stream(self) -> Iterator[bytes]:
        """The new bytes."""
        stretches = sorted(self._stretches, key=itemgetter(0, 1))
        if self._all_new(stretches):
            for _, _, place, length in stretches:
                yield self._new(place, length)
            return
        number = position = skip = 0  # of the stretch that follows; of the piece; up to where it is replaced
        for piece in self.source():
            end = position + len(piece)
            at = min(max(skip - position, 0), len(piece))
            while number < len(stretches) and stretches[number][0] < end:
                start, skip, place, length = stretches[number]
                yield piece[at : start - position]
                yield self._new(place, length)
                at = min(skip - position, len(piece))
                number += 1
            yield piece[at:]
            position = end
        for _, _, place, length in stretches[number:]:  # behind the last byte
            yield self._new(place, length)

    def _all_new(self, stretches: Sequence[tuple[int, int, int, int]]) -> bool:
        """Whether nothing of the source is left, so that it need not be read."""
        end = 0
        for start, stop, *_ in stretches:
            if start > end:
                return False
            end = max(end, stop)
        return end == self.length

    def _new(self, place: int, length: int) -> bytes:
        self._spool.seek(place)
        return self._spool.read(length)

    def read(self) -> bytes:
        return b"".join(self.stream())
