"""Checks settings for common mistakes before anything is sent. Messages never contain secrets."""

from __future__ import annotations

import os
import shlex
import string
import sys
import tomllib
from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mcp_finesse.redaction import truncated

_EXAMPLE = "such as https://finesse.example.com:8445"
_PLACEHOLDERS = (("${", "}"), ("$(", ")"), ("{{", "}}"), ("%", "%"), ("<", ">"))
_IN_PLACEHOLDER = frozenset(string.ascii_letters + "_-.: ")
_MAX_COMMAND = 8_000
_SHELL_WORDS = frozenset({"|", "||", "&&", ";", "&", ">", ">>", "<", "2>&1", "2>/dev/null"})
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
# The services on other ports of a Finesse server.
_OTHER_PORTS = {
    443: "the port of the Finesse administration pages and of web servers in general",
    8443: "the port of the platform administration",
    8082: "the plain HTTP port of the desktop, which forwards to another port",
}


def check_not_placeholder(text: str) -> None:
    """Reject a value that is a placeholder, such as ``${FINESSE_PASSWORD}`` or ``<password>``.

    Raises:
        ValueError: the value is a placeholder. The message shows only its delimiters.
    """
    for begin, end in _PLACEHOLDERS:
        inner = text.strip()[len(begin) : -len(end)]
        looks_alike = text.strip().startswith(begin) and text.strip().endswith(end)
        if looks_alike and inner and _IN_PLACEHOLDER.issuperset(inner):
            raise ValueError(
                f"the value is a placeholder that was not replaced ({begin}...{end}); set the actual value, or "
                "find out why your MCP client does not replace the placeholder"
            )
    if text.strip().startswith("$FINESSE_"):
        raise ValueError(
            "the value is the name of a variable ($FINESSE_...), which was not replaced by its value"
        )


def check_bare(text: str) -> None:
    """Reject blanks and quotation marks around a value.

    Raises:
        ValueError: the value begins or ends with a blank or a quotation mark.
    """
    if text != text.strip():
        raise ValueError("the value begins or ends with whitespace; remove the whitespace")
    if text[:1] in _QUOTES and text[:1]:
        raise ValueError("the value begins with a quotation mark; leave the quotation marks out")
    if text[-1:] in _QUOTES and text[-1:]:
        raise ValueError("the value ends with a quotation mark; leave the quotation marks out")


def check_bare_value(text: str) -> None:
    """Raise ``ValueError`` if a value is a placeholder, or has blanks or quotation marks around it."""
    check_bare(text)
    check_not_placeholder(text)


def check_address(text: str) -> None:
    """Reject an address that contains a password or a placeholder, or has blanks or quotation marks around it.

    Raises:
        ValueError: the address is rejected. The message does not contain it.
    """
    check_bare(text)
    check_not_placeholder(text)
    if "@" in text:
        raise ValueError(
            "the address contains a user id or a password, which would appear in logs; use FINESSE_USER and "
            "FINESSE_PASSWORD"
        )
    _check_parts(text)


def check_proxy(text: str) -> None:
    """Reject the address of a proxy that contains a placeholder, or has blanks or quotation marks around it.

    Unlike other addresses, the address of a proxy may contain a user name and a password.

    Raises:
        ValueError: the address is rejected. The message does not contain it.
    """
    check_bare(text)
    check_not_placeholder(text)
    _check_parts(text)


def check_path(path: Path) -> None:
    """Reject a path that contains a placeholder, or has blanks or quotation marks around it.

    Raises:
        ValueError: the path is rejected.
    """
    check_bare(str(path))
    for part in path.parts:
        check_not_placeholder(part)


def split_command(command: str | list[str]) -> list[str]:
    """Return a command as a list: the program and its arguments. The command runs without a shell.

    Args:
        command: A list, or one line in which quotation marks group words.

    Raises:
        ValueError: the command is empty, has unbalanced quotation marks, or needs a shell. The message does not
            contain it.
    """
    if isinstance(command, list):
        argv = command
    else:
        if len(command) > _MAX_COMMAND:
            raise ValueError(f"the command has more than {_MAX_COMMAND:,} characters")
        try:
            argv = shlex.split(command, posix=sys.platform != "win32")
        except ValueError as error:
            raise ValueError(f"the command cannot be split into words: {error}") from None
        if shell := _SHELL_WORDS.intersection(argv):
            raise ValueError(
                f"the command contains {min(shell)!r}, but runs without a shell; set a script instead, or a list such "
                'as ["sh", "-c", "..."]'
            )
        if sys.platform == "win32":
            argv = [word.strip('"') for word in argv]
    if not argv or not argv[0]:
        raise ValueError("the command is empty")
    if any("\0" in word for word in argv):
        raise ValueError("the command contains a null character")
    return [str(Path(argv[0]).expanduser()) if argv[0].startswith("~") else argv[0], *argv[1:]]


def check_finesse_url(text: str) -> None:
    """Reject a REST API URL that is the address of the desktop or has the port of another service.

    Raises:
        ValueError: the URL is rejected.
    """
    check_address(text)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return  # the REST client reports an invalid URL
    if parts.path.rstrip("/").lower().startswith("/desktop"):
        raise ValueError(
            f"this is the address of the desktop; use the address without {truncated(parts.path, 40)}, {_EXAMPLE}"
        )
    if port is None and parts.scheme.lower() == "https":
        raise ValueError(
            f"the address has no port, so 443 would be used; the API of Finesse uses port 8445, {_EXAMPLE}"
        )
    if port in _OTHER_PORTS:
        raise ValueError(f"{port} is {_OTHER_PORTS[port]}; the API of Finesse uses port 8445, {_EXAMPLE}")


def _check_parts(text: str) -> None:
    """Raise ``ValueError`` if the host, port, user name or password of an address is a placeholder."""
    _, marked, rest = text.partition("://")
    # ``urlsplit`` cannot be used, because a "/" or "#" in a placeholder or an unencoded password would end the
    # host part.
    credentials, _, place = (rest if marked else text).rpartition("@")
    host, port = place, ""
    if not place.startswith("["):
        host, _, port = place.partition("/")[0].partition(":")
    user, _, password = credentials.partition(":")
    for part in (user, password, host, port):
        check_not_placeholder(part)
        check_not_placeholder(unquote(part))


def expanded(path: Path) -> Path:
    """Expand ``~``. MCP clients start the MCP server without a shell, so no shell expands ``~``.

    Raises:
        ValueError: the home folder does not exist.
    """
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path} names a home folder that does not exist") from error


def changed_by_others(path: Path) -> str:
    """Return why users other than this user and root can change a file. Return an empty string if they cannot.

    On Windows the result is empty: permissions are not checked there.
    """
    if sys.platform == "win32":
        return ""
    status = path.stat()
    if status.st_uid not in (os.getuid(), 0):
        return "it belongs to another user"
    return "other users have permission to write to it" if status.st_mode & 0o022 else ""


def profile_warning(path: Path, secret_names: Collection[str]) -> str:
    """Return a warning if other users can read a password in the profile. Otherwise return an empty string."""
    try:
        if sys.platform == "win32" or not path.stat().st_mode & 0o077:
            return ""
        secrets = sorted(set(secret_names).intersection(tomllib.loads(path.read_text("utf-8"))))
    except (OSError, ValueError):
        return ""
    if not secrets:
        return ""
    return (
        f"Other users of this machine can read the {' and '.join(secrets)} in {path}. Run: chmod 600 {path}"
    )
