"""What an agent signed in to a media with, remembered beside what Finesse tells.

Only the node on which the agent signed in knows the three settings; a failover loses them (guide p.168). Cisco's
own recovery signs in again; here the difference is reported, and sent again only when that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from mcp_finesse.model import Media, MediaState


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """The settings of a sign-in; None is one that is not known.

    Attributes:
        max_dialog_limit: how many tasks at a time, 1 to 10.
        interrupt_action: ``ACCEPT`` or ``IGNORE``.
        dialog_logout_action: ``CLOSE`` or ``TRANSFER``.
    """

    max_dialog_limit: int | None = None
    interrupt_action: str | None = None
    dialog_logout_action: str | None = None

    @classmethod
    def of(cls, media: Media) -> MediaSettings:
        """Those that a media shows."""
        return cls(media.max_dialog_limit, media.interrupt_action, media.dialog_logout_action)

    def known(self) -> dict[str, str]:
        """Names and values of those that are known."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: str(value) for name, value in values.items() if value is not None}

    def over(self, older: MediaSettings) -> MediaSettings:
        """These, and the older ones where these are not known."""
        return MediaSettings(
            *(getattr(self, each.name) or getattr(older, each.name) for each in fields(self))
        )

    def lacking_in(self, other: MediaSettings) -> dict[str, tuple[str, str]]:
        """What is known here and is not so there: by name the value here, and there (empty: none)."""
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
        """Those that the agent signed in with, as far as they are known."""
        return self._signed_in.get(media_id, MediaSettings())

    @property
    def lost(self) -> Mapping[str, Mapping[str, tuple[str, str]]]:
        """By media what a read showed to be otherwise than signed in with: what it was, and what it is."""
        return MappingProxyType(self._lost)

    def told(self, media: Media) -> None:
        """An event brought a media: whoever signed in, this is how."""
        if media.id is None or self._is_out(media.id, media):
            return
        self._signed_in[media.id] = MediaSettings.of(media).over(self.of(media.id))
        self._compare(media.id, media)

    def read(self, media: Media) -> None:
        """A read brought a media: what is remembered counts, for no event told otherwise."""
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
