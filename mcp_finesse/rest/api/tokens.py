"""Single Sign-On over REST: access tokens, and who signs in how (guide p.188 to 199).

The way to a first token leads over pages of the identity provider, with cookies and script: only a browser can
follow it. Here a first token is had where the node gives one at once; the others get theirs from a browser, and
refresh it here.
"""

from __future__ import annotations

from urllib.parse import urlencode

from pydantic import SecretStr

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import AccessToken, UserAuthMode, read_token
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import UCCE, Role, operation
from mcp_finesse.rest.paths import path_of
from mcp_finesse.rest.responses import Answer, raise_refusal
from mcp_finesse.rest.validation import check_present

TOKEN_PATH = "/desktop/sso/token"  # noqa: S105 - a path

_FORM = "application/x-www-form-urlencoded"
_JSON = {"Accept": "application/json"}


@operation(
    "Single Sign-On: get user authentication mode",
    "GET",
    "/finesse/api/UserAuthMode/{username}",
    "guide p.188 to 199",
    role=Role.ANYBODY,
    platforms=frozenset({UCCE}),
    since="12.5(1)",
)
async def get_user_auth_mode(client: RestClient, user: str) -> UserAuthMode:
    """Read how a user signs in, by login name or id; asked without credentials.

    Raises:
        RefusedError: 403 where the administrator has switched this off; and as ``RestClient.get``.
    """
    root = await client.get(path_of("UserAuthMode", user), authenticated=False)
    return UserAuthMode.from_element(root)


@operation("Single Sign-On: fetch access token", "GET", TOKEN_PATH, "guide p.188 to 199", role=Role.ANYBODY)
async def fetch_access_token(
    client: RestClient, login_name: str, *, return_user: bool = True, return_refresh_token: bool = True
) -> AccessToken:
    """Ask for a first token.

    Args:
        client: sends the request, without credentials.
        login_name: or the peripheral number.
        return_user: whether the answer tells who the user is.
        return_refresh_token: whether the answer holds what the next token is had with.

    Raises:
        RefusedError: among others when the user has to sign in in a browser first; and as ``RestClient.get``.
    """
    params = {
        "cc_username": check_present("login_name", login_name),
        "return_user": "yes" if return_user else "no",
        "return_refresh_token": "true" if return_refresh_token else "false",
    }
    return _read(await client.exchange("GET", TOKEN_PATH, params=params, headers=_JSON, authenticated=False))


@operation(
    "Single Sign-On: refresh access token", "POST", TOKEN_PATH, "guide p.188 to 199", role=Role.ANYBODY
)
async def refresh_access_token(
    client: RestClient, token: SecretStr, refresh_token: SecretStr, *, return_user: bool = True
) -> AccessToken:
    """Ask for the next token; do so once ``AccessToken.refresh_in`` seconds have passed (guide p.193).

    Raises:
        RefusedError: among others when the refresh token has expired, so that the user has to sign in in a
            browser again; ReadOnlyError; and as ``RestClient.get``.
    """
    # The answer writes refresh_token, the request refresh-token.
    form = {
        "token": check_present("token", token.get_secret_value()),
        "refresh-token": check_present("refresh_token", refresh_token.get_secret_value()),
    }
    if return_user:
        form["return_user"] = "yes"
    headers = {**_JSON, "Content-Type": _FORM}
    answer = await client.exchange(
        "POST", TOKEN_PATH, headers=headers, body=urlencode(form).encode(), authenticated=False
    )
    return _read(answer)


def _read(answer: Answer) -> AccessToken:
    if 300 <= answer.status < 400 or (answer.accepted and answer.is_page):
        raise RefusedError(
            f"{answer.request} leads to a sign-in page, which requires a browser.",
            status=answer.status,
            advice="Sign in in a browser, and give the token it gets.",
        )
    if not answer.accepted:
        raise_refusal(answer)
    return read_token(answer.body)
