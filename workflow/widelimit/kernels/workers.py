"""Work in threads, on all devices of the process, with results in order and few of them in memory."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import jax

from widelimit.kernels.devices import devices, threads
from widelimit.precision import precision

__all__ = ["in_order"]

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


def in_order(
    work: Callable[[_Job], _Result], jobs: Iterable[_Job], dtype: str
) -> Iterator[_Result]:
    """``work(job)`` for each job, in their order; when one fails, or the caller stops, no more start.

    Args:
        work: computes one result. It runs in a thread in which ``dtype`` is the precision and one of the
            devices the default; JAX keeps both for each thread.
        jobs: what to work on; it is read as far as needed.
        dtype: "float64" or "float32".
    """
    places = itertools.cycle(devices())
    place, lock = threading.local(), threading.Lock()

    def start() -> None:
        with lock:
            place.device = next(places)

    def run(job: _Job) -> _Result:
        with precision(dtype), jax.default_device(place.device):
            return work(job)

    count = sum(map(threads, devices()))
    pool = ThreadPoolExecutor(count, "kernels", initializer=start)
    try:
        yield from _window(pool, run, iter(jobs), 2 * count)
    finally:
        pool.shutdown(cancel_futures=True)


def _window(
    pool: ThreadPoolExecutor, run: Callable[[Any], Any], jobs: Iterator[Any], size: int
) -> Iterator[Any]:
    waiting: deque[Future] = deque(pool.submit(run, job) for job in itertools.islice(jobs, size))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(run, job) for job in itertools.islice(jobs, 1))
