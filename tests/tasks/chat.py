"""Plays with a model behind a chat-completions API with tools, as many vendors and local servers speak it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
from mcp.types import Tool
from pydantic import BaseModel, ValidationError

from tests.tasks.playing import MindError
from tests.tasks.task import Answer, Say, Use

TRIES = 3
PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 30.0
_WORTH_ANOTHER_TRY = {408, 409, 429, 500, 502, 503, 504}
_SHOWN = 300


class _Function(BaseModel):
    name: str
    arguments: str | dict[str, Any] | None = None


class _ToolCall(BaseModel):
    id: str = ""
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class Endpoint:
    """A chat-completions API.

    Args:
        base_url: what comes before ``/chat/completions``.
        key: sent as bearer token; empty for none.
        model: the model's name there.
        seconds: how long one answer may take.
        pause: seconds before the second try; the next one waits twice as long.
    """

    def __init__(
        self, base_url: str, key: str, model: str, *, seconds: float = 120.0, pause: float = PAUSE_SECONDS
    ) -> None:
        self.model = model
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds
        self._pause = pause

    async def complete(self, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> _Completion:
        """Ask for the next message. Busy servers are asked again, at most twice.

        Raises:
            MindError: no answer, or none that can be understood.
        """
        body = {"model": self.model, "messages": messages, "tools": tools}
        async with httpx.AsyncClient(timeout=self._seconds, headers=self._headers) as client:
            for attempt in range(TRIES):
                try:
                    answer = await client.post(self._url, json=body)
                except httpx.HTTPError as error:
                    raise MindError(f"the endpoint cannot be asked: {type(error).__name__}") from error
                if answer.status_code not in _WORTH_ANOTHER_TRY or attempt == TRIES - 1:
                    return _understood(answer)
                await asyncio.sleep(self._wait(answer, attempt))
        raise AssertionError("the last try returns or raises")

    def _wait(self, answer: httpx.Response, attempt: int) -> float:
        asked = answer.headers.get("retry-after", "")
        wait = float(asked) if asked.isdecimal() else self._pause * 2**attempt
        return min(wait, LONGEST_PAUSE_SECONDS)


def _understood(answer: httpx.Response) -> _Completion:
    if answer.status_code != httpx.codes.OK:
        raise MindError(f"the endpoint answered HTTP {answer.status_code}: {answer.text[:_SHOWN]}")
    try:
        completion = _Completion.model_validate_json(answer.content)
    except ValidationError as error:
        raise MindError(
            f"the endpoint's answer cannot be understood ({error.error_count()} mistakes): {answer.text[:_SHOWN]}"
        ) from error
    if not completion.choices:
        raise MindError("the endpoint's answer holds no choice")
    return completion


class Chat:
    """A model that plays one task: the conversation so far, and what it has cost."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._messages: list[dict[str, Any]] = []
        self._tools: list[dict[str, Any]] = []
        self.tokens = (0, 0)

    def begin(self, briefing: str, tools: Sequence[Tool]) -> None:
        """The rules become the system message, the tools of MCP those of the API."""
        self._messages = [{"role": "system", "content": briefing}]
        self._tools = [as_function(tool) for tool in tools]

    async def move(self, heard: str | list[Answer]) -> Say | list[Use]:
        """Tell the model, and take from its message what it wants.

        Raises:
            MindError: the endpoint failed.
        """
        if isinstance(heard, str):
            self._messages.append({"role": "user", "content": heard})
        else:
            self._messages += [
                {"role": "tool", "tool_call_id": answer.id, "content": answer.text} for answer in heard
            ]
        completion = await self._endpoint.complete(self._messages, self._tools)
        if completion.usage is not None:
            self.tokens = (
                self.tokens[0] + completion.usage.prompt_tokens,
                self.tokens[1] + completion.usage.completion_tokens,
            )
        message = completion.choices[0].message
        self._messages.append(_repeated(message))
        if not message.tool_calls:
            return Say(message.content or "")
        return [_wanted(call) for call in message.tool_calls]


def as_function(tool: Tool) -> dict[str, Any]:
    """A tool of MCP in the words of the chat API."""
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description or "",
            "parameters": tool.input_schema,
        },
    }


def _repeated(message: _Message) -> dict[str, Any]:
    """The model's message as the API wants it back in the conversation."""
    said: dict[str, Any] = {"role": "assistant", "content": message.content or ""}
    if message.tool_calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": _as_text(call.function.arguments)},
            }
            for call in message.tool_calls
        ]
    return said


def _as_text(arguments: str | dict[str, Any] | None) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {})


def _wanted(call: _ToolCall) -> Use:
    text = _as_text(call.function.arguments)
    try:
        arguments = json.loads(text or "{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        return Use(
            call.function.name, id=call.id, mistake="The arguments are not a JSON object; nothing was done."
        )
    return Use(call.function.name, arguments, call.id)
