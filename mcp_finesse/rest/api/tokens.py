"""REST operations for single sign-on: access tokens and users' authentication modes (guide p.188 to 199).

A user normally gets the first token in a browser, because the pages of the identity provider use cookies and scripts.
``fetch_access_token`` works only where the node issues a token directly. ``refresh_access_token`` also refreshes
tokens obtained in a browser.
"""

from __future__ import annotations

from urllib.parse import urlencode

from pydantic import SecretStr

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import AccessToken, UserAuthMode, read_token
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Operation, Role, sends
from mcp_finesse.rest.responses import Answer, raise_rejection
from mcp_finesse.rest.validation import check_present

TOKEN_PATH = "/desktop/sso/token"  # noqa: S105 - a path

_FORM = "application/x-www-form-urlencoded"
_JSON = {"Accept": "application/json"}


GET_USER_AUTH_MODE = Operation(
    "Single Sign-On: get user authentication mode",
    "GET",
    "/finesse/api/UserAuthMode/{username}",
    "guide p.188 to 199",
    role=Role.ANYBODY,
    platforms=frozenset({UCCE}),
    since="12.5(1)",
)


@sends(GET_USER_AUTH_MODE)
async def get_user_auth_mode(client: RestClient, user: str) -> UserAuthMode:
    """Read the authentication mode of a user, by login name or id. The request is sent without credentials.

    Raises:
        RefusedError: the administrator has disabled this API (status 403). Also raises the errors of
            ``RestClient.get``.
    """
    root = await client.get(GET_USER_AUTH_MODE.path_of(user), authenticated=False)
    return UserAuthMode.from_element(root)


FETCH_ACCESS_TOKEN = Operation(
    "Single Sign-On: fetch access token", "GET", TOKEN_PATH, "guide p.188 to 199", role=Role.ANYBODY
)


@sends(FETCH_ACCESS_TOKEN)
async def fetch_access_token(
    client: RestClient, login_name: str, *, return_user: bool = True, return_refresh_token: bool = True
) -> AccessToken:
    """Request a first access token.

    Args:
        client: sends the request, without credentials.
        login_name: login name or peripheral number.
        return_user: whether the response shall include the user.
        return_refresh_token: whether the response shall include a refresh token.

    Raises:
        RefusedError: usually because the user must first sign in with a browser. Also raises the errors of
            ``RestClient.get``.
    """
    params = {
        "cc_username": check_present("login_name", login_name),
        "return_user": "yes" if return_user else "no",
        "return_refresh_token": "true" if return_refresh_token else "false",
    }
    return _read(
        await client.exchange(
            FETCH_ACCESS_TOKEN.method,
            FETCH_ACCESS_TOKEN.path,
            params=params,
            headers=_JSON,
            authenticated=False,
        )
    )


REFRESH_ACCESS_TOKEN = Operation(
    "Single Sign-On: refresh access token", "POST", TOKEN_PATH, "guide p.188 to 199", role=Role.ANYBODY
)


@sends(REFRESH_ACCESS_TOKEN)
async def refresh_access_token(
    client: RestClient, token: SecretStr, refresh_token: SecretStr, *, return_user: bool = True
) -> AccessToken:
    """Refresh an access token. Do this after ``AccessToken.refresh_in`` seconds (guide p.193).

    Raises:
        RefusedError: usually because the refresh token has expired, so that the user must sign in with a
            browser again. Also raises ``ReadOnlyError`` and the errors of ``RestClient.get``.
    """
    # The response uses the name refresh_token, but the request uses refresh-token.
    form = {
        "token": check_present("token", token.get_secret_value()),
        "refresh-token": check_present("refresh_token", refresh_token.get_secret_value()),
    }
    if return_user:
        form["return_user"] = "yes"
    headers = {**_JSON, "Content-Type": _FORM}
    answer = await client.exchange(
        REFRESH_ACCESS_TOKEN.method,
        REFRESH_ACCESS_TOKEN.path,
        headers=headers,
        body=urlencode(form).encode(),
        authenticated=False,
    )
    return _read(answer)


def _read(answer: Answer) -> AccessToken:
    if 300 <= answer.status < 400 or (answer.accepted and answer.is_page):
        raise RefusedError(
            f"{answer.request} redirects to a sign-in page, which requires a browser.",
            status=answer.status,
            advice="Sign in with a browser, and give the token that the browser receives.",
        )
    if not answer.accepted:
        raise_rejection(answer)
    return read_token(answer.body)
