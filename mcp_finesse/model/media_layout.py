"""The MediaPropertiesLayout: which call variables the desktop shows, where, and under which names (guide p.255)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.model.wire import Wire, WireModel, name_by_uri


class LayoutEntry(WireModel):
    """One variable in a layout.

    Attributes:
        display_name: what the agent reads.
        media_property: the variable, as ``callVariable1`` or ``user.x``.
        show_in_pop_over: whether it is shown while the call rings.
        ui_editable: whether the agent may change it on the desktop.
    """

    display_name: str | None = None
    media_property: str | None = None
    show_in_pop_over: bool | None = None
    ui_editable: bool | None = None


class LayoutColumn(WireModel):
    """Entries below one another."""

    entries: Annotated[list[LayoutEntry], Wire("entry", repeated=True)] = Field(default_factory=list)


class MediaPropertiesLayout(WireModel):
    """A layout; the desktop picks it by the name in the call's ECC variable ``user.Layout``.

    Attributes:
        type: ``DEFAULT`` or ``CUSTOM``.
        header: the one entry on top.
        columns: left and right; a column may be empty.
    """

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    description: str | None = None
    type: str | None = None
    header: LayoutColumn | None = None
    columns: Annotated[list[LayoutColumn], Wire("column", repeated=True)] = Field(default_factory=list)

    @property
    def entries(self) -> list[LayoutEntry]:
        """Every entry: the header's, then the columns' from left to right."""
        parts = ([self.header] if self.header else []) + self.columns
        return [entry for part in parts for entry in part.entries]

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Only the uri names the layout."""
        name_by_uri(values)
