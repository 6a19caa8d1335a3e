"""Operations of the REST API. Each operation is declared once. Functions refer to the operations that they send.

``@sends`` connects a function to its operations. A function of a higher layer refers to one of a lower layer in the
same way. What an action or a tool requires is found by following these references.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from mcp_finesse.rest.paths import quoted

F = TypeVar("F", bound=Callable[..., Any])

UCCE, UCCX = "UCCE", "UCCX"
BOTH = frozenset({UCCE, UCCX})


class Role(StrEnum):
    """The role an operation requires. Supervisors may do what agents may do, for the teams that they supervise."""

    ANYBODY = "anybody"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class ReportedBy(StrEnum):
    """What reports the result of an operation."""

    RESPONSE = "response"
    NOTIFICATION = "notification"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        name: its name in the documentation, such as ``User: sign in``.
        method: HTTP method.
        path: path with variables in braces, such as ``/finesse/api/User/{id}``.
        source: where it is documented, such as ``guide p.29``.
        role: required role.
        reported_by: what reports the result.
        platforms: platforms that have the operation.
        since: first release that has the operation; empty if all supported releases have it.
        unconfirmed: the unconfirmed part of the declaration; empty if there is none.
    """

    name: str
    method: str
    path: str
    source: str
    role: Role = Role.AGENT
    reported_by: ReportedBy = ReportedBy.RESPONSE
    platforms: frozenset[str] = field(default=BOTH)
    since: str = ""
    unconfirmed: str = ""

    def path_of(self, *ids: str) -> str:
        """Return the path in which the given ids, percent-encoded, replace the variables.

        Raises:
            InvalidRequestError: an id is empty or consists of dots, which would address another resource.
            ValueError: the path has another number of variables.
        """
        segments = self.path.split("/")
        variables = [index for index, segment in enumerate(segments) if segment.startswith("{")]
        for index, value in zip(variables, ids, strict=True):
            segments[index] = quoted(value)
        return "/".join(segments)


class Sender(Protocol):
    """An object that declares the operations it sends."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations."""


Used = Operation | Sender | Callable[..., Any]
"""An operation, or an object that declares the operations it sends, such as a function with ``@sends``."""


def sends(*used: Used) -> Callable[[F], F]:
    """Declare the operations that a function sends. An argument that is a function stands for its operations."""
    operations = operations_of(*used)

    def declare(function: F) -> F:
        function.__dict__["operations"] = operations
        return function

    return declare


def operations_of(*used: Used) -> tuple[Operation, ...]:
    """Return the operations that these functions send, without duplicates.

    Raises:
        ValueError: a function declares none.
    """
    found: dict[Operation, None] = {}
    for each in used:
        operations = (each,) if isinstance(each, Operation) else getattr(each, "operations", ())
        if not operations:
            raise ValueError(f"{each!r} declares no operation")
        found.update(dict.fromkeys(operations))
    return tuple(found)
