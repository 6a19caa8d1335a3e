"""Who the caller of a request is, for the audit log, scopes and confirmations."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.authentication import UnauthenticatedUser
from starlette.requests import Request

from mcp_finesse.server.auth.caller import caller_name, caller_of, check_caller, principal_of
from mcp_finesse.server.auth.scopes import ScopeError
from mcp_finesse.server.toolsets.selection import TOOLSETS

HOLD = next(entry for entry in TOOLSETS["agent"].tools if entry.name == "hold_call")


def context(subject: str | None = "ada", client: str = "assistant", issuer: str = "https://a.example") -> Any:
    token = AccessToken(
        token="", client_id=client, subject=subject, scopes=["finesse:read"], claims={"iss": issuer}
    )
    return SimpleNamespace(request=Request({"type": "http", "user": AuthenticatedUser(token)}))


@pytest.mark.parametrize(
    "request_of_sdk",
    [None, Request({"type": "http"}), Request({"type": "http", "user": UnauthenticatedUser()})],
)
def test_request_without_authentication_has_no_caller_and_no_limits(request_of_sdk: Any) -> None:
    asked = cast("Any", SimpleNamespace(request=request_of_sdk))
    assert caller_of(asked) is None
    assert (caller_name(asked), principal_of(asked)) == ("", "")
    check_caller(HOLD, asked, {})


def test_caller_has_subject_client_issuer_and_scopes() -> None:
    caller = caller_of(context())
    assert caller is not None
    assert (caller.subject, caller.client_id, caller.issuer) == ("ada", "assistant", "https://a.example")
    assert caller.scopes == {"finesse:read"}
    with pytest.raises(ScopeError, match="hold_call requires the scope finesse:act"):
        check_caller(HOLD, context(), {})


def test_name_is_the_subject_or_the_client_without_control_characters() -> None:
    assert caller_name(context("ada\n\x1b[31m\u202eevil")) == "ada [31mevil"
    assert caller_name(context(None)) == "assistant"
    assert len(caller_name(context("x" * 5000))) == 200


def test_principals_differ_in_subject_client_and_issuer() -> None:
    contexts = [
        context(),
        context("ben"),
        context(client="other"),
        context(issuer="https://b.example"),
        context(None),
    ]
    assert len({principal_of(each) for each in contexts}) == len(contexts)
    assert principal_of(context()) == principal_of(context())
