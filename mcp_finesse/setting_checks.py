"""Mistakes in settings that can be recognised before anything is sent. No message repeats a secret."""

from __future__ import annotations

import string
from urllib.parse import urlsplit

_EXAMPLE = "such as https://finesse.example.com:8445"
_PLACEHOLDERS = (("${", "}"), ("$(", ")"), ("{{", "}}"), ("%", "%"), ("<", ">"))
_IN_PLACEHOLDER = frozenset(string.ascii_letters + "_-.: ")
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
# What listens there on a Finesse server, instead of the REST API
_OTHER_PORTS = {
    443: "the port of the Finesse administration pages and of web servers in general",
    8443: "the port of the platform administration",
    8082: "the plain HTTP port of the desktop, which forwards to another one",
}


def check_not_placeholder(text: str) -> None:
    """Refuse a value that somebody was meant to replace, such as ``${FINESSE_PASSWORD}`` or ``<password>``.

    Raises:
        ValueError: it is one; the message shows how it begins and ends, no more.
    """
    for begin, end in _PLACEHOLDERS:
        inner = text.strip()[len(begin) : -len(end)]
        looks_alike = text.strip().startswith(begin) and text.strip().endswith(end)
        if looks_alike and inner and _IN_PLACEHOLDER.issuperset(inner):
            raise ValueError(
                f"it is a placeholder that was not replaced ({begin}...{end}); set the value itself, or find out why "
                "your MCP client does not fill it in"
            )
    if text.strip().startswith("$FINESSE_"):
        raise ValueError("it is the name of a variable ($FINESSE_...), which was not replaced by its value")


def check_bare(text: str) -> None:
    """Refuse blanks and quotes around a value.

    Raises:
        ValueError: there are some.
    """
    if text != text.strip():
        raise ValueError("it begins or ends with a blank; remove it")
    if text[:1] in _QUOTES and text[:1]:
        raise ValueError("it begins with a quotation mark; leave the quotation marks out")
    if text[-1:] in _QUOTES and text[-1:]:
        raise ValueError("it ends with a quotation mark; leave the quotation marks out")


def check_user_id(text: str) -> None:
    """Refuse a user id that is a placeholder, or has blanks or quotes around it; raises ValueError."""
    check_bare(text)
    check_not_placeholder(text)


def check_address(text: str) -> None:
    """Refuse an address of any kind with a password in it, a placeholder, or blanks or quotes around it.

    Raises:
        ValueError: says what is wrong, without repeating the address.
    """
    check_bare(text)
    check_not_placeholder(text)
    if "@" in text:
        raise ValueError(
            "it holds a user id or a password, which would show up in logs; use FINESSE_USER and FINESSE_PASSWORD"
        )


def check_finesse_url(text: str) -> None:
    """Refuse the usual mistakes in the address of the REST API: the page of the desktop, or another port.

    Raises:
        ValueError: says what is wrong.
    """
    check_address(text)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return  # the client says what is wrong with it
    if parts.path.rstrip("/").lower().startswith("/desktop"):
        raise ValueError(
            f"it is the address of the desktop; use the address without {parts.path[:40]}, {_EXAMPLE}"
        )
    if port is None and parts.scheme.lower() == "https":
        raise ValueError(f"it names no port, which means 443; the API of Finesse has port 8445, {_EXAMPLE}")
    if port in _OTHER_PORTS:
        raise ValueError(f"{port} is {_OTHER_PORTS[port]}; the API of Finesse has port 8445, {_EXAMPLE}")
