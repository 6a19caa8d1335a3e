"""Routes for administrators. A route has a method, a path, and a flag that shows whether agents may use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from mcp_finesse.simulator.errors import bad_request
from mcp_finesse.simulator.rest.exchange import Response
from mcp_finesse.simulator.xml_text import Element


@dataclass(frozen=True, slots=True)
class AdminRequest:
    """A request as received.

    Attributes:
        root: the scheme, host and port of the request, for use in the header ``Location``.
        path: path below the API root.
        query: query parameters. If a name is repeated, the last value is used.
        headers: headers with lower-case names.
        values: path parameters of the route.
        node: ``incarnation`` of the node that received the request (``FinesseNode.incarnation``).
    """

    method: str
    root: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    values: Mapping[str, str] = field(default_factory=dict)
    node: object = None

    def document(self, name: str) -> Element:
        """Parse the body, whose root element must be ``name``.

        Raises:
            ApiProblem: the error Bad Request, if the body is malformed, has a DTD, or has another root element.
        """
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(self.body, parser)
        except (etree.XMLSyntaxError, ValueError) as problem:
            raise bad_request("Request body is not valid XML") from problem
        if root.getroottree().docinfo.internalDTD is not None or root.tag != name:
            raise bad_request(f"Request body is not a {name}")
        return root


AdminEndpoint = Callable[[AdminRequest], Response]


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """One operation.

    Attributes:
        agents: whether agents may use the route. Routes for agents are available on every node.
        alone: whether the route matches only requests of administrators. Requests of agents with the same path
            go to another API.
        cce_only: whether CCX responds with 501.
        every_node: whether the route is also available on the secondary node.
    """

    method: str
    pattern: re.Pattern[str]
    endpoint: AdminEndpoint
    agents: bool = False
    alone: bool = False
    cce_only: bool = False
    every_node: bool = False


def route(method: str, path: str, endpoint: AdminEndpoint, **marks: bool) -> AdminRoute:
    """Create a route for a path with names in braces."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
    return AdminRoute(method, pattern, endpoint, **marks)
