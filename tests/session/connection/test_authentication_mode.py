"""Credentials of the wrong kind are recognized before they are sent."""

from __future__ import annotations

import pytest

from mcp_finesse.session.connection.authentication_mode import is_hybrid, wrong_credentials


@pytest.mark.parametrize(
    ("mode", "token", "advice"),
    [
        ("SSO", True, ""),
        ("SSO", False, "Set token_command"),
        (" sso ", False, "Set token_command"),
        ("NON_SSO", False, ""),
        ("NON_SSO", True, "Set the password"),
        ("HYBRID", True, ""),
        ("HYBRID", False, ""),
        (None, True, ""),
        ("", False, ""),
        ("SOMETHING_NEW", True, ""),
    ],
)
def test_wrong_kind_of_credentials_has_advice(mode: str | None, token: bool, advice: str) -> None:
    error = wrong_credentials("1001", mode, token=token)
    assert (error is None) == (advice == "")
    if error is not None:
        assert advice in error.advice
        assert "Nothing was sent." in error.message


def test_only_a_hybrid_system_has_a_mode_for_each_user() -> None:
    assert [is_hybrid(mode) for mode in ("HYBRID", "hybrid", "SSO", "NON_SSO", None)] == [
        True,
        True,
        False,
        False,
        False,
    ]
