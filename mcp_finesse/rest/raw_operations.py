"""Operations for which this package has no function. Only a raw request can send them.

Either no tool needs the operation, or the path or body of the operation is unconfirmed. The tool
``send_request`` warns about unconfirmed operations.
"""

from __future__ import annotations

from mcp_finesse.rest.api.media import CHANGE_STATE
from mcp_finesse.rest.operation import UCCE, Operation, ReportedBy, Role

_ONLY_UCCE = frozenset({UCCE})

DOCUMENTED = (
    Operation("User: get list", "GET", "/finesse/api/Users", "guide p.36", role=Role.ADMINISTRATOR),
    Operation(
        "User: get reason code", "GET", "/finesse/api/User/{id}/ReasonCode/{reasonCodeId}", "guide p.51"
    ),
    Operation(
        "User: get wrap-up reason",
        "GET",
        "/finesse/api/User/{id}/WrapUpReason/{wrapUpReasonId}",
        "guide p.54",
    ),
    Operation(
        "User: get default media properties layout",
        "GET",
        "/finesse/api/User/{id}/MediaPropertiesLayout",
        "Cisco's JavaScript client",
    ),
    Operation(
        "User: get list of workflows",
        "GET",
        "/finesse/api/User/{id}/Workflows",
        "DevNet: User, Get List of Workflows",
    ),
    Operation("Dialog: get", "GET", "/finesse/api/Dialog/{dialogId}", "guide p.77"),
    Operation(
        "TeamResource: get media properties layouts",
        "GET",
        "/finesse/api/TeamResource/{teamId}/MediaPropertiesLayouts",
        "guide p.150 to 163",
        since="12.5(1)",
    ),
    Operation(
        "TeamResource: get workflows",
        "GET",
        "/finesse/api/TeamResource/{teamId}/Workflows",
        "guide p.150 to 163",
        since="12.5(1)",
    ),
    Operation(
        "Media: get",
        "GET",
        "/finesse/api/User/{id}/Media/{mrdId}",
        "guide p.165 to 185",
        platforms=_ONLY_UCCE,
    ),
    Operation(
        "MediaDomain: get list",
        "GET",
        "/finesse/api/MediaDomain",
        "release notes 12.6(2)",
        platforms=_ONLY_UCCE,
        unconfirmed="the names of the elements",
    ),
    Operation("ClientLog: post", "POST", "/finesse/api/User/{id}/ClientLog", "guide p.158 to 161"),
    Operation(
        "Diagnostic Portal: get product version",
        "GET",
        "/finesse-dp/rest/DiagnosticPortal/GetProductVersion",
        "guide p.339; path as third-party clients use it",
        role=Role.ADMINISTRATOR,
    ),
    Operation(
        "Performance: read",
        "POST",
        "/finesse/api/performance",
        "current documentation, Performance API; release notes 12.6(2)",
        role=Role.ADMINISTRATOR,
        since="12.6(2)",
    ),
    Operation(
        "Desktop Interface: get resource URLs",
        "GET",
        "/desktop/api/ResourceURLs",
        "current documentation, Desktop Interface APIs; release notes 12.6(2)",
        role=Role.ANYBODY,
        since="12.6(2)",
    ),
)
"""Operations with a documented path and body."""

UNCONFIRMED = (
    Operation(
        "User: get list of reservation dialogs",
        "GET",
        "not published",
        "DevNet: Queue APIs (contents)",
        since="12.6(2)",
        unconfirmed="path and response: Cisco's current documentation contains only the name",
    ),
    Operation(
        "User: get media properties layout list",
        "GET",
        "/finesse/api/User/{id}/MediaPropertiesLayouts",
        "DevNet: Queue APIs (contents)",
        unconfirmed="the path; TeamResource has the same list",
    ),
    Operation(
        "Devices: get list for extension",
        "GET",
        "not published",
        "DevNet: Devices",
        platforms=_ONLY_UCCE,
        since="12.6(1)",
        unconfirmed="the path",
    ),
    Operation(
        "TeamResource: get layout",
        "GET",
        "/finesse/api/TeamResource/{teamId}/LayoutConfig",
        "DevNet: TeamResource",
        unconfirmed="the path",
    ),
    Operation(
        "TeamMessage: get list by creator",
        "GET",
        "/finesse/api/TeamMessages",
        "guide p.199 to 204",
        role=Role.SUPERVISOR,
        since="12.0(1)",
        unconfirmed="the query createdBy={userId}",
    ),
    Operation(
        "Media: change agent from work state to active",
        "PUT",
        "/finesse/api/User/{id}/Media/{mrdId}",
        "guide p.165 to 185",
        reported_by=ReportedBy.NOTIFICATION,
        platforms=_ONLY_UCCE,
        since="12.5(1)",
        unconfirmed="the body, perhaps the state ACTIVE",
    ),
    Operation(
        "Media: put list",
        "PUT",
        "/finesse/api/User/{id}/Media",
        "release notes 12.6(2)",
        reported_by=ReportedBy.NOTIFICATION,
        platforms=_ONLY_UCCE,
        since="12.6(2)",
        unconfirmed="the body, perhaps a MediaList",
    ),
    Operation(
        "DigitalChannels: get configuration",
        "GET",
        "/finesse/api/DigitalChannels/Configuration",
        "release notes 12.6(2)",
        platforms=_ONLY_UCCE,
        since="12.6(2)",
        unconfirmed="the response",
    ),
    Operation(
        "CompressedClientLog: post",
        "POST",
        "/finesse/api/User/{id}/CompressedClientLog",
        "guide p.161 to 164",
        since="12.5(1)",
        unconfirmed="path, content type and limit",
    ),
    Operation(
        "Log collection",
        "not published",
        "not published",
        "DevNet (contents)",
        since="12.6(2)",
        unconfirmed="path and response: Cisco's current documentation contains only the name",
    ),
    Operation(
        "Single Sign-On: test",
        "GET",
        "/desktop/sso/test",
        "guide p.188 to 199",
        role=Role.ANYBODY,
        unconfirmed="the response: a page with script, for browsers",
    ),
    Operation(
        "ScriptSelectors: get list",
        "GET",
        "/finesse/api/ScriptSelectors",
        "release notes 12.6(2)",
        platforms=_ONLY_UCCE,
        since="12.6(2)",
        unconfirmed="query and response",
    ),
    Operation(
        "ReasonCode: look up by code",
        "GET",
        "/finesse/api/ReasonCode",
        "JavaScript client",
        role=Role.ADMINISTRATOR,
        unconfirmed="the path",
    ),
    Operation(
        "Cloud Connect: set",
        "PUT",
        "/finesse/api/CloudConnectConfig",
        "current documentation",
        role=Role.ADMINISTRATOR,
        unconfirmed="method, path and root",
    ),
    Operation(
        "Cloud Connect: delete",
        "DELETE",
        "/finesse/api/CloudConnectConfig",
        "current documentation",
        role=Role.ADMINISTRATOR,
        unconfirmed="method and path",
    ),
    Operation(
        "PhoneBook: import contacts as XML",
        "PUT",
        "/finesse/api/PhoneBook/{id}/Contacts",
        "guide p.277",
        role=Role.ADMINISTRATOR,
        unconfirmed="method and path",
    ),
    Operation(
        "SystemVariable: list",
        "GET",
        "/finesse/api/SystemVariables",
        "current documentation",
        role=Role.ADMINISTRATOR,
        unconfirmed="path and elements",
    ),
    Operation(
        "Diagnostic Portal: get performance information",
        "GET",
        "/finesse-dp/rest/DiagnosticPortal/GetPerformanceInformation",
        "guide p.337-339",
        role=Role.ADMINISTRATOR,
        unconfirmed="the path",
    ),
    Operation(
        "RuntimeConfigInfo: get",
        "GET",
        "/finesse/api/RuntimeConfigInfo",
        "guide p.340-345",
        role=Role.ADMINISTRATOR,
        unconfirmed="path and elements",
    ),
    Operation(
        "MaintenanceMode: get",
        "GET",
        "/finesse/api/MaintenanceMode",
        "current documentation",
        role=Role.ADMINISTRATOR,
        platforms=_ONLY_UCCE,
        since="12.6(1)",
        unconfirmed="the path",
    ),
    Operation(
        "MaintenanceMode: change",
        "PUT",
        "/finesse/api/MaintenanceMode",
        "current documentation",
        role=Role.ADMINISTRATOR,
        platforms=_ONLY_UCCE,
        since="12.6(1)",
        unconfirmed="path and elements",
    ),
    Operation(
        "ConnectedUsersInfo: summary",
        "GET",
        "/finesse/api/ConnectedUsersInfo",
        "current documentation",
        role=Role.ADMINISTRATOR,
        since="12.6(1)",
        unconfirmed="the path",
    ),
    Operation(
        "ConnectedUsersInfo: get",
        "GET",
        "/finesse/api/ConnectedUsersInfo",
        "current documentation",
        role=Role.ADMINISTRATOR,
        since="12.6(1)",
        unconfirmed="path and elements",
    ),
    Operation(
        "Locked out users: list",
        "GET",
        "/finesse/api/{object}",
        "current documentation",
        role=Role.ADMINISTRATOR,
        since="12.6(1) ES02",
        unconfirmed="the name of the object",
    ),
    Operation(
        "Desktop Interface: get desktop configuration",
        "GET",
        "/desktop/api/{object}",
        "current documentation",
        role=Role.ADMINISTRATOR,
        since="12.6(1) ES02",
        unconfirmed="the name of the object",
    ),
    Operation(
        "Desktop Interface: list languages",
        "GET",
        "/desktop/api/{object}",
        "current documentation",
        role=Role.ADMINISTRATOR,
        since="12.6(1) ES02",
        unconfirmed="the name of the object",
    ),
)
"""Operations without a confirmed path or body."""

RAW_OPERATIONS = (*DOCUMENTED, *UNCONFIRMED)


# ``raw_operation`` never returns these operations. The reason is that another operation has the same method and
# path, or that a variable in the path is the name of a resource.
_NOT_RECOGNIZED = frozenset(
    {("PUT", CHANGE_STATE.path), ("GET", "/finesse/api/{object}"), ("GET", "/desktop/api/{object}")}
)


def raw_operation(method: str, path: str) -> Operation | None:
    """Return the operation in this table that has the method and path of a request. None if no operation matches."""
    segments = path.rstrip("/").split("/")
    matching = (
        each
        for each in RAW_OPERATIONS
        if each.method == method
        and (method, each.path) not in _NOT_RECOGNIZED
        and _matches(each.path, segments)
    )
    return next(matching, None)


def _matches(path: str, segments: list[str]) -> bool:
    expected = path.split("/")
    return len(expected) == len(segments) and all(
        each.startswith("{") or each == segment for each, segment in zip(expected, segments, strict=True)
    )
