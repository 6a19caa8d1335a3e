"""Tools for objects assigned to teams: reason codes, wrap-up reasons, phone books, workflows, desktop layouts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments.arguments import LongText, Text, TextList, Word
from mcp_finesse.server.present.limits import MAX_CODES
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import bounded
from mcp_finesse.server.tools.admin.configuration import Kind
from mcp_finesse.server.tools.admin.configuration_objects import (
    choose,
    find_team,
    in_full,
    in_short,
    line,
    name_of,
    shown,
)
from mcp_finesse.server.tools.admin.configuration_results import ChangeResult
from mcp_finesse.session import ASSIGNMENTS, FinesseSession
from mcp_finesse.session.administration import changes
from mcp_finesse.session.administration.change_runner import ConfigurationChange

LAYOUT = "LayoutConfig"

Assigned = Annotated[
    Literal["ReasonCode", "WrapUpReason", "PhoneBook", "Workflow", "LayoutConfig"],
    Kind,
    Field(description="Kind of object"),
]
Category = Annotated[
    Literal["NOT_READY", "LOGOUT"] | None, Word, Field(description="Required for ReasonCode")
]
Team = Annotated[Text, Field(description="Id or name")]
Objects = TextList
Words = Annotated[Objects | None, Field(description="Ids, labels or names")]


class AssignmentsResult(Result):
    """The objects of one kind that are assigned to a team. Global objects are not included."""

    team_id: str
    kind: str
    objects: list[dict[str, Any]] | None = None
    layout: dict[str, Any] | None = None
    left_out: int | None = None

    def __str__(self) -> str:
        if self.layout is not None:
            return in_full(self.layout) or "The layout is empty."
        lines = [line(each) for each in self.objects or ()]
        if self.left_out:
            lines.append(f"{self.left_out} more objects were left out.")
        return (
            "\n".join(lines) or f"No {self.kind} is assigned to this team. Objects for all teams still apply."
        )


async def get_team_assignments(
    session: FinesseSession, team: Team, kind: Assigned, category: Category = None
) -> AssignmentsResult:
    """Get what is assigned to a team: reason codes, wrap-up reasons, phone books, workflows, or its layout.

    Use before change_team_assignments; list_configuration shows what exists. Requires an administrator.
    Returns objects (without those for all teams), or layout.
    """
    _check_category(kind, category)
    team_id = await find_team(session, team, exactly=False)
    if kind == LAYOUT:
        layout, cut = shown(await session.administration.team_layout(team_id))
        return AssignmentsResult(team_id=team_id, kind=kind, layout=layout, left_out=cut or None)
    found = await session.administration.assigned(team_id, kind, category)
    some, more = bounded([in_short(kind, each) for each in found], MAX_CODES)
    return AssignmentsResult(team_id=team_id, kind=kind, objects=some, left_out=more or None)


async def change_team_assignments(
    session: FinesseSession,
    team: Team,
    kind: Assigned,
    add: Words = None,
    remove: Words = None,
    exactly: Annotated[
        Objects | None, Field(description="Complete new list, in order, instead of add and remove")
    ] = None,
    category: Category = None,
    use_default: Annotated[bool | None, Field(description="LayoutConfig: use the default layout")] = None,
    layoutxml: Annotated[
        LongText | None, Field(description="LayoutConfig: XML of the team's own layout")
    ] = None,
) -> ChangeResult:
    """Assign reason codes, wrap-up reasons, phone books, workflows or a layout to a team, or remove them.

    Use for one team; to change an object for every team, use change_configuration. Requires an
    administrator. Returns status, object with the new ids, was, and differences.
    """
    change = await prepare_assignment(
        session, team, kind, add, remove, exactly, category, use_default, layoutxml
    )
    return ChangeResult.of(await session.administration.change(change))


async def prepare_assignment(
    session: FinesseSession,
    team: str,
    kind: str,
    add: Objects | None,
    remove: Objects | None,
    exactly: Objects | None,
    category: str | None,
    use_default: bool | None,
    layoutxml: str | None,
) -> ConfigurationChange:
    """Return the change that ``change_team_assignments`` makes.

    Raises:
        InvalidRequestError: the arguments are not valid.
        FinesseError: the present assignments could not be read.
    """
    session.administration.check_configured()
    _check_category(kind, category)
    lists = [each for each in (add, remove, exactly) if each is not None]
    if kind == LAYOUT:
        if lists:
            raise InvalidRequestError(
                f"`add`, `remove` and `exactly` do not apply to {LAYOUT}. Nothing was sent.",
                advice="Give use_default or layoutxml.",
            )
        return await _prepare_layout(session, team, use_default, layoutxml)
    if use_default is not None or layoutxml is not None:
        raise InvalidRequestError(f"use_default and layoutxml are for {LAYOUT}. Nothing was sent.")
    if not lists or (exactly is not None and len(lists) > 1):
        raise InvalidRequestError(
            "Give `exactly` alone, or give `add`, `remove` or both. Nothing was sent.",
            advice="To remove all assignments, give an empty list as `exactly`.",
        )
    team_id = await find_team(session, team, exactly=True)
    there = await assigned_ids(session, team_id, kind, category)
    wanted = await _wanted(session, kind, category, there, add or [], remove or [], exactly)
    return changes.assign(team_id, kind, wanted, category)


async def _prepare_layout(
    session: FinesseSession, team: str, use_default: bool | None, layoutxml: str | None
) -> ConfigurationChange:
    values: dict[str, Any] = {"use_default": layoutxml is None if use_default is None else use_default}
    if use_default is None and layoutxml is None:
        raise InvalidRequestError("Give use_default, or layoutxml. Nothing was sent.")
    if layoutxml is not None:
        values["layoutxml"] = layoutxml
    return changes.change_team_layout(await find_team(session, team, exactly=True), values)


async def assigned_ids(session: FinesseSession, team_id: str, kind: str, category: str | None) -> list[str]:
    """Return the ids of the objects of a kind that are assigned to a team, without objects for all teams."""
    found = await session.administration.assigned(team_id, kind, category)
    return [str(getattr(each, "id", "")) for each in found if not changes.is_global(each)]


async def _wanted(
    session: FinesseSession,
    kind: str,
    category: str | None,
    there: list[str],
    add: Objects,
    remove: Objects,
    exactly: Objects | None,
) -> list[str]:
    """Return the ids of the objects to assign to the team, in order."""
    objects = await session.administration.list_objects(kind, category=category or "ALL")

    def named(words: Objects) -> list[str]:
        chosen = [choose(kind, objects, each, exactly=True) for each in words]
        for each in chosen:
            if changes.is_global(each):
                raise InvalidRequestError(
                    f"{quoted(name_of(each))} applies to all teams and cannot be assigned. Nothing was sent."
                )
        return [str(getattr(each, "id", "")) for each in chosen]

    if exactly is not None:
        return named(exactly)
    gone, new = set(named(remove)), named(add)
    stay = [each for each in there if each not in gone]
    return [*stay, *(each for each in new if each not in stay)]


def _check_category(kind: str, category: str | None) -> None:
    needs = kind in ASSIGNMENTS and ASSIGNMENTS[kind].by_category
    if needs and category is None:
        raise InvalidRequestError(
            "`category` is missing. Nothing was sent.",
            advice="The category of a reason code is NOT_READY or LOGOUT.",
        )
    if not needs and category is not None:
        raise InvalidRequestError(f"A {kind} has no category. Nothing was sent.")
