"""What the conformance suite reads: tools that answer with every kind of content, resources and prompts.

Names and texts are the suite's, which looks for them.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import wave
import zlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)
from pydantic import Field

from mcp_finesse.server.sessions import FinesseServer


def _png() -> bytes:
    """One red pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _wav() -> bytes:
    """A hundredth of a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(160))
    return file.getvalue()


PNG = _png()
IMAGE = ImageContent(type="image", data=base64.b64encode(PNG).decode(), mime_type="image/png")
SOUND = AudioContent(type="audio", data=base64.b64encode(_wav()).decode(), mime_type="audio/wav")


def text(what: str) -> TextContent:
    return TextContent(type="text", text=what)


def embedded(uri: str, mime_type: str, what: str) -> EmbeddedResource:
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=what)
    return EmbeddedResource(type="resource", resource=contents)


def answer(*content: ContentBlock) -> CallToolResult:
    return CallToolResult(content=list(content))


async def test_simple_text() -> CallToolResult:
    """Answers with text."""
    return answer(text("This is a simple text response for testing."))


async def test_image_content() -> CallToolResult:
    """Answers with an image."""
    return answer(IMAGE)


async def test_audio_content() -> CallToolResult:
    """Answers with sound."""
    return answer(SOUND)


async def test_embedded_resource() -> CallToolResult:
    """Answers with a resource."""
    return answer(embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."))


async def test_multiple_content_types() -> CallToolResult:
    """Answers with text, an image and a resource."""
    data = json.dumps({"test": "data", "value": 123})
    resource = embedded("test://mixed-content-resource", "application/json", data)
    return answer(text("Multiple content types test:"), IMAGE, resource)


async def test_error_handling() -> CallToolResult:
    """Fails."""
    raise ToolError("This tool intentionally returns an error for testing")


async def test_custom_header(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
) -> CallToolResult:
    """Has an argument that HTTP clients of 2026-07-28 repeat in a header."""
    return answer(text(region))


TOOLS: tuple[Callable[..., Awaitable[Any]], ...] = (
    test_simple_text,
    test_image_content,
    test_audio_content,
    test_embedded_resource,
    test_multiple_content_types,
    test_error_handling,
    test_custom_header,
)


def add_resources(mcp: FinesseServer) -> None:
    @mcp.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        """Text."""
        return "This is the content of the static text resource."

    @mcp.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        """An image."""
        return PNG

    @mcp.resource("test://watched-resource", mime_type="text/plain")
    def watched_resource() -> str:
        """Text to subscribe to."""
        return "Watched."

    @mcp.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:
        """Repeats what stood in its URI."""
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def add_prompts(mcp: FinesseServer) -> None:
    @mcp.prompt()
    def test_simple_prompt() -> str:
        """Text."""
        return "This is a simple prompt for testing."

    @mcp.prompt()
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        """Repeats its arguments."""
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @mcp.prompt()
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[Any]:  # noqa: N803  (the suite's name)
        """A resource and what to do with it."""
        resource = embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
        return [resource, text("Please process the embedded resource above.")]

    @mcp.prompt()
    def test_prompt_with_image() -> list[Any]:
        """An image and what to do with it."""
        return [IMAGE, text("Please analyze the image above.")]
