"""How many objects the mirror holds of each kind, and of what size: what the network sends must not fill the memory."""

from __future__ import annotations

MAX_OBJECTS = 500
"""Calls, tasks or media of one agent. Finesse allows a handful; a supervisor who monitors has a few more."""
MAX_CHARACTERS = 8 * 2**20
"""Characters of the notifications that brought them: each one is held with its parsed model."""
MAX_ID = 200
"""Characters of an id: Finesse's have up to 60."""
MAX_MEMBERS = 5_000
"""Agents of one team, and queues: more than a whole Finesse has agents (2,000)."""
MAX_TEAMS = 50
"""Teams that were read; the one read least recently is dropped. A supervisor has a few."""
MAX_MESSAGES = 1_000
"""Messages to teams that were read."""


class Room:
    """Counts what is held under each id; a new object that does not fit is refused.

    Attributes:
        refused: how many objects were refused so far.
    """

    def __init__(self, objects: int = MAX_OBJECTS, characters: int = MAX_CHARACTERS) -> None:
        self.refused = 0
        self._objects = objects
        self._left = characters
        self._sizes: dict[str, int] = {}

    def take(self, object_id: str, size: int = 0) -> bool:
        """Count an object in place of what was held under its id; False when it does not fit and nothing changed."""
        before = self._sizes.get(object_id)
        if (
            len(object_id) > MAX_ID
            or (before is None and len(self._sizes) >= self._objects)
            or size - (before or 0) > self._left
        ):
            self.refused += 1
            return False
        self._left -= size - (before or 0)
        self._sizes[object_id] = size
        return True

    def free(self, object_id: str) -> None:
        """The object is not held any more."""
        self._left += self._sizes.pop(object_id, 0)
