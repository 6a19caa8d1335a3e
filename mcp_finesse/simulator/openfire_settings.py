"""Administrator settings of the Openfire server inside Finesse that clients can notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RepeatedRid = Literal["saved", "buffer"]


@dataclass(frozen=True, slots=True)
class OpenfireSettings:
    """Settings of the XMPP server. Defaults are those of stock Openfire or of Finesse's documentation.

    Times are in real seconds, not scaled.

    Attributes:
        conflict_limit: what happens when a second session binds a resource in use
            (``xmpp.session.conflict-limit``). 0: the old session is closed with the stream error
            ``conflict``; -1: the new bind is rejected with ``conflict``; n: rejected n times, then as 0.
        multiple_subscriptions: one JID may subscribe to a node several times, each with its own ``subid``
            (``xmpp.pubsub.multiple-subscriptions``); otherwise nothing carries a ``subid``.
        unsubscribe_leaves_others: an unsubscribe that names a full JID removes the newest subscription of that
            JID, whatever its subid. The older ones can then be removed only with the bare JID and their subid;
            they remain listed and receive events (Openfire 3.7.0 and 4.4.4).
        last_item_on_subscribe: a successful subscribe is followed by the node's last item, marked with
            ``<delay/>``. Whether Finesse's nodes do so is not known.
        team_feeds_for_supervisors: agents cannot subscribe to the feed of a team (``not-authorized``).
            Over REST they cannot read a Team; what the Notification Service does is not documented.
        repeated_rid: response to a BOSH request that was answered before. ``saved``: the same response again
            (XEP-0124 14.3); ``buffer``: whatever is waiting to be sent, as in Openfire 3.7.0 to 4.6.8, which
            loses the stanzas of the first response and sends the buffered ones twice.
        ping_idle_after: idle time after which the server pings a client (XEP-0199). After the same time
            without a reply it closes the stream with ``connection-timeout``. ``None``: never.
        login_timeout: maximum time from connecting to resource binding.
        close_timeout: maximum time to wait for the peer when closing a connection.
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
