"""Desktop layouts and call variable layouts (guide p.221 to 236, 255 to 270)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.errors import PayloadError
from mcp_finesse.model.admin.content import Content, Item, Problem, Stored
from mcp_finesse.model.admin.limits import Characters, Items, OneOf
from mcp_finesse.model.xml import Element, local_name, parse
from mcp_finesse.redaction import truncated

COLUMN_ENTRIES = 10
POP_OVER_ENTRIES = 5
_LAYOUT_ADVICE = "Read the current layout and change a copy of it."


class LayoutConfigContent(Content):
    """Writable fields of the default desktop layout."""

    layoutxml: str | None = Field(
        default=None, description="the whole layout, an XML document <finesseLayout>"
    )

    def problems(self) -> Iterator[Problem]:
        """Check that the layout is XML with the required root element. Finesse also validates it with a schema."""
        yield from _layout_problems(self.layoutxml)


class LayoutConfig(LayoutConfigContent):
    """The default desktop layout."""

    uri: str | None = None
    type: str | None = None


class TeamLayoutConfigContent(Content):
    """Writable fields of a team's desktop layout. ``layoutxml`` is ignored if the team uses the default layout."""

    use_default: bool | None = Field(default=None, description="true: the team uses the default layout")
    layoutxml: str | None = Field(
        default=None, description="the team's own layout, an XML document <finesseLayout>"
    )

    def problems(self) -> Iterator[Problem]:
        """Require a layout if the team does not use the default layout."""
        if self.use_default is False and self.layoutxml is None:
            yield "layoutxml is missing: the team would have no layout.", _LAYOUT_ADVICE
        yield from _layout_problems(self.layoutxml)


class TeamLayoutConfig(TeamLayoutConfigContent):
    """A team's desktop layout."""

    uri: str | None = None


class LayoutEntry(Content):
    """One call variable shown on the desktop."""

    display_name: Annotated[str | None, Characters(50, least=0)] = Field(
        default=None, description="may be empty"
    )
    media_property: str | None = Field(
        default=None,
        description="callVariable1 to callVariable10, an ECC variable, or another property of a dialog",
    )
    show_in_pop_over: bool | None = Field(default=None, description="for at most 5 entries of a layout")
    ui_editable: bool | None = None

    def problems(self) -> Iterator[Problem]:
        """Require the entry to name a property to show."""
        if not (self.media_property or "").strip():
            yield "media_property is missing.", "Give the call variable that the entry shows."


class MediaPropertiesLayoutContent(Content):
    """Writable fields of a call variable layout. Lists are replaced as a whole."""

    name: Annotated[str | None, Characters(40)] = None
    description: Annotated[str | None, Characters(128, least=0)] = None
    type: Annotated[str | None, OneOf(("DEFAULT", "CUSTOM"))] = None
    header: LayoutEntry | None = Field(default=None, description="the entry that is always shown")
    left_column: Annotated[list[LayoutEntry] | None, Item("entry"), Items(COLUMN_ENTRIES)] = None
    right_column: Annotated[list[LayoutEntry] | None, Item("entry"), Items(COLUMN_ENTRIES)] = None

    def problems(self) -> Iterator[Problem]:
        """Check the columns and the number of pop-over entries."""
        if self.left_column is None and self.right_column is not None:
            yield (
                "right_column is given without left_column, so Finesse would show right_column on the left.",
                "Give both columns; an empty list makes an empty column.",
            )
        entries = [*filter(None, [self.header]), *(self.left_column or ()), *(self.right_column or ())]
        popping = sum(entry.show_in_pop_over is True for entry in entries)
        if popping > POP_OVER_ENTRIES:
            yield (
                f"show_in_pop_over is set for {popping} entries; the limit is {POP_OVER_ENTRIES}.",
                f"Set show_in_pop_over for at most {POP_OVER_ENTRIES} entries.",
            )

    def to_wire(self) -> dict[str, Any]:
        """Return the XML content, in which columns are identified by their order."""
        wire = super().to_wire()
        if "header" in wire:
            wire["header"] = {"entry": wire["header"]}
        left, right = wire.pop("leftColumn", None), wire.pop("rightColumn", None)
        if left is not None:
            wire["column"] = [left, right or {}]
        return wire

    @classmethod
    def values_of(cls, element: Element) -> dict[str, Any]:
        """Return the field values. The first column is the left column, and the second column is the right column."""
        values = super().values_of(element)
        values.pop("header", None)
        if extra := values.get("extra"):
            extra.pop("column", None)
        headers = [child for child in element if local_name(child.tag) == "header"]
        columns = [child for child in element if local_name(child.tag) == "column"]
        if headers and (entries := _entries(headers[0])):
            values["header"] = entries[0]
        for field, column in zip(("left_column", "right_column"), columns, strict=False):
            values[field] = _entries(column)
        return values


class MediaPropertiesLayout(MediaPropertiesLayoutContent, Stored):
    """A call variable layout. The ECC variable ``user.Layout`` of a call selects the layout by name."""


def _entries(column: Element) -> list[dict[str, Any]]:
    return [LayoutEntry.values_of(entry) for entry in column if len(entry)]


def _layout_problems(layout: str | None) -> Iterator[Problem]:
    if layout is None:
        return
    try:
        root = parse(layout)
    except PayloadError as error:
        yield f"layoutxml cannot be a layout: {error.message}", _LAYOUT_ADVICE
        return
    if local_name(root.tag) != "finesseLayout":
        yield (
            f"layoutxml is a <{truncated(local_name(root.tag), 40)}>, not a <finesseLayout>.",
            _LAYOUT_ADVICE,
        )
