"""Plays a task: somebody (a script, or a model) is told what the user wants and has the tools; then it is judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mcp import MCPError
from mcp.client import Client
from mcp.types import TextContent, Tool

from mcp_finesse.simulator.settings import RequestIds
from tests.tasks.ending import Ending, Step
from tests.tasks.opening import Consent, opened
from tests.tasks.stage import Stage
from tests.tasks.task import Answer, Say, Task, Use

HOUSE_RULES = """\
You assist one agent of a contact centre at work. Do with the tools what the agent wants, and nothing else.
A message of yours without a tool call is shown to the agent and ends your turn. Use that to ask one short
question instead of acting where it is not clear what is meant, and before anything that would end several calls
at once or sign other people out. When you are done, tell in one to three sentences how things are now, as the tools
reported it, with the names, numbers and codes that matter; say plainly what failed and what is uncertain.
"""
TASK_SECONDS = 300.0


class MindError(Exception):
    """Who should have played could not: the endpoint failed, or answered what cannot be understood."""


class Mind(Protocol):
    """Who plays: is told something, and says what to do next.

    Attributes:
        tokens: what it has cost so far, input and output.
    """

    tokens: tuple[int, int]

    def begin(self, briefing: str, tools: Sequence[Tool]) -> None:
        """Be told the rules, and what tools there are."""
        ...

    async def move(self, heard: str | list[Answer]) -> Say | list[Use]:
        """Say what comes next, after words of the user or the answers of the tools that were asked for.

        Raises:
            MindError: it cannot go on.
        """
        ...


@dataclass
class Verdict:
    """How a task went.

    Attributes:
        wrong: what is not as it should be; empty means passed.
        steps: the calls of tools.
        tokens: input and output, as the endpoint counted them.
        transcript: all that was said, called and answered, as data.
    """

    task: str
    wrong: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    tokens: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    transcript: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether all is as it should be."""
        return not self.wrong


async def play(
    task: Task,
    mind: Mind,
    *,
    era: str = "auto",
    consent: Consent | None = None,
    seconds: float = TASK_SECONDS,
    request_ids: RequestIds = "all",
) -> Verdict:
    """Let somebody play a task, and judge the end. Other arguments are those of :func:`opened`."""
    async with opened(task, era=era, consent=consent, request_ids=request_ids) as (stage, client):
        game = _Game(task, mind, client)
        stage.begin()
        before = stage.center.truth()
        started = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                await game.run()
        except TimeoutError:
            game.wrong.append(f"it took more than {seconds:g} seconds")
        except MindError as error:
            game.wrong.append(str(error))
        ending = _ending(game, stage, before)
        try:
            task.right(ending)
        except (LookupError, TypeError, AttributeError) as error:
            ending.wrong.append(f"the end state cannot be judged: {error!r}")
        return Verdict(
            task.id,
            game.wrong + ending.wrong,
            game.steps,
            mind.tokens,
            time.monotonic() - started,
            game.transcript,
        )


def _ending(game: _Game, stage: Stage, before: dict[str, Any]) -> Ending:
    session = stage.session
    return Ending(
        center=stage.center,
        before=before,
        truth=stage.center.truth(),
        requests=stage.requests(),
        journal=list(session.journal),
        steps=game.steps,
        said=game.said,
        marks=stage.marks,
        subscriptions={feed.slug for feed in session.feeds() if feed.subscribed},
    )


class _Game:
    """One run: whose turn it is, within the budget."""

    def __init__(self, task: Task, mind: Mind, client: Client) -> None:
        self._task = task
        self._mind = mind
        self._client = client
        self.steps: list[Step] = []
        self.said: list[str] = []
        self.wrong: list[str] = []
        self.transcript: list[dict[str, Any]] = []

    async def run(self) -> None:
        """Until the last word, or until the budget is spent."""
        tools = (await self._client.list_tools()).tools
        self._mind.begin(f"{HOUSE_RULES}\n{self._client.instructions or ''}", tools)
        heard: str | list[Answer] = self._task.says
        replies = list(self._task.replies)
        while True:
            if isinstance(heard, str):
                self.transcript.append({"user": heard})
            move = await self._mind.move(heard)
            if isinstance(move, Say):
                self.said.append(move.text)
                self.transcript.append({"said": move.text})
                if not replies:
                    return
                heard = replies.pop(0)
                continue
            if len(self.steps) + len(move) > self._task.budget:
                self.wrong.append(f"more than {self._task.budget} calls of tools")
                return
            heard = [await self._use(call) for call in move]

    async def _use(self, call: Use) -> Answer:
        answer = Answer(call.mistake, is_error=True, id=call.id) if call.mistake else await self._ask(call)
        ended = "error" if answer.is_error else str(answer.data.get("status", "ok"))
        self.steps.append(Step(call.tool, call.arguments, ended))
        self.transcript.append({"tool": call.tool, "arguments": call.arguments, "answer": answer.text})
        return answer

    async def _ask(self, call: Use) -> Answer:
        try:
            result = await self._client.call_tool(call.tool, call.arguments)
        except MCPError as error:
            return Answer(f"{call.tool} cannot be called so: {error}", is_error=True, id=call.id)
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        return Answer(text, dict(result.structured_content or {}), bool(result.is_error), call.id)
