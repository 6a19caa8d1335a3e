"""Tokens and ways to sign in."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import PayloadError
from mcp_finesse.model import UserAuthMode, parse, read_token


@pytest.mark.parametrize(
    ("mode", "single"), [("SSO", True), (" sso ", True), ("NON_SSO", False), ("HYBRID", False), ("", False)]
)
def test_a_user_signs_in_with_a_token_or_not(mode: str, single: bool) -> None:
    root = parse(f"<UserAuthMode><authMode>{mode}</authMode></UserAuthMode>")

    assert UserAuthMode.from_element(root).single_sign_on is single


def test_a_token_is_refreshed_after_three_quarters_of_its_life() -> None:
    got = read_token(b'{"token": "abc", "expires_in": "400"}')

    assert got.refresh_in == 300
    assert got.refresh_token is None
    assert "abc" not in f"{got!r} {got}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is not JSON"),
        (b"null", "is not an object"),
        (b'{"token": "", "expires_in": 300}', "contains no valid token"),
        (b'{"token": "abc", "expires_in": "soon"}', "contains no valid expires_in"),
        (b"{}", "contains no valid expires_in, token"),
    ],
)
def test_what_is_no_token_is_named_without_what_it_holds(body: bytes, words: str) -> None:
    with pytest.raises(PayloadError, match=words) as caught:
        read_token(body)

    assert "abc" not in str(caught.value)
    assert caught.value.__context__ is None
