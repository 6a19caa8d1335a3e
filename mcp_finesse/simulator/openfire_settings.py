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
        conflict_limit: what happens when a second session tries to bind a resource in use
            (``xmpp.session.conflict-limit``). 0: the old session is closed with the stream error
            ``conflict``. -1: the attempt is rejected with ``conflict``. A number n above 0: the first n attempts are
            rejected; the next attempt closes the old session.
        multiple_subscriptions: if true, one JID can have several subscriptions to a node, each with its own ``subid``
            (``xmpp.pubsub.multiple-subscriptions``). If false, there are no subids.
        unsubscribe_leaves_others: an unsubscribe request with a full JID removes the newest subscription of that
            JID, whatever subid the request contains. The older subscriptions remain listed and receive events. They
            can then be removed only by requests with the bare JID and their subid (Openfire 3.7.0 and 4.4.4).
        last_item_on_subscribe: after a successful subscribe request the service sends the node's last item, marked
            with ``<delay/>``. It is not known whether Finesse's nodes are configured in this way.
        team_feeds_for_supervisors: agents who are not supervisors cannot subscribe to the feed of a team
            (``not-authorized``). This is a guess from REST, where such agents cannot read a Team.
        repeated_rid: response to a BOSH request that got a response before. ``saved``: the same response again
            (XEP-0124 14.3). ``buffer``: the stanzas that are waiting to be sent, as in Openfire 3.7.0 to 4.6.8. These
            releases lose the stanzas of the first response and send the buffered stanzas twice.
        ping_idle_after: idle time after which the XMPP server pings a client (XEP-0199). If no reply arrives within
            the same time, the server closes the stream with ``connection-timeout``. ``None``: no pings.
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
