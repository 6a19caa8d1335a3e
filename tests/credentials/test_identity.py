"""Credentials carry a secret and never show it."""

from __future__ import annotations

import base64

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials, id_hint
from mcp_finesse.errors import ConfigurationError


def test_the_password_is_given_only_when_asked_for() -> None:
    credentials = Credentials("1001", SecretStr("s3cret"))

    assert credentials.password == "s3cret"
    assert "s3cret" not in repr(credentials)
    assert "s3cret" not in str(credentials)
    assert "s3cret" not in f"{credentials.secret}"


def test_the_authorization_is_utf_8() -> None:
    header = Credentials("jürgen", SecretStr("pä:ß")).authorization()

    scheme, _, encoded = header.partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode("utf-8") == "jürgen:pä:ß"


@pytest.mark.parametrize(
    ("user_id", "password", "words"),
    [
        ("", "secret", "user id is empty"),
        ("  ", "secret", "user id is empty"),
        ("1001", "", "password is empty"),
        ("10:01", "secret", "colon"),
        ("1001", "secret\n", "control character"),
        ("10\x7f01", "secret", "control character"),
        ("1001", "secret\udce4", "not valid text"),
        ("\udce4", "secret", "not valid text"),
    ],
)
def test_what_cannot_be_sent_is_refused(user_id: str, password: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        Credentials(user_id, SecretStr(password))

    assert caught.value.advice
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("user_id", "words"),
    [
        ("ada@example.com", "without the domain, as 'ada'"),
        ("CORP\\ada", "without the domain"),
        ("001001", "begins with zeros"),
        ("ada", "peripheral number"),
        ("1001", ""),
    ],
)
def test_form_of_a_refused_id_is_hinted_at(user_id: str, words: str) -> None:
    hint = id_hint(user_id)
    assert words in hint
    assert bool(hint) is bool(words)
