"""A cache of parsed XML elements for parts of an object that do not change between notifications.

A notification contains the whole object. When the state of a call changes, its call data usually do not change.
Looking up call data by XML bytes is cheaper than parsing and validating the same XML again. The journal then
stores one shared object.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from mcp_finesse.model.xml import Element, to_bytes

T = TypeVar("T")

REMEMBERED = 32
"""Maximum number of entries per cache. The oldest entry is removed first."""
MAX_BYTES = 128 * 1024
"""Maximum total XML size per cache in bytes. The parsed models take up to 100 times as much memory."""


def once(read: Callable[[Element], T]) -> Callable[[Element], T]:
    """Wrap a reader so that it returns the same object for equal elements. The object must be immutable."""
    known: OrderedDict[bytes, T] = OrderedDict()
    held = 0

    def read_once(element: Element) -> T:
        nonlocal held
        text = to_bytes(element)
        value = known.get(text)
        if value is None:
            value = known[text] = read(element)
            held += len(text)
            while known and (len(known) > REMEMBERED or held > MAX_BYTES):
                held -= len(known.popitem(last=False)[0])
        return value

    return read_once
