"""Parts of an object that are as they were in the last notification: read once, and kept once.

A notification holds the whole object. While the state of a call changes, its call data mostly do not: to know them
again by their bytes is cheaper than to read and to check them anew, and the journal holds one object for all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from mcp_finesse.model.xml import Element, to_bytes

T = TypeVar("T")

REMEMBERED = 32
"""How many different parts of a kind are known; the one that was added first is forgotten first."""
MAX_BYTES = 128 * 1024
"""Of the XML of all known parts of a kind together; the models hold up to 100 times as much."""


def once(read: Callable[[Element], T]) -> Callable[[Element], T]:
    """The same reader, which answers equal elements with one object; it must be one that nobody changes."""
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
