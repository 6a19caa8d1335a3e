"""Results of the administration tools: objects, lists of objects, and outcomes of changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from mcp_finesse.model import WireModel
from mcp_finesse.server.audit.auditor import AuditSummary
from mcp_finesse.server.present.limits import MAX_ERRORS
from mcp_finesse.server.present.results import Result, lines_about
from mcp_finesse.server.present.summaries import bounded, compact, plain
from mcp_finesse.server.tools.admin.configuration_objects import in_full, in_short, line, shown
from mcp_finesse.session import ConfigurationOutcome, OutcomeStatus


class ObjectsResult(Result):
    """Objects of one kind, and the number of omitted objects."""

    kind: str
    objects: list[dict[str, Any]]
    left_out: int

    @classmethod
    def of(cls, kind: str, objects: Sequence[WireModel], limit: int) -> Self:
        """Create the result for the first objects of a list."""
        some, more = bounded(objects, limit)
        return cls(kind=kind, objects=[in_short(kind, each) for each in some], left_out=more)

    def __str__(self) -> str:
        lines = [line(each) for each in self.objects] or [f"No {self.kind} matches."]
        if self.left_out:
            lines.append(f"{self.left_out} more objects were left out. Give a query or a larger limit.")
        return "\n".join(lines)


class ObjectResult(Result):
    """One object."""

    kind: str
    object: dict[str, Any]
    left_out: int | None = None
    caution: str | None = None

    @classmethod
    def of(cls, kind: str, value: WireModel, caution: str = "") -> Self:
        """Create the result for an object that was read."""
        found, left_out = shown(value)
        return cls(kind=kind, object=found, left_out=left_out or None, caution=caution or None)

    def __str__(self) -> str:
        lines = [f"{self.kind}: {in_full(self.object) or 'nothing is set'}"]
        if self.left_out:
            lines.append(f"{self.left_out} more characters of the layout were left out.")
        return "\n".join(lines + ([self.caution] if self.caution else []))


class ChangeResult(Result):
    """The outcome of a configuration change."""

    status: OutcomeStatus
    action: str
    message: str
    advice: str | None = None
    caution: str | None = None
    object_id: str | None = None
    object: dict[str, Any] | None = None
    was: dict[str, Any] | None = None
    differences: list[dict[str, Any]] | None = None
    errors: list[dict[str, Any]] | None = None
    left_out: int | None = None
    request_id: str | None = None
    seconds: float | None = None

    @classmethod
    def of(cls, outcome: ConfigurationOutcome) -> Self:
        """Create the result for an outcome."""
        differences, cut = bounded(outcome.differences, MAX_ERRORS)
        errors, more = bounded(outcome.errors, MAX_ERRORS)
        changed = outcome.status is OutcomeStatus.CONFIRMED
        return cls(
            status=outcome.status,
            action=outcome.action,
            message=outcome.message,
            advice=outcome.advice or None,
            caution=(outcome.caution if changed else "") or None,
            object_id=outcome.object_id,
            object=_found(outcome.object) or None,
            was=_found(outcome.was) or None,
            differences=plain(differences) or None,
            errors=plain(errors) or None,
            left_out=cut + more or None,
            request_id=outcome.request_id or None,
            seconds=round(outcome.seconds, 3),
        )

    def __str__(self) -> str:
        lines = [f"{self.status}: {self.message}"]
        lines += lines_about(self.differences, self.errors, self.left_out, self.message)
        lines += [text for text in (self.advice, self.caution) if text]
        if self.object:
            lines.append(f"Now: {_stated(self.object)}")
        if self.was:
            lines.append(f"Before: {_stated(self.was)}")
        return "\n".join(lines)

    def audit(self) -> AuditSummary:
        """Return the outcome status, the request id and the object for the audit log."""
        return AuditSummary(
            self.status, self.request_id or "-", f"object {self.object_id}" if self.object_id else ""
        )


def _found(value: Any) -> dict[str, Any]:
    """Return an object or some of its fields. For a list, return the ids. If items lack ids, return their number."""
    if isinstance(value, WireModel):
        return shown(value)[0]
    if isinstance(value, list):
        ids = [each.id for each in value if getattr(each, "id", None) is not None]
        return {"ids": ids} if ids or not value else {"count": len(value)}
    return compact(**value) if value else {}


def _stated(found: dict[str, Any]) -> str:
    """Format a value that ``_found`` returned as text."""
    if found.keys() == {"ids"}:
        return f"ids {', '.join(map(str, found['ids']))}" if found["ids"] else "no objects"
    if found.keys() == {"count"}:
        return f"{found['count']} objects"
    return in_full(found)
