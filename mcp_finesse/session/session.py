"""The session of one agent: its REST client and its Notification Service connection behind one interface.

All tools and resources use the session. The session connects in the background, and its status is available at
any time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

from mcp_finesse.errors import (
    ConfigurationError,
    FinesseError,
    ReplacedError,
)
from mcp_finesse.model import Contact, ReasonCode, WrapUpReason
from mcp_finesse.privacy import redact
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.executor import ActionExecutor
from mcp_finesse.session.actions.outcome import Outcome
from mcp_finesse.session.administration.raw_request import RawRequest, RawResponse, send_raw_request
from mcp_finesse.session.administration.session import Administration
from mcp_finesse.session.config import SessionConfig
from mcp_finesse.session.connection.connection import Connection
from mcp_finesse.session.connection.connection_status import ConnectionStatus
from mcp_finesse.session.connection.feed_lease import FeedLeases
from mcp_finesse.session.connection.resync_triggers import ResyncTriggers
from mcp_finesse.session.connection.state_sync import StateSync
from mcp_finesse.session.connection.status_notes import is_signed_in, link_status_of, notes_of
from mcp_finesse.session.connection.subscriptions import FeedStatus, Subscriptions
from mcp_finesse.session.nodes.clock_offset import ClockOffset
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.reading.agent import StateReader
from mcp_finesse.session.reading.code_lists import CodeLists
from mcp_finesse.session.reading.requests import RereadRequests
from mcp_finesse.session.reading.teams import TeamReader
from mcp_finesse.session.state.call_log import CallLog
from mcp_finesse.session.state.call_watch import CallWatch
from mcp_finesse.session.state.journal import Journal
from mcp_finesse.session.state.mirror import Change, Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.session.status import SessionState, SessionStatus, no_agent

log = logging.getLogger(__name__)

T = TypeVar("T")


class FinesseSession:
    """The session of one agent, which combines the REST API and the Notification Service.

    Use the session as ``async with FinesseSession(config) as session``. Entering the context starts the
    connection in the background. Leaving the context closes the connection within ``timing.close`` seconds. The
    session never signs the agent in or out automatically.

    Attributes:
        journal: The recent notifications.
        mirror: The known state of the agent, calls, tasks, teams and queues.
        nodes: The Finesse nodes. ``nodes.current`` is in use.
        connection_status: The status of the connection.
        team_reader: Reads teams, queues and messages.
        call_log: The agent's phone calls since the session started to watch them.
        server_notes: Notes of the MCP server that uses the session. The status of the session shows these
            notes.
    """

    def __init__(self, config: SessionConfig) -> None:
        self.config = config
        self.journal = Journal(config.journal_size, memory=config.journal_memory)
        self.mirror = Mirror(config.credentials.user_id)
        self.mirror.ecc_lengths = config.ecc_lengths
        self.nodes = Nodes(config)
        self.administration = Administration(config)
        self.administration.share_secrets(self.nodes.login)
        self.connection_status = ConnectionStatus(self.now, lambda: self.mirror.changed(Change("session")))
        self._triggers = ResyncTriggers(self.connection_status, config.clock)
        self.nodes.login.on_expired = self._triggers.request_reread
        self._code_lists = CodeLists(self.nodes, self.mirror, config.timing.read)
        self._subscriptions = Subscriptions(config.credentials.user_id, config.clock, self.journal)
        self._leases = FeedLeases(self._subscriptions, config.timing.read)
        self.team_reader = TeamReader(self.nodes, self.mirror, config.timing.read)
        self._executor = ActionExecutor(
            self.nodes,
            self.mirror,
            config.timing,
            config.clock,
            self._reread,
            self._triggers.report_error,
            self._leases.held_for,
        )
        self._rereads = RereadRequests(
            config.timing.reread_pause, config.timing.reread_interval, self._triggers.request_reread
        )
        self._receiver = Receiver(
            self.journal,
            self.mirror,
            on_update=self._executor.record_update,
            on_errors=self._executor.record_errors,
            on_system=self._triggers.report_system_info,
            on_loss=self._triggers.request_resync,
            on_stale=self._rereads.request,
        )
        self._reader = StateReader(
            self.nodes,
            self.mirror,
            self.journal,
            config.timing.event,
            self.now,
            on_news=self._receiver.forget_newest,
        )
        sync = StateSync(self.mirror, self._receiver, self._reader, self._subscriptions, self._rereads)
        self._connection = Connection(config, self.nodes, sync, self.connection_status, self._triggers)
        self.call_log = CallLog()
        self.server_notes: tuple[str, ...] = ()
        watch = CallWatch(self.call_log, self.mirror, self.now)
        self.mirror.listen(watch.on_change)
        self.journal.listen(watch.on_entry)
        self.mirror.close_updates.window = config.timing.close_updates
        self.mirror.close_updates.on_unordered = self._rereads.request
        self.mirror.close_updates.on_settled = self._receiver.forget_newest
        self._task: asyncio.Task[None] | None = None

    # -- lifecycle

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def start(self) -> None:
        """Start connecting in the background and return immediately."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="finesse session")

    async def _run(self) -> None:
        if not self.config.agent:
            lack = no_agent()
            return self.connection_status.report(SessionState.NO_AGENT, lack.message, lack)
        try:
            await self._connection.run()
        except FinesseError as error:
            state = SessionState.REPLACED if isinstance(error, ReplacedError) else SessionState.REFUSED
            self.connection_status.report(state, str(error), error)
        except Exception as error:
            # Report an unexpected exception as a permanent error. Without this report the status would stay
            # "connecting".
            log.exception("The session failed")
            failure = ConfigurationError(
                f"The session failed unexpectedly ({type(error).__name__}).",
                advice="Restart this MCP server, and report the error with the log.",
            )
            self.connection_status.report(SessionState.REFUSED, str(failure), failure)

    async def close(self) -> None:
        """Unsubscribe, close the link and close HTTP within ``timing.close`` seconds, without signing the agent out."""
        if self.connection_status.state is SessionState.CLOSED:
            return
        if is_signed_in(self.mirror):
            log.warning(
                "Closing while agent %s is signed in. If no other client of the agent is connected, "
                "Finesse forces a sign-out after 60 s, or when the call ends",
                self.mirror.user_id,
            )
        # The steps run in reverse order. Each step runs even if an earlier step is cancelled.
        async with AsyncExitStack() as steps:
            steps.callback(self.connection_status.report, SessionState.CLOSED, "The session is closed.")
            steps.push_async_callback(self.administration.close)
            steps.push_async_callback(self.nodes.close)
            steps.callback(self._connection.close)
            steps.push_async_callback(self._reader.aclose)
            steps.callback(self._rereads.close)
            steps.push_async_callback(self._end_task)
            await self._unsubscribe()

    async def _unsubscribe(self) -> None:
        try:
            async with asyncio.timeout(self.config.timing.close / 2):
                await self._executor.aclose()
                await self._connection.unsubscribe()
        except TimeoutError:
            log.info(
                "Closing took too long and was abandoned; the Notification Service will close the session"
            )

    async def _end_task(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})  # a plain await would raise the CancelledError of the task

    # -- used by tools

    async def ready(self, timeout: float) -> None:
        """Wait until actions can be sent and their notifications can be received.

        Raises:
            NotReadyError: The session is not ready within ``timeout`` seconds. The message names the state of
                the connection.
            CredentialsError, ReplacedError, ConfigurationError: The session has ended with a permanent error,
                which is raised.
        """
        await self.connection_status.wait_until_usable(timeout)

    def on_change(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` when the session or its state changes. Return a function that removes the callback."""
        return self.mirror.listen(callback)

    async def act(self, action: Action, seconds: float | None = None) -> Outcome:
        """Execute an action and return its outcome within ``seconds``. The default is ``timing.action``.

        Raises:
            FinesseError: The session is not ready, or the request was not executed.
        """
        if not self.connection_status.state.usable:
            await self.ready(0)
        return await self._executor.perform(action, seconds)

    async def request(self, request: RawRequest, *, as_administrator: bool = False) -> RawResponse:
        """Send a REST request as the agent or as the administrator. Only the agent needs a ready session.

        Raises:
            FinesseError: The session is not ready. Errors of ``send_raw_request`` and
                ``Administration.request`` are raised unchanged.
        """
        if as_administrator or not self.config.agent:
            return await self.administration.request(request)
        await self.ready(0)
        return await send_raw_request(self.nodes.rest, request)

    @property
    def identity(self) -> str:
        """The agent's user id, or the administrator's user id if the session has no agent."""
        return self.mirror.user_id

    def without_secrets(self, value: T) -> T:
        """Return a copy of text or nested data in which known and probable secrets are replaced."""
        sources = [each for each in (self.config.credentials, self.config.administrator) if each is not None]
        redacted: T = redact(value, self.nodes.login.secrets, [each.user_id for each in sources])
        return redacted

    async def refresh_user(self) -> None:
        """Read the agent's User object."""
        await self._reader.reread("user")

    async def refresh_dialogs(self) -> None:
        """Read the agent's list of dialogs."""
        await self._reader.reread("dialogs")

    async def refresh_tasks(self) -> None:
        """Read the agent's media and tasks."""
        await self._reader.reread("tasks")

    async def codes(self, category: str) -> list[ReasonCode]:
        """Return the reason codes of category ``NOT_READY`` or ``LOGOUT`` that the agent may use."""
        return await self._code_lists.codes(category)

    async def wrap_up_reasons(self) -> list[WrapUpReason]:
        """Return the wrap-up reasons that the agent may use."""
        return await self._code_lists.wrap_up_reasons()

    async def contacts(self) -> list[tuple[str, Contact]]:
        """Return the contacts of the agent's phone books, each with the name of its phone book."""
        return await self._code_lists.contacts()

    async def subscribe(self, slug: str) -> FeedStatus:
        """Subscribe to a feed by its slug, such as ``team:310``. Uses are reference-counted."""
        return await self._subscriptions.subscribe(slug)

    async def unsubscribe(self, slug: str) -> FeedStatus:
        """Release one use of a feed. Releasing the last use unsubscribes."""
        return await self._subscriptions.unsubscribe(slug)

    async def follow(self, slug: str) -> None:
        """Keep a feed subscribed until the session closes. Do nothing if that is already done or not possible."""
        await self._leases.pin(slug)

    def feeds(self) -> Sequence[FeedStatus]:
        """Return the status of every feed."""
        return self._subscriptions.feeds()

    # -- status

    @property
    def status(self) -> SessionStatus:
        """The current status of the session."""
        user, info, link = self.mirror.user, self.mirror.system, self._connection.link
        nodes, connection = self.nodes, self.connection_status
        notes = (nodes.login.note, nodes.folder.note, self.administration.note)
        warnings = (*self.config.warnings, *self.server_notes, *notes)
        return SessionStatus(
            state=connection.state,
            detail=connection.detail,
            since=connection.since,
            url=nodes.current.url,
            other_url=nodes.other.url if nodes.other is not None else None,
            user_id=self.mirror.user_id if self.config.agent else "",
            agent_state=str(user.state) if user is not None and user.state else None,
            extension=self.mirror.extension,
            platform=str(info.deployment_type) if info is not None and info.deployment_type else None,
            read_only=self.config.read_only,
            link=link_status_of(link),
            cursor=self.journal.cursor,
            reconnects=self.reconnects,
            moves=nodes.switches,
            gaps=self.gaps,
            notes=notes_of(self.mirror, link, warnings),
        )

    @property
    def reconnects(self) -> int:
        """How often the connection was re-established, on the same node or on the other node."""
        return self._connection.reconnects

    @property
    def gaps(self) -> int:
        """How many gaps were recorded in the journal."""
        return self.journal.gaps

    @property
    def clock_offset(self) -> ClockOffset:
        """The clock offset of the node in use."""
        return self.nodes.current.clock_offset

    def now(self) -> datetime:
        """Return the current time of the local clock, in UTC."""
        return datetime.fromtimestamp(self.config.clock.wall(), UTC)

    # -- internals

    async def _reread(self, what: str) -> None:
        reader = self._reader if what in ("user", "dialogs", "tasks") else self.team_reader
        await reader.reread(what)
