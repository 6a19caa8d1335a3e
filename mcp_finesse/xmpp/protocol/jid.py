"""XMPP addresses (JIDs): escapes user ids (XEP-0106), and splits and compares JIDs."""

from __future__ import annotations

import re

# The characters that are not allowed in the node part of a JID (XEP-0106 4.2). A backslash is escaped only
# where it would otherwise be read as the start of an escape sequence.
_FORBIDDEN = re.compile(r"""[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)""")


def escape_user_id(user_id: str) -> str:
    """Escape a user id for the node part of a JID. Call this only once, with the id as Finesse issued it."""
    return _FORBIDDEN.sub(lambda match: f"\\{ord(match.group()):02x}", user_id)


def full_jid(user_id: str, domain: str, resource: str) -> str:
    """Return the full JID of a user. Like the Finesse desktop, write the node part in lower case."""
    return f"{escape_user_id(user_id).lower()}@{domain.lower()}/{resource}"


def split_jid(jid: str) -> tuple[str, str]:
    """Split a JID into the bare JID in lower case and the resource. For a bare JID the resource is empty."""
    bare, _, resource = jid.partition("/")
    return bare.lower(), resource


def same_jid(one: str, other: str) -> bool:
    """Return whether two JIDs are equal. Only the resource is case-sensitive (RFC 7622 3)."""
    return split_jid(one) == split_jid(other)
