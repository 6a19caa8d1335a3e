"""Detection of duplicate notifications.

One publication arrives once per subscribed JID: once for the automatic subscription of the bare JID, and once
for the session's subscription of the full JID. Both copies have the same item id, because Openfire keeps the
id. A notification with the same item id but another payload is no duplicate, because the item was published
again (XEP-0060 7.1.2). Some clients have also seen Finesse publish the same content twice with a new item id.
Every payload is a whole object. A payload that equals the newest payload of its node is therefore a duplicate.
Errors are an exception: two rejections can have equal payloads.
"""

from __future__ import annotations

from collections import OrderedDict

from mcp_finesse.session.state.entry import UNREADABLE, Entry

_MAX_NODES = 512
_MAX_NAME = 500
"""Maximum characters of a remembered node or item id, which bounds the memory for names."""
_Seen = tuple[Entry, int, int]
"""The entry, and the length and hash of its payload. The payload itself may be large, and may have been evicted."""


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
        """Return the journal entry that this notification repeats, or None if it repeats no entry."""
        if item_id is not None and (seen := self._items.get((node, item_id))) is not None:
            return seen[0] if _is_same(seen, payload) else None
        newest = self._newest.get(node)
        if newest is not None and _is_same(newest, payload) and "piErrors>" not in payload:
            return newest[0]
        return None

    def forget_newest(self) -> None:
        """Forget the newest payloads. The state may have changed, so an equal payload may report a new change."""
        self._newest.clear()

    def remember(self, node: str, item_id: str | None, payload: str, entry: Entry) -> None:
        """Remember the journal entry of a notification.

        After an unreadable notification the state is unknown, so the next payload is not treated as a duplicate.
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
