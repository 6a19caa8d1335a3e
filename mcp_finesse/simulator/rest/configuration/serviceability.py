"""Serviceability APIs other than SystemInfo. Every node serves its version, JMX attributes and desktop files."""

from __future__ import annotations

import json

from mcp_finesse.simulator.errors import ApiProblem, bad_request, invalid_input
from mcp_finesse.simulator.rest.configuration.routes import AdminRequest, route
from mcp_finesse.simulator.rest.exchange import Response, ok
from mcp_finesse.simulator.xml_text import element

PRODUCT_VERSION = "/finesse-dp/rest/DiagnosticPortal/GetProductVersion"
RESOURCE_URLS = "/desktop/api/ResourceURLs"
OTHER_ROOTS = ("/finesse-dp/", "/desktop/api/")

_NAMESPACE = "http://www.cisco.com/vtg/diagnosticportal"
_TOMCAT = {
    ("java.lang:type=Memory", "HeapMemoryUsage"): {"init": 2147483648, "used": 912680550, "max": 4294967296},
    ("java.lang:type=OperatingSystem", "SystemLoadAverage"): 0.42,
    ("java.lang:type=Threading", "ThreadCount"): 187,
    ("java.lang:type=Threading", "PeakThreadCount"): 214,
}
_OPENFIRE = {("java.lang:type=Threading", "ThreadCount"): 96}
_PREFIX = "openfire//"
_FILES = {
    "desktop": ("/desktop/container/", "/desktop/assets/main.js"),
    "3rdParty": ("/3rdpartygadget/files/crm.xml",),
}


def get_product_version(_request: AdminRequest) -> Response:
    """Return the product version in the form of the Diagnostic Portal. All values are XML attributes."""
    version = element(f"{{{_NAMESPACE}}}ProductVersion")
    values = {
        "Name": "Cisco Finesse",
        "Major": "12",
        "Minor": "5",
        "Maintenance": "1",
        "VersionString": "12.5(1)",
    }
    for name, value in values.items():
        version.set(name, value)
    reply = element(f"{{{_NAMESPACE}}}GetProductVersionReply", [element(f"{{{_NAMESPACE}}}Schema"), version])
    reply.set("ReturnCode", "0")
    return ok(reply)


def read_performance(request: AdminRequest) -> Response:
    """Read a JMX attribute (Performance API, JSON). Access to attributes that the simulator lacks is forbidden."""
    try:
        question = json.loads(request.body)
        kind, bean, attribute = (str(question[name]) for name in ("type", "mbean", "attribute"))
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise bad_request("Request body does not name an MBean and an attribute") from problem
    beans = _OPENFIRE if bean.lower().startswith(_PREFIX) else _TOMCAT
    name = bean[len(_PREFIX) :] if beans is _OPENFIRE else bean
    if kind != "read" or (name, attribute) not in beans:
        raise ApiProblem(403, "Forbidden", "This attribute cannot be read", f"{bean} {attribute}"[:200])
    reply = {"request": question, "value": beans[name, attribute], "timestamp": 1900000000, "status": 200}
    return Response(200, json.dumps(reply), "application/json")


def get_resource_urls(request: AdminRequest) -> Response:
    """Return as text the URLs of the files of the desktop or of gadgets (Desktop Interface)."""
    files = _FILES.get(request.query.get("type", ""))
    if files is None:
        raise invalid_input("type")
    return Response(200, "\n".join(files), "text/plain;charset=UTF-8")


ROUTES = (
    route("GET", PRODUCT_VERSION, get_product_version, every_node=True),
    route("POST", "performance", read_performance, every_node=True),
    route("GET", RESOURCE_URLS, get_resource_urls, every_node=True, agents=True),
)
