"""``mcp-finesse watch``: the notifications of one agent, live, for people who build integrations."""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

import anyio
import click

from mcp_finesse.cli.options import connection_options, log_to_stderr, session_config
from mcp_finesse.cli.telling import describe, untrusted
from mcp_finesse.session import Entry, FinesseSession, SessionConfig
from mcp_finesse.settings import load_settings


@click.command()
@connection_options
@click.option(
    "--feed", "feeds", multiple=True, help="Also this feed, such as team:310 or queue:77; repeatable."
)
@click.option("--raw", is_flag=True, help="Show the XML as it came, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--count", type=int, default=0, help="End after so many notifications.")
def watch(feeds: tuple[str, ...], raw: bool, as_json: bool, count: int, **flags: Any) -> None:
    """Show what Finesse sends to one agent, as it comes, until Ctrl-C.

    It only watches: nothing is changed, and nobody is signed in or out. While it runs it is a session of the
    agent like any other; see the documentation on running beside the Finesse desktop.
    """
    settings = load_settings(**flags)
    log_to_stderr(settings.log_level)
    settings.read_only = True
    anyio.run(_watch, session_config(settings), feeds, raw, as_json, count)


async def _watch(config: SessionConfig, feeds: tuple[str, ...], raw: bool, as_json: bool, count: int) -> None:
    send, receive = anyio.create_memory_object_stream[Entry](1000)
    async with FinesseSession(config) as session, anyio.create_task_group() as tasks:
        if sys.platform != "win32":
            tasks.start_soon(_end_on_signal, tasks.cancel_scope)
        session.journal.listen(send.send_nowait)
        await session.ready(60)
        for feed in feeds:
            await session.subscribe(feed)
        shown = ", ".join(feed.slug for feed in session.feeds() if feed.subscribed)
        click.echo(f"Watching {shown} of agent {session.mirror.user_id}. Ctrl-C ends.", err=True)
        async for entry in receive:
            click.echo(_as_json(entry, raw) if as_json else _as_text(entry, raw))
            count -= 1
            if count == 0:
                break
        tasks.cancel_scope.cancel()


async def _end_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
            return


def _as_text(entry: Entry, raw: bool) -> str:
    line = f"{entry.received_at.astimezone():%H:%M:%S.%f}"[:-3] + f"  {entry.number:>4}  {describe(entry)}"
    return f"{line}\n{untrusted(entry.raw)}" if raw and entry.raw else line


def _as_json(entry: Entry, raw: bool) -> str:
    payload = entry.payload
    shown = {
        "number": entry.number,
        "received_at": entry.received_at.isoformat(),
        "feed": entry.feed,
        "kind": entry.kind,
        "event": entry.event,
        "object_id": entry.object_id,
        "request_id": entry.request_id,
        "duplicate_of": entry.duplicate_of,
        "text": entry.text,
        "payload": payload.model_dump(mode="json", exclude_none=True) if payload is not None else None,
        "raw": entry.raw if raw else None,
    }
    return json.dumps({name: value for name, value in shown.items() if value not in (None, "")})
