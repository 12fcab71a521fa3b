"""Lays what was shown beside what was recorded, and finds the way on where the two part.

Records are numbered without gaps, so as a rule the nth shown is the nth recorded. But a cradle may
miss one, or number one that nobody showed; then all after it are shifted, and still right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_FAR = 8  # how many may be missed or surplus at one place and still be told apart
_LONG = 16  # as many in agreement are proof enough


def align(
    shown: Sequence[str], recorded: Sequence[str | None]
) -> Iterator[tuple[int | None, int | None]]:
    """Yield pairs of an index of ``shown`` and one of ``recorded``, in order, each index once.

    None in ``recorded`` is a record whose content nobody knows. An index is paired with None where
    the other side has nothing for it. A pair may differ in content: then one stands in the other's
    place.
    """
    i = j = 0
    while i < len(shown) and j < len(recorded):
        missed = surplus = 1
        if recorded[j] != shown[i]:
            missed, surplus = _way_on(shown, recorded, i, j)
        if missed == surplus:
            yield i, j
            i += 1
            j += 1
            continue
        yield from ((k, None) for k in range(i, i + missed))
        yield from ((None, k) for k in range(j, j + surplus))
        i += missed
        j += surplus
    yield from ((k, None) for k in range(i, len(shown)))
    yield from ((None, k) for k in range(j, len(recorded)))


def _way_on(
    shown: Sequence[str], recorded: Sequence[str | None], i: int, j: int
) -> tuple[int, int]:
    """Return how many to leave out on each side so that most agrees then; in doubt, one each."""
    steps = range(1, _FAR + 1)
    ways = [(n, n) for n in steps]
    ways += [(n, 0) for n in steps if i + n <= len(shown)]
    ways += [(0, n) for n in steps if j + n <= len(recorded)]
    return max(ways, key=lambda way: _agreement(shown, recorded, i + way[0], j + way[1]))


def _agreement(shown: Sequence[str], recorded: Sequence[str | None], i: int, j: int) -> int:
    """Count what agrees from here to the first difference; what nobody knows does not differ."""
    count = 0
    while i < len(shown) and j < len(recorded) and count < _LONG:
        if recorded[j] == shown[i]:
            count += 1
        elif recorded[j] is not None:
            return count
        i += 1
        j += 1
    return count
