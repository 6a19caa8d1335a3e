"""Patterns for names, in which ``*`` stands for any characters. A leaf module."""

from __future__ import annotations


def matches(glob: str, name: str) -> bool:
    """Return whether a name matches. Case matters. Takes time proportional to the length of the name."""
    first, *parts = glob.split("*")
    if not parts:
        return name == first
    last = parts.pop()
    if not name.startswith(first) or not name.endswith(last):
        return False
    position, end = len(first), len(name) - len(last)
    for part in parts:
        found = name.find(part, position, max(position, end))
        if found < 0:
            return False
        position = found + len(part)
    return position <= end
