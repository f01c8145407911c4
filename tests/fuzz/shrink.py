"""What is left of a crash when every edit that it does not need is taken back."""

from __future__ import annotations

import difflib
import multiprocessing
import re
from collections.abc import Callable, Mapping, Sequence

from tests.fuzz.mutations import HEAD, packed, unpacked

Hunk = tuple[int, int, tuple[bytes, ...]]
_TOKEN = re.compile(rb"<[^<>]*>|[^<>]+|[<>]")


def in_a_process(examined: Callable[[bytes], str], data: bytes, seconds: float = 60) -> str:
    """What `examined` gives, in a process of its own: one that dies or hangs gives 'the end'."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=lambda: theirs.send(examined(data)))
    process.start()
    theirs.close()
    try:
        return str(ours.recv()) if ours.poll(seconds) else "the end"
    except EOFError:
        return "the end"
    finally:
        process.kill()
        process.join()


def shrunk(data: bytes, seeds: Mapping[str, bytes], examined: Callable[[bytes], str]) -> tuple[bytes, list[str]]:
    """A smaller input with the same outcome, and how its parts differ from those of the seed next to it."""
    wanted = in_a_process(examined, data)
    head, parts = data[:HEAD], unpacked(data[HEAD:])
    books = {name: found for name, seed in seeds.items() if (found := unpacked(seed[HEAD:]))}
    if not parts or not books:
        return data, ["not a sound zip"]
    likeness = {
        n: sum(b.get(k) == v for k, v in parts.items()) - len(b.keys() - parts.keys()) for n, b in books.items()
    }
    name = max(likeness, key=lambda n: likeness[n])
    seed, now = books[name], dict(parts)

    def same(candidate: dict[str, bytes]) -> bool:
        return in_a_process(examined, head + packed(candidate)) == wanted

    if not same(now):  # it was the zip, not what is in it
        return data, ["the zip itself"]
    for part in sorted(seed.keys() | now.keys()):
        if now.get(part) == seed.get(part):
            continue
        without = {k: v for k, v in now.items() if k != part} | ({part: seed[part]} if part in seed else {})
        if same(without):
            now = without
            continue
        if part in seed and part in now:
            now[part] = fewer(seed[part], now[part], lambda xml, p=part, n=now: same({**n, p: xml}))
    told = [f"seed {name}, choices {head.hex()}", *(f"without {p}" for p in sorted(seed.keys() - now.keys()))]
    for part in sorted(p for p in now if now[p] != seed.get(p)):
        a, b = tokens(seed.get(part, b"")), tokens(now[part])
        told += [f"{part}: {b''.join(a[i:j])[:300]!r} -> {b''.join(new)[:300]!r}" for i, j, new in hunks(a, b)]
    return head + packed(now), told


def tokens(xml: bytes) -> list[bytes]:
    return _TOKEN.findall(xml)


def hunks(old: Sequence[bytes], new: Sequence[bytes]) -> list[Hunk]:
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(i, j, tuple(new[k:m])) for kind, i, j, k, m in codes if kind != "equal"]


def fewer(old: bytes, new: bytes, holds: Callable[[bytes], bool]) -> bytes:
    """The old XML with as few of the new one's hunks as it takes."""
    before = tokens(old)
    needed = hunks(before, tokens(new))
    step = max(1, len(needed) // 2)
    while needed:
        at = 0
        while at < len(needed):
            rest = needed[:at] + needed[at + step :]
            if holds(applied(before, rest)):
                needed = rest
            else:
                at += step
        if step == 1:
            break
        step //= 2
    return applied(before, needed)


def applied(old: Sequence[bytes], changes: Sequence[Hunk]) -> bytes:
    out: list[bytes] = []
    at = 0
    for i, j, new in changes:
        out += [*old[at:i], *new]
        at = j
    return b"".join([*out, *old[at:]])
