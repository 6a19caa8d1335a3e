"""Runs an asynchronous command so that what ends it reaches the command line as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple

import anyio
import click

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


def run_async(command: Callable[[*Arguments], Awaitable[Result]], *arguments: *Arguments) -> Result:
    """Run ``command`` to its end.

    Raises:
        Exception: what the command raised, out of the groups in which task groups wrap it: one error ends a
            command, and one sentence tells it.
        click.exceptions.Exit: nobody reads our output any more, which is no fault (``watch | head``).
    """
    try:
        return anyio.run(command, *arguments)
    except Exception as error:
        cause = first_of(error)
        if isinstance(cause, BrokenPipeError):
            _write_nowhere()
            raise click.exceptions.Exit(0) from None
        raise cause from None


def first_of(error: Exception) -> Exception:
    """The first error in a group of them, however deep; another error is itself."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _write_nowhere() -> None:
    """Python writes out at its end what could not be written before, and would complain about that."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
