"""Summaries of Finesse objects for tools and resources. Summaries are bounded, and mark caller-supplied text."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from mcp_finesse.model import (
    Dialog,
    MediaProperties,
    Participant,
    User,
    WireModel,
    id_from_uri,
    own_participant,
)
from mcp_finesse.privacy import caller_fields, caller_text
from mcp_finesse.redaction import truncated
from mcp_finesse.server.present.limits import (
    MAX_PARTICIPANTS,
    MAX_SHOWN_DEPTH,
    MAX_SHOWN_ITEMS,
    MAX_SHOWN_TEXT,
    MAX_VARIABLES,
    MAX_WRAP_UP_ITEMS,
)
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.times import finesse_timestamp

_AGENT_DEVICE = "AGENT_DEVICE"

Summary = dict[str, Any]


def compact(**fields: Any) -> Summary:
    """Return the fields as a mapping. Nulls, empty texts and empty collections are omitted."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, ())}


def clipped(value: Any, depth: int = MAX_SHOWN_DEPTH) -> Any:
    """Truncate long texts, lists and mappings in Finesse data, and mark each truncation."""
    if isinstance(value, str):
        if len(value) <= MAX_SHOWN_TEXT:
            return value
        return f"{truncated(value, MAX_SHOWN_TEXT)}... ({len(value)} characters in all)"
    if isinstance(value, dict | list) and depth <= 0:
        return "(nested too deeply to be shown)"
    if isinstance(value, dict):
        shown = {
            clipped(str(name)): clipped(item, depth - 1)
            for name, item in itertools.islice(value.items(), MAX_SHOWN_ITEMS)
        }
        more = len(value) - len(shown)
        return shown | {"fields_left_out": more} if more > 0 else shown
    if isinstance(value, list | tuple):
        items = [clipped(item, depth - 1) for item in value[:MAX_SHOWN_ITEMS]]
        more = len(value) - len(items)
        return [*items, f"({more} more)"] if more else items
    return value


def id_of(summary: Mapping[str, Any]) -> str:
    """Return the id in a summary for use in a line of text. Finesse may have omitted the id."""
    return str(summary.get("id", "without id"))


def plain(value: object) -> Any:
    """Convert an object to redacted JSON data without nulls. Times of Finesse are converted to the local clock."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, WireModel):
        value = _with_times(redacted(value).model_dump(exclude_none=True))
    data = to_jsonable_python(value, exclude_none=True, fallback=str)
    return compact(**data) if isinstance(data, dict) else data


def _with_times(value: Any) -> Any:
    if isinstance(value, datetime):
        return finesse_timestamp(value)
    if isinstance(value, dict):
        return {name: _with_times(item) for name, item in value.items()}
    return [_with_times(item) for item in value] if isinstance(value, list) else value


def dialog_summary(dialog: Dialog, extension: str | None) -> Summary:
    """Return the summary of a dialog. ``extension`` identifies the agent's participant."""
    own = own_participant(dialog, extension)
    unchanged, dialog = dialog, redacted(dialog)
    parties = zip(unchanged.participants, dialog.participants, strict=True)
    media = dialog.media_properties or MediaProperties()
    callback = dialog.scheduled_callback
    variables, left_out = caller_fields(
        {item.name: item.value for item in media.call_variables}, entries=MAX_VARIABLES
    )
    shown = compact(
        id=dialog.id,
        state=dialog.state,
        my_state=own and own.state,
        allowed_actions=list(own.actions) if own else None,
        since=finesse_timestamp(own.state_change_time) if own else None,
        call_type=media.call_type,
        queue=media.queue_name,
        dialed_number=media.dialed_number,
        to_address=caller_text(dialog.to_address or "", 100),
        associated_dialog=id_from_uri(dialog.associated_dialog_uri),
        callback_time=caller_text(callback.callback_time or "", 40) if callback else None,
        participants=[_participant(each, real is own) for real, each in parties][:MAX_PARTICIPANTS],
        participants_left_out=max(0, len(dialog.participants) - MAX_PARTICIPANTS) or None,
        caller_supplied=compact(
            from_address=caller_text(dialog.from_address or "", 100),
            callback_number=caller_text(callback.callback_number or "", 100) if callback else None,
            customer_number=caller_text(dialog.callback_number or "", 100),
            call_variables=variables,
            call_variables_left_out=left_out or None,
            # Finesse accepts any text as a wrap-up reason
            wrap_up_reason=caller_text(media.wrap_up_reason or ""),
            wrap_up_items=[caller_text(each) for each in media.wrap_up_items[:MAX_WRAP_UP_ITEMS]],
            wrap_up_items_left_out=max(0, len(media.wrap_up_items) - MAX_WRAP_UP_ITEMS) or None,
        ),
    )
    return dict(clipped(shown))


def _participant(item: Participant, me: bool) -> Summary:
    shown = compact(me=me or None, state=item.state, cause=item.state_cause)
    if item.media_address_type == _AGENT_DEVICE:
        return compact(address=item.media_address) | shown
    # the other participants are callers or external destinations, so their addresses are caller-supplied
    return shown | {"caller_supplied": compact(address=caller_text(item.media_address or "", 100))}


def user_summary(user: User) -> Summary:
    """Return the summary of an agent."""
    user = redacted(user)
    reason = user.reason_code
    shown = compact(
        id=user.id,
        name=" ".join(part for part in (user.first_name, user.last_name) if part),
        state=user.state,
        since=finesse_timestamp(user.state_change_time),
        pending_state=user.pending_state,
        reason=compact(id=reason.id, code=reason.code, label=reason.label) if reason else None,
        extension=user.extension,
        team=compact(id=user.team_id, name=user.team_name),
        roles=list(user.roles),
    )
    return dict(clipped(shown))


def listed(names: Sequence[str], limit: int = 30) -> str:
    """Join at most ``limit`` names, and append the number of further names. Empty if there are no names."""
    shown, more = bounded(names, limit)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def bounded(items: Sequence[Any], limit: int) -> tuple[list[Any], int]:
    """Return the first ``limit`` items and the number of omitted items."""
    return list(items[:limit]), max(0, len(items) - limit)
