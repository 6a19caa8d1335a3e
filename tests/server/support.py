"""A scripted session: the part of ``FinesseSession`` the server uses, with the real mirror and journal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast

from mcp.client import Client
from mcp.types import CallToolResult, TextContent
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials, Login
from mcp_finesse.errors import FinesseError, NotReadyError
from mcp_finesse.model import (
    CallVariable,
    Contact,
    Dialog,
    Media,
    MediaProperties,
    Participant,
    ReasonCode,
    Update,
    User,
    WrapUpReason,
)
from mcp_finesse.privacy import redact
from mcp_finesse.rest.responses import Answer
from mcp_finesse.server import build_server
from mcp_finesse.session import (
    CallLog,
    Change,
    ClockOffset,
    Entry,
    FeedStatus,
    FinesseSession,
    Journal,
    Mirror,
    Outcome,
    OutcomeStatus,
    RawRequest,
    RawResponse,
    SessionState,
    SessionStatus,
)
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.administration.raw_request import send_raw_request
from tests.mirrored import set_user
from tests.server.support_groups import ScriptedGroups

WHEN = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ADA = Credentials("1001", SecretStr("hunter22"))
ERAS = ("legacy", "auto")


class ScriptedSession:
    """A session in a scripted state that answers actions with scripted outcomes."""

    def __init__(self) -> None:
        self.journal = Journal(epoch="life")
        self.mirror = Mirror("1001")
        self.state = SessionState.READY
        self.read_only = False
        self.clock_offset = ClockOffset()
        self.error: FinesseError | None = None
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.outcomes: list[Outcome | FinesseError] = []
        self.answers: list[Answer | FinesseError] = []
        self.exchanged: list[tuple[str, str, dict[str, Any]]] = []
        self.asked_as: list[str] = []
        self.opened = self.closed = self.read_users = self.read_dialogs = 0
        self.read_tasks = 0
        self.tasks_there: tuple[list[Media], list[Dialog]] | FinesseError = ([], [])
        self.wanted: list[str] = []
        self.on_act: Callable[[], Any] = lambda: None
        self.limits: list[float | None] = []
        self.team_reader = ScriptedGroups(self.mirror)
        self.server_notes: tuple[str, ...] = ()
        self.after_refresh: list[Dialog] = []
        self.call_log = CallLog()
        self.closing: Callable[[], Any] | None = None
        self.login = Login(ADA)

    async def __aenter__(self) -> Self:
        self.opened += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.closing is not None:
            await self.closing()
        self.closed += 1

    @property
    def status(self) -> SessionStatus:
        return SessionStatus(
            state=self.state,
            detail="Scripted.",
            since=WHEN,
            url="https://finesse.example",
            user_id="1001",
            read_only=self.read_only,
            cursor=self.journal.cursor,
            notes=("A note.", *filter(None, self.server_notes)),
        )

    async def ready(self, timeout: float) -> None:
        if self.error is not None:
            raise self.error
        if not self.state.usable:
            raise NotReadyError(f"The session is not ready ({self.state}).", advice="Wait.")

    def now(self) -> datetime:
        return WHEN + timedelta(minutes=10)

    async def follow(self, slug: str) -> None:
        self.wanted.append(slug)

    async def act(self, action: Action, seconds: float | None = None) -> Outcome:
        self.limits.append(seconds)
        prepared = action.prepare(self.mirror)
        await prepared.send(cast("Any", self), "request-1")
        self.on_act()
        told = self.outcomes.pop(0) if self.outcomes else confirmed(action.name)
        if isinstance(told, FinesseError):
            raise told
        return told

    async def send(self, method: str, path: str, body: bytes | None, request_id: str) -> None:
        """Record what a REST client would have sent: the path and the XML leaves."""
        leaves = re.findall(r"<(\w+)>([^<>]+)</", (body or b"").decode())
        self.sent.append((path.removeprefix("/finesse/api"), dict(leaves)))

    async def request(self, request: RawRequest, *, as_administrator: bool = False) -> RawResponse:
        """Send a request as the session does, with a REST client that plays back ``answers``."""
        self.asked_as.append("administrator" if as_administrator else "agent")
        return await send_raw_request(cast("Any", self), request)

    async def exchange(self, method: str, path: str, **parts: Any) -> Answer:
        self.exchanged.append((method, path, parts))
        told = self.answers.pop(0)
        if isinstance(told, FinesseError):
            raise told
        return told

    @property
    def identity(self) -> str:
        return self.mirror.user_id

    def without_secrets(self, value: Any) -> Any:
        return redact(value, (ADA.password,))

    async def refresh_user(self) -> None:
        self.read_users += 1

    async def refresh_dialogs(self) -> None:
        self.read_dialogs += 1
        self.have(*self.after_refresh)

    async def refresh_tasks(self) -> None:
        self.read_tasks += 1
        if isinstance(self.tasks_there, FinesseError):
            raise self.tasks_there
        self.have_work(*self.tasks_there)

    async def codes(self, category: str) -> list[ReasonCode]:
        if category == "LOGOUT":
            return [ReasonCode(id=31, code=51, label="End of shift")]
        return [
            ReasonCode(id=23, code=41, label="Lunch"),
            ReasonCode(id=24, code=42, label="Meeting"),
            ReasonCode(id=42, code=43, label="Training"),
        ]

    async def wrap_up_reasons(self) -> list[WrapUpReason]:
        return [WrapUpReason(id=1, label="Sale"), WrapUpReason(id=2, label="Billing question")]

    async def contacts(self) -> list[tuple[str, Contact]]:
        return [
            (
                "Global",
                Contact(first_name="Dana", last_name="Kim", phone_number="+49 30 1234", description="Lead"),
            ),
            ("Global", Contact(first_name="Ben", last_name="Kim", phone_number="4502")),
            ("North", Contact(first_name="Dana", last_name="Ito", phone_number="4777")),
        ]

    async def subscribe(self, slug: str) -> FeedStatus:
        self.wanted.append(slug)
        return self._feed(slug)

    async def unsubscribe(self, slug: str) -> FeedStatus:
        self.wanted.remove(slug)
        return self._feed(slug)

    def feeds(self) -> list[FeedStatus]:
        return [self._feed(slug) for slug in ("user", "dialogs", *self.wanted)]

    def _feed(self, slug: str) -> FeedStatus:
        automatic = slug in ("user", "dialogs")
        return FeedStatus(
            slug=slug, node=f"/{slug}", automatic=automatic, subscribed=automatic or slug in self.wanted
        )

    def on_change(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        return self.mirror.listen(callback)

    # -- the script

    def as_session(self) -> FinesseSession:
        return cast("FinesseSession", self)

    def have(self, *dialogs: Dialog) -> None:
        """Give the agent these dialogs."""
        reading = self.mirror.begin_reading()
        self.mirror.merge_dialogs(dialogs, reading)
        self.mirror.end_reading(reading)

    def have_work(self, media: list[Media], tasks: list[Dialog]) -> None:
        """Give the agent these media and tasks."""
        work = self.mirror.task_store
        reading = work.begin_reading()
        work.merge(media, tasks, reading)
        work.end_reading(reading)

    def hear(self, feed: str, update: Update, **fields: Any) -> Entry:
        """Receive a notification."""
        self.mirror.apply(update, "user")
        return self.journal.append(
            Entry(
                feed,
                update.kind,
                object_id=update.object_id or "",
                event=str(update.event),
                payload=update,
                received_at=WHEN,
                **fields,
            )
        )

    def change(self, state: SessionState) -> None:
        """Change the session's state."""
        self.state = state
        self.mirror.changed(Change("session"))


def agent(**fields: Any) -> User:
    """Return Ada, signed in."""
    known: dict[str, Any] = {
        "id": "1001",
        "login_id": "1001",
        "first_name": "Ada",
        "last_name": "Okoro",
        "state": "READY",
        "state_change_time": WHEN,
        "extension": "4501",
        "team_id": "310",
        "team_name": "North",
    }
    return User(**known | fields)


def call(
    dialog_id: str = "331",
    state: str = "ACTIVE",
    mine: str = "ACTIVE",
    actions: tuple[str, ...] = ("HOLD", "DROP", "UPDATE_CALL_DATA"),
    from_address: str = "+49301234",
    **variables: str,
) -> Dialog:
    """Return a call of Ada's with a customer."""
    return Dialog(
        id=dialog_id,
        state=state,
        media_type="Voice",
        from_address=from_address,
        to_address="8800",
        media_properties=MediaProperties(
            call_type="ACD_IN",
            queue_name="North.Sales",
            call_variables=[CallVariable(name=name, value=value) for name, value in variables.items()],
        ),
        participants=[
            Participant(
                media_address="4501", media_address_type="AGENT_DEVICE", state=mine, actions=list(actions)
            ),
            Participant(media_address=from_address, state="ACTIVE"),
        ],
    )


def confirmed(action: str = "HOLD", **fields: Any) -> Outcome:
    return Outcome(status=OutcomeStatus.CONFIRMED, action=action, message=f"Confirmed {action}.", **fields)


def signed_in() -> ScriptedSession:
    """Return a ready session of a signed-in agent."""
    session = ScriptedSession()
    set_user(session.mirror, agent())
    return session


@asynccontextmanager
async def connected(session: ScriptedSession, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
    """Yield a client connected in process to a server on this session."""
    mcp = build_server(session.as_session(), **{"confirm": "never"} | options)
    async with Client(mcp, mode=mode) as client:
        yield client


async def tell(client: Client, tool: str, **arguments: Any) -> str:
    """Call a tool, which must succeed, and return its text."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    return text_of(result)


async def data(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool, which must succeed, and return its structured content."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    """Call a tool, which must fail, and return its error text."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, text_of(result)
    return text_of(result)


def text_of(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Run the loop until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (the condition has no event)
            await asyncio.sleep(0)
