"""A fuzz target, and the limits that apply to each of its cases."""

from __future__ import annotations

import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

from mcp_finesse.errors import FinesseError

MAX_SECONDS = 1.0
"""Maximum processor time of one case."""
MAX_MEMORY = 64 * 2**20
"""Maximum bytes by which one case may raise the peak of the resident memory."""
MAX_CASE = 64 * 1024
"""Maximum bytes of the input of one case."""
_HANG_SECONDS = 5.0
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class DefectError(AssertionError):
    """A case showed a defect."""


@dataclass(frozen=True)
class Target:
    """A function that processes untrusted input.

    Attributes:
        name: used on the command line and for the corpus.
        run: processes one input. It may raise ``FinesseError``. Any other exception is a defect.
        samples: returns valid inputs, which are mutated. Empty if ``run`` derives its values from arbitrary bytes
            (``ByteSource``), so that a valid input has no form.
        words: byte strings that the code under test treats specially.
    """

    name: str
    run: Callable[[bytes], object]
    samples: Callable[[], Sequence[bytes]] = tuple
    words: tuple[bytes, ...] = ()


def check(target: Target, data: bytes) -> None:
    """Run one case.

    Raises:
        DefectError: the case took more than ``MAX_SECONDS`` or ``MAX_MEMORY``, or a property does not hold.
        Exception: any exception of the target that is not a ``FinesseError``.
    """
    memory = peak()
    started = time.process_time()
    with _no_hang(), suppress(FinesseError):
        target.run(data)
    seconds = time.process_time() - started
    if (grown := peak() - memory) > MAX_MEMORY:  # first: much memory takes much time as well
        raise DefectError(f"A case of {len(data)} bytes took {grown // 2**20} MB of memory.")
    if seconds > MAX_SECONDS:
        raise DefectError(f"A case of {len(data)} bytes took {seconds:.1f} s.")


def expect(holds: bool, message: str) -> None:
    """Raise ``DefectError`` unless a property holds."""
    if not holds:
        raise DefectError(message)


def peak() -> int:
    """Return the peak of the resident memory of this process, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


@contextmanager
def _no_hang() -> Iterator[None]:
    """End Python code that runs for too long. The timer counts processor time of this process."""
    before = signal.signal(signal.SIGVTALRM, _hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _hangs(*_: object) -> NoReturn:
    raise DefectError(f"A case did not end within {_HANG_SECONDS:g} s.")
