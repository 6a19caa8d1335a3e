"""What the tools of the toolset tasks would do, for policy rules and for questions to a person."""

from __future__ import annotations

from typing import Any

from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import AskReason, Intent
from mcp_finesse.session import FinesseSession

_NAME = 100


async def sign_out_media(session: FinesseSession, media: str | None = None, **_: Any) -> Intent:
    """Return the intent to sign the user out of a medium, such as chat."""
    where = f"of {caller_text(media, _NAME)}" if media else "of the medium"
    return Intent(f"Sign out agent {session.mirror.user_id} {where}.", AskReason.SIGN_OUT)
