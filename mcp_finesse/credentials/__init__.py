"""Credentials: the password or token of an identity, where it comes from, and when it is read again."""

from mcp_finesse.credentials.identity import Credentials, CredentialSource, id_hint
from mcp_finesse.credentials.login import Login
from mcp_finesse.credentials.sources import KeyringPassword, PasswordCommand, PasswordFile
from mcp_finesse.credentials.token import Token, TokenCommand

__all__ = [
    "CredentialSource",
    "Credentials",
    "KeyringPassword",
    "Login",
    "PasswordCommand",
    "PasswordFile",
    "Token",
    "TokenCommand",
    "id_hint",
]
