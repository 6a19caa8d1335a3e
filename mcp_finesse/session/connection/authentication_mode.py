"""Determines whether Finesse expects a password or a token. Creates the error if the other kind is configured."""

from __future__ import annotations

from mcp_finesse.errors import ConfigurationError

_SSO, _NON_SSO, _HYBRID = "SSO", "NON_SSO", "HYBRID"


def is_hybrid(system_mode: str | None) -> bool:
    """Return whether the authentication mode differs by user (12.5(1), UCCE). ``UserAuthMode`` contains the mode."""
    return _normal(system_mode) == _HYBRID


def wrong_credentials(user_id: str, mode: str | None, *, token: bool) -> ConfigurationError | None:
    """Return the error for credentials of the wrong kind, or None.

    Args:
        user_id: The agent.
        mode: ``systemAuthMode`` of SystemInfo or, on a hybrid system, the ``authMode`` of the agent. If the
            mode is unknown, the configured credentials are used: the mode is documented for UCCE only.
        token: Whether the agent signs in with a token.
    """
    mode = _normal(mode)
    if mode == _SSO and not token:
        return ConfigurationError(
            f"Finesse requires single sign-on for {user_id}, but a password is configured. Nothing was sent.",
            advice="Set token_command in place of the password.",
        )
    if mode == _NON_SSO and token:
        return ConfigurationError(
            f"Finesse requires a password for {user_id}, but token_command is configured. Nothing was sent.",
            advice="Set the password of the agent in place of token_command.",
        )
    return None


def _normal(mode: str | None) -> str:
    return (mode or "").strip().upper()
