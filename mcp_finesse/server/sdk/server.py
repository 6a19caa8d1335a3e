"""All uses of private APIs of the MCP SDK. ``tests/server/sdk/test_server.py`` detects changes of these APIs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import anyio
from mcp.server import MCPServer
from mcp.server.connection import Connection
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Resolve, build_resolver_plans
from mcp.server.mcpserver.tools import Tool
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import ListenHandler
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    SERVER_INFO_META_KEY,
    EmptyResult,
    ErrorData,
    JSONRPCError,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestParams,
    SubscribeRequestParams,
    ToolAnnotations,
    UnsubscribeRequestParams,
)
from mcp.types.version import LATEST_MODERN_VERSION
from pydantic import Field, ValidationError
from sse_starlette.sse import AppStatus

from mcp_finesse.errors import InvalidRequestError, NotReadyError
from mcp_finesse.redaction import truncated
from mcp_finesse.server.sdk.argument_check import check_arguments
from mcp_finesse.server.sdk.elicitation import Ask
from mcp_finesse.server.sdk.requests import RequestContext
from mcp_finesse.server.sdk.schemas import lean
from mcp_finesse.server.sdk.stdin import StdinLines

if TYPE_CHECKING:
    from mcp.shared._stream_protocols import ReadStream, WriteStream

_NAME = 80
_MOST = 20
"""Maximum length of a name in an error, and maximum number of problems in an error."""
_ALTERNATIVE = re.compile(r"(?:constrained-)?str|(?:list|function-\w+)\[.*\]")

Subscribe = Callable[[RequestContext, str], None]


class CheckedTool(Tool):
    """A tool whose errors about arguments name the argument and say what to do.

    The SDK itself silently drops unknown arguments, and reports invalid arguments in pydantic's format.

    Attributes:
        writes: whether the tool may change something in Finesse.
        listed: whether ``tools/list`` shows the tool. A tool that is not listed can still be called.
    """

    writes: bool = False
    listed: bool = True
    on_refused: Callable[[Context[Any, Any]], None] | None = Field(default=None, exclude=True)

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:
        """Run the tool as the base class does. Raises ``ToolError`` for invalid arguments."""
        try:
            checked = check_arguments(
                arguments, self.parameters, writes=self.writes, may_be_blank=self._may_be_blank()
            )
        except InvalidRequestError as error:
            self._report_refusal(context)
            raise ToolError(f"Error executing tool {self.name}: {error.message}") from error
        try:
            return await super().run(checked, context, convert_result)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                self._report_refusal(context)
                said = _invalid(error.__cause__)
                raise ToolError(f"Error executing tool {self.name}: {said}") from error.__cause__
            raise

    def _may_be_blank(self) -> set[str]:
        """Return the arguments whose default is blank text. For such an argument, blank text is a normal value."""
        fields = self.fn_metadata.arg_model.model_fields
        return {name for name, field in fields.items() if field.default == ""}

    def _report_refusal(self, context: Context[Any, Any]) -> None:
        if self.on_refused is not None:
            self.on_refused(context)


def _invalid(error: ValidationError) -> str:
    said = (f"{_place(item['loc'])}: {item['msg']}" for item in error.errors()[:_MOST])
    return "invalid arguments. " + "; ".join(said) + "."


def _place(loc: tuple[int | str, ...]) -> str:
    """Return the path of an invalid argument value, without pydantic's names for union members."""
    return ".".join(truncated(str(part), _NAME) for part in loc if not _ALTERNATIVE.fullmatch(str(part)))


_TEMPLATES: WeakKeyDictionary[Callable[..., Any], dict[frozenset[str], CheckedTool]] = WeakKeyDictionary()
"""Template tools, by the function that determines their schemas, and by further arguments. Computing the schemas
takes milliseconds."""
CONSENT = "consent"
"""The parameter through which a tool receives the answer of a person. This parameter is not part of the schema."""


def make_tool(
    fn: Callable[..., Awaitable[Any]],
    *,
    signature_of: Callable[..., Any],
    title: str,
    description: str,
    annotations: ToolAnnotations,
    writes: bool = False,
    listed: bool = True,
    on_refused: Callable[[Context[Any, Any]], None] | None = None,
    ask: Ask | None = None,
    further: frozenset[str] = frozenset(),
) -> CheckedTool:
    """Create a tool from ``fn`` with short schemas that strict converters accept.

    ``signature_of`` is the function from which ``fn`` gets its name and signature. ``further`` are the names of
    arguments of ``fn`` that ``signature_of`` does not have. The schemas are computed once for each combination.
    ``on_refused`` is called when a tool call is refused because of its arguments. ``ask`` returns the question to
    a person, from the same arguments. ``fn`` receives the answer as :data:`CONSENT`. The output schema is
    published but not enforced at run time, because results are built from the same model.
    """
    templates = _TEMPLATES.setdefault(signature_of, {})
    template = templates.get(further)
    if template is None:
        template = templates[further] = _template_of(fn)
    changed: dict[str, Any] = {
        "fn": fn,
        "title": title,
        "description": description,
        "annotations": annotations,
        "writes": writes,
        "listed": listed,
        "on_refused": on_refused,
    }
    if ask is not None:
        resolved = {CONSENT: (Resolve(ask), True)}
        arguments = set(template.fn_metadata.arg_model.model_fields)
        changed |= {"resolved_params": resolved, "resolver_plans": build_resolver_plans(resolved, arguments)}
    return template.model_copy(update=changed)


def _template_of(fn: Callable[..., Awaitable[Any]]) -> CheckedTool:
    tool = CheckedTool.from_function(fn)
    assert isinstance(tool, CheckedTool)  # noqa: S101  (for the type checker: the result is an instance of cls)
    tool.parameters = lean(tool.parameters)
    published = tool.fn_metadata.output_schema
    tool.fn_metadata.output_model = None
    if published:
        tool.fn_metadata.output_schema = lean(
            {key: published[key] for key in published if key != "description"}
        )
    tool.fn = make_tool  # a placeholder: the template must not keep a server and its session alive
    return tool


def serve_resource_subscriptions(mcp: MCPServer[Any], subscribe: Subscribe, unsubscribe: Subscribe) -> None:
    """Serve ``resources/subscribe`` and ``resources/unsubscribe``, and declare the capability."""

    async def on_subscribe(ctx: RequestContext, params: SubscribeRequestParams) -> EmptyResult:
        try:
            subscribe(ctx, str(params.uri))
        except NotReadyError:
            pass  # the MCP server is shutting down, and announces no more changes
        except InvalidRequestError as error:
            raise MCPError(INVALID_REQUEST, str(error)) from error
        return EmptyResult()

    async def on_unsubscribe(ctx: RequestContext, params: UnsubscribeRequestParams) -> EmptyResult:
        unsubscribe(ctx, str(params.uri))
        return EmptyResult()

    low = mcp._lowlevel_server
    low.add_request_handler("resources/subscribe", SubscribeRequestParams, on_subscribe)
    low.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, on_unsubscribe)


def connection_state(context: Context[Any, Any]) -> dict[str, Any] | None:
    """Return the state of the client's connection. None in protocol version 2026-07-28, which has no connections."""
    if (context.protocol_version or "") >= LATEST_MODERN_VERSION:
        return None
    state: dict[str, Any] = context.session._connection.state
    return state


def connection_of(context: RequestContext) -> Connection:
    """Return the client's connection."""
    return context.session._connection


def when_connection_ends(connection: Connection, callback: Callable[[], None]) -> None:
    """Call ``callback`` when this client's connection is closed."""
    connection.exit_stack.callback(callback)


def limit_listen_streams(mcp: MCPServer[Any], streams: int) -> None:
    """Limit the number of open ``subscriptions/listen`` streams. The SDK has no public setting for this limit."""
    entry = mcp._lowlevel_server.get_request_handler("subscriptions/listen")
    if entry is not None and isinstance(entry.handler, ListenHandler):
        entry.handler._max_subscriptions = streams


def end_listen_streams(mcp: MCPServer[Any]) -> None:
    """End all open ``subscriptions/listen`` streams gracefully, as defined by the protocol."""
    entry = mcp._lowlevel_server.get_request_handler("subscriptions/listen")
    if entry is not None and isinstance(entry.handler, ListenHandler):
        entry.handler.close()


def forget_the_end() -> None:
    """Reset the exit flag of the event stream library, so that a later HTTP server in this process can stream.

    Without this reset, after a uvicorn server has ended, the library would end all later event streams
    immediately.
    """
    AppStatus.should_exit = False


async def run_stdio(mcp: MCPServer[Any]) -> None:
    """Serve stdin and stdout until stdin ends."""
    lines: Any = StdinLines()
    async with lines, stdio_server(stdin=lines) as (messages, answers):
        await serve_messages(mcp, messages, answers)


async def serve_messages(
    mcp: MCPServer[Any],
    messages: ReadStream[SessionMessage | Exception],
    answers: WriteStream[SessionMessage],
) -> None:
    """Serve one client until its messages end. A ``server/discover`` probe does not determine the protocol version.

    The SDK determines the protocol version of the connection from the first request. The SDK would therefore
    reject a client that probes with ``server/discover`` and then initializes. This function itself responds to
    probes until another request arrives.
    """
    low = mcp._lowlevel_server
    to_server, from_client = anyio.create_memory_object_stream[SessionMessage | Exception](0)

    async def pump() -> None:
        probing = True
        async with to_server:
            async for item in messages:
                if isinstance(item, Exception):
                    await answers.send(_unreadable(item))
                    continue
                request = item.message if isinstance(item, SessionMessage) else None
                if probing and isinstance(request, JSONRPCRequest):
                    if request.method == "server/discover":
                        await answers.send(await _discovered(mcp, request))
                        continue
                    probing = False
                with contextlib.suppress(anyio.BrokenResourceError):
                    await to_server.send(item)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pump)
        await low.run(from_client, answers, low.create_initialization_options())
        tasks.cancel_scope.cancel()


def _unreadable(error: Exception) -> SessionMessage:
    """Return the error response to an invalid input line. Without a response the client would wait forever."""
    code, message = PARSE_ERROR, "Parse error: the line is not JSON."
    if isinstance(error, ValidationError) and all(each["type"] != "json_invalid" for each in error.errors()):
        code, message = INVALID_REQUEST, "Invalid request: the line is not a JSON-RPC message."
    return SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=ErrorData(code=code, message=message)))


def declare_no_prompts(mcp: MCPServer[Any]) -> None:
    """Remove prompts from the capabilities. A request for prompts then gets the error "method not found"."""
    for method in ("prompts/list", "prompts/get"):
        mcp._lowlevel_server._request_handlers.pop(method, None)


async def _discovered(mcp: MCPServer[Any], request: JSONRPCRequest) -> SessionMessage:
    low = mcp._lowlevel_server
    ctx: Any = SimpleNamespace(protocol_version=LATEST_MODERN_VERSION)
    result = await low._handle_discover(ctx, RequestParams())
    body = result.model_dump(by_alias=True, mode="json", exclude_none=True)
    body["_meta"] = {SERVER_INFO_META_KEY: low.server_info_stamp}
    return SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=request.id, result=body))
