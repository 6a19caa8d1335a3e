"""How a run ended: the end state, what was sent, what was said; and what is not as it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mcp_finesse.session import Entry
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.observer import RecordedRequest

# Models write typographic apostrophes and hyphens, and set words in bold.
_TYPOGRAPHY = str.maketrans("’‑_", "'- ", "*`")
LIVE = ("INITIATING", "INITIATED", "ALERTING", "ACTIVE", "HELD")


@dataclass(frozen=True)
class Step:
    """One call of a tool, and what came of it: ``error``, the ``status`` of the answer, or ``ok``."""

    tool: str
    arguments: dict[str, Any]
    ended: str


@dataclass
class Ending:
    """What a task is judged by. Its methods note what is wrong; nothing noted means passed.

    Attributes:
        center: the contact centre, for what its truth does not hold, such as what is configured.
        before: the simulator's truth when the user began to speak.
        truth: the same at the end.
        requests: what has reached Finesse since the user began to speak.
        journal: the notifications that the session has received, those from before included.
        steps: the calls of tools.
        said: all that was said to the user, the last word last.
        marks: what the floor noted, such as the ids of calls.
        subscriptions: slugs of the feeds that are received at the end.
        wrong: what is not as it should be.
    """

    center: ContactCenter
    before: dict[str, Any]
    truth: dict[str, Any]
    requests: list[RecordedRequest]
    journal: list[Entry]
    steps: list[Step]
    said: list[str]
    marks: dict[str, str]
    subscriptions: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    # -- the state

    def expect(self, true: object, what: str) -> None:
        """Note ``what`` should be so, if it is not."""
        if not true:
            self.wrong.append(what)

    def user(self, user_id: str = "1001") -> dict[str, Any]:
        """What is true of an agent."""
        found: dict[str, Any] = self.truth["users"][user_id]
        return found

    def dialog(self, mark: str) -> dict[str, Any]:
        """What is true of a call that the floor noted; empty when it is over."""
        found: dict[str, Any] = self.truth["dialogs"].get(self.marks[mark], {})
        return found

    def variables(self, mark: str) -> dict[str, str]:
        """The call variables of a call that the floor noted."""
        found: dict[str, str] = self.dialog(mark).get("callvariables", {})
        return found

    def states(self, mark: str) -> dict[str, str]:
        """Addresses of the participants of a call, and their states."""
        return {
            address: party["state"] for address, party in self.dialog(mark).get("participants", {}).items()
        }

    def talk(self, *addresses: str) -> None:
        """These, and nobody else, should be in one call, or be called by it."""
        calls = [
            {address for address, party in dialog["participants"].items() if party["state"] in LIVE}
            for dialog in self.truth["dialogs"].values()
        ]
        self.expect(set(addresses) in calls, f"no call of {', '.join(addresses)}; the calls are {calls}")

    def is_in_state(self, state: str, reason_code: int | None = None, user_id: str = "1001") -> None:
        """The agent should be in this state, for this reason (the code that reports show)."""
        user = self.user(user_id)
        got = (user["state"], user["reasonCode"])
        self.expect(got == (state, reason_code), f"agent {user_id} is {got}, not {(state, reason_code)}")

    def nothing_changed(self) -> None:
        """Agents and calls are as they were, and nothing was even tried."""
        for what in ("users", "dialogs"):
            self.expect(self.truth[what] == self.before[what], f"{what} changed")
        self.expect(not self.writes(), f"sent: {[request.method for request in self.writes()]}")

    # -- the requests

    def writes(self, word: str = "", but_not: str = "") -> list[RecordedRequest]:
        """Requests that change something and hold this word, in their order."""
        return [
            request
            for request in self.requests
            if request.method != "GET"
            and word in request.body.decode()
            and not (but_not and but_not in request.body.decode())
        ]

    def sent(self, word: str, times: int) -> None:
        """A request with this word should have gone out so many times."""
        self.expect(len(self.writes(word)) == times, f"{word} was sent {len(self.writes(word))} times")

    # -- the words

    @property
    def answer(self) -> str:
        """The last word."""
        return self.said[-1] if self.said else ""

    def says(self, *patterns: str) -> None:
        """The last word should hold each of these, whatever the case; ``a|b`` is one or the other."""
        for pattern in patterns:
            self.expect(self._holds(pattern, self.answer), f"the answer does not say {pattern!r}")

    def does_not_say(self, *patterns: str) -> None:
        """The last word should hold none of these."""
        for pattern in patterns:
            self.expect(not self._holds(pattern, self.answer), f"the answer says {pattern!r}")

    def asked(self) -> None:
        """The first that was said should be a question."""
        self.expect(self.said and "?" in self.said[0], "it did not ask")

    @staticmethod
    def _holds(pattern: str, text: str) -> bool:
        return re.search(pattern, text.translate(_TYPOGRAPHY), re.IGNORECASE | re.DOTALL) is not None
