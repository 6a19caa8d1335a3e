"""Reads media and tasks and merges them into the mirror (UCCE only).

The read of media and tasks runs concurrently with the reads of agent and calls, never before them. An agent who
only takes phone calls is therefore not delayed. If the read fails, the session does not fail.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from mcp_finesse.errors import FinesseError, RefusedError
from mcp_finesse.model import Media, MediaState, Platform, platform_of
from mcp_finesse.rest.api import media as media_api
from mcp_finesse.rest.api import users
from mcp_finesse.rest.operation import sends
from mcp_finesse.session.concurrency import gather_or_cancel
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.state.mirror import Mirror

log = logging.getLogger(__name__)


class TaskReader:
    """Reads media and tasks into the mirror.

    Args:
        check_later: A function that is called with the ids of changes that no event had reported. The function
            is not called after a known loss of events.
        on_news: A function that is called when a read shows changes that no event had reported, even after a
            known loss of events.
    """

    def __init__(
        self,
        nodes: Nodes,
        mirror: Mirror,
        check_later: Callable[[set[str]], None],
        on_news: Callable[[], None],
    ) -> None:
        self._nodes = nodes
        self._mirror = mirror
        self._check_later = check_later
        self._on_news = on_news
        self._refused = False
        self._task: asyncio.Task[None] | None = None
        mirror.task_store.on_stale = self.begin

    def begin(self, *, after_loss: bool = False) -> None:
        """Start a read in the background. Do nothing if a read is running.

        Args:
            after_loss: Whether events were lost for a known reason. If so, changes that the read shows are not
                checked later, and a read that Finesse rejected before is tried again.
        """
        if after_loss:
            self._refused = False
        if self._refused or platform_of(self._mirror.system) is not Platform.UCCE:
            return
        if after_loss:
            self.close()
        if after_loss or self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(
                self._read_quietly(after_loss), name="reading tasks"
            )

    async def _read_quietly(self, after_loss: bool) -> None:
        try:
            news = await self._read()
        except FinesseError as error:
            self._refused = isinstance(error, RefusedError)
            log.info("Media and tasks could not be read: %s", error)
        else:
            if not after_loss:
                self._check_later(news)

    @sends(media_api.get_media_list, users.get_media_dialogs)
    async def read(self) -> None:
        """Read now.

        Raises:
            FinesseError: The read failed. Nothing was changed.
        """
        self._check_later(await self._read())

    async def _read(self) -> set[str]:
        store, user_id, rest = self._mirror.task_store, self._mirror.user_id, self._nodes.rest
        reading = store.begin_reading()
        try:
            listed = await media_api.get_media_list(rest, user_id)
            async with gather_or_cancel() as group:
                lists = [
                    group.create_task(users.get_media_dialogs(rest, user_id, each.id))
                    for each in listed
                    if each.id and _is_in(each)
                ]
            news = store.merge(listed, [task for tasks in lists for task in tasks.result()], reading)
        finally:
            store.end_reading(reading)
        if news:
            self._on_news()
        return news

    def close(self) -> None:
        """Cancel a running read."""
        if self._task is not None:
            self._task.cancel()

    async def aclose(self) -> None:
        """Cancel a running read, and wait until it has ended."""
        self.close()
        if self._task is not None:
            await asyncio.wait({self._task})  # a plain await would raise the CancelledError of the task


def _is_in(media: Media) -> bool:
    """Return whether the agent is signed in to a media. If the media has no state, the agent does not serve it."""
    return media.state not in (None, MediaState.LOGOUT)
