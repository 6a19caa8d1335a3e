"""JIDs in the normalized form that the XMPP server compares, and the escaping of user ids (XEP-0106)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# XEP-0106 section 4.2. A backslash is escaped only if it would otherwise start an escape sequence.
_ESCAPES = {" ": "20", '"': "22", "&": "26", "'": "27", "/": "2f", ":": "3a", "<": "3c", ">": "3e", "@": "40"}
_UNESCAPES = {code: character for character, code in _ESCAPES.items()} | {"5c": "\\"}
_SEQUENCE = re.compile(r"\\(20|22|26|27|2f|3a|3c|3e|40|5c)")
_FORBIDDEN_IN_RESOURCE = re.compile("[\x00-\x1f\x7f]")
_MAX_PART = 1023  # in bytes, RFC 7622 section 3


@dataclass(frozen=True, slots=True)
class Jid:
    """A JID ``user@domain/resource``. As in Openfire, user and domain are in lower case."""

    user: str
    domain: str
    resource: str = ""

    @classmethod
    def parse(cls, text: str) -> Jid:
        """Parse a JID.

        Raises:
            ValueError: a part contains a forbidden character or is too long, or a separator has no part next to it.
        """
        address, slash, resource = text.partition("/")
        user, at, domain = address.rpartition("@")
        if not domain or (slash and not resource) or (at and not user):
            raise ValueError("not a JID")
        if any(len(part.encode()) > _MAX_PART for part in (user, domain, resource)):
            raise ValueError("part of a JID too long")
        if _FORBIDDEN_IN_RESOURCE.search(text) or "@" in user:
            raise ValueError("character not allowed in a JID")
        return cls(user.lower(), domain.lower(), resource)

    @property
    def bare(self) -> Jid:
        """The JID without its resource."""
        return Jid(self.user, self.domain)

    def __str__(self) -> str:
        address = f"{self.user}@{self.domain}" if self.user else self.domain
        return f"{address}/{self.resource}" if self.resource else address


def escape_user(user_id: str) -> str:
    """Return a Finesse user id, escaped as the user part of a JID."""
    kept = _SEQUENCE.sub(lambda match: f"\\5c{match[1]}", user_id)
    return "".join(f"\\{_ESCAPES[character]}" if character in _ESCAPES else character for character in kept)


def unescape_user(user: str) -> str:
    """Return the Finesse user id in the user part of a JID."""
    return _SEQUENCE.sub(lambda match: _UNESCAPES[match[1]], user)
