"""Failure laws in Python: when the nodes of a job fail next."""
from __future__ import annotations

from typing import Callable, Optional, Protocol

from ._core import Fleet, RandomStream


class FailureLaw(Protocol):
    """What `run(..., law=...)` makes, by calling `law(fleet)`, for each job and replication.

        class Nightly:
            "Every night at two, a random node."
            def __init__(self, fleet):
                self.nodes = fleet.nodes
            def next(self, now_s, random):
                return ((now_s - 7200) // 86400 + 1) * 86400 + 7200, random.below(self.nodes)
            def replaced(self, node, now_s):
                pass

    Draw from `random` alone (its stream belongs to the job and replication), and results depend on
    the seed but not on threads. Python is slow here: prefer the scenario's laws where they do.
    """

    def next(self, now_s: float, random: RandomStream) -> Optional[tuple[float, int]]:
        """The first failure after `now_s`: its time and node (from 0), or None for never. Called
        again after each failure and whenever the job was down: time may have passed without."""

    def replaced(self, node: int, now_s: float) -> None:
        """`node` was replaced by a fresh one."""


LawFactory = Callable[[Fleet], FailureLaw]
