"""Agent and supervisor operations without a confirmed path or body. They are available through raw requests only."""

from __future__ import annotations

from mcp_finesse.rest.operation import UCCE, Role, Told, free_request

_ONLY_UCCE = frozenset({UCCE})
_NOT_SHOWN = "path and answer: only its name is in the contents of the current documentation"

free_request(
    "User: get list of reservation dialogs",
    "GET",
    "not published",
    "DevNet: Queue APIs (contents)",
    _NOT_SHOWN,
    since="12.6(2)",
)
free_request(
    "User: get media properties layout list",
    "GET",
    "/finesse/api/User/{id}/MediaPropertiesLayouts",
    "DevNet: Queue APIs (contents)",
    "the path; TeamResource has the same list",
)
free_request(
    "Devices: get list for extension",
    "GET",
    "not published",
    "DevNet: Devices",
    "the path",
    platforms=_ONLY_UCCE,
    since="12.6(1)",
)
free_request(
    "TeamResource: get layout",
    "GET",
    "/finesse/api/TeamResource/{teamId}/LayoutConfig",
    "DevNet: TeamResource",
    "the path",
)
free_request(
    "TeamMessage: get list by creator",
    "GET",
    "/finesse/api/TeamMessages",
    "guide p.199 to 204",
    "the query createdBy={userId}",
    role=Role.SUPERVISOR,
    since="12.0(1)",
)
free_request(
    "Media: change agent from work state to active",
    "PUT",
    "/finesse/api/User/{id}/Media/{mrdId}",
    "guide p.165 to 185",
    "the body, perhaps the state ACTIVE",
    told=Told.EVENT,
    platforms=_ONLY_UCCE,
    since="12.5(1)",
)
free_request(
    "Media: put list",
    "PUT",
    "/finesse/api/User/{id}/Media",
    "release notes 12.6(2)",
    "the body, perhaps a MediaList",
    told=Told.EVENT,
    platforms=_ONLY_UCCE,
    since="12.6(2)",
)
free_request(
    "DigitalChannels: get configuration",
    "GET",
    "/finesse/api/DigitalChannels/Configuration",
    "release notes 12.6(2)",
    "the answer",
    platforms=_ONLY_UCCE,
    since="12.6(2)",
)
free_request(
    "CompressedClientLog: post",
    "POST",
    "/finesse/api/User/{id}/CompressedClientLog",
    "guide p.161 to 164",
    "path, content type and limit",
    since="12.5(1)",
)
free_request(
    "Log collection", "not published", "not published", "DevNet (contents)", _NOT_SHOWN, since="12.6(2)"
)
free_request(
    "Single Sign-On: test",
    "GET",
    "/desktop/sso/test",
    "guide p.188 to 199",
    "the answer: a page with script, for browsers",
    role=Role.ANYBODY,
)
free_request(
    "ScriptSelectors: get list",
    "GET",
    "/finesse/api/ScriptSelectors",
    "release notes 12.6(2)",
    "query and answer",
    platforms=_ONLY_UCCE,
    since="12.6(2)",
)
