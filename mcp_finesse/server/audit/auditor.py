"""Records each tool call before and after its execution, in the audit file and as a line on stderr."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from mcp_finesse.errors import AuditError
from mcp_finesse.redaction import mask_card_numbers

log = logging.getLogger("mcp_finesse.audit")

_MAX_TEXT = 2_000
"""Maximum characters of one argument in a record."""
_MAX_ITEMS = 50
"""Maximum items of a list or mapping in a record."""


class AuditSummary(NamedTuple):
    """The part of a result that is written to the audit log. It contains no text from callers.

    Attributes:
        outcome: Such as ``confirmed``, ``ok`` or ``http-404``.
        request_id: The request id, which identifies the request in Finesse's logs; ``-`` if no request was sent.
        object: The object of the tool call, such as ``dialog 331``.
    """

    outcome: str = "ok"
    request_id: str = ""
    object: str = ""

    def __str__(self) -> str:
        return f"{self.outcome} request={self.request_id}" if self.request_id else self.outcome


@dataclass(frozen=True, slots=True)
class AuditedCall:
    """A tool call.

    Attributes:
        tool: The name of the tool.
        effect: The name of its effect.
        changes: Whether the tool call may change something in Finesse.
        identity: The agent or administrator that the session acts for; empty if there is no session.
        client: Name and version of the MCP client, as it states them.
        arguments: The arguments, without secrets.
        id: The same in both records of the tool call.
    """

    tool: str
    effect: str
    changes: bool
    identity: str = ""
    client: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(8))


class Records(Protocol):
    """Where records are written."""

    def append(self, fields: Mapping[str, Any]) -> None:
        """Append a record. Raises AuditError if that fails."""


class Auditor:
    """Writes the audit log.

    Args:
        records: The audit file; None for lines on stderr only.
        refuse: Whether a tool that changes something is refused while the file cannot be written.

    Attributes:
        note: Why the file cannot be written, for the status; otherwise empty.
    """

    def __init__(self, records: Records | None = None, *, refuse: bool = True) -> None:
        self._records = records
        self._refuse = refuse
        self.note = ""

    def begin(self, call: AuditedCall) -> None:
        """Record a tool call before anything is sent.

        Raises:
            AuditError: The record could not be written, and the tool call would change something. Nothing was
                sent.
        """
        try:
            self._append(
                {
                    "event": "call",
                    "call": call.id,
                    "tool": call.tool,
                    "effect": call.effect,
                    "identity": call.identity,
                    "client": call.client,
                    "arguments": _bounded(call.arguments),
                }
            )
        except AuditError:
            if self._refuse and call.changes:
                raise

    def end(self, call: AuditedCall, summary: AuditSummary, seconds: float) -> None:
        """Record the result of a tool call. Never raises, because the tool call has already been executed."""
        level = logging.INFO if call.changes else logging.DEBUG
        log.log(level, "tool=%s effect=%s ended=%s seconds=%.3f", call.tool, call.effect, summary, seconds)
        fields = {
            "event": "result",
            "call": call.id,
            "tool": call.tool,
            "identity": call.identity,
            "outcome": summary.outcome,
            "request_id": summary.request_id,
            "object": summary.object,
            "seconds": round(seconds, 3),
        }
        try:
            self._append({name: value for name, value in fields.items() if value != ""})
        except AuditError as error:
            log.error(
                "The result of call %s of tool %s is not in the audit log: %s", call.id, call.tool, error
            )

    def _append(self, fields: Mapping[str, Any]) -> None:
        if self._records is None:
            return
        try:
            self._records.append(fields)
            self.note = ""
        except AuditError as error:
            effect = (
                "Tools that change something are refused." if self._refuse else "Tool calls are not recorded."
            )
            self.note = f"{error.message} {effect}"
            raise


def _bounded(value: Any, depth: int = 6) -> Any:
    """Return a copy that is limited in depth, items and text, without card numbers."""
    if isinstance(value, str):
        masked = mask_card_numbers(value[: 4 * _MAX_TEXT])
        return masked if len(masked) <= _MAX_TEXT else masked[: _MAX_TEXT - 1] + "…"
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        items = list(value.items())[:_MAX_ITEMS]
        return {str(_bounded(str(name))): _bounded(item, depth - 1) for name, item in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [_bounded(item, depth - 1) for item in list(value)[:_MAX_ITEMS]]
    return _bounded(str(value))
