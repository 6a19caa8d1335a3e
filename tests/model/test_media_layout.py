"""Layouts of call variables: a header, and columns that keep their places."""

from __future__ import annotations

from mcp_finesse.model import LayoutColumn, LayoutEntry, MediaPropertiesLayout, parse

_ENTRY = (
    "<entry><displayName>{0}</displayName><mediaProperty>{1}</mediaProperty>"
    "<showInPopOver>true</showInPopOver><uiEditable>false</uiEditable></entry>"
)


def layout(inside: str) -> MediaPropertiesLayout:
    return MediaPropertiesLayout.from_element(
        parse(
            "<MediaPropertiesLayout><uri>/finesse/api/MediaPropertiesLayout/3</uri><name>Retail</name>"
            f"<type>CUSTOM</type>{inside}</MediaPropertiesLayout>"
        )
    )


def entry(name: str, variable: str) -> LayoutEntry:
    return LayoutEntry(display_name=name, media_property=variable, show_in_pop_over=True, ui_editable=False)


def test_a_layout_is_read() -> None:
    got = layout(
        f"<header>{_ENTRY.format('Customer', 'callVariable1')}</header>"
        f"<column>{_ENTRY.format('Account', 'user.acct')}{_ENTRY.format('Tier', 'callVariable3')}</column><column/>"
    )

    assert (got.id, got.name, got.type) == ("3", "Retail", "CUSTOM")
    assert got.header == LayoutColumn(entries=[entry("Customer", "callVariable1")])
    assert got.columns == [
        LayoutColumn(entries=[entry("Account", "user.acct"), entry("Tier", "callVariable3")]),
        LayoutColumn(),
    ]
    assert [item.media_property for item in got.entries] == ["callVariable1", "user.acct", "callVariable3"]


def test_an_empty_left_column_leaves_the_right_one_where_it_is() -> None:
    got = layout(f"<column></column><column>{_ENTRY.format('A', 'callVariable1')}</column>")

    assert [len(column.entries) for column in got.columns] == [0, 1]
    assert got.header is None
    assert got.extra == {}


def test_a_layout_may_be_empty() -> None:
    assert MediaPropertiesLayout.from_element(parse("<MediaPropertiesLayout/>")).entries == []
