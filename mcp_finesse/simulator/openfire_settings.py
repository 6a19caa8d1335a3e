"""What an administrator can set on the Openfire inside Finesse, as far as clients feel it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RepeatedRid = Literal["saved", "buffer"]


@dataclass(frozen=True, slots=True)
class OpenfireSettings:
    """Defaults are those of stock Openfire, or what Finesse's documents say of it. Seconds are real seconds.

    Attributes:
        conflict_limit: what happens when a second session binds a resource in use
            (``xmpp.session.conflict-limit``). 0: the old session is closed with the stream error
            ``conflict``; -1: the new bind is refused with ``conflict``; n: refused n times, then 0.
        multiple_subscriptions: one JID may subscribe to a node several times, told apart by ``subid``
            (``xmpp.pubsub.multiple-subscriptions``); without it nothing carries a ``subid``.
        unsubscribe_leaves_others: an unsubscribe that names a full JID removes the newest subscription of that JID,
            whatever its subid, and the older ones are no longer found by that JID, only by the bare JID and their
            subid; they remain listed and receive events (Openfire 3.7.0 and 4.4.4).
        last_item_on_subscribe: a successful subscribe is followed by the node's last item, marked with
            ``<delay/>``. Whether Finesse's nodes do so is not known.
        team_feeds_for_supervisors: agents cannot subscribe to the feed of a team (``not-authorized``).
            Over REST they cannot read a Team; what the Notification Service does is not documented.
        repeated_rid: how a BOSH request is answered that was answered before. ``saved``: with the same answer
            (XEP-0124 14.3); ``buffer``: with what is to be sent now, as Openfire 3.7.0 to 4.6.8 does, so that the
            stanzas of the lost answer are missing and those of the buffer come twice.
        ping_idle_after: the server pings (XEP-0199) a client that sent nothing for this long, and ends
            its stream with ``connection-timeout`` after as long again; ``None``: never.
        login_timeout: limit from the connection to the bound resource.
        close_timeout: limit for the peer's part of closing a connection.
    """

    conflict_limit: int = 0
    multiple_subscriptions: bool = True
    unsubscribe_leaves_others: bool = False
    last_item_on_subscribe: bool = False
    team_feeds_for_supervisors: bool = False
    repeated_rid: RepeatedRid = "saved"
    ping_idle_after: float | None = None
    login_timeout: float = 30.0
    close_timeout: float = 2.0


STOCK = OpenfireSettings()
