"""Stretches of a stream replaced."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm_xl.workbook.patched import Patched


@given(st.binary(max_size=60), st.data())
def test_as_slices_replaced_from_the_end(old: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(old)), max_size=8, unique=True)))
    stretches = [(a, b, data.draw(st.binary(max_size=9))) for a, b in list(pairwise(cuts))[::2]]
    size = data.draw(st.integers(1, 20))
    patched = Patched(lambda: (old[i : i + size] for i in range(0, len(old), size)))
    for stretch in data.draw(st.permutations(stretches)):
        patched.replace(*stretch)
    expected = old
    for a, b, new in reversed(stretches):
        expected = expected[:a] + new + expected[b:]
    assert bool(patched) == bool(stretches)
    if old:
        assert patched.read() == expected == patched.read()
        again = Patched(patched.stream)
        again.replace(0, 0, b"x")
        assert again.read() == b"x" + expected
