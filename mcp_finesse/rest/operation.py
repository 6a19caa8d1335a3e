"""The catalogue of API operations. Each operation is declared at the function that sends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

UCCE, UCCX = "UCCE", "UCCX"
BOTH = frozenset({UCCE, UCCX})


class Role(StrEnum):
    """The role an operation requires. Supervisors may do what agents may, for the teams they supervise."""

    ANYBODY = "anybody"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Told(StrEnum):
    """How the outcome is reported: in the response, by a notification, or not at all."""

    ANSWER = "answer"
    EVENT = "event"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        name: its name in the documentation, such as ``User: sign in``.
        method: HTTP method.
        path: path with variables in braces, such as ``/finesse/api/User/{id}``.
        function: the function that sends it, such as ``users.sign_in``; empty if only a raw request can, because
            path or body are unconfirmed.
        source: where it is documented, such as ``guide p.29``.
        role: required role.
        told: how the outcome is reported.
        platforms: platforms that have it.
        since: first release that has it; empty if all supported releases do.
        unsure: what is unconfirmed about it; empty if nothing is.
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
    """Declare that the function sends an operation. A function that sends several has several declarations.

    Args:
        name: unique name, as in the documentation.
        method: HTTP method.
        path: path with variables in braces.
        source: where it is documented.
        more: other attributes of ``Operation`` that differ from their defaults.
    """

    def declare(function: F) -> F:
        module = function.__module__.partition(".rest.")[2].removeprefix("api.")
        where = f"{module}.{function.__name__}"
        _enter(Operation(name, method, path, where, source, **more))
        return function

    return declare


def free_request(name: str, method: str, path: str, source: str, unsure: str, **more: Any) -> None:
    """Declare an operation without a function, because path or body are unconfirmed."""
    _enter(Operation(name, method, path, "", source, unsure=unsure, **more))


def _enter(new: Operation) -> None:
    if new.name in _CATALOGUE:
        raise ValueError(f"the operation {new.name!r} is declared twice")
    _CATALOGUE[new.name] = new


def operations() -> tuple[Operation, ...]:
    """Return all operations declared by the modules imported so far, in order of declaration."""
    return tuple(_CATALOGUE.values())


def operations_of(function: str) -> tuple[Operation, ...]:
    """Return the operations a function sends, by its dotted name such as ``users.sign_in``."""
    return tuple(entry for entry in _CATALOGUE.values() if entry.function == function)
