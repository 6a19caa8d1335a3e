"""Which notifications repeat an earlier one.

One publication reaches us once per JID that is subscribed: once through the automatic row of the bare JID and
once through our own row of the full JID, with the same item id (Openfire keeps it). The same id with another
payload is an item that was published again (XEP-0060 7.1.2), and news. Some clients have also seen
Finesse publish the same thing twice, with a new item id; as every payload is a whole object, a payload that
equals the newest one of its source says nothing new. Errors are excepted: two refusals read alike.
"""

from __future__ import annotations

from collections import OrderedDict

from mcp_finesse.session.journal import UNREADABLE, Entry, bounded


class Duplicates:
    """Remembers the item ids of late and the newest payload of each node.

    Args:
        size: how many item ids are remembered.
    """

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._items: OrderedDict[tuple[str, str], Entry] = OrderedDict()
        self._newest: dict[str, Entry] = {}

    def earlier(self, node: str, item_id: str | None, payload: str) -> Entry | None:
        """The entry that this notification repeats, or None."""
        if item_id is not None and (entry := self._items.get((node, item_id))) is not None:
            if entry.raw == payload or (entry.kind == UNREADABLE and entry.raw == bounded(payload)):
                return entry
            return None
        newest = self._newest.get(node)
        if newest is not None and newest.raw == payload and "piErrors>" not in payload:
            return newest
        return None

    def forget_newest(self) -> None:
        """The state is no longer as the newest payloads left it: one that equals them may be news."""
        self._newest.clear()

    def remember(self, node: str, item_id: str | None, entry: Entry) -> None:
        """Keep the entry that a notification was made into.

        One that cannot be read may have said anything: what comes after it is news.
        """
        if entry.kind == UNREADABLE:
            self._newest.pop(node, None)
        else:
            self._newest[node] = entry
        if item_id is None:
            return
        self._items[(node, item_id)] = entry
        if len(self._items) > self._size:
            self._items.popitem(last=False)
