"""Records each tool call before and after its execution, in the audit file and as a line on stderr."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from mcp_finesse.errors import AuditError
from mcp_finesse.redaction import CARDS_ONLY, Redaction
from mcp_finesse.server.redacted_document import redact_document

log = logging.getLogger("mcp_finesse.audit")

_MAX_TEXT = 2_000
"""Maximum characters of one argument in a record."""
_MAX_ITEMS = 50
"""Maximum items of a list or mapping in a record."""
_EXAMINED = 4 * _MAX_TEXT
"""Maximum characters of one argument that are redacted by the rule for its field."""
_DOCUMENTS = ("body", "layoutxml")
"""Arguments that are XML or JSON."""


class Decision(StrEnum):
    """A decision about a tool call."""

    REFUSED = "refused"
    """A rule forbids the tool call."""
    ASKED = "asked"
    """A question was sent to a person."""
    QUOTED = "quoted"
    """The client received a code with which it can confirm the tool call."""
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    """The person declined or did not answer in time, or the client sent an invalid answer."""
    EXPIRED = "expired"
    """There was no open question: it has expired, or was already used."""
    CHANGED = "changed"
    """What the tool call would do has changed since the question."""


class AuditSummary(NamedTuple):
    """The part of a result that is written to the audit log. The summary contains no text from callers.

    Attributes:
        outcome: The outcome of the tool call, such as ``confirmed``, ``ok`` or ``http-404``.
        request_id: The request id, which identifies the request in Finesse's logs. ``-`` if no request was
            sent.
        object: The Finesse object that the tool call concerned, such as ``dialog 331``.
    """

    outcome: str = "ok"
    request_id: str = ""
    object: str = ""

    def __str__(self) -> str:
        return f"{self.outcome} request={self.request_id}" if self.request_id else self.outcome


@dataclass(frozen=True, slots=True)
class AuditedCall:
    """One tool call, as recorded in the audit log.

    Attributes:
        tool: The name of the tool.
        effect: The name of the tool's effect.
        changes: Whether the tool call may change something in Finesse.
        identity: The agent or administrator that the session acts for. Empty if there is no session.
        client: Name and version of the MCP client, as stated by the client.
        arguments: The arguments, without secrets.
        caller: The authenticated caller over HTTP. Empty without authentication.
        id: The id of the tool call, which both records of the tool call contain.
    """

    tool: str
    effect: str
    changes: bool
    identity: str = ""
    client: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    caller: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(8))


class Records(Protocol):
    """A destination for records."""

    def append(self, fields: Mapping[str, Any]) -> None:
        """Append a record. Raises ``AuditError`` if the record cannot be written."""


class Auditor:
    """Writes the audit log.

    Args:
        records: The audit file. None to write only lines on stderr.
        refuse: Whether tools that change something are refused while the file cannot be written.
        redaction: What the records do not contain.

    Attributes:
        note: The reason why the file cannot be written, for the session status. Empty while the file can be
            written.
    """

    def __init__(
        self, records: Records | None = None, *, refuse: bool = True, redaction: Redaction = CARDS_ONLY
    ) -> None:
        self._records = records
        self._refuse = refuse
        self._redaction = redaction
        self.note = ""

    def begin(self, call: AuditedCall) -> None:
        """Record a tool call before anything is sent.

        Raises:
            AuditError: The record could not be written, and the tool call would change something. Nothing was
                sent.
        """
        if self._records is None:  # redacting the arguments takes time
            return
        self._append_or_refuse(
            call,
            {
                "event": "call",
                "call": call.id,
                "tool": call.tool,
                "effect": call.effect,
                "identity": call.identity,
                "client": call.client,
                **({"caller": call.caller} if call.caller else {}),
                "arguments": self._redacted(call.arguments),
            },
        )

    def decide(
        self, call: AuditedCall, decision: Decision, *, rule: str, question: str = "", confirmed_by: str = ""
    ) -> None:
        """Record a decision about a tool call.

        Args:
            call: The tool call.
            decision: The decision.
            rule: The rule or setting from which the decision follows.
            question: The code of the question that was asked.
            confirmed_by: ``person``, or ``client`` if the client confirmed without being able to ask a person.

        Raises:
            AuditError: The record could not be written, and the tool call would change something. Nothing was
                sent.
        """
        log.info(
            "tool=%s decision=%s rule=%s confirmed_by=%s", call.tool, decision, rule, confirmed_by or "-"
        )
        fields: dict[str, Any] = {
            "event": "decision",
            "call": call.id,
            "tool": call.tool,
            "identity": call.identity,
            "client": call.client,
            "caller": call.caller,
            "decision": decision,
            "rule": rule,
            "question": question,
            "confirmed_by": confirmed_by,
        }
        if decision is Decision.ASKED:  # a tool call that is never answered has no other record
            fields["arguments"] = self._redacted(call.arguments)
        self._append_or_refuse(call, {name: value for name, value in fields.items() if value != ""})

    def end(self, call: AuditedCall, summary: AuditSummary, seconds: float, *, refused: bool = False) -> None:
        """Record the result of a tool call. Never raises, because the tool call has already been executed.

        Args:
            call: The tool call.
            summary: The result.
            seconds: The duration.
            refused: Whether the tool call was refused before ``begin``. The record then also states the client and
                the caller, because the tool call has no other record.
        """
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
            **({"client": call.client, "caller": call.caller} if refused else {}),
        }
        try:
            self._append({name: value for name, value in fields.items() if value != ""})
        except AuditError as error:
            log.error(
                "The result of call %s of tool %s is not in the audit log: %s", call.id, call.tool, error
            )

    def refuse(self, call: AuditedCall, outcome: str) -> None:
        """Record a tool call that was refused before ``begin``, such as one with invalid arguments. Never raises."""
        self.end(call, AuditSummary(outcome), 0.0, refused=True)

    def _append_or_refuse(self, call: AuditedCall, fields: Mapping[str, Any]) -> None:
        try:
            self._append(fields)
        except AuditError:
            if self._refuse and call.changes:
                raise

    def _redacted(self, arguments: Mapping[str, Any]) -> Any:
        """Return the arguments in limited size, without what the redaction hides."""
        examined = self._bounded(arguments, _EXAMINED)
        documents = {
            name: redact_document(text, self._redaction)
            for name, text in examined.items()
            if name in _DOCUMENTS and isinstance(text, str)
        }
        return self._bounded(self._redaction.data(examined | documents), _MAX_TEXT)

    def _bounded(self, value: Any, text_limit: int, depth: int = 6) -> Any:
        """Return a copy in which depth, number of items and length of text are limited."""
        if isinstance(value, str):
            if len(value) <= text_limit:
                return value
            return self._redaction.truncated(value, text_limit - 1) + "…"
        if value is None or isinstance(value, bool | int | float):
            return value
        if depth == 0:
            return "…"
        if isinstance(value, Mapping):
            items = list(value.items())[:_MAX_ITEMS]
            return {
                self._bounded(str(name), text_limit): self._bounded(item, text_limit, depth - 1)
                for name, item in items
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._bounded(item, text_limit, depth - 1) for item in list(value)[:_MAX_ITEMS]]
        return self._bounded(str(value), text_limit)

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
