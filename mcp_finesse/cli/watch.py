"""``mcp-finesse watch`` shows live notifications of one agent, for developers of integrations."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.abc
import click

from mcp_finesse import signals
from mcp_finesse.cli.async_main import run_async
from mcp_finesse.cli.formatting import entry_line, printable
from mcp_finesse.cli.options import command_flag, read_settings, session_config, setting_options
from mcp_finesse.errors import NotReadyError
from mcp_finesse.redaction import Redaction
from mcp_finesse.server.redacted_document import redact_document
from mcp_finesse.session import Change, Entry, FinesseSession, SessionConfig, SessionState
from mcp_finesse.settings import Settings

CONNECT_SECONDS = 30.0
"""Maximum seconds until the first connection."""


@click.command()
@setting_options()
@command_flag(
    "--feed",
    multiple=True,
    help="Also subscribe to this feed, such as team:310 or queue:77. Can be repeated.",
)
@command_flag("--raw", is_flag=True, help="Also show the XML as received.")
@command_flag("--json", is_flag=True, help="Print one JSON object per line.")
@command_flag(
    "--count",
    type=click.IntRange(min=0),
    default=0,
    help="Exit after this many notifications.",
)
@command_flag(
    "--simulator",
    is_flag=True,
    help="Show the notifications of agent 1001, who answers calls on the built-in simulated Finesse.",
)
def watch(feed: tuple[str, ...], raw: bool, json: bool, count: int, simulator: bool, **flags: Any) -> None:
    """Show the notifications that Finesse sends to one agent, as they arrive, until Ctrl-C.

    The command changes nothing and does not sign the agent in or out. While the command runs, Finesse sees
    another session of the agent: see the documentation on running beside the Finesse desktop. With
    --simulator no Finesse is needed.
    """
    settings = read_settings(flags)
    settings.read_only = True
    run_async(_run, settings, simulator, feed, raw, json, count)


async def _run(
    settings: Settings, simulator: bool, feeds: tuple[str, ...], raw: bool, as_json: bool, count: int
) -> None:
    if not simulator:
        await _watch(session_config(settings), _Output(settings.redaction, raw, as_json), feeds, count)
        return
    from mcp_finesse.cli.simulation import scripted_simulator  # slow to import

    async with scripted_simulator(settings) as config:
        await _watch(config, _Output(settings.redaction, raw, as_json), feeds, count)


async def _watch(config: SessionConfig, output: _Output, feeds: tuple[str, ...], count: int) -> None:
    # The queue needs no limit: if nobody reads the output, this process blocks and receives no new entries.
    send, receive = anyio.create_memory_object_stream[Entry | None](math.inf)
    async with FinesseSession(config) as session, anyio.create_task_group() as tasks:
        await tasks.start(_end_on_signal, tasks.cancel_scope)
        session.journal.listen(send.send_nowait)
        session.on_change(lambda change: _on_change(session, change, output, send.send_nowait))
        await _connect(session)
        for feed in feeds:
            await session.subscribe(feed)
        shown = ", ".join(feed.slug for feed in session.feeds() if feed.subscribed)
        watching = f"Watching {shown} of agent {session.mirror.user_id}. Press Ctrl-C to end."
        click.echo(output.sentence(watching), err=True)
        async for entry in receive:
            if entry is None:
                await session.ready(0)
                continue
            click.echo(output.entry(entry))
            count -= 1
            if count == 0:
                break
        tasks.cancel_scope.cancel()


async def _connect(session: FinesseSession) -> None:
    try:
        await session.ready(CONNECT_SECONDS)
    except NotReadyError:
        raise NotReadyError(f"Not connected after {CONNECT_SECONDS:.0f} s. {session.status.detail}") from None


def _on_change(
    session: FinesseSession, change: Change, output: _Output, put: Callable[[None], object]
) -> None:
    """Print the state of the connection. In a final state, wake the reader, which raises the error of the session."""
    status = session.status
    if change.kind != "session" or status.state is SessionState.CLOSED:
        return
    if status.state.final:
        put(None)
    else:
        click.echo(output.sentence(f"{status.state}: {status.detail}"), err=True)


async def _end_on_signal(
    scope: anyio.CancelScope, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    with signals.receiving(scope.cancel):
        task_status.started()
        await anyio.sleep_forever()


@dataclass(frozen=True)
class _Output:
    """Formats notifications for the output, and redacts them.

    Attributes:
        redaction: the rules for what is hidden.
        raw: whether to print the XML as well.
        as_json: whether to print JSON instead of text.
    """

    redaction: Redaction
    raw: bool
    as_json: bool

    def entry(self, entry: Entry) -> str:
        """Return a notification as one line. With ``raw`` and without ``as_json``, the XML follows on a second line."""
        raw = redact_document(entry.raw, self.redaction) if self.raw and entry.raw else ""
        if self.as_json:
            return self._json(entry, raw)
        time = f"{entry.received_at.astimezone():%H:%M:%S.%f}"[:-3]
        line = f"{time}  {entry.number:>4}  {entry_line(entry, self.redaction)}"
        return f"{line}\n{printable(raw, None)}" if raw else line

    def sentence(self, text: str) -> str:
        """Return a sentence about the connection."""
        return printable(self.redaction.text(text, with_numbers=True))

    def _json(self, entry: Entry, raw: str) -> str:
        payload = self.redaction.data(entry.payload)
        shown = {
            "number": entry.number,
            "received_at": entry.received_at.isoformat(),
            "feed": entry.feed,
            "kind": entry.kind,
            "event": entry.event,
            "object_id": entry.object_id,
            "request_id": entry.request_id,
            "text": self.redaction.text(entry.text, with_numbers=True),
            "payload": payload.model_dump(mode="json", exclude_none=True) if payload is not None else None,
            "raw": raw,
        }
        # ASCII text, in which DEL is the only other control character
        line = json.dumps({name: value for name, value in shown.items() if value not in (None, "")})
        return line.replace("\x7f", "\\u007f")
