"""Tool results. Each has typed structured content for programs and a short text for models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel

from mcp_finesse.privacy import caller_text, quoted, visible
from mcp_finesse.server.audit.auditor import AuditSummary
from mcp_finesse.server.present.limits import MAX_ERRORS
from mcp_finesse.server.present.object_text import dialog_line, user_line
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.summaries import bounded, dialog_summary, plain, user_summary
from mcp_finesse.session import DifferenceInfo, Outcome, OutcomeStatus


class Result(BaseModel, ABC):
    """Base of all results: a flat object with free-form nested parts, to keep the schema small."""

    @abstractmethod
    def __str__(self) -> str:
        """Return the result as a few lines of text. Caller-supplied text is quoted."""

    def audit(self) -> AuditSummary:
        """Return the summary for the audit log, which contains no external text."""
        return AuditSummary()

    def to_mcp(self) -> CallToolResult:
        """Redact the result and convert it to the SDK's type with short text and structured content without nulls."""
        shown = redacted(self)  # also redacts the text, which is made from the fields
        return CallToolResult(
            content=[TextContent(type="text", text=visible(str(shown)))],
            structured_content=visible(shown.model_dump(mode="json", exclude_none=True)),
        )


class OutcomeResult(Result):
    """The outcome of an action."""

    noun: ClassVar[str] = "Call"
    status: OutcomeStatus
    action: str
    message: str
    advice: str | None = None
    dialog: dict[str, Any] | None = None
    ended_dialog: str | None = None
    user: dict[str, Any] | None = None
    differences: list[dict[str, Any]] | None = None
    errors: list[dict[str, Any]] | None = None
    left_out: int | None = None
    request_id: str | None = None
    seconds: float | None = None
    cursor: str | None = None

    @classmethod
    def of(
        cls, outcome: Outcome, extension: str | None, hint: str = "", dialog: dict[str, Any] | None = None
    ) -> Self:
        """Create the result for an outcome.

        Args:
            outcome: the outcome that the session reported.
            extension: the agent's extension, to identify the agent's participant in a dialog.
            hint: additional advice that is shown unless the action succeeded.
            dialog: a summary of the outcome's dialog, to use instead of the default summary.
        """
        advice = " ".join(part for part in (outcome.advice, hint) if part)
        differences, cut = bounded(outcome.differences, MAX_ERRORS)
        errors, more = bounded(outcome.errors, MAX_ERRORS)
        return cls(
            status=outcome.status,
            action=str(outcome.action),
            message=outcome.message,
            advice=advice or None,
            dialog=dialog or (dialog_summary(outcome.dialog, extension) if outcome.dialog else None),
            ended_dialog=outcome.dialog_id if outcome.dialog is None else None,
            user=user_summary(outcome.user) if outcome.user else None,
            differences=[_difference(item) for item in differences] or None,
            errors=plain(errors) or None,
            left_out=cut + more or None,
            request_id=outcome.request_id or None,
            seconds=round(outcome.seconds, 3),
        )

    def __str__(self) -> str:
        lines = [f"{self.status}: {self.message}"]
        differs = [item | item["caller_supplied"] for item in self.differences or ()]
        lines += lines_about(differs, self.errors, self.left_out, self.message)
        if self.advice:
            lines.append(self.advice)
        if self.dialog:
            lines.append(dialog_line(self.dialog))
        if self.ended_dialog:
            lines.append(
                f"{self.noun} {self.ended_dialog} is no longer one of the agent's {self.noun.lower()}s."
            )
        if self.user:
            lines.append(user_line(self.user))
        if self.cursor:
            lines.append(f"Cursor: {self.cursor}")
        return "\n".join(lines)

    def audit(self) -> AuditSummary:
        """Return the outcome status, the request id and the object for the audit log."""
        dialog_id = self.ended_dialog or (self.dialog or {}).get("id")
        return AuditSummary(self.status, self.request_id or "-", f"dialog {dialog_id}" if dialog_id else "")


def lines_about(
    differences: Iterable[Mapping[str, Any]] | None,
    errors: Iterable[Mapping[str, Any]] | None,
    left_out: int | None,
    message: str = "",
) -> list[str]:
    """Return lines about differences from the request, followed by lines about errors.

    Args:
        differences: mappings with ``field``, ``asked`` and ``got``.
        errors: the errors that Finesse reported.
        left_out: the number of omitted differences and errors.
        message: the message shown above the lines. An error that the message contains is not repeated.
    """
    lines = [
        (
            f"{each['field']} differs: requested {quoted(each.get('asked', ''))}, is "
            f"{quoted(each.get('got', ''))}"
        )
        + _blanks_text(each)
        for each in differences or ()
    ]
    new = [
        error for error in errors or () if not all(str(part) in message for part in error.values() if part)
    ]
    said = [" ".join(str(part) for part in error.values() if part) for error in new]
    if said:
        lines.append(f"Finesse reported: {'; '.join(said)}")
    if left_out:
        lines.append(f"{left_out} more differences and errors were left out.")
    return lines


def _blanks_text(difference: Mapping[str, Any]) -> str:
    note = difference.get("blanks") or _blanks(difference.get("asked"), difference.get("got"))
    return f" ({note})" if note else ""


def _blanks(asked: object, got: object) -> str | None:
    """Describe the leading and trailing blanks of both values, because quoted text does not show blanks."""
    counts = [
        f"{len(text) - len(text.lstrip())} and {len(text) - len(text.rstrip())}"
        for text in (f"{asked}", f"{got}")
    ]
    if counts == ["0 and 0", "0 and 0"]:
        return None
    return f"whitespace before and after the text: requested {counts[0]}, is {counts[1]}"


def _difference(item: DifferenceInfo) -> dict[str, Any]:
    # both values may come from the caller of the phone call
    item = redacted(item)
    blanks = _blanks(item.asked, item.got)
    return ({"blanks": blanks} if blanks else {}) | {
        "field": item.field,
        "caller_supplied": {"asked": caller_text(item.asked), "got": caller_text(item.got)},
    }
