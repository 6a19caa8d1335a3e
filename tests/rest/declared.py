"""The operations that the package declares, and the functions of the REST layer that send them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from inspect import isfunction
from typing import Any

import mcp_finesse.rest
from mcp_finesse.rest.operation import Operation
from mcp_finesse.rest.raw_operations import RAW_OPERATIONS


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Name and function of everything in the REST layer that declares what it sends."""
    for found in pkgutil.walk_packages(mcp_finesse.rest.__path__, "mcp_finesse.rest."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if isfunction(value) and value.__module__ == found.name and hasattr(value, "operations"):
                family = found.name.removeprefix("mcp_finesse.rest.").removeprefix("api.")
                yield f"{family}.{name}", value


@cache
def senders() -> Mapping[Operation, tuple[str, ...]]:
    """The functions that send each operation, by dotted name such as ``users.sign_in``."""
    found: dict[Operation, tuple[str, ...]] = {}
    for name, function in _functions():
        for operation in function.operations:  # type: ignore[attr-defined]
            found[operation] = (*found.get(operation, ()), name)
    return found


def function_named(dotted: str) -> Callable[..., Any]:
    """The function with a dotted name such as ``users.sign_in``."""
    return dict(_functions())[dotted]


def all_operations() -> tuple[Operation, ...]:
    """Every declared operation."""
    return (*senders(), *RAW_OPERATIONS)
