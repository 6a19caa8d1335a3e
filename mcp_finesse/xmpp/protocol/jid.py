"""XMPP addresses: user ids as node parts (XEP-0106), and comparison without regard to case."""

from __future__ import annotations

import re

# XEP-0106 4.2: these characters may not stand in a node part; a backslash is escaped only where
# it would otherwise read as the start of an escape.
_FORBIDDEN = re.compile(r"""[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)""")


def escape_user_id(user_id: str) -> str:
    """Write a user id as the node part of a JID; to be called once, on the id as Finesse issued it."""
    return _FORBIDDEN.sub(lambda match: f"\\{ord(match.group()):02x}", user_id)


def full_jid(user_id: str, domain: str, resource: str) -> str:
    """The full JID of a user; the node is in lower case, as the Finesse desktop builds it."""
    return f"{escape_user_id(user_id).lower()}@{domain.lower()}/{resource}"


def split_jid(jid: str) -> tuple[str, str]:
    """A JID as (bare JID in lower case, resource as it is); the resource of a bare JID is empty."""
    bare, _, resource = jid.partition("/")
    return bare.lower(), resource


def same_jid(one: str, other: str) -> bool:
    """Whether two JIDs name the same address: node and domain in any case, resource exactly (RFC 7622 3)."""
    return split_jid(one) == split_jid(other)
