"""The entry point of the configuration APIs, which checks role and node, then calls an endpoint (guide p.205)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, bad_request, unauthorized
from mcp_finesse.simulator.publishing.publication import AuthResult
from mcp_finesse.simulator.rest.configuration.objects import Endpoints
from mcp_finesse.simulator.rest.configuration.routes import AdminRequest, AdminRoute
from mcp_finesse.simulator.rest.exchange import Response, basic_credentials
from mcp_finesse.simulator.xml_text import MAX_BODY_BYTES

FILE_BYTES = 8 * 1024 * 1024


def largest_configuration_body(path: str) -> int:
    """Return the maximum size of a body. The limit is higher for contact files than for objects."""
    return FILE_BYTES if path.endswith("/csvFileContent") else MAX_BODY_BYTES


class Identified(Protocol):
    """A user with valid credentials."""

    @property
    def id(self) -> str:
        """The user id."""


class ConfigurationApi:
    """The configuration APIs of one node.

    Args:
        center: the contact center, which holds the configuration.
        is_primary: whether this node is the primary node.
        find_agent: a function that returns the agent for an ``Authorization`` header. The function rejects
            wrong credentials.
    """

    def __init__(
        self, center: ContactCenter, is_primary: Callable[[], bool], find_agent: Callable[[str], Identified]
    ) -> None:
        self._config: Configuration = center.configuration
        self._cce = center.settings.platform == "UCCE"
        self._is_primary = is_primary
        self._find_agent = find_agent
        self._routes = Endpoints(center).routes()

    def handles(self, request: AdminRequest) -> bool:
        """Return whether the request is for a configuration API."""
        return bool(self._matches(request))

    def answer(self, request: AdminRequest) -> Response:
        """Execute a request.

        Raises:
            ApiProblem: status 401 for wrong credentials and for agents, 403 on the secondary node, 405 for
                other methods, or 501 for APIs that CCX does not have. Also the errors of the endpoint.
        """
        matches = self._matches(request)
        route = next((each for each in matches if each.method == request.method), None)
        by_agent = self._check_role(request, route)
        if len(request.body) > largest_configuration_body(request.path):
            raise bad_request("Request body is too large")
        if not by_agent and not (route and route.every_node):
            self._check_node(request)
        if route is None:
            raise ApiProblem(405, "Method Not Allowed", f"{request.method} is not allowed here", request.path)
        if route.cce_only and not self._cce:
            raise ApiProblem(501, "Not Implemented", "Not available on Unified CCX", request.path)
        match = route.pattern.fullmatch(request.path)
        return route.endpoint(replace(request, values=match.groupdict() if match else {}))

    def _matches(self, request: AdminRequest) -> list[AdminRoute]:
        administrator = (
            basic_credentials(request.headers.get("authorization", ""))[0] == self._config.administrator.id
        )
        return [
            route
            for route in self._routes
            if route.pattern.fullmatch(request.path) and (administrator or not route.alone)
        ]

    def _check_role(self, request: AdminRequest, route: AdminRoute | None) -> bool:
        """Return whether the requester is an agent. Reject agents where only administrators are allowed (401)."""
        header = request.headers.get("authorization", "")
        name, password = basic_credentials(header)
        if name == self._config.administrator.id:
            if self._config.authentication.check(name, password) is not AuthResult.OK:
                raise unauthorized(name)
            return False
        agent = self._find_agent(header)
        if route is None or not route.agents:
            raise unauthorized(agent.id)
        return True

    def _check_node(self, request: AdminRequest) -> None:
        """Reject requests to the secondary node. On CCX only changes are rejected."""
        if self._is_primary() or (request.method == "GET" and not self._cce):
            return
        raise ApiProblem(403, "Forbidden", "This API is not available on the secondary node", request.path)
