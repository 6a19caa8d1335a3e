"""The MCP client of the demo, which calls tools, prints notifications, and records unexpected results."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from mcp import Client
from mcp.types import ElicitResult, TextContent

from mcp_finesse.cli.formatting import notification_in_short, outcome_in_short, printable
from mcp_finesse.redaction import active_redaction

_NOTIFICATIONS = "finesse://notifications"


class DemoRunner:
    """Calls tools and prints calls, results and notifications.

    Args:
        client: an MCP client that is connected to the MCP server.
        echo: a function that prints a line.
        pause: how many seconds to wait before each chapter and before each tool call.
        max_wait: the maximum number of seconds that ``wait_until`` waits.

    Attributes:
        cursor: the cursor after the newest notification that was shown.
    """

    def __init__(
        self, client: Client, echo: Callable[[str], object], pause: float = 0.0, max_wait: float = 20.0
    ) -> None:
        self._client = client
        self._echo: Callable[[str], object] = lambda line: echo(
            active_redaction().text(line, with_numbers=True)
        )
        self._pause = pause
        self._max_wait = max_wait
        self._started = time.monotonic()
        self.cursor = ""
        self._reading = anyio.Lock()
        self._calls = 0
        self._shown = 0
        self._unexpected: list[str] = []

    # -- output

    def say(self, text: str, mark: str = " ") -> None:
        """Print text. Each line begins with the time since the start."""
        for line in text.splitlines():
            self._echo(f"{time.monotonic() - self._started:7.2f}s {mark} {printable(line)}")

    async def section(self, title: str) -> None:
        """Start a new chapter of the demo."""
        await anyio.sleep(self._pause)
        self._echo(f"\n== {title}")

    def expect(self, condition: object, what: str) -> None:
        """Record an unexpected result if ``condition`` is false."""
        if not condition:
            self._unexpected.append(what)
            self.say(f"UNEXPECTED: {what}", "!")

    def summary(self) -> bool:
        """Print the summary. Return True if there were no unexpected results."""
        self._echo(
            f"\n{self._calls} tool calls, {self._shown} notifications, "
            f"{time.monotonic() - self._started:.1f} seconds: "
            + ("all as expected." if not self._unexpected else f"{len(self._unexpected)} not as expected.")
        )
        for problem in self._unexpected:
            self._echo(f"  ! {printable(problem)}")
        return not self._unexpected

    # -- confirmations

    def agree(self, question: str) -> ElicitResult:
        """Print the MCP server's request for confirmation, and confirm it on behalf of the agent."""
        self.say(question.partition("\n")[0], "?")
        self.say("Ada confirms.", "+")
        return ElicitResult(action="accept", content={"confirm": True})

    # -- tool calls

    async def call(self, tool: str, expected: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Call a tool and print its result.

        Args:
            tool: name of the tool.
            expected: the expected status of the result. ``error`` for a tool error.
            **arguments: arguments of the tool.
        """
        await anyio.sleep(self._pause)
        self._calls += 1
        given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        self.say(f"{tool}({given})", ">")
        with anyio.fail_after(60):
            result = await self._client.call_tool(tool, arguments)
        await self._show_new_notifications()
        answer = dict(result.structured_content or {})
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        self.say(outcome_in_short(answer) if "message" in answer else text, "=")
        status = "error" if result.is_error else answer.get("status")
        if expected is not None:
            self.expect(status == expected, f"{tool} returned {status!r}, not {expected!r}")
        return answer

    async def wait_until(
        self, what: str, tool: str, condition: Callable[[dict[str, Any]], object]
    ) -> dict[str, Any]:
        """Call a tool repeatedly until its result meets a condition, or the time limit is reached."""
        answer: dict[str, Any] = {}
        with anyio.move_on_after(self._max_wait):
            while True:
                answer = dict((await self._client.call_tool(tool, {})).structured_content or {})
                if condition(answer):
                    return answer
                await anyio.sleep(0.02)
        self.expect(False, what)
        return answer

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Subscribe to the notifications resource, and print notifications as they arrive."""
        async with (
            self._client.listen(resource_subscriptions=[_NOTIFICATIONS]) as updates,
            anyio.create_task_group() as tasks,
        ):

            async def show() -> None:
                async for _ in updates:
                    await self._show_new_notifications()

            tasks.start_soon(show)
            yield
            await self._show_new_notifications()
            tasks.cancel_scope.cancel()

    async def _show_new_notifications(self) -> None:
        async with self._reading:
            arguments = {"after": self.cursor} if self.cursor else {}
            result = await self._client.call_tool("get_notifications", arguments | {"limit": 50})
            page = dict(result.structured_content or {})
            self.cursor = page.get("cursor", self.cursor)
            for item in page.get("notifications", []):
                self._shown += 1
                self.say(notification_in_short(item), ".")
