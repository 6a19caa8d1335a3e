"""Decides for each tool call whether it is executed, refused, or needs a confirmation first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit

from mcp_finesse.errors import ConfirmationError, FinesseError, PolicyError
from mcp_finesse.privacy import caller_text
from mcp_finesse.server.audit.auditor import AuditedCall, Auditor, Decision
from mcp_finesse.server.auth.caller import principal_of
from mcp_finesse.server.policy.confirmations import LIFETIME, Confirmations, key_of
from mcp_finesse.server.policy.intent import Intent
from mcp_finesse.server.policy.rate_limits import RateLimits
from mcp_finesse.server.policy.rules import ConfirmMode, PolicyRules, Refusal, Requirement
from mcp_finesse.server.policy.tool_entry import ToolEntry
from mcp_finesse.server.present.redacting import redacted_sentence
from mcp_finesse.server.sdk.elicitation import Consent, ask, can_ask, has_invalid_answer, is_consent
from mcp_finesse.session import FinesseSession

CODE = "confirmation_code"
"""The argument with which an MCP client that cannot ask a person confirms a tool call."""
_MAX_SUMMARY = 2_500
_shown_code: ContextVar[str] = ContextVar("shown_code", default="")
"""The code of the question that the current MCP request answers; empty without a question. The SDK runs the question
and the tool call of one MCP request in the same asyncio task."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A tool call for which a decision is needed.

    Attributes:
        entry: The tool.
        session: The session that would execute the tool call.
        context: The MCP request.
        audited: The tool call as the audit log records it.
        arguments: The arguments of the tool.
        code: The confirmation code that the client sent, or None.
    """

    entry: ToolEntry
    session: FinesseSession
    context: Context[Any, Any]
    audited: AuditedCall
    arguments: Mapping[str, Any]
    code: str | None = None


class Gate:
    """Applies the rules and limits of a policy, and requires confirmations.

    Args:
        rules: The rules of the policy file.
        mode: The value of the setting ``confirm``.
        auditor: Records the decisions.
        read_only: Whether this MCP server is read-only.
        confirmations: The open questions.
        rates: Counts tool calls.
    """

    def __init__(
        self,
        rules: PolicyRules,
        mode: ConfirmMode,
        auditor: Auditor,
        *,
        read_only: bool = False,
        confirmations: Confirmations | None = None,
        rates: RateLimits | None = None,
    ) -> None:
        self._rules = rules
        self._has_no_rules = rules == PolicyRules()
        self._mode = mode
        self._auditor = auditor
        self._read_only = read_only
        self._confirmations = confirmations or Confirmations()
        self._rates = rates or RateLimits()

    def may_ask(self, entry: ToolEntry) -> bool:
        """Return whether a person may be asked before a tool is executed."""
        fixed = self._fixed_requirement(entry)
        if fixed is not None:
            return fixed is not Requirement.NOTHING
        return self._mode is ConfirmMode.AUTO and any(map(self._rules.can_ask_about, entry.asks))

    def accepts_codes(self, entry: ToolEntry) -> bool:
        """Return whether a client that cannot ask a person may confirm a tool call with a code."""
        fixed = self._fixed_requirement(entry)
        return self._rules.codes and self.may_ask(entry) and fixed is not Requirement.PERSON

    async def question(self, attempt: Attempt) -> Elicit[Consent] | bool | None:
        """Ask a person, if a confirmation is required and the client can ask a person.

        Returns:
            The question, the answer, or None if nobody is asked. Nobody is asked about a tool call that ``admit``
            will refuse.

        Raises:
            AuditError: The question cannot be recorded.
        """
        entry, session = attempt.entry, attempt.session
        _shown_code.set("")
        try:
            intent = await entry.intent_of(session, attempt.arguments)
        except FinesseError:
            return None  # ``admit`` raises the same error and records it
        requirement, rule = self._requirement(entry, intent)
        if requirement is Requirement.NOTHING or not can_ask(attempt.context):
            return None
        if self._refusal(attempt, intent) is not None or intent.error is not None:
            return None
        asked, is_new = self._confirmations.ask(_key(attempt, "person"), _summary(attempt, intent))
        _shown_code.set(asked.code)
        if is_new:
            self._auditor.decide(attempt.audited, Decision.ASKED, rule=rule, question=asked.code)
        elif has_invalid_answer(attempt.context):
            return False  # counts as no: ``admit`` closes the question and records the answer
        because = self._rules.reason(intent)
        text = f"{asked.summary}\n\nYou are asked because {because or 'a rule requires it'}. "
        text += f"Question {asked.code}, valid for {LIFETIME / 60:.0f} minutes."
        return await ask(attempt.context, text, LIFETIME)

    async def admit(self, attempt: Attempt, answer: ElicitationResult[Any] | None) -> Mapping[str, Any]:
        """Admit and count a tool call, and return the arguments with which to execute the tool.

        Args:
            attempt: The tool call.
            answer: The answer to the question, or None if no question was asked.

        Returns:
            The arguments. If the given arguments leave the choice of an object to the tool, such as the only phone
            call, the returned arguments name the object that was checked and confirmed.

        Raises:
            PolicyError: A rule forbids the tool call.
            ConfirmationError: The required confirmation was not given.
            AuditError: The decision cannot be recorded.
            FinesseError: An argument identifies no object, or a read failed.
        """
        entry = attempt.entry
        if self._has_no_rules and not self.may_ask(entry):
            return attempt.arguments  # neither a rule nor a confirmation can apply
        intent = await entry.intent_of(attempt.session, attempt.arguments)
        if refusal := self._refusal(attempt, intent):
            self._auditor.decide(attempt.audited, Decision.REFUSED, rule=refusal.rule)
            raise PolicyError(
                f"{caller_text(refusal.text, 400)} Nothing was sent.",
                advice=f"Rule {refusal.rule} of the policy file forbids it. {self._who_can_change()}",
            )
        if intent.error is not None:
            raise intent.error
        requirement, rule = self._requirement(entry, intent)
        if requirement is not Requirement.NOTHING:
            if can_ask(attempt.context):
                self._check_answer(attempt, _summary(attempt, intent), rule, answer)
            else:
                self._check_code(attempt, _summary(attempt, intent), rule, requirement)
        self._rates.count(entry.name, attempt.session.identity)
        return {**attempt.arguments, **intent.chosen}

    def _fixed_requirement(self, entry: ToolEntry) -> Requirement | None:
        fixed = self._rules.fixed_requirement(entry.name, self._mode, changes=entry.effect.changes_finesse)
        return fixed[0] if fixed is not None else None

    def _requirement(self, entry: ToolEntry, intent: Intent) -> tuple[Requirement, str]:
        if self._read_only:  # no change can be sent, so no confirmation is needed
            return Requirement.NOTHING, ""
        return self._rules.requirement(entry.name, intent, self._mode)

    def _refusal(self, attempt: Attempt, intent: Intent) -> Refusal | None:
        name = attempt.entry.name
        if refusal := self._rules.refusal(name, intent):
            return refusal
        limit = self._rules.limits.per_minute_of(name)
        if limit is None:
            return None
        wait = self._rates.seconds_until_allowed(name, attempt.session.identity, limit)
        if wait == 0:
            return None
        text = f"The policy allows {limit} calls of {name} per minute. Wait {math.ceil(wait)} s."
        return Refusal("limits.per_minute", text)

    def _check_answer(
        self, attempt: Attempt, summary: str, rule: str, answer: ElicitationResult[Any] | None
    ) -> None:
        """Raise ConfirmationError unless a person agreed to exactly this tool call."""
        asked = self._confirmations.close_with(_key(attempt, "person"), _shown_code.get())
        if asked is None or answer is None:
            self._auditor.decide(attempt.audited, Decision.EXPIRED, rule=rule)
            raise ConfirmationError(
                "The question to the person has expired or was already answered. Nothing was sent.",
                advice="If the tool call is still wanted, repeat it. The person is then asked again.",
            )
        if not is_consent(answer):
            self._auditor.decide(attempt.audited, Decision.DECLINED, rule=rule, question=asked.code)
            raise ConfirmationError(
                "The person did not agree. Nothing was sent.",
                advice="Repeat the tool call only if the user asks for it again.",
            )
        if asked.summary != summary:
            self._auditor.decide(attempt.audited, Decision.CHANGED, rule=rule, question=asked.code)
            raise ConfirmationError(
                f"What the tool call would do has changed since the question: {summary} Nothing was sent.",
                advice="If the tool call is still wanted, repeat it. The person is then asked again.",
            )
        self._auditor.decide(
            attempt.audited, Decision.CONFIRMED, rule=rule, question=asked.code, confirmed_by="person"
        )

    def _check_code(self, attempt: Attempt, summary: str, rule: str, requirement: Requirement) -> None:
        """Raise ConfirmationError unless the client confirms exactly this tool call with a valid code."""
        if requirement is Requirement.PERSON or not self._rules.codes:
            rule = rule if requirement is Requirement.PERSON else "codes=false"
            self._auditor.decide(attempt.audited, Decision.REFUSED, rule=rule)
            raise ConfirmationError(
                f"A person must confirm this tool call ({rule}), and the MCP client cannot show a question. "
                "Nothing was sent.",
                advice=f"Use a client that supports elicitation with forms. {self._who_can_change()}",
            )
        key = _key(attempt, "client")
        confirmed = self._confirmations.close_with(key, attempt.code) if attempt.code else None
        if confirmed is not None and confirmed.summary == summary:
            self._auditor.decide(
                attempt.audited, Decision.CONFIRMED, rule=rule, question=confirmed.code, confirmed_by="client"
            )
            return
        asked, _ = self._confirmations.ask(key, summary)
        self._auditor.decide(attempt.audited, Decision.QUOTED, rule=rule, question=asked.code)
        why = "The code is not valid for this tool call. " if attempt.code else ""
        raise ConfirmationError(
            f"{why}The tool was not executed: a person must agree first. The tool call would do this: {summary} "
            "Nothing was sent.",
            advice=f"Ask the user. Only if the user agrees, repeat the tool call with the same arguments and "
            f"{CODE} {asked.code}. The code can be used once, within {LIFETIME / 60:.0f} minutes.",
        )

    def _who_can_change(self) -> str:
        if self._rules.contact:
            return f"The policy can be changed by: {caller_text(self._rules.contact, 200)}."
        return "Whoever operates this MCP server can change the policy."


def _summary(attempt: Attempt, intent: Intent) -> str:
    shown = redacted_sentence(attempt.session.without_secrets(intent.summary))
    return caller_text(shown, _MAX_SUMMARY)


def _key(attempt: Attempt, answered_by: str) -> str:
    client = f"{attempt.audited.client}\n{principal_of(attempt.context.request_context)}"
    return key_of(answered_by, attempt.entry.name, attempt.arguments, attempt.session.identity, client)
