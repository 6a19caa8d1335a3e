"""Settings of the Openfire server inside Finesse. Administrators set them, and clients can notice their effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RepeatedRid = Literal["saved", "buffer"]


@dataclass(frozen=True, slots=True)
class OpenfireSettings:
    """Settings of the XMPP server. The defaults are those of stock Openfire or of Finesse's documentation.

    Times are in real seconds, not scaled.

    Attributes:
        conflict_limit: what happens when a second XMPP session tries to bind a resource in use
            (``xmpp.session.conflict-limit``). With 0, the old session is closed with the stream error
            ``conflict``. With -1, the attempt is rejected with ``conflict``. With a number n above 0, the first
            n attempts are rejected, and the next attempt closes the old session.
        multiple_subscriptions: if true, one JID can have several subscriptions to a node, each with its own ``subid``
            (``xmpp.pubsub.multiple-subscriptions``). If false, there are no subids.
        unsubscribe_leaves_others: if true, an unsubscribe request with a full JID removes only the newest
            subscription of that JID, whatever subid the request contains. The older subscriptions remain listed
            and receive events. Only requests with the bare JID and the subid can then remove an older
            subscription. Openfire 3.7.0 and 4.4.4 remove subscriptions in this way.
        last_item_on_subscribe: if true, after a successful subscribe request the service sends the node's last
            item, marked with ``<delay/>``. It is not known whether Finesse's pubsub nodes are configured in
            this way.
        team_feeds_for_supervisors: if true, agents who are not supervisors cannot subscribe to the feed of a
            team (``not-authorized``). This behavior is a guess, because such agents cannot read a Team over
            REST.
        repeated_rid: the response to a BOSH request that already got a response. ``saved`` means the same
            response again (XEP-0124 14.3). ``buffer`` means the stanzas that are waiting to be sent, as in
            Openfire 3.7.0 to 4.6.8. These releases lose the stanzas of the first response and send the buffered
            stanzas twice.
        ping_idle_after: idle time after which the XMPP server pings a client (XEP-0199). If no reply arrives
            within the same time, the server closes the stream with ``connection-timeout``. ``None`` means no
            pings.
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
