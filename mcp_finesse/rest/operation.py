"""The operations of the REST API. Each operation is declared once. Functions refer to the operations they send.

``@sends`` connects a function to its operations. A function of a higher layer uses ``@sends`` to refer to a
function of a lower layer. Following these references shows what an action or a tool requires.
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
    """The role that an operation requires. For the teams that they supervise, supervisors may do what agents may do."""

    ANYBODY = "anybody"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class ReportedBy(StrEnum):
    """The kind of report that shows the result of an operation."""

    RESPONSE = "response"
    NOTIFICATION = "notification"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        name: the name of the operation in the documentation, such as ``User: sign in``.
        method: HTTP method.
        path: the path with variables in braces, such as ``/finesse/api/User/{id}``.
        source: where the operation is documented, such as ``guide p.29``.
        role: required role.
        reported_by: the kind of report that shows the result.
        platforms: platforms that have the operation.
        since: the first release that has the operation. Empty if all supported releases have the operation.
        unconfirmed: the part of the declaration that is unconfirmed. Empty if everything is confirmed.
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
        """Return the path with its variables replaced by the given ids, which are percent-encoded.

        Raises:
            InvalidRequestError: an id is empty or consists of dots, which would address another resource.
            ValueError: the number of ids differs from the number of variables in the path.
        """
        segments = self.path.split("/")
        variables = [index for index, segment in enumerate(segments) if segment.startswith("{")]
        for index, value in zip(variables, ids, strict=True):
            segments[index] = quoted(value)
        return "/".join(segments)


class Sender(Protocol):
    """An object that declares the operations that it sends."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations."""


Used = Operation | Sender | Callable[..., Any]
"""An operation, or an object that declares the operations it sends, such as a function with ``@sends``."""


def sends(*used: Used) -> Callable[[F], F]:
    """Declare the operations that a function sends. An argument may be a function, which stands for its operations."""
    operations = operations_of(*used)

    def declare(function: F) -> F:
        function.__dict__["operations"] = operations
        return function

    return declare


def operations_of(*used: Used) -> tuple[Operation, ...]:
    """Return the operations that these functions send, without duplicates.

    Raises:
        ValueError: a function declares no operation.
    """
    found: dict[Operation, None] = {}
    for each in used:
        operations = (each,) if isinstance(each, Operation) else getattr(each, "operations", ())
        if not operations:
            raise ValueError(f"{each!r} declares no operation")
        found.update(dict.fromkeys(operations))
    return tuple(found)
