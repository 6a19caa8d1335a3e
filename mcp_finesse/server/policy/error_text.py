"""Converts errors to text for the model."""

from __future__ import annotations

from mcp_finesse.errors import Actor, FinesseError, NetworkError
from mcp_finesse.privacy import caller_block, describe_detail
from mcp_finesse.server.present.limits import MAX_ERRORS
from mcp_finesse.server.present.redacting import redacted_sentence

_WHO_ACTS = {
    Actor.USER: "Only the user can correct this.",
    Actor.ADMINISTRATOR: "The Finesse administrator must act.",
    Actor.NETWORK: "Check the network, or try again later.",
    Actor.NOBODY: "No action is required. Wait, then try again.",
}


def in_plain_words(error: FinesseError, *, nothing_sent: bool = False) -> str:
    """Return an error text for the model: what happened, Finesse's message, who must act, what to try.

    Args:
        error: the error that ended the tool call.
        nothing_sent: whether the tool call would have changed something, but no change was sent.
    """
    details = getattr(error, "details", ())[:MAX_ERRORS]
    said = "; ".join(each for each in map(describe_detail, details) if each not in error.message)
    step = f"Failed step: {error.step}." if isinstance(error, NetworkError) else ""
    message = f"{error.message} {error.advice}".lower()
    add_nothing_sent = nothing_sent and "nothing was sent" not in message and "not sent" not in message
    parts = (
        error.message,
        step,
        f"Finesse reported: {said}." if said else "",
        _WHO_ACTS.get(error.actor, ""),
        error.advice,
        "Nothing was sent." if add_nothing_sent else "",
    )
    # The text may contain content from a caller, from Finesse or from an intermediary
    return caller_block(redacted_sentence(" ".join(part for part in parts if part)))[0]
