"""Which notifications repeat an earlier one.

One publication reaches us once per JID that is subscribed: once through the automatic row of the bare JID and
once through our own row of the full JID, with the same item id (Openfire keeps it). Some clients have also seen
Finesse publish the same thing twice, with a new item id; as every payload is a whole object, a payload that
equals the newest one of its source says nothing new. Errors are excepted: two refusals read alike.
"""

from __future__ import annotations

from collections import OrderedDict


class Duplicates:
    """Remembers the item ids of late and the newest payload of each node.

    Args:
        size: how many item ids are remembered.
    """

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._items: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._newest: dict[str, tuple[int, str]] = {}

    def earlier(self, node: str, item_id: str | None, payload: str) -> int | None:
        """Number of the entry that this notification repeats, or None."""
        if item_id is not None and (number := self._items.get((node, item_id))) is not None:
            return number
        newest = self._newest.get(node)
        if newest is not None and newest[1] == payload and "piErrors>" not in payload:
            return newest[0]
        return None

    def remember(self, node: str, item_id: str | None, payload: str, number: int) -> None:
        """Keep what entry ``number`` was made of."""
        self._newest[node] = (number, payload)
        if item_id is None:
            return
        self._items[(node, item_id)] = number
        if len(self._items) > self._size:
            self._items.popitem(last=False)
