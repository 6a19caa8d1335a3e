"""Administration operations without a confirmed path or body. They are available through raw requests only."""

from __future__ import annotations

from mcp_finesse.rest.operation import BOTH, UCCE, Role, free_request

_CCE = frozenset({UCCE})
_CURRENT = "current documentation"
_PATH = "the path"
_BODY = "path and elements"

_UNCONFIRMED = (
    ("ReasonCode: look up by code", "GET", "/finesse/api/ReasonCode", "JavaScript client", _PATH, BOTH, ""),
    (
        "Cloud Connect: set",
        "PUT",
        "/finesse/api/CloudConnectConfig",
        _CURRENT,
        "method, path and root",
        BOTH,
        "",
    ),
    (
        "Cloud Connect: delete",
        "DELETE",
        "/finesse/api/CloudConnectConfig",
        _CURRENT,
        "method and path",
        BOTH,
        "",
    ),
    (
        "PhoneBook: import contacts as XML",
        "PUT",
        "/finesse/api/PhoneBook/{id}/Contacts",
        "guide p.277",
        "method and path",
        BOTH,
        "",
    ),
    ("SystemVariable: list", "GET", "/finesse/api/SystemVariables", _CURRENT, _BODY, BOTH, ""),
    (
        "Diagnostic Portal: get performance information",
        "GET",
        "/finesse-dp/rest/DiagnosticPortal/GetPerformanceInformation",
        "guide p.337-339",
        _PATH,
        BOTH,
        "",
    ),
    ("RuntimeConfigInfo: get", "GET", "/finesse/api/RuntimeConfigInfo", "guide p.340-345", _BODY, BOTH, ""),
    ("MaintenanceMode: get", "GET", "/finesse/api/MaintenanceMode", _CURRENT, _PATH, _CCE, "12.6(1)"),
    ("MaintenanceMode: change", "PUT", "/finesse/api/MaintenanceMode", _CURRENT, _BODY, _CCE, "12.6(1)"),
    (
        "ConnectedUsersInfo: summary",
        "GET",
        "/finesse/api/ConnectedUsersInfo",
        _CURRENT,
        _PATH,
        BOTH,
        "12.6(1)",
    ),
    ("ConnectedUsersInfo: get", "GET", "/finesse/api/ConnectedUsersInfo", _CURRENT, _BODY, BOTH, "12.6(1)"),
    (
        "Locked out users: list",
        "GET",
        "/finesse/api/{object}",
        _CURRENT,
        "the name of the object",
        BOTH,
        "12.6(1) ES02",
    ),
    (
        "Desktop Interface: get desktop configuration",
        "GET",
        "/desktop/api/{object}",
        _CURRENT,
        "the name of the object",
        BOTH,
        "12.6(1) ES02",
    ),
    (
        "Desktop Interface: list languages",
        "GET",
        "/desktop/api/{object}",
        _CURRENT,
        "the name of the object",
        BOTH,
        "12.6(1) ES02",
    ),
)

for _name, _method, _path, _source, _unsure, _platforms, _since in _UNCONFIRMED:
    free_request(
        _name,
        _method,
        _path,
        _source,
        f"{_unsure} not confirmed",
        role=Role.ADMINISTRATOR,
        platforms=_platforms,
        since=_since,
    )
