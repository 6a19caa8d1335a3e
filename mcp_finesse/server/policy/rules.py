"""The rules of a policy, and the pure decisions that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mcp_finesse import globs
from mcp_finesse.server.policy.intent import AskReason, Intent
from mcp_finesse.server.policy.number_patterns import NumberPattern, reached_numbers

Value = TypeVar("Value")

MAX_ENTRIES = 500
"""Maximum number of entries of one list in a policy."""
_MAX_TEXT = 100


class Requirement(StrEnum):
    """What must happen before a tool call is executed, weakest first."""

    NOTHING = "nothing"
    CONFIRMATION = "confirmation"
    """A person confirms. If the MCP client cannot ask, the client confirms with a code."""
    PERSON = "person"
    """A person confirms. If the MCP client cannot ask, the tool call is refused."""


class ConfirmMode(StrEnum):
    """The values of the setting ``confirm``: when a person is asked, if no rule of the policy file decides."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Refusal(NamedTuple):
    """A refusal of a tool call.

    Attributes:
        rule: The rule, as it is written in the policy file, such as ``numbers.deny``.
        text: What the rule forbids, for the model.
    """

    rule: str
    text: str


def _checked_pattern(text: str) -> str:
    NumberPattern(text)
    return text


Glob = Annotated[str, Field(min_length=1, max_length=_MAX_TEXT)]
"""A text in which ``*`` stands for any characters. Case is ignored."""
Pattern = Annotated[str, AfterValidator(_checked_pattern)]
PerMinute = Annotated[int, Field(ge=1, le=10_000)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Names(_Section):
    """Objects that are allowed: those that match ``allow`` and do not match ``deny``.

    Attributes:
        allow: What is allowed. If this list is absent, everything is allowed that ``deny`` does not contain.
        deny: What is not allowed, even if ``allow`` contains it.
    """

    allow: Annotated[list[Glob], Field(max_length=MAX_ENTRIES)] | None = None
    deny: Annotated[list[Glob], Field(max_length=MAX_ENTRIES)] = []

    def rule_against(self, name: str) -> str:
        """Return which list forbids a name, ``allow`` or ``deny``; empty if the name is allowed."""
        if _any_matches(self.deny, name):
            return "deny"
        return "" if self.allow is None or _any_matches(self.allow, name) else "allow"

    @property
    def restricts(self) -> bool:
        """Whether any object is forbidden."""
        return self.allow is not None or bool(self.deny)


class Numbers(_Section):
    """Numbers that tools may call.

    Attributes:
        allow: Patterns of numbers that are called without a question. A person is asked before any other number is
            called. If this list is absent, extensions, numbers from phone books, and parties of current and recent
            phone calls are called without a question.
        deny: Patterns of numbers that are never called.
    """

    allow: Annotated[list[Pattern], Field(max_length=MAX_ENTRIES)] | None = None
    deny: Annotated[list[Pattern], Field(max_length=MAX_ENTRIES)] = []

    def denies(self, number: str) -> bool:
        """Return whether ``deny`` contains the number in any form in which a phone system may read it."""
        reached = reached_numbers(number)
        return any(pattern.matches(each) for pattern in map(NumberPattern, self.deny) for each in reached)

    def allows(self, number: str) -> bool | None:
        """Return whether ``allow`` contains the number; None if there is no such list."""
        if self.allow is None:
            return None
        return any(NumberPattern(each).matches(number) for each in self.allow)


class Limits(_Section):
    """Limits on the number of tool calls and of changed objects.

    Attributes:
        per_minute: Maximum calls of one tool in 60 seconds, for each agent.
        tools: Maximum calls in 60 seconds, by name of the tool. Overrides ``per_minute`` for that tool.
        objects: Maximum number of objects that one tool call changes.
    """

    per_minute: PerMinute | None = None
    tools: dict[Glob, PerMinute] = {}
    objects: Annotated[int, Field(ge=1, le=100_000)] | None = None

    def per_minute_of(self, tool: str) -> int | None:
        """Return the maximum calls of a tool in 60 seconds; None if there is no limit."""
        return _first_match(self.tools, tool) or self.per_minute


class PolicyRules(_Section):
    """A policy: rules that restrict tools further than Finesse restricts the user.

    Attributes:
        version: Version of the format.
        contact: Who can change the policy. Refusals contain this text.
        codes: Whether a client that cannot ask a person may confirm a tool call with a code. If this is ``false``,
            such a tool call is refused.
        tools: The tools that may be called.
        agents: The agents, other than the user, that tools may change. Entries are user ids.
        teams: The teams that tools may read and change. Entries are team ids.
        feeds: The feeds that may be subscribed to, such as ``queue:*``. Data of denied teams and queues is not shown.
        numbers: The numbers that tools may call.
        limits: Limits on the number of tool calls and of changed objects.
        require: What must happen before a tool is executed, by name of the tool. The requirement applies to
            every call of the tool, even to a call that only reads. The exact name of a tool overrides patterns. If
            several patterns match, the first pattern applies.
    """

    version: Literal[1] = 1
    contact: Annotated[str, Field(max_length=200)] = ""
    codes: bool = True
    tools: Names = Names()
    agents: Names = Names()
    teams: Names = Names()
    feeds: Names = Names()
    numbers: Numbers = Numbers()
    limits: Limits = Limits()
    require: dict[Glob, Literal["nothing", "confirmation", "person"]] = {}

    def refusal(self, tool: str, intent: Intent) -> Refusal | None:
        """Return the refusal of a tool call, or None if no rule forbids it."""
        if against := self.tools.rule_against(tool):
            return Refusal(f"tools.{against}", f"The policy does not allow {tool}.")
        return self.object_refusal(tool, intent)

    def object_refusal(self, what: str, intent: Intent) -> Refusal | None:
        """Return the refusal because of the objects, numbers and amounts of an intent, or None."""
        return next(self._object_refusals(what, intent), None)

    def _object_refusals(self, what: str, intent: Intent) -> Iterator[Refusal]:
        lists = (
            ("agents", self.agents, intent.agents),
            ("teams", self.teams, intent.teams),
            ("feeds", self.feeds, intent.feeds),
        )
        for name, names, affected in lists:
            for each in affected:
                if against := names.rule_against(each):
                    yield Refusal(
                        f"{name}.{against}", f"The policy does not allow {what} for {name[:-1]} {each}."
                    )
        for number in intent.numbers:
            if self.numbers.denies(number):
                yield Refusal("numbers.deny", f"The policy does not allow calls to {number}.")
        if intent.hidden_number and self.numbers.deny:
            yield Refusal(
                "numbers.deny",
                f"{what} would call a number that Finesse does not show, and the policy restricts numbers.",
            )
        restricted = [name for name, names, _ in lists if names.restricts]
        restricted += ["numbers"] if self.numbers.deny else []
        if intent.unrestricted and restricted:
            yield Refusal(
                restricted[0],
                f"{what} can reach everything, and the policy restricts {' and '.join(restricted)}.",
            )
        if self.limits.objects is not None and intent.objects > self.limits.objects:
            yield Refusal(
                "limits.objects",
                f"The policy allows {self.limits.objects} changed objects in one tool call. "
                f"This tool call would change {intent.objects}.",
            )

    def requirement(self, tool: str, intent: Intent, mode: ConfirmMode) -> tuple[Requirement, str]:
        """Return what must happen before a tool call, and the rule or setting that requires it."""
        if fixed := self.fixed_requirement(tool, mode, changes=intent.changes):
            return fixed
        if not intent.changes or mode is ConfirmMode.NEVER or self.reason(intent) is None:
            return Requirement.NOTHING, ""
        return Requirement.CONFIRMATION, "confirm=auto"

    def fixed_requirement(
        self, tool: str, mode: ConfirmMode, *, changes: bool
    ) -> tuple[Requirement, str] | None:
        """Return the requirement that does not depend on what a tool call would do, and the rule or setting.

        Args:
            tool: The tool.
            mode: The value of the setting ``confirm``.
            changes: Whether the tool or the tool call changes something in Finesse.

        Returns:
            None if the requirement depends on what the tool call would do.
        """
        required = self.required_for(tool)
        if mode is ConfirmMode.ALWAYS and (changes or required is Requirement.CONFIRMATION):
            return Requirement.PERSON, "confirm=always"
        return None if required is None else (required, f"require.{tool}")

    def required_for(self, tool: str) -> Requirement | None:
        """Return the requirement that the rules state for a tool; None if they state none."""
        found = _first_match(self.require, tool)
        return Requirement(found) if found is not None else None

    def reason(self, intent: Intent) -> AskReason | None:
        """Return why a person is asked in mode ``auto``; None if nobody is asked."""
        if self.numbers.allow is None or self._lists_all_numbers(intent):
            is_listed = self.numbers.allow is not None and intent.reason is AskReason.UNKNOWN_NUMBER
            return None if is_listed else intent.reason
        return (
            AskReason.UNLISTED_NUMBER if intent.reason in (None, AskReason.UNKNOWN_NUMBER) else intent.reason
        )

    def can_ask_about(self, reason: AskReason) -> bool:
        """Return whether these rules can lead to this reason in mode ``auto``."""
        return reason is not AskReason.UNLISTED_NUMBER or self.numbers.allow is not None

    def _lists_all_numbers(self, intent: Intent) -> bool:
        return not intent.hidden_number and all(self.numbers.allows(number) for number in intent.numbers)


NO_RULES = PolicyRules()
"""The rules without a policy file."""


def _any_matches(globs: Iterable[str], name: str) -> bool:
    return any(matches(glob, name) for glob in globs)


def matches(glob: str, name: str) -> bool:
    """Return whether a name matches a pattern of a policy. Case is ignored."""
    return globs.matches(glob.casefold(), name.casefold())


def _first_match(table: Mapping[str, Value], tool: str) -> Value | None:
    """Return the value for the exact name of the tool, or else for the first pattern that matches."""
    if tool in table:
        return table[tool]
    return next((value for glob, value in table.items() if matches(glob, tool)), None)
