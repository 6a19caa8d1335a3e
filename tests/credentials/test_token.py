"""The output of a token command, and the form of a token."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Token, TokenCommand
from mcp_finesse.credentials.token import is_same_user, token_from
from mcp_finesse.errors import ConfigurationError, CredentialSourceError
from tests.credentials.support import jwt_of, python


def parse(content: Any) -> Token:
    return token_from("1001", json.dumps(content).encode())


def test_token_is_read_with_the_names_of_oauth_and_of_finesse() -> None:
    made = parse({"access_token": "a.b-c_d", "refresh_token": "r", "expires_in": 300, "token_type": "Bearer"})
    assert (made.password, made.expires_in, made.secrets) == ("a.b-c_d", 300, ("a.b-c_d", "r"))
    assert made.authorization() == "Bearer a.b-c_d"
    assert made.single_sign_on
    made = parse({"token": "abc", "expires_in": "3600", "user_id": "ada"})
    assert (made.user_id, made.password, made.expires_in, made.refresh_token) == ("1001", "abc", 3600, None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "not a JSON object"),
        ({}, "no access_token"),
        ({"access_token": "", "expires_in": 1}, "no access_token"),
        ({"access_token": ["canary"], "expires_in": 1}, "no access_token"),
        ({"access_token": "canary"}, "no expires_in"),
        ({"access_token": "canary", "expires_in": 0}, "no expires_in"),
        ({"access_token": "canary", "expires_in": -5}, "no expires_in"),
        ({"access_token": "canary", "expires_in": True}, "no expires_in"),
        ({"access_token": "canary", "expires_in": "soon"}, "no expires_in"),
        ({"access_token": "canary", "expires_in": 10**10}, "no expires_in"),
        ({"access_token": "canary", "expires_in": 1, "refresh_token": 5}, "refresh_token"),
        ({"access_token": "canary canary", "expires_in": 1}, "Bearer token cannot contain"),
        ({"access_token": "canary\r\nX: y", "expires_in": 1}, "control character"),
        ({"access_token": "canary\u00e9", "expires_in": 1}, "Bearer token cannot contain"),
    ],
)
async def test_output_without_a_valid_token_is_rejected_without_showing_it(
    content: Any, problem: str
) -> None:
    code = f"print({json.dumps(content)!r})"
    with pytest.raises(CredentialSourceError, match=problem) as caught:
        await TokenCommand("1001", python(code), 10).read()

    assert "canary" not in f"{caught.value} {caught.value!r} {caught.value.__context__!r}"
    assert caught.value.advice


@pytest.mark.parametrize(
    "output",
    [b"", b"canary", b"canary {}", b'{"access_token": "canary"', b"\xff\xfe", b"[" * 60_000, b'{"a": 1e999}'],
)
def test_garbage_is_rejected(output: bytes) -> None:
    with pytest.raises(ValueError, match="not a JSON object") as caught:
        token_from("1001", output)

    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("content", "owners"),
    [
        ({"access_token": "opaque"}, ()),
        ({"access_token": "opaque", "user_id": "ada", "user_principal": "ada@x"}, ("ada", "ada@x")),
        ({"access_token": jwt_of({"user_id": "ada", "sub": "8c1f"})}, ("ada",)),
        ({"access_token": jwt_of({"upn": "ada@x"}), "user_id": "ada"}, ("ada@x", "ada")),
        ({"access_token": jwt_of({"user_id": 5, "upn": " ", "user_principal": None})}, ()),
        ({"access_token": jwt_of([1])}, ()),
        ({"access_token": jwt_of("{")}, ()),
        ({"access_token": jwt_of("[" * 5000)}, ()),
        ({"access_token": "a.b.c"}, ()),
        ({"access_token": "a.~~~~~.c"}, ()),
        ({"access_token": "a.b.c.d.e"}, ()),
        ({"access_token": "opaque", "user_id": ["ada"]}, ()),
    ],
)
def test_owner_is_what_the_token_or_its_source_states(
    content: dict[str, Any], owners: tuple[str, ...]
) -> None:
    assert parse(content | {"expires_in": 60}).owners == owners


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("ada", "ADA ", True),
        ("ada@a.example", "ada", True),
        ("A\\ada", "ada", True),
        ("ada@a.example", "ada@A.EXAMPLE", True),
        ("ada@a.example", "ada@b.example", False),
        ("ada", "adam", False),
        ("1001", "10010", False),
        ("", "ada", False),
    ],
)
def test_names_of_one_user_may_differ_in_case_and_domain(first: str, second: str, same: bool) -> None:
    assert is_same_user(first, second) is same
    assert is_same_user(second, first) is same


async def test_token_command_gives_a_token() -> None:
    code = "import json; print(json.dumps({'access_token': 'abc', 'expires_in': 60}))"
    made = await TokenCommand("1001", python(code), 10).read()
    assert isinstance(made, Token)
    assert made.password == "abc"


def test_representation_shows_no_secret() -> None:
    made = Token("1001", SecretStr("canary"), 60, SecretStr("canary"))
    assert "canary" not in f"{made!r} {made}"
    with pytest.raises(ConfigurationError, match="empty"):
        Token("1001", SecretStr(""), 60)
