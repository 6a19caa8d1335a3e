"""Tokens expire, are refreshed and can be revoked."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.sign_on.tokens import REFRESH_LIFETIMES, Tokens
from tests.simulator.support import FakeTime


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def tokens(time: FakeTime) -> Tokens:
    return Tokens(["1001", "1002"], time.clock, 300)


def test_token_is_valid_for_its_user_until_it_expires(tokens: Tokens, time: FakeTime) -> None:
    issued = tokens.issue("1001")
    assert tokens.is_valid("1001", issued.token)
    assert not tokens.is_valid("1002", issued.token)
    assert not tokens.is_valid("1001", issued.refresh_token)
    time.advance(299.9)
    assert tokens.is_valid("1001", issued.token)
    time.advance(0.2)
    assert not tokens.is_valid("1001", issued.token)
    assert tokens.owner(issued.token) == "1001", "an expired token still belongs to somebody"
    assert tokens.owner("never issued") == ""


def test_refresh_gives_another_token_until_the_refresh_token_expires(tokens: Tokens, time: FakeTime) -> None:
    issued = tokens.issue("1001")
    time.advance(400)
    second = tokens.refresh(issued.token, issued.refresh_token)
    assert second is not None
    assert tokens.is_valid("1001", second.token)
    assert tokens.refresh("other", issued.refresh_token) is None
    time.advance(300 * REFRESH_LIFETIMES - 400)
    assert tokens.refresh(second.token, second.refresh_token) is None


def test_revoked_tokens_are_neither_valid_nor_refreshed(tokens: Tokens) -> None:
    first, other = tokens.issue("1001"), tokens.issue("1002")
    tokens.revoke("1001")
    assert not tokens.is_valid("1001", first.token)
    assert tokens.refresh(first.token, first.refresh_token) is None
    assert tokens.is_valid("1002", other.token)


def test_expired_token_can_be_refreshed(tokens: Tokens) -> None:
    first = tokens.issue("1001")
    tokens.expire("1001")
    assert not tokens.is_valid("1001", first.token)
    assert tokens.refresh(first.token, first.refresh_token) is not None
