"""The picture of the demo in a terminal, ``docs/demo.svg``: drawn from what ``mcp-finesse demo`` prints.

``python -m tests.docs.generate`` draws it anew when a line of it is no longer printed. The colors follow the reader's
light or dark color scheme.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.docs.support import ROOT

PICTURE = ROOT / "docs" / "demo.svg"
COLUMNS = 98

_LINE_HEIGHT, _CHARACTER, _MARGIN, _TOP = 19, 7.9, 18, 56
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_LINE = re.compile(r"^ *[\d.]+s (?P<mark>.) (?P<text>.*)$")
_STYLE = """
    text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; }
    .window { fill: #f6f8fa; stroke: #d0d7de; }
    .button { fill: #d0d7de; }
    .plain { fill: #1f2328; }
    .chapter { fill: #1f2328; font-weight: 700; }
    .call { fill: #0550ae; }
    .good { fill: #116329; }
    .bad { fill: #a40e26; }
    .news { fill: #57606a; }
    @media (prefers-color-scheme: dark) {
      .window { fill: #0d1117; stroke: #30363d; }
      .button { fill: #30363d; }
      .plain, .chapter { fill: #e6edf3; }
      .call { fill: #79c0ff; }
      .good { fill: #7ee787; }
      .bad { fill: #ff9492; }
      .news { fill: #9ea7b3; }
    }
  """


def draw(lines: Sequence[str]) -> str:
    """Return a terminal window with these lines as SVG."""
    width = round(COLUMNS * _CHARACTER + 2 * _MARGIN)
    texts, y = "", _TOP
    for line in lines:
        y += (
            _LINE_HEIGHT if line.startswith("==") or line[0].isdigit() else 0
        )  # above chapters and the summary
        texts += f'\n  <text class="{_class(line)}" x="{_MARGIN}" y="{y}" xml:space="preserve">{escape(line)}</text>'
        y += _LINE_HEIGHT
    buttons = "\n".join(f'  <circle class="button" cx="{x}" cy="20" r="6"/>' for x in (24, 44, 64))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" role="img" '
        f'aria-labelledby="title desc">\n'
        '  <title id="title">mcp-finesse demo in a terminal</title>\n'
        '  <desc id="desc">Tool calls of an assistant, their results, and the notifications of a simulated Finesse: a '
        "customer calls, the agent answers, an action is rejected with a reason, and a lost connection is "
        "restored.</desc>\n"
        f"  <style>{_STYLE}</style>\n"
        f'  <rect class="window" x="0.5" y="0.5" width="{width - 1}" height="{y - 1}" rx="10"/>\n'
        f"{buttons}{texts}\n</svg>\n"
    )


def _class(line: str) -> str:
    if line.startswith(("==", "$")):
        return "chapter"
    match = _LINE.match(line)
    mark, text = (match["mark"], match["text"]) if match else (" ", line)
    if mark == ">":
        return "call"
    if mark == ".":
        return "news"
    if mark == "=":
        return {"failed": "bad", "confirmed": "good"}.get(text.partition(":")[0], "plain")
    return "plain"


def lines_of(svg: str) -> list[str]:
    """Return the lines that a picture shows."""
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{_NAMESPACE}text")]
