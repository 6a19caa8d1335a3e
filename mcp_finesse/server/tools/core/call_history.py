"""The tool that lists the agent's past phone calls with their times."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.privacy import caller_text, quoted
from mcp_finesse.redaction import truncated
from mcp_finesse.server.arguments.arguments import Limit
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import compact
from mcp_finesse.server.present.times import timestamp
from mcp_finesse.session import CallOutcome, CallRecord, FinesseSession

_SHOWN = 100
"""Maximum characters of a text. The call log stores longer texts, so that redaction finds a card number there."""
_RING = ("ALERTING", "INITIATING", "INITIATED")


class CallLogResult(Result):
    """The agent's calls, newest first, and totals over all calls."""

    since: str | None = None
    calls: list[dict[str, Any]]
    totals: dict[str, Any]
    left_out: int
    note: str | None = None

    def __str__(self) -> str:
        lines = [f"Calls recorded since {self.since or 'now'}.", *map(_line, self.calls)]
        if not self.calls:
            lines.append("No calls were recorded.")
        else:
            totals = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.totals.items())
            lines.append(f"Totals: {totals}.")
        if self.left_out:
            lines.append(f"{self.left_out} older calls were left out.")
        return "\n".join(lines + ([self.note] if self.note else []))


async def get_call_log(
    session: FinesseSession, limit: Annotated[Limit, Field(description="Default 20")] = 20
) -> CallLogResult:
    """Get the agent's calls since this server started: parties, queue, outcome, seconds per phase.

    Use for past calls, counts and times; for current calls use get_dialogs. Returns since, calls (newest
    first) and totals.
    """
    log, now = session.call_log, session.now()
    if log.since is None:
        await session.ready(READY_SECONDS)
    records = list(reversed(log.records))
    return CallLogResult(
        since=timestamp(log.since),
        calls=[_summary(record, now) for record in records[:limit]],
        totals=_totals(records, now),
        left_out=max(0, len(records) - limit) + log.forgotten,
        note=_note(log.gaps),
    )


def _summary(record: CallRecord, now: datetime) -> dict[str, Any]:
    said = redacted(
        {name: getattr(record, name) for name in ("from_address", "to_address", "queue", "wrap_up_reason")}
    )
    return compact(
        dialog_id=record.dialog_id,
        outcome=record.outcome,
        cause=record.cause,
        direction=record.direction,
        call_type=record.call_type,
        queue=truncated(said["queue"], _SHOWN),
        started_at=timestamp(record.started_at),
        ended_at=timestamp(record.ended_at),
        **_seconds(record, now),
        incomplete=(not record.seen_from_start or (record.ended_at is not None and not record.end_seen))
        or None,
        caller_supplied=compact(
            from_address=caller_text(said["from_address"], _SHOWN),
            to_address=caller_text(said["to_address"], _SHOWN),
            wrap_up_reason=caller_text(said["wrap_up_reason"], _SHOWN),
        ),
    )


def _seconds(record: CallRecord, now: datetime) -> dict[str, int]:
    return {
        "ring_seconds": round(record.seconds_in(*_RING, now=now)),
        "talk_seconds": round(record.seconds_in("ACTIVE", now=now)),
        "hold_seconds": round(record.seconds_in("HELD", now=now)),
        "wrap_up_seconds": round(record.seconds_in("WRAP_UP", now=now)),
    }


def _totals(records: list[CallRecord], now: datetime) -> dict[str, Any]:
    counted = Counter(str(record.outcome) for record in records)
    seconds: Counter[str] = Counter()
    for record in records:
        seconds.update(_seconds(record, now))
    return {
        "calls": len(records),
        **{str(each): counted[each] for each in CallOutcome if counted[each]},
        **seconds,
    }


def _note(gaps: int) -> str | None:
    if not gaps:
        return None
    return f"Notifications may have been lost {gaps} times, so calls may be missing or incomplete."


def _line(call: dict[str, Any]) -> str:
    supplied = call.get("caller_supplied", {})
    parts = [f"{call['started_at']} call {call['dialog_id']}"]
    if "from_address" in supplied:
        parts.append(f"from {quoted(supplied['from_address'])}")
    if "to_address" in supplied:
        parts.append(f"to {quoted(supplied['to_address'])}")
    if "queue" in call:
        parts.append(f"queue {quoted(call['queue'])}")
    outcome = call["outcome"] + (f" ({call['cause']})" if "cause" in call else "")
    times = ", ".join(
        f"{name} {call[f'{name}_seconds'.replace('-', '_')]} s"
        for name in ("ring", "talk", "hold", "wrap-up")
    )
    end = ", times incomplete" if call.get("incomplete") else ""
    return f"{' '.join(parts)}: {outcome}, {times}{end}"
