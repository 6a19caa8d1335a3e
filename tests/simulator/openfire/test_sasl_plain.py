"""Test SASL PLAIN: which logins succeed, and the name of each failure."""

from __future__ import annotations

import base64

import pytest

from mcp_finesse.simulator.openfire.sasl_plain import PlainCredentials, PlainExchange, SaslFailure, read_plain
from mcp_finesse.simulator.openfire.stanzas import parse
from mcp_finesse.simulator.publishing.publication import AuthResult
from tests.simulator.support_xmpp import DOMAIN, NS


def encoded(message: str) -> str:
    return base64.b64encode(message.encode()).decode()


def element(name: str, text: str = "", mechanism: str = "PLAIN") -> str:
    return f"<{name} xmlns='{NS['sasl']}' mechanism='{mechanism}'>{text}</{name}>"


def condition(reply: str) -> str:
    failure = parse(reply)
    assert failure.tag.endswith("}failure"), reply
    return failure[0].tag.rpartition("}")[2]


class StreamEndpoint:
    """Accept 1001 with the password "secret"; 1002 is locked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, user_id: str, password: str) -> AuthResult:
        self.asked.append((user_id, password))
        if user_id == "1002":
            return AuthResult.LOCKED
        return AuthResult.OK if password == "secret" else AuthResult.WRONG


@pytest.fixture
def endpoint() -> StreamEndpoint:
    return StreamEndpoint()


@pytest.fixture
def exchange(endpoint: StreamEndpoint) -> PlainExchange:
    return PlainExchange(DOMAIN, endpoint)


@pytest.mark.parametrize("authzid", ["", "1001", f"1001@{DOMAIN}", f"1001@{DOMAIN}".upper()])
def test_message_contains_user_and_password(authzid: str) -> None:
    assert read_plain(encoded(f"{authzid}\0001001\0secret"), DOMAIN) == PlainCredentials("1001", "secret")


def test_password_is_not_shown() -> None:
    assert "secret" not in repr(read_plain(encoded("\0001001\0secret"), DOMAIN))


def test_escaped_user_id_is_unescaped() -> None:
    assert read_plain(encoded("\0jane\\40corp.test\0secret"), DOMAIN).user_id == "jane@corp.test"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!!", "incorrect-encoding"),
        ("é", "incorrect-encoding"),
        (base64.b64encode(b"\xff\xfe").decode(), "incorrect-encoding"),
        (encoded("1001 secret"), "malformed-request"),
        (encoded("\0\0secret"), "malformed-request"),
        (encoded("1002\0001001\0secret"), "invalid-authzid"),
    ],
)
def test_invalid_message_fails_with_its_condition(text: str, expected: str) -> None:
    with pytest.raises(SaslFailure) as caught:
        read_plain(text, DOMAIN)
    assert caught.value.condition == expected


def test_right_password_succeeds(exchange: PlainExchange) -> None:
    assert parse(exchange.take(parse(element("auth", encoded("\0001001\0secret"))))).tag.endswith("}success")
    assert exchange.user_id == "1001"


def test_missing_initial_response_is_requested(exchange: PlainExchange) -> None:
    assert parse(exchange.take(parse(element("auth")))).tag.endswith("}challenge")
    assert parse(exchange.take(parse(element("response", encoded("\0001001\0secret"))))).tag.endswith(
        "}success"
    )


def test_wrong_password_is_not_authorized_and_locked_account_is_disabled(exchange: PlainExchange) -> None:
    assert condition(exchange.take(parse(element("auth", encoded("\0001001\0wrong"))))) == "not-authorized"
    assert condition(exchange.take(parse(element("auth", encoded("\0001002\0secret"))))) == "account-disabled"
    assert exchange.user_id == ""


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (element("auth", mechanism="SCRAM-SHA-1"), "invalid-mechanism"),
        (element("response", encoded("\0001001\0secret")), "malformed-request"),
        (element("abort"), "aborted"),
        (element("auth", "="), "incorrect-encoding"),
    ],
)
def test_other_element_fails_without_a_password_check(
    exchange: PlainExchange, endpoint: StreamEndpoint, first: str, expected: str
) -> None:
    assert condition(exchange.take(parse(first))) == expected
    assert endpoint.asked == []


def test_three_failures_exhaust_the_exchange(exchange: PlainExchange) -> None:
    for failures in range(3):
        assert exchange.exhausted is False, failures
        exchange.take(parse(element("abort")))
    assert exchange.exhausted is True
