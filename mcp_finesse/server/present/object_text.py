"""Formats a Finesse object as one line of text, with all parts or with only the changed parts.

An object is divided into named parts, so that a later notification about the object shows only the changed
parts. Text supplied by a caller or customer is quoted and follows the words ``caller-supplied``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.privacy import caller_text, quoted
from mcp_finesse.server.present.summaries import Summary

Parts = dict[str, str]
"""The parts of an object by name. Names of caller-supplied parts begin with ``_SUPPLIED``."""

_SUPPLIED = "caller-supplied "
_NOT_COMPARED = ("since", _SUPPLIED)
_NUMBERS = (("from_address", "from"), ("callback_number", "callback number"), ("customer_number", "customer"))
_VARIABLES = 12
_SHORT, _FULL = 80, 2000


def dialog_line(summary: Summary, before: Parts | None = None, *, full: bool = False) -> str:
    """Return a call as one line.

    Args:
        summary: the result of ``dialog_summary``.
        before: the parts that were shown earlier. If given, only parts that differ are included.
        full: whether to show caller-supplied text and variables without truncation. True if the client requested
            only this call.
    """
    return object_line(dialog_name(summary), dialog_parts(summary, full=full), before)


def dialog_name(summary: Mapping[str, Any]) -> str:
    """Return the kind and id of a dialog. Only the ids of tasks contain underscores (guide p.186)."""
    dialog_id = str(summary.get("id", "?"))
    return f"task {dialog_id}" if "_" in dialog_id else f"call {dialog_id}"


def dialog_parts(summary: Summary, *, full: bool = False) -> Parts:
    """Divide a dialog summary into parts of text."""
    limit = _FULL if full else _SHORT
    supplied: Mapping[str, Any] = summary.get("caller_supplied", {})
    parts = {"state": str(summary.get("state", "state unknown"))}
    if mine := summary.get("my_state"):
        cause = next((f" ({p['cause']})" for p in summary.get("participants", ()) if _is_me(p, "cause")), "")
        parts["you"] = f"you {mine}{cause}"
        parts["since"] = f"since {summary['since']}" if "since" in summary else ""
    own_address = next((p.get("address") for p in summary.get("participants", ()) if p.get("me")), None)
    if own_address is not None and supplied.get("from_address") == own_address:
        parts["from"] = "from your phone"
    if to := summary.get("to_address"):
        parts["to"] = f"to {caller_text(to, 40)}"
    parts |= {
        name: f"{name.replace('_', ' ')} {summary[name]}"
        for name in ("queue", "call_type")
        if name in summary
    }
    parts["parties"] = _parties(summary, limit)
    if associated := summary.get("associated_dialog"):
        parts["associated dialog"] = f"associated call {associated}"
    if callback := summary.get("callback_time"):
        parts["callback"] = f"callback {callback}"
    wrapped = supplied.get("wrap_up_items") or [supplied.get("wrap_up_reason")]
    if any(wrapped):
        parts["wrap-up"] = f"wrap-up {', '.join(quoted(reason) for reason in wrapped if reason)}"
    if "my_state" in summary:
        parts["allowed"] = f"allowed now: {', '.join(summary.get('allowed_actions', ())) or 'nothing'}"
    for name, words in _NUMBERS:
        if name in supplied and supplied[name] != own_address:
            parts[_SUPPLIED + words] = f"{words} {quoted(supplied[name], limit)}"
    parts |= variable_parts(supplied, full=full)
    return {name: text for name, text in parts.items() if text}


def variable_parts(supplied: Mapping[str, Any], *, full: bool = False) -> Parts:
    """Return one part for each call variable."""
    variables: Mapping[str, str] = supplied.get("call_variables", {})
    shown = list(variables.items())[: None if full else _VARIABLES]
    parts = {_SUPPLIED + name: f"{name}={quoted(value, _FULL if full else _SHORT)}" for name, value in shown}
    if more := len(variables) - len(shown) + supplied.get("call_variables_left_out", 0):
        parts[_SUPPLIED] = f"({more} more variables)"
    return parts


def user_line(summary: Summary, before: Parts | None = None) -> str:
    """Return an agent as one line. ``before`` has the same meaning as in ``dialog_line``."""
    name = f" {summary['name']}" if "name" in summary and before is None else ""
    return object_line(
        f"agent {summary['id']}{name}" if "id" in summary else "agent", user_parts(summary), before, ", "
    )


def user_parts(summary: Summary) -> Parts:
    """Divide a user summary into parts of text."""
    parts = {"state": str(summary.get("state", "state unknown")) + reason_text(summary)}
    if since := summary.get("since"):
        parts["since"] = f"since {since}"
    if pending := summary.get("pending_state"):
        parts["pending state"] = f"will be {pending} after the call{_pending_reason(summary)}"
    if extension := summary.get("extension"):
        parts["extension"] = f"extension {extension}"
    if team := summary.get("team", {}).get("name"):
        parts["team"] = f"team {team}"
    return parts


def reason_text(summary: Summary) -> str:
    """Return the label and code of a state's reason, in parentheses. Empty if the state has no reason."""
    reason = summary.get("reason", {})
    known = [reason["label"]] if "label" in reason else []
    known += [f"code {reason['code']}"] if "code" in reason else []
    return f" ({', '.join(known)})" if known else ""


def _pending_reason(summary: Summary) -> str:
    reason = summary.get("pending_reason", {})
    if reason.get("known") is False:
        return " (Finesse does not report the reason)"
    if not reason:
        return ""
    return (
        f" ({reason['label']}, code {reason['code']})"
        if {"label", "code"} <= set(reason)
        else (f" (reason id {reason['id']})")
    )


def joined(head: str, parts: Parts) -> str:
    """Return all parts as one line. Caller-supplied parts come last."""
    known = [text for name, text in parts.items() if not name.startswith(_SUPPLIED)]
    supplied = [text for name, text in parts.items() if name.startswith(_SUPPLIED)]
    line = f"{head}{', '.join(known)}"
    return f"{line}; caller-supplied: {', '.join(supplied)}" if supplied else line


def object_line(name: str, parts: Parts, before: Parts | None, separator: str = ": ") -> str:
    """Return an object as one line. With ``before``, show only changed parts and the names of removed parts."""
    if before is None:
        return joined(name + separator, parts)
    changed = {part: text for part, text in parts.items() if part in changed_names(before, parts)}
    if ended := [
        part.removeprefix(_SUPPLIED) for part in before if part not in parts and part not in _NOT_COMPARED
    ]:
        changed["ended"] = f"removed: {', '.join(ended)}"
    return joined(f"{name} changed: ", changed) if changed else f"{name} unchanged"


def changed_names(before: Parts, parts: Parts) -> list[str]:
    """Return the names of the parts that differ. The time of the change is ignored."""
    names = [*parts, *(part for part in before if part not in parts)]
    return [name for name in names if name not in _NOT_COMPARED and before.get(name) != parts.get(name)]


def _parties(summary: Summary, limit: int) -> str:
    caller = summary.get("caller_supplied", {}).get("from_address")
    shown = [_party(item, caller, limit) for item in summary.get("participants", ()) if not item.get("me")]
    if more := summary.get("participants_left_out"):
        shown.append(f"{more} more")
    return f"parties: {', '.join(shown)}" if shown else ""


def _party(item: Summary, caller: str | None, limit: int) -> str:
    supplied = item.get("caller_supplied", {}).get("address")
    if "address" in item:
        who = item["address"]
    elif supplied is None:
        who = "unknown number"
    else:
        who = "caller" if supplied == caller else f"caller-supplied {quoted(supplied, limit)}"
    cause = f" ({item['cause']})" if "cause" in item else ""
    return f"{who} {item.get('state', '')}".rstrip() + cause


def _is_me(item: Summary, field: str) -> bool:
    return bool(item.get("me")) and field in item
