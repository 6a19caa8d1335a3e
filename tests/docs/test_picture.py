"""The picture of the demo shows what the demo prints, and can be read on a light and on a dark page."""

from __future__ import annotations

import re

import pytest

from tests.docs import generate, picture
from tests.docs.support import ROOT

SVG = picture.PICTURE.read_text()
LIGHT, DARK = SVG.split("@media", 1)


def test_picture_shows_lines_that_the_demo_prints() -> None:
    assert generate.picture_is_fresh(SVG), "run: python -m tests.docs.generate"


def test_picture_with_a_line_that_the_demo_does_not_print_is_stale() -> None:
    assert not generate.picture_is_fresh(SVG.replace("The call was answered", "The call was dropped", 1))


def test_picture_that_is_drawn_differently_is_stale() -> None:
    assert not generate.picture_is_fresh(SVG.replace('y="56"', 'y="57"', 1))


def test_readme_shows_the_picture() -> None:
    assert "](docs/demo.svg)" in (ROOT / "README.md").read_text()


def test_every_line_fits_into_the_window() -> None:
    assert max(map(len, picture.lines_of(SVG))) <= picture.COLUMNS


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_contrasts_with_its_window(scheme: str) -> None:
    colors = {
        name: color
        for names, color in re.findall(r"(\.[\w., ]+) \{ fill: (#\w{6})", scheme)
        for name in names.replace(".", "").split(", ")
    }
    window = colors.pop("window")
    texts = {name: color for name, color in colors.items() if name != "button"}
    assert set(texts) == {"plain", "chapter", "call", "good", "bad", "news"}
    assert {
        name for name, color in texts.items() if contrast(color, window) < 4.5
    } == set()  # WCAG 2.2, 1.4.3


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors as WCAG defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
