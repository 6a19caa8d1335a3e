"""Detection of duplicate notifications.

One publication arrives once per subscribed JID: through the automatic subscription of the bare JID and through the
session's subscription of the full JID, with the same item id (Openfire keeps it). The same id with another payload is
an item that was published again (XEP-0060 7.1.2), and not a duplicate. Some clients have also seen Finesse publish
the same content twice with a new item id. As every payload is a whole object, one that equals the newest of its node
is a duplicate. Errors are an exception: two rejections can have equal payloads.
"""

from __future__ import annotations

from collections import OrderedDict

from mcp_finesse.session.state.entry import UNREADABLE, Entry

_MAX_NODES = 512
_MAX_NAME = 500
"""Maximum characters of a remembered node or item id, which bounds the memory for names."""
_Seen = tuple[Entry, int, int]
"""The entry, and length and hash of its payload. The payload itself may be large, and evicted by now."""


class Duplicates:
    """Remembers recent item ids and the newest payload of each node.

    Args:
        size: Maximum number of remembered item ids.
    """

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._items: OrderedDict[tuple[str, str], _Seen] = OrderedDict()
        self._newest: OrderedDict[str, _Seen] = OrderedDict()

    def earlier(self, node: str, item_id: str | None, payload: str) -> Entry | None:
        """Return the entry that this notification repeats, or None."""
        if item_id is not None and (seen := self._items.get((node, item_id))) is not None:
            return seen[0] if _is_same(seen, payload) else None
        newest = self._newest.get(node)
        if newest is not None and _is_same(newest, payload) and "piErrors>" not in payload:
            return newest[0]
        return None

    def forget_newest(self) -> None:
        """Forget the newest payloads, because the state may have changed: an equal payload may then be a new change."""
        self._newest.clear()

    def remember(self, node: str, item_id: str | None, payload: str, entry: Entry) -> None:
        """Remember the entry of a notification.

        After an unreadable one the state is unknown, so the next payload is not a duplicate.
        """
        if len(node) > _MAX_NAME:
            return
        seen = (entry, len(payload), hash(payload))
        self._newest.pop(node, None)
        if entry.kind != UNREADABLE:
            self._newest[node] = seen
            if len(self._newest) > _MAX_NODES:
                self._newest.popitem(last=False)
        if item_id is None or len(item_id) > _MAX_NAME:
            return
        self._items[(node, item_id)] = seen
        if len(self._items) > self._size:
            self._items.popitem(last=False)


def _is_same(seen: _Seen, payload: str) -> bool:
    return (len(payload), hash(payload)) == seen[1:]
