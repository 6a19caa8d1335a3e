"""Runs an asynchronous command so that what ends it reaches the command line as it is."""

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
    """Run ``command`` to its end.

    Raises:
        Exception: what the command raised, out of the groups in which task groups wrap it: one error ends a
            command, and one sentence tells it.
        click.exceptions.Exit: nobody reads our output any more, which is no fault (``watch | head``).
        click.ClickException: the machine does not let us go on; its disk is full, for instance.
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
        log.debug("a call of the system failed", exc_info=cause)
        _write_nowhere()
        if isinstance(cause, BrokenPipeError):
            raise click.exceptions.Exit(0) from None
        raise click.ClickException(f"{cause}.") from None
    if not ended:
        raise KeyboardInterrupt
    return result[0]


async def _until_interrupted(
    command: Callable[..., Awaitable[Result]], arguments: tuple[Any, ...]
) -> tuple[bool, list[Result]]:
    """Run the command until it ends, or until a signal that it does not receive itself."""
    result: list[Result] = []
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  (for the type checker)
    told = False

    def cancel() -> None:
        # Once, as asyncio does it itself: the cancellation of a scope would interrupt what the command cleans up
        nonlocal told
        if not told:
            told = True
            task.cancel()

    with signals.receiving(cancel):
        try:
            result.append(await command(*arguments))
        except asyncio.CancelledError:
            if not told:
                raise
    return bool(result), result


def first_of(error: Exception) -> Exception:
    """The first error in a group of them, however deep; another error is itself."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _write_nowhere() -> None:
    """Python writes out at its end what could not be written before, and would complain about that."""
    with contextlib.suppress(OSError, AttributeError):  # it is no file, or there is none
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
