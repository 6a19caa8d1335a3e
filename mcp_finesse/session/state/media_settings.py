"""Remembers the media settings that the agent signed in with. Finesse may report other settings.

Only the node that handled the sign-in knows the three settings, so a failover loses the settings (guide p.168).
Cisco's own recovery procedure signs in again. This MCP server reports the difference, and sends the settings
again only on request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from mcp_finesse.model import Media, MediaState


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """The settings of a sign-in to a media. None means that a setting is unknown.

    Attributes:
        max_dialog_limit: Maximum concurrent tasks, 1 to 10.
        interrupt_action: ``ACCEPT`` or ``IGNORE``.
        dialog_logout_action: ``CLOSE`` or ``TRANSFER``.
    """

    max_dialog_limit: int | None = None
    interrupt_action: str | None = None
    dialog_logout_action: str | None = None

    @classmethod
    def of(cls, media: Media) -> MediaSettings:
        """Return the settings that a media reports."""
        return cls(media.max_dialog_limit, media.interrupt_action, media.dialog_logout_action)

    def known(self) -> dict[str, str]:
        """Return the known settings as text, by name."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: str(value) for name, value in values.items() if value is not None}

    def over(self, older: MediaSettings) -> MediaSettings:
        """Return a copy of these settings in which unknown settings are taken from ``older``."""
        return MediaSettings(
            *(getattr(self, each.name) or getattr(older, each.name) for each in fields(self))
        )

    def lacking_in(self, other: MediaSettings) -> dict[str, tuple[str, str]]:
        """Return the known settings that differ in ``other``, by name: the value in this object and the other value."""
        there = other.known()
        return {
            name: (value, there.get(name, ""))
            for name, value in self.known().items()
            if there.get(name) != value
        }


class SettingsMemory:
    """The settings of every media that the agent is signed in to."""

    def __init__(self) -> None:
        self._signed_in: dict[str, MediaSettings] = {}
        self._lost: dict[str, dict[str, tuple[str, str]]] = {}

    def of(self, media_id: str) -> MediaSettings:
        """Return the known settings of the agent's sign-in to a media."""
        return self._signed_in.get(media_id, MediaSettings())

    @property
    def lost(self) -> Mapping[str, Mapping[str, tuple[str, str]]]:
        """The lost settings by media and name, each with the value at sign-in and the value in the last read."""
        return MappingProxyType(self._lost)

    def apply_event(self, media: Media) -> None:
        """Process a media from an event. Its settings take precedence, because the event may report a new sign-in."""
        if media.id is None or self._is_out(media.id, media):
            return
        self._signed_in[media.id] = MediaSettings.of(media).over(self.of(media.id))
        self._compare(media.id, media)

    def apply_read(self, media: Media) -> None:
        """Process a media from a read. Remembered settings take precedence, because no event has changed them."""
        if media.id is None or self._is_out(media.id, media):
            return
        self._signed_in[media.id] = self.of(media.id).over(MediaSettings.of(media))
        self._compare(media.id, media)

    def _is_out(self, media_id: str, media: Media) -> bool:
        if media.state not in (None, MediaState.LOGOUT):
            return False
        self._signed_in.pop(media_id, None)
        self._lost.pop(media_id, None)
        return True

    def _compare(self, media_id: str, media: Media) -> None:
        lacking = self.of(media_id).lacking_in(MediaSettings.of(media))
        if lacking:
            self._lost[media_id] = lacking
        else:
            self._lost.pop(media_id, None)
