"""Process exit within four seconds after SIGTERM or Ctrl-C, even if the process is busy.

There are three layers. Each layer covers cases that the previous layer does not cover:

1. The Python handler notifies the command, which shuts down gracefully. Python runs the handler between two
   bytecodes, so the handler runs even while a callback blocks the event loop. A signal handler of the event
   loop would not run in that case.
2. The handler starts a kernel timer, whose signal ends the process without any Python code.
3. No Python handler runs while a C function runs for a long time. Python's C handler then writes one byte to a
   pipe. A watchdog process reads the pipe, and kills this process if it has not exited in time. Windows has no
   ``fork`` and therefore no watchdog. On Windows the second layer is the last layer, and a thread of
   ``faulthandler`` implements it.

This module has few imports, so that it is ready early.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

EXIT_SECONDS = 3.7
"""Seconds from the first signal until the timer ends the process."""
_KILL_SECONDS = 3.9
"""Seconds from the first signal until the watchdog kills the process."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_receivers: list[Callable[[int], None]] = []


class _Process:
    """The signal state of this process."""

    installed = False
    interrupted = False


def install() -> None:
    """Handle SIGTERM and Ctrl-C. Without a receiver the first signal raises KeyboardInterrupt.

    Call this function once, before other threads and heavy imports.
    """
    _Process.installed = True
    for number in _SIGNALS:
        signal.signal(number, _on_signal)
    if sys.platform != "win32":
        _start_watchdog()


def exit_if_swallowed(status: int) -> None:
    """End the process with this status if Python discards the KeyboardInterrupt of a signal.

    Python discards a KeyboardInterrupt, and prints a traceback on stderr, when the signal arrives in a
    finalizer or in a callback of a weak reference. Finalizers and such callbacks can run during imports.
    """
    report = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        if _Process.interrupted and issubclass(unraisable.exc_type, KeyboardInterrupt):
            exit_now(status)
        report(unraisable)

    sys.unraisablehook = hook


def exit_now(status: int) -> NoReturn:
    """Flush the standard streams and exit. Skip all other steps that Python takes at exit."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def interrupted() -> bool:
    """Return whether a signal arrived without a receiver. Other code may have swallowed the KeyboardInterrupt."""
    return _Process.interrupted


@contextlib.contextmanager
def receiving(callback: Callable[[], object]) -> Iterator[None]:
    """Call ``callback`` in the running event loop for each SIGTERM or Ctrl-C. An outer receiver is not called.

    If the program has not called :func:`install`, leaving the outermost receiver also cancels the timer. The
    server is then part of another program, and that program may continue to run.
    """
    import asyncio  # this import is expensive, but code that calls this function has already imported the module

    loop = asyncio.get_running_loop()

    def receive(_number: int) -> None:
        loop.call_soon_threadsafe(callback)

    previous = [(number, signal.signal(number, _on_signal)) for number in _SIGNALS]
    _receivers.append(receive)
    try:
        yield
    finally:
        _receivers.remove(receive)
        for number, handler in previous:
            signal.signal(number, handler)
        if not _receivers and not _Process.installed:
            _disarm()


def _on_signal(number: int, _frame: FrameType | None) -> None:
    _arm()
    if _receivers:
        _receivers[-1](number)
    elif not _Process.interrupted:
        _Process.interrupted = True
        raise KeyboardInterrupt


def _arm() -> None:
    """Start the timer that ends the process after EXIT_SECONDS. A later signal does not extend the time."""
    if sys.platform == "win32":
        faulthandler.dump_traceback_later(EXIT_SECONDS, exit=True, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123 - it stays open
    elif signal.getitimer(signal.ITIMER_REAL)[0] == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, EXIT_SECONDS)


def _disarm() -> None:
    if sys.platform == "win32":
        faulthandler.cancel_dump_traceback_later()
    else:
        signal.setitimer(signal.ITIMER_REAL, 0)


if sys.platform != "win32":

    def _start_watchdog() -> None:
        reading, writing = os.pipe()
        parent = os.getpid()
        try:
            child = os.fork()
        except OSError:  # the process limit is reached, so there is no watchdog
            os.close(reading)
            os.close(writing)
            return
        if child == 0:
            try:
                _watch_over(parent, reading)
            finally:
                os._exit(0)
        os.close(reading)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def _watch_over(parent: int, pipe: int) -> None:
        """Kill the parent if it is still running some time after a signal. Return when the parent closes the pipe."""
        for number in (*_SIGNALS, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)  # a terminal signals the parent and this watchdog
        os.closerange(0, pipe)
        os.closerange(pipe + 1, 65_536)
        while not set(received := os.read(pipe, 64)).intersection(_SIGNALS):
            if not received:
                return
        end = time.monotonic() + _KILL_SECONDS
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([pipe], [], [], left)
            if ready and not os.read(pipe, 64):
                return
        if os.getppid() == parent:
            os.kill(parent, signal.SIGKILL)
