"""What an operation of the API is, written beside the function that asks for it: one catalogue, read by many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

UCCE, UCCX = "UCCE", "UCCX"
BOTH = frozenset({UCCE, UCCX})


class Role(StrEnum):
    """Who may ask for it; a supervisor may do what an agent may, for the teams that are theirs."""

    ANYBODY = "anybody"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Told(StrEnum):
    """How the outcome becomes known."""

    ANSWER = "answer"
    EVENT = "event"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        name: what the documentation calls it, such as ``User: sign in``.
        method: of HTTP.
        path: with its variables in braces, such as ``/finesse/api/User/{id}``.
        function: the function that asks for it, such as ``users.sign_in``; empty when only a free request can,
            because path or body are not known for sure.
        source: where it is documented, such as ``guide p.29``.
        role: who may ask for it.
        told: how its outcome becomes known.
        platforms: where it exists.
        since: the first release that has it; empty when all supported ones have.
        unsure: what about it is not known for sure; empty when nothing.
    """

    name: str
    method: str
    path: str
    function: str
    source: str
    role: Role = Role.AGENT
    told: Told = Told.ANSWER
    platforms: frozenset[str] = field(default=BOTH)
    since: str = ""
    unsure: str = ""


_CATALOGUE: dict[str, Operation] = {}


def operation(name: str, method: str, path: str, source: str, **more: Any) -> Callable[[F], F]:
    """Declare that the function asks for an operation; one that asks for several is declared several times.

    Args:
        name: unique, in the words of the documentation.
        method: of HTTP.
        path: with its variables in braces.
        source: where it is documented.
        more: the other attributes of ``Operation`` that differ from their defaults.
    """

    def declare(function: F) -> F:
        module = function.__module__.partition(".rest.")[2].removeprefix("api.")
        where = f"{module}.{function.__name__}"
        _enter(Operation(name, method, path, where, source, **more))
        return function

    return declare


def free_request(name: str, method: str, path: str, source: str, unsure: str, **more: Any) -> None:
    """Declare an operation that no typed function asks for, because path or body are not known for sure."""
    _enter(Operation(name, method, path, "", source, unsure=unsure, **more))


def _enter(new: Operation) -> None:
    if new.name in _CATALOGUE:
        raise ValueError(f"the operation {new.name!r} is declared twice")
    _CATALOGUE[new.name] = new


def operations() -> tuple[Operation, ...]:
    """Every operation that was declared by the modules imported so far, in the order of declaration."""
    return tuple(_CATALOGUE.values())


def operations_of(function: str) -> tuple[Operation, ...]:
    """The operations that a function asks for, by its dotted name such as ``users.sign_in``."""
    return tuple(entry for entry in _CATALOGUE.values() if entry.function == function)
