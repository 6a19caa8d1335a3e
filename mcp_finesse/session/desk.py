"""What tools ask of a session: each of it goes to the part of the session that knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mcp_finesse.model import Contact, ReasonCode, WrapUpReason
from mcp_finesse.privacy import redact
from mcp_finesse.session.actions import Action
from mcp_finesse.session.administration import Administration
from mcp_finesse.session.attending import Attending
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.free_request import FreeAnswer, FreeRequest, ask
from mcp_finesse.session.lookups import Lookups
from mcp_finesse.session.mirror import Change, Mirror
from mcp_finesse.session.nodes import Nodes
from mcp_finesse.session.outcome import Outcome
from mcp_finesse.session.performer import Performer
from mcp_finesse.session.progress import Progress
from mcp_finesse.session.reading import StateReader
from mcp_finesse.session.subscriptions import FeedStatus, Subscriptions


class Desk:
    """The half of a session that is asked; the other half, ``FinesseSession``, lives and makes the parts."""

    config: SessionConfig
    mirror: Mirror
    nodes: Nodes
    progress: Progress
    administration: Administration
    _performer: Performer
    _reader: StateReader
    _lookups: Lookups
    _subscriptions: Subscriptions
    _attending: Attending

    async def ready(self, timeout: float) -> None:
        """Return when actions can be sent and their events received.

        Raises:
            NotReadyError: not within ``timeout`` seconds; says how far it is.
            CredentialsError, ReplacedError, ConfigurationError: it never will.
        """
        await self.progress.usable(timeout)

    def on_change(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` when the session or what it mirrors changes. Returns the function that ends it."""
        return self.mirror.listen(callback)

    # -- what an agent does

    async def act(self, action: Action, seconds: float | None = None) -> Outcome:
        """Carry an action out and tell the truth about it, within ``seconds`` (by default ``timing.action``).

        Raises:
            FinesseError: the session is not ready, or nothing was sent.
        """
        if not self.progress.state.usable:
            await self.ready(0)
        return await self._performer.perform(action, seconds)

    async def request(self, request: FreeRequest, *, as_administrator: bool = False) -> FreeAnswer:
        """Send any request to the REST API: as the agent, when the session is ready, or as the administrator.

        Raises:
            FinesseError: the session is not ready, or as ``free_request.ask``, ``Administration.request``.
        """
        if as_administrator or not self.config.agent:
            return await self.administration.request(request)
        await self.ready(0)
        return await ask(self.nodes.rest, self.config.credentials, request)

    def without_secrets(self, text: str) -> str:
        """The text, with everything that is or looks like a secret replaced."""
        known = [each for each in (self.config.credentials, self.config.administrator) if each is not None]
        return str(redact(text, [each.password for each in known], [each.user_id for each in known]))

    async def refresh_user(self) -> None:
        """Read the agent again."""
        await self._reader.reread("user")

    async def refresh_dialogs(self) -> None:
        """Read the list of dialogs again."""
        await self._reader.reread("dialogs")

    async def refresh_tasks(self) -> None:
        """Read media and tasks again."""
        await self._reader.reread("tasks")

    async def codes(self, category: str) -> list[ReasonCode]:
        """Reason codes of ``NOT_READY`` or ``LOGOUT`` that the agent may use."""
        return await self._lookups.codes(category)

    async def wrap_up_reasons(self) -> list[WrapUpReason]:
        """Wrap-up reasons that the agent may use."""
        return await self._lookups.wrap_up_reasons()

    async def contacts(self) -> list[tuple[str, Contact]]:
        """Contacts of the agent's phone books, each with the name of its book."""
        return await self._lookups.contacts()

    async def subscribe(self, slug: str) -> FeedStatus:
        """Ask for a feed by its slug, such as ``team:310``; counted."""
        return await self._subscriptions.subscribe(slug)

    async def unsubscribe(self, slug: str) -> FeedStatus:
        """Give a feed up; the subscription ends when the last user does."""
        return await self._subscriptions.unsubscribe(slug)

    async def follow(self, slug: str) -> None:
        """Have a feed from now on, if it is to be had; asked for twice it is still counted once."""
        await self._attending.follow(slug)

    def feeds(self) -> Sequence[FeedStatus]:
        """Every feed, and which ones come here."""
        return self._subscriptions.feeds()
