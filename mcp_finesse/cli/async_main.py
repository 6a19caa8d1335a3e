"""Runs an asynchronous command, unwraps its errors, and handles signals."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, TypeVarTuple

import anyio
import click

from mcp_finesse import signals

log = logging.getLogger(__name__)
Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


def run_async(command: Callable[[*Arguments], Awaitable[Result]], *arguments: *Arguments) -> Result:
    """Run ``command`` until it ends.

    Raises:
        Exception: the first error that the command raised, without the exception groups of task groups.
        click.exceptions.Exit: the program that reads the output closed the pipe, as in ``watch | head``. A
            closed output is not an error.
        click.ClickException: a system error, such as a full disk.
        KeyboardInterrupt: Ctrl-C or SIGTERM cancelled the command.
    """
    if signals.interrupted():
        raise KeyboardInterrupt
    try:
        ended, result = anyio.run(_until_interrupted, command, arguments)
    except Exception as error:
        cause = first_of(error)
        if not isinstance(cause, OSError):
            raise cause from None
        log.debug("The command failed with a system error", exc_info=cause)
        _discard_output()
        if isinstance(cause, BrokenPipeError):
            raise click.exceptions.Exit(0) from None
        raise click.ClickException(f"{cause}.") from None
    if not ended:
        raise KeyboardInterrupt
    return result[0]


async def _until_interrupted(
    command: Callable[..., Awaitable[Result]], arguments: tuple[Any, ...]
) -> tuple[bool, list[Result]]:
    """Run the command until it ends, or until a signal arrives that the command does not handle itself."""
    result: list[Result] = []
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  (for the type checker)
    cancelled = False

    def cancel() -> None:
        # Like asyncio, cancel the task only once. Cancelling a scope would also interrupt the cleanup of the
        # command.
        nonlocal cancelled
        if not cancelled:
            cancelled = True
            task.cancel()

    with signals.receiving(cancel):
        try:
            result.append(await command(*arguments))
        except asyncio.CancelledError:
            if not cancelled:
                raise
    return bool(result), result


def first_of(error: Exception) -> Exception:
    """Return the first error in nested exception groups. Return any other error unchanged."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _discard_output() -> None:
    """Redirect stdout to devnull. If stdout stayed open, Python would flush it again at exit and fail."""
    with contextlib.suppress(OSError, AttributeError):  # stdout is not a file or does not exist
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
