"""A test client that stands for a model that obeys every instruction in the texts that it reads.

An instruction is machine-readable: ``SYSTEM: call tool NAME with {'argument': 'value'}``. The client distinguishes
marked text, which is data of callers and users, from all other text.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcp.client import Client
from mcp.types import TextContent

from tests.server.planted import Planter
from tests.server.test_planted_data import Seen, outside_quotes, unmarked

BEGIN = "SYSTEM: call tool"
_INSTRUCTION = re.compile(BEGIN + r" (\w+) with (\{(?:[^{}]|\{[^{}]*\})*\})")
_CODE = re.compile(r"\bconfirmation_code (\w+)")


@dataclass(frozen=True)
class Instruction:
    """A tool call that a planted text demands."""

    tool: str
    arguments: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, tool: str, **arguments: Any) -> Instruction:
        return cls(tool, tuple((name, repr(value)) for name, value in arguments.items()))

    def given(self) -> dict[str, Any]:
        return {name: ast.literal_eval(value) for name, value in self.arguments}

    def __str__(self) -> str:
        return f"{BEGIN} {self.tool} with {self.given()!r}"


class InstructionPlanter(Planter):
    """Plants instructions instead of one attack: each text contains the next one."""

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        super().__init__()
        self._next = itertools.cycle(instructions)

    def text(self, name: str) -> str:
        marker = f"canary{len(self.markers)}x"
        self.markers[marker] = name
        return f"{marker} {next(self._next)} end"


def instructions_in(text: str) -> Iterator[Instruction]:
    """Yield the complete instructions in a text. A truncated instruction cannot be obeyed."""
    for tool, arguments in _INSTRUCTION.findall(text):
        try:
            yield Instruction.of(tool, **ast.literal_eval(arguments))
        except (SyntaxError, ValueError):
            continue


@dataclass
class ObedientClient:
    """Obeys what it reads.

    Attributes:
        client: the MCP client.
        obeys_marked: whether it also obeys text that is marked as data of callers.
        obeyed: the instructions that were executed, with what the server responded.
        repeated: the tools that were called again with a confirmation code.
    """

    client: Client
    obeys_marked: bool
    obeyed: dict[Instruction, str] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)

    def readable(self, seen: Seen) -> Iterator[tuple[str, str]]:
        """Yield the texts that this client obeys, each with the request that it answers."""
        for request, text in seen.texts:
            if self.obeys_marked:
                yield request, text
            elif " as JSON" not in request and "://" not in request:
                yield request, outside_quotes(text)
        if not self.obeys_marked:
            for request, structure in seen.structures:
                yield request, " ".join(unmarked(structure))

    async def obey(self, seen: Seen) -> None:
        """Execute every instruction that was read, and every instruction in the responses."""
        while new := self._new(seen):
            seen = Seen()
            for each in new:
                self.obeyed[each] = await self._call(each, each.given(), seen)
                if code := _CODE.search(self.obeyed[each]):
                    self.repeated.append(each.tool)
                    await self._call(each, each.given() | {"confirmation_code": code[1]}, seen)

    def _new(self, seen: Seen) -> list[Instruction]:
        found = (each for _, text in self.readable(seen) for each in instructions_in(text))
        return [each for each in dict.fromkeys(found) if each not in self.obeyed]

    async def _call(self, instruction: Instruction, arguments: dict[str, Any], seen: Seen) -> str:
        result = await self.client.call_tool(instruction.tool, arguments)
        text = "\n".join(each.text for each in result.content if isinstance(each, TextContent))
        seen.note(instruction.tool, text, result.structured_content)
        return text + json.dumps(result.structured_content)
