"""Reads, on demand, the lists that an agent can choose from: reason codes, wrap-up reasons and contacts."""

from __future__ import annotations

from mcp_finesse.model import Contact, ReasonCode, WrapUpReason
from mcp_finesse.rest.api.codes import get_reason_codes, get_wrap_up_reasons
from mcp_finesse.rest.api.phone_books import get_phone_books
from mcp_finesse.rest.operation import sends
from mcp_finesse.session.concurrency import read_within
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.state.mirror import Mirror


class CodeLists:
    """Reads the code lists that apply to the agent's team.

    Args:
        look: Maximum seconds for one read. MCP hosts allow 60 s for the read and the following action together.
    """

    def __init__(self, nodes: Nodes, mirror: Mirror, look: float) -> None:
        self._nodes = nodes
        self._mirror = mirror
        self._look = look

    @sends(get_reason_codes)
    async def codes(self, category: str) -> list[ReasonCode]:
        """Return the reason codes of category ``NOT_READY`` or ``LOGOUT`` that the agent may use."""
        reading = get_reason_codes(self._nodes.rest, self._mirror.user_id, self._team_id(), category)
        return await read_within(self._look, "The reason codes", reading)

    @sends(get_wrap_up_reasons)
    async def wrap_up_reasons(self) -> list[WrapUpReason]:
        """Return the wrap-up reasons that the agent may use."""
        reading = get_wrap_up_reasons(self._nodes.rest, self._mirror.user_id, self._team_id())
        return await read_within(self._look, "The wrap-up reasons", reading)

    @sends(get_phone_books)
    async def contacts(self) -> list[tuple[str, Contact]]:
        """Return the contacts of the agent's phone books, each with the name of its phone book."""
        reading = get_phone_books(self._nodes.rest, self._mirror.user_id, self._team_id())
        books = await read_within(self._look, "The phone books", reading)
        return [(book.name or "", contact) for book in books for contact in book.contacts]

    def _team_id(self) -> str | None:
        return self._mirror.user.team_id if self._mirror.user is not None else None
