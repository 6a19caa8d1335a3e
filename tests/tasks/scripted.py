"""Plays the scripts of tasks: what a good model would do, or a bad one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from mcp.types import Tool

from tests.tasks.playing import MindError
from tests.tasks.task import Answer, Say, Script, Use

_CODE = re.compile(r"confirmation_code (\w+)")


class Scripted:
    """Somebody who does what a script says."""

    def __init__(self, script: Callable[[], Script]) -> None:
        self._script = script()
        self._begun = False
        self._last_use: Use | None = None
        self._last_word: str | None = None
        self.tokens = (0, 0)

    def begin(self, briefing: str, tools: Sequence[Tool]) -> None:
        """Scripts know the rules."""

    async def move(self, heard: str | list[Answer]) -> Say | list[Use]:
        """The next line of the script.

        Raises:
            MindError: the script expected something else.
        """
        try:
            if not self._begun:
                self._begun = True
                step = next(self._script)
            elif (confirmed := self._confirmed(heard)) is not None:
                step = confirmed
            else:
                step = self._script.send(Answer(heard) if isinstance(heard, str) else heard[0])
            self._last_use = step if isinstance(step, Use) else None
        except StopIteration as end:
            # A reply that the script did not wait for changes nothing
            if self._last_word is None:
                self._last_word = str(end.value)
            return Say(self._last_word)
        except (AssertionError, LookupError, TypeError) as error:
            raise MindError(f"the script did not expect this: {error!r}") from error
        return step if isinstance(step, Say) else [step]

    def _confirmed(self, heard: str | list[Answer]) -> Use | None:
        """Return the last tool call with the code that the refusal contains: the user agrees to everything."""
        if isinstance(heard, str) or self._last_use is None or not heard[0].is_error:
            return None
        code = _CODE.search(heard[0].text)
        if code is None or "confirmation_code" in self._last_use.arguments:
            return None
        arguments = self._last_use.arguments | {"confirmation_code": code[1]}
        return replace(self._last_use, arguments=arguments)
