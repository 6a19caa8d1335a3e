"""Which request of an administrator is for whom: methods, paths, and who else may ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from mcp_finesse.simulator.errors import bad_request
from mcp_finesse.simulator.rest.exchange import Answer
from mcp_finesse.simulator.xml_text import Element


@dataclass(frozen=True, slots=True)
class AdminRequest:
    """A request as it came.

    Attributes:
        root: scheme, host and port that were asked, for ``Location``.
        path: below the API root.
        query: the last of duplicates.
        headers: lower-case names.
        values: what the path of the route names.
        node: the life of the node that is asked (``FinesseNode.life``).
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
        """The root of the body, which has to be ``name``.

        Raises:
            ApiProblem: Bad Request for what is malformed, has a DTD, or is something else.
        """
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(self.body, parser)
        except (etree.XMLSyntaxError, ValueError) as problem:
            raise bad_request("Request body is not valid XML") from problem
        if root.getroottree().docinfo.internalDTD is not None or root.tag != name:
            raise bad_request(f"Request body is not a {name}")
        return root


AdminEndpoint = Callable[[AdminRequest], Answer]


@dataclass(frozen=True, slots=True)
class AdminRoute:
    """One operation.

    Attributes:
        agents: agents may do it too, and then on every node.
        alone: it is for administrators only as far as they ask; the same path serves agents elsewhere.
        cce_only: CCX answers 501.
        every_node: the secondary node does it too.
    """

    method: str
    pattern: re.Pattern[str]
    endpoint: AdminEndpoint
    agents: bool = False
    alone: bool = False
    cce_only: bool = False
    every_node: bool = False


def route(method: str, path: str, endpoint: AdminEndpoint, **marks: bool) -> AdminRoute:
    """A route for a path with names in braces."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
    return AdminRoute(method, pattern, endpoint, **marks)
