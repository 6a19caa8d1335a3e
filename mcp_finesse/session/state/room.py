"""Limits on the number and size of mirrored objects, so that network input cannot exhaust the memory."""

from __future__ import annotations

MAX_OBJECTS = 500
"""Maximum calls, tasks or media of one agent. Finesse allows far fewer."""
MAX_CHARACTERS = 8 * 2**20
"""Maximum total characters of the notifications that reported the kept objects."""
MAX_ID = 200
"""Maximum characters of an id. Finesse's ids have up to 60 characters."""
MAX_MEMBERS = 5_000
"""Maximum agents of one team, and maximum queues. A Finesse system has up to 2,000 agents."""
MAX_TEAMS = 50
"""Maximum teams kept; the least recently read one is dropped. A supervisor supervises few teams."""
MAX_MESSAGES = 1_000
"""Maximum team messages kept."""


class Budget:
    """The number of characters that several stores may keep together.

    Attributes:
        left: The number of characters that may still be kept.
    """

    def __init__(self, characters: int = MAX_CHARACTERS) -> None:
        self.left = characters


class Room:
    """Counts the kept objects by id, and rejects a new object that would exceed the limits.

    Args:
        objects: Maximum number of objects.
        budget: Limits the total size of the objects. Stores that share a budget share this limit.

    Attributes:
        refused: How many objects were rejected so far.
    """

    def __init__(self, objects: int = MAX_OBJECTS, budget: Budget | None = None) -> None:
        self.refused = 0
        self._objects = objects
        self._budget = budget or Budget()
        self._sizes: dict[str, int] = {}

    def add(self, object_id: str, size: int = 0) -> bool:
        """Count an object, which replaces any object with the same id. Return False if the object exceeds a limit."""
        before = self._sizes.get(object_id)
        if (
            len(object_id) > MAX_ID
            or (before is None and len(self._sizes) >= self._objects)
            or size - (before or 0) > self._budget.left
        ):
            self.refused += 1
            return False
        self._budget.left -= size - (before or 0)
        self._sizes[object_id] = size
        return True

    def free(self, object_id: str) -> None:
        """Remove an object from the count."""
        self._budget.left += self._sizes.pop(object_id, 0)
