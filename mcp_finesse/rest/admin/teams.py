"""REST operations on objects assigned to teams, such as reason codes and workflows (guide p.315 to 328).

Global objects are not assigned, because every team has them. Global objects are those with ``for_all``, and
phone books of type GLOBAL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mcp_finesse.model import ReasonCode, TeamRef, WireModel, WrapUpReason, build, read_list
from mcp_finesse.model.admin import (
    CATEGORIES,
    WORKFLOWS_PER_TEAM,
    Content,
    PhoneBook,
    TeamLayoutConfig,
    TeamLayoutConfigContent,
    Workflow,
)
from mcp_finesse.model.admin.limits import shown
from mcp_finesse.rest.admin.access import as_administrator
from mcp_finesse.rest.admin.validation import check_content, check_id
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, Role, sends
from mcp_finesse.rest.paths import API_ROOT
from mcp_finesse.rest.validation import refuse

_SOURCE = "guide p.315-328"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A list of objects assigned to a team.

    Attributes:
        kind: the kind of the objects, as named in ``CONFIGURATION``.
        title: the name of the list in the documentation.
        read: model for objects that Finesse returns.
        most: the maximum number of objects per team, if documented.
        by_category: whether there is a separate list for each reason code category.
        note: a condition that assigned objects must meet. Users see this text.
    """

    kind: str
    title: str
    read: type[WireModel]
    most: int | None = None
    by_category: bool = False
    note: str = ""

    @property
    def list_name(self) -> str:
        """The name of the XML element, which is also the last segment of the path."""
        return f"{self.kind}s"

    @property
    def get_operation(self) -> Operation:
        """The operation that reads the list."""
        return self._operation("get", "GET")

    @property
    def change_operation(self) -> Operation:
        """The operation that replaces the list."""
        return self._operation("change", "PUT")

    def _operation(self, verb: str, method: str) -> Operation:
        path = f"{API_ROOT}/Team/{{id}}/{self.list_name}"
        return Operation(f"Team: {verb} {self.title}", method, path, _SOURCE, role=Role.ADMINISTRATOR)


ASSIGNMENTS: Mapping[str, Assignment] = MappingProxyType(
    {
        each.kind: each
        for each in (
            Assignment(
                "ReasonCode",
                "reason codes",
                ReasonCode,
                by_category=True,
                note="codes that do not apply to all teams",
            ),
            Assignment(
                "WrapUpReason", "wrap-up reasons", WrapUpReason, note="reasons that do not apply to all teams"
            ),
            Assignment("PhoneBook", "phone books", PhoneBook, note="phone books of type TEAM"),
            Assignment(
                "Workflow",
                "workflows",
                Workflow,
                most=WORKFLOWS_PER_TEAM,
                note="run in the order of the list",
            ),
        )
    }
)
"""The lists of objects that can be assigned to a team, by kind of object."""


LIST_TEAMS = Operation("Team: list", "GET", f"{API_ROOT}/Teams", _SOURCE, role=Role.ADMINISTRATOR)


@sends(LIST_TEAMS)
async def list_teams(client: RestClient) -> list[TeamRef]:
    """Read all teams. Teams are created in the contact center platform, not in Finesse.

    Raises:
        RefusedError: the user is not an administrator, or the node is not the primary node. Also raises the
            errors of ``RestClient.get``.
    """
    async with as_administrator(client):
        return read_list(await client.get(LIST_TEAMS.path), TeamRef)


@sends(*(each.get_operation for each in ASSIGNMENTS.values()))
async def get_assigned(
    client: RestClient, team_id: int | str, kind: str, *, category: str | None = None
) -> list[WireModel]:
    """Read the objects that are assigned to a team. Global objects are not included.

    Args:
        client: an administrator's client.
        team_id: the team.
        kind: a name in ``ASSIGNMENTS``.
        category: for reason codes only: ``NOT_READY`` or ``LOGOUT``.

    Raises:
        InvalidRequestError: the request is not possible. Nothing was sent.
        NotFoundError: the team does not exist.
        FinesseError: the errors of ``list_teams``.
    """
    assignment, path, params = _locate(team_id, kind, category)
    async with as_administrator(client):
        return read_list(await client.get(path, params=params), assignment.read)


@sends(*(each.change_operation for each in ASSIGNMENTS.values()))
async def change_assigned(
    client: RestClient,
    team_id: int | str,
    kind: str,
    object_ids: Sequence[int | str],
    *,
    request_id: str,
    category: str | None = None,
) -> None:
    """Replace the objects assigned to a team. An empty list removes all assignments.

    Args:
        client: an administrator's client.
        team_id: the team.
        kind: a name in ``ASSIGNMENTS``.
        object_ids: the database ids of all objects to assign, in order.
        request_id: identifies the request in logs and traces.
        category: see ``get_assigned``. Reason codes of the other category stay assigned.

    Raises:
        The errors of ``get_assigned`` and ``RestClient.send``. ``InvalidRequestError`` is also raised for invalid
            ids, duplicates, or too many ids.
    """
    assignment, path, params = _locate(team_id, kind, category)
    ids = [check_id(f"{kind} id", each) for each in object_ids]
    twice = next((each for each in ids if ids.count(each) > 1), None)
    if twice is not None:
        refuse(f"The {kind} {twice} is listed twice.", "Give each id once.")
    if assignment.most is not None and len(ids) > assignment.most:
        refuse(
            f"There are {len(ids)} {kind} objects; a team can have {assignment.most}.",
            "Assign fewer objects.",
        )
    content = {kind: [{"uri": f"{API_ROOT}/{kind}/{each}"} for each in ids]}
    async with as_administrator(client):
        await client.send(
            assignment.change_operation.method,
            path,
            build(assignment.list_name, content),
            request_id,
            params=params,
        )


GET_TEAM_LAYOUT = Operation(
    "Team: get layout", "GET", f"{API_ROOT}/Team/{{id}}/LayoutConfig", _SOURCE, role=Role.ADMINISTRATOR
)


@sends(GET_TEAM_LAYOUT)
async def get_team_layout(client: RestClient, team_id: int | str) -> TeamLayoutConfig:
    """Read the desktop layout of a team, and whether it is the default layout.

    Raises:
        NotFoundError: the team does not exist. Also raises the errors of ``list_teams``.
    """
    path = GET_TEAM_LAYOUT.path_of(check_id("team id", team_id))
    async with as_administrator(client):
        return TeamLayoutConfig.from_element(await client.get(path))


CHANGE_TEAM_LAYOUT = Operation(
    "Team: change layout", "PUT", f"{API_ROOT}/Team/{{id}}/LayoutConfig", _SOURCE, role=Role.ADMINISTRATOR
)


@sends(CHANGE_TEAM_LAYOUT)
async def change_team_layout(
    client: RestClient, team_id: int | str, content: Content | Mapping[str, Any], *, request_id: str
) -> None:
    """Set a custom layout for a team, or the default layout (``use_default``).

    Raises:
        InvalidRequestError: the layout is not XML, has a wrong root element, or is missing.
        NotFoundError: the team does not exist.
        FinesseError: the errors of ``list_teams`` and ``RestClient.send``.
    """
    path = CHANGE_TEAM_LAYOUT.path_of(check_id("team id", team_id))
    checked = check_team_layout(content)
    async with as_administrator(client):
        await client.send(
            CHANGE_TEAM_LAYOUT.method, path, build("TeamLayoutConfig", checked.to_wire()), request_id
        )


def check_team_layout(content: Content | Mapping[str, Any]) -> TeamLayoutConfigContent:
    """Return the validated layout.

    Raises:
        InvalidRequestError: the layout is not XML, has a wrong root element, or is missing.
    """
    checked = check_content(TeamLayoutConfigContent, content)
    if "use_default" not in checked.given():
        refuse("use_default is missing.", "Use true for the default layout, false for a custom layout.")
    return checked


def _locate(
    team_id: int | str, kind: str, category: str | None
) -> tuple[Assignment, str, Mapping[str, str] | None]:
    assignment = ASSIGNMENTS.get(kind)
    if assignment is None:
        refuse(f"{shown(kind)} cannot be assigned to teams.", f"Use {', '.join(ASSIGNMENTS)}.")
    if assignment.by_category and category not in CATEGORIES:
        refuse(f"category is {shown(category)}.", f"Use {' or '.join(CATEGORIES)}.")
    if not assignment.by_category and category is not None:
        refuse(f"{kind} objects have no category.", "Omit the category.")
    path = assignment.get_operation.path_of(check_id("team id", team_id))  # a change uses the same path
    return assignment, path, {"category": category} if category else None
