"""Single sign-on endpoints of a system without SSO, on which no user has tokens (guide p.188 to 199)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, not_implemented
from mcp_finesse.simulator.rest.exchange import Receive, Response, Scope, Send, ok, send_response
from mcp_finesse.simulator.xml_text import element

ROOT = "/desktop/sso/"
AUTH_MODE = "UserAuthMode/"
FORM_BYTES = 64 * 1024

TEST_PAGE = (
    "<!DOCTYPE html><html><body><script>"
    'window.opener.postMessage({status: "failure", errorMessage: "NO TOKEN"}, "*");'
    "</script></body></html>"
)


async def serve_sign_on(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one request below ``/desktop/sso/`` (ASGI)."""
    form, more = bytearray(), True
    while more:
        message = await receive()
        form += message.get("body", b"")[: FORM_BYTES - len(form)]
        more = message["type"] == "http.request" and message.get("more_body", False)
    query = scope["query_string"].decode("latin-1")
    fields = (dict(parse_qsl(text)) for text in (query, form.decode("latin-1")))
    await send_response(answer_sign_on(scope["method"], scope["path"], *fields), send)


def answer_sign_on(method: str, path: str, query: Mapping[str, str], form: Mapping[str, str]) -> Response:
    """Report on ``/desktop/sso/test`` that no token exists. Reject token requests on ``/desktop/sso/token``."""
    if path == f"{ROOT}test" and method == "GET":
        return Response(
            200, TEST_PAGE, "text/html;charset=UTF-8", {"Set-Cookie": "ssotest=false; Path=/; Secure"}
        )
    if path != f"{ROOT}token":
        return Response(404)
    if method not in ("GET", "POST"):
        return Response(405)
    asked = "cc_username" in query if method == "GET" else {"token", "refresh-token"} <= form.keys()
    return Response(401 if asked else 400)


def answer_auth_mode(center: ContactCenter, method: str, path: str) -> Response | None:
    """Respond to Get User Authentication Mode, which requires no credentials. Return ``None`` for other paths.

    Raises:
        ApiProblem: 403 Forbidden while the service is disabled, 404 User Not Found, or 501 on CCX.
    """
    if not path.startswith(AUTH_MODE) or method != "GET":
        return None
    if not center.state.rules.user_auth_mode:
        raise not_implemented(center.state.rules.name)
    if not center.world.properties.user_auth_mode:
        raise ApiProblem(403, "Forbidden", "UserAuthModeService is disabled")
    center.users.agent(path.removeprefix(AUTH_MODE), by_name=True)
    return ok(element("UserAuthMode", [element("authMode", "NON_SSO")]))
