"""What asks the client: within a call (2025-11-25), or by a result that says what is missing (2026-07-28)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from mcp.server.mcpserver import Context, Elicit, Resolve, Sample
from mcp.types import (
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
)
from pydantic import BaseModel

from mcp_finesse.server.sessions import FinesseServer
from tests.peers.conformance.contents import answer, text

Asked = Context[Any, Any]
MaybeAsks = CallToolResult | InputRequiredResult

_OPTIONS = ["option1", "option2", "option3"]
_TITLED = [{"const": f"value{n}", "title": f"{nth} Option"} for n, nth in enumerate(("First", "Second"), 1)]
_ENUMS = {
    "untitledSingle": {"type": "string", "enum": _OPTIONS},
    "titledSingle": {"type": "string", "oneOf": _TITLED},
    "legacyEnum": {
        "type": "string",
        "enum": ["opt1", "opt2", "opt3"],
        "enumNames": ["Option One", "Option Two", "Option Three"],
    },
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": _OPTIONS}},
    "titledMulti": {"type": "array", "items": {"anyOf": _TITLED}},
}
_DEFAULTS = {
    "name": {"type": "string", "default": "John Doe"},
    "age": {"type": "integer", "default": 30},
    "score": {"type": "number", "default": 95.5},
    "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    "verified": {"type": "boolean", "default": True},
}


def _schema(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


def _form(message: str, name: str, kind: str = "string") -> ElicitRequest:
    """A question with one field."""
    schema = _schema({name: {"type": kind}}, [name])
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sampling(prompt: str, max_tokens: int) -> CreateMessageRequest:
    messages = [SamplingMessage(role="user", content=text(prompt))]
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=messages, max_tokens=max_tokens))


def _ask(state: str | None = None, **questions: InputRequest) -> InputRequiredResult:
    return InputRequiredResult(input_requests=questions, request_state=state)


def _answered(ctx: Asked, key: str, kind: type[Any]) -> Any:
    """The client's answer to a question, if it gave one of the right kind."""
    found = (ctx.input_responses or {}).get(key)
    return found if isinstance(found, kind) else None


def _field(ctx: Asked, key: str, name: str) -> Any:
    """What the user wrote in a form, if it was accepted."""
    found: ElicitResult | None = _answered(ctx, key, ElicitResult)
    return (found.content or {}).get(name) if found is not None and found.action == "accept" else None


async def test_sampling(prompt: str, ctx: Asked) -> CallToolResult:
    """Asks the client's model, within the call."""
    messages = [SamplingMessage(role="user", content=text(prompt))]
    said = await ctx.session.create_message(messages, max_tokens=100, related_request_id=ctx.request_id)
    return answer(text(f"LLM response: {said.content}"))


async def _elicit(ctx: Asked, message: str, schema: dict[str, Any], shown: str) -> CallToolResult:
    said = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
    return answer(text(f"{shown}: action={said.action}, content={said.content}"))


async def test_elicitation(message: str, ctx: Asked) -> CallToolResult:
    """Asks the user, within the call."""
    fields = {
        "username": {"type": "string", "description": "User's response"},
        "email": {"type": "string", "description": "User's email address"},
    }
    return await _elicit(ctx, message, _schema(fields, ["username", "email"]), "User response")


async def test_elicitation_sep1034_defaults(ctx: Asked) -> CallToolResult:
    """Asks the user with defaults of every type."""
    return await _elicit(ctx, "Please confirm", _schema(_DEFAULTS, []), "Elicitation completed")


async def test_elicitation_sep1330_enums(ctx: Asked) -> CallToolResult:
    """Asks the user with choices of every kind."""
    return await _elicit(ctx, "Please choose", _schema(_ENUMS, []), "Elicitation completed")


async def test_input_required_result_elicitation(ctx: Asked) -> MaybeAsks:
    """Asks the user for a name."""
    name = _field(ctx, "user_name", "name")
    if name is None:
        return _ask(user_name=_form("What is your name?", "name"))
    return answer(text(f"Hello, {name}!"))


async def test_input_required_result_sampling(ctx: Asked) -> MaybeAsks:
    """Asks the client's model."""
    said = _answered(ctx, "capital_question", CreateMessageResult)
    if said is None:
        return _ask(capital_question=_sampling("What is the capital of France?", 100))
    return answer(text(str(said.content)))


async def test_input_required_result_list_roots(ctx: Asked) -> MaybeAsks:
    """Asks for the client's roots."""
    found = _answered(ctx, "client_roots", ListRootsResult)
    if found is None:
        return _ask(client_roots=ListRootsRequest())
    return answer(text(", ".join(str(root.uri) for root in found.roots)))


async def test_input_required_result_request_state(ctx: Asked) -> MaybeAsks:
    """Asks, and gets its state back."""
    if _field(ctx, "confirm", "ok") is None or ctx.request_state != "asked":
        return _ask("asked", confirm=_form("Please confirm", "ok", "boolean"))
    return answer(text("state-ok"))


async def test_input_required_result_multiple_inputs(ctx: Asked) -> MaybeAsks:
    """Asks three things at once."""
    name = _field(ctx, "user_name", "name")
    greeting = _answered(ctx, "greeting", CreateMessageResult)
    roots = _answered(ctx, "client_roots", ListRootsResult)
    if name is None or greeting is None or roots is None:
        return _ask(
            "asked",
            user_name=_form("What is your name?", "name"),
            greeting=_sampling("Generate a greeting", 50),
            client_roots=ListRootsRequest(),
        )
    return answer(text(f"{greeting.content} {name} {len(roots.roots)}"))


async def test_input_required_result_multi_round(ctx: Asked) -> MaybeAsks:
    """Asks twice, one after the other; its state remembers the first answer."""
    if ctx.request_state and ctx.request_state.startswith("name:"):
        color = _field(ctx, "step2", "color")
        if color is not None:
            return answer(text(f"{ctx.request_state.removeprefix('name:')} likes {color}."))
    name = _field(ctx, "step1", "name")
    if name is None:
        return _ask("begun", step1=_form("Step 1: What is your name?", "name"))
    return _ask(f"name:{name}", step2=_form("Step 2: What is your favorite color?", "color"))


class Consent(BaseModel):
    ok: bool


async def _consent() -> Elicit[Consent]:
    return Elicit("Please confirm", Consent)


async def _model_says() -> Sample:
    return Sample([SamplingMessage(role="user", content=text("Say something."))], max_tokens=50)


async def test_input_required_result_tampered_state(
    consent: Annotated[Consent, Resolve(_consent)],
) -> CallToolResult:
    """Asks by a resolver, whose state must come back unchanged."""
    return answer(text(f"ok={consent.ok}"))


async def test_streaming_elicitation(consent: Annotated[Consent, Resolve(_consent)]) -> CallToolResult:
    """Asks by a resolver."""
    return answer(text(f"ok={consent.ok}"))


async def test_missing_capability(
    said: Annotated[CreateMessageResult, Resolve(_model_says)],
) -> CallToolResult:
    """Needs a client that has a model."""
    return answer(text(str(said.content)))


async def test_input_required_result_capabilities(ctx: Asked) -> MaybeAsks:
    """Asks only what the client can answer."""
    can = ctx.client_capabilities
    questions: dict[str, InputRequest] = {}
    if can is not None and can.elicitation is not None:
        questions["user_name"] = _form("What is your name?", "name")
    if can is not None and can.sampling is not None:
        questions["greeting"] = _sampling("Generate a greeting", 50)
    if not questions or questions.keys() <= (ctx.input_responses or {}).keys():
        return answer(text("Done."))
    return _ask(**questions)


TOOLS: tuple[Callable[..., Awaitable[Any]], ...] = (
    test_sampling,
    test_elicitation,
    test_elicitation_sep1034_defaults,
    test_elicitation_sep1330_enums,
    test_input_required_result_elicitation,
    test_input_required_result_sampling,
    test_input_required_result_list_roots,
    test_input_required_result_request_state,
    test_input_required_result_multiple_inputs,
    test_input_required_result_multi_round,
    test_input_required_result_tampered_state,
    test_input_required_result_capabilities,
    test_streaming_elicitation,
    test_missing_capability,
)


def add_prompts(mcp: FinesseServer) -> None:
    @mcp.prompt()
    def test_input_required_result_prompt(ctx: Asked) -> str | InputRequiredResult:
        """Asks the user before it is complete."""
        context = _field(ctx, "user_context", "context")
        if context is None:
            return _ask(user_context=_form("What context should the prompt use?", "context"))
        return f"The context is: {context}"
