"""What was published and what was true, moment by moment: the measure of the journal and of every outcome."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import SimulatorPair
from mcp_finesse.simulator.faults import Publish
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.timing import Later
from tests.session.support import AGENT, EXTENSION

OWN_NODES = frozenset({f"/finesse/api/User/{AGENT}", f"/finesse/api/User/{AGENT}/Dialogs"})
# An event that is held back, by a fault or by the half second after which BOSH asks again, may be lost with a link that
# still lives when it is published.
LATENESS = timedelta(seconds=0.7)


@dataclass(frozen=True)
class Moment:
    """What was true."""

    at: float
    truth: dict[str, Any]

    @property
    def user_state(self) -> str:
        return str(self.truth["users"][AGENT]["state"])

    def own_state(self, dialog_id: str) -> str:
        dialog = self.truth["dialogs"].get(dialog_id)
        party = dialog["participants"].get(EXTENSION) if dialog else None
        return str(party["state"]) if party else "gone"


@dataclass(frozen=True)
class Told:
    """An event of the agent's own feeds, as the node that the session worked on meant to publish it."""

    at: datetime
    node: str
    xml: str


class Ledger:
    """Listens at the source, before any fault touches what is published.

    Attributes:
        current: the domain of the node that the session works on.
        told: all that was to be told to the session.
    """

    def __init__(self, pair: SimulatorPair, session: FinesseSession) -> None:
        self._center = pair.center
        self._session = session
        self._moments: list[Moment] = []
        self._checked = 0
        self.current: Callable[[], str] = lambda: ""
        self.told: list[Told] = []
        self._never_sent: set[str] = set()
        self._published: Counter[str] = Counter()
        self.note()
        for node in (pair.a, pair.b):
            self._tap(node.faults, node.settings.domain)

    def _tap(self, faults: Any, domain: str) -> None:
        deliver = faults.deliver

        def tapped(publication: Publication, publish: Publish, later: Later) -> None:
            self.note()
            if publication.node in OWN_NODES and domain == self.current():
                self.told.append(Told(datetime.now(UTC), publication.node, publication.xml))
            deliver(publication, counted(publish), later)

        def counted(publish: Publish) -> Publish:
            def publishing(publication: Publication) -> None:
                self._published[publication.xml] += domain == self.current()
                publish(publication)

            return publishing

        faults.deliver = tapped

    def now(self) -> float:
        return time.monotonic()

    def note(self) -> None:
        """Keep what is true now."""
        self._moments.append(Moment(self.now(), self._center.truth()))
        del self._moments[:-2000]

    def ever(self, since: float, holds: Callable[[Moment], bool]) -> bool:
        """Whether something was true at any moment since then."""
        self.note()
        first = bisect_left(self._moments, since, key=lambda moment: moment.at)
        return any(holds(moment) for moment in self._moments[max(0, first - 1) :])

    def never_sent(self, publication: Publication) -> None:
        """This one is kept back for good."""
        if publication.node in OWN_NODES:
            self.told.append(Told(datetime.now(UTC), publication.node, publication.xml))
            self._never_sent.add(publication.xml)

    def unaccounted(self) -> list[str]:
        """Events that the journal neither has, nor covers by a gap; and what it has too often.

        Those that were accounted for once are not looked at again.
        """
        entries = list(self._session.journal)
        kept = Counter(entry.raw for entry in entries if entry.raw)
        unreadable = tuple(entry.raw for entry in entries if entry.kind == "unreadable" and entry.raw)
        gaps = [entry.gap for entry in entries if entry.gap is not None]
        missing = [
            f"missing since {event.at:%H:%M:%S.%f}: {event.xml[:300]}"
            for event in self.told[self._checked :]
            if not kept[event.xml]
            and not event.xml.startswith(unreadable)  # it was cut on its way, and is kept so
            and not self._is_superseded(event)
            and not any(_covers(gap, event.at) for gap in gaps)
        ]
        if not missing:
            self._checked = len(self.told)
        # What a fault publishes twice, with another item id, may be news after a read in between.
        return missing + [
            f"{count} times: {xml[:200]}" for xml, count in kept.items() if 0 < self._published[xml] < count
        ]

    def _is_superseded(self, event: Told) -> bool:
        """Nobody can miss what was never sent when a later event of its feed tells the whole object anew."""
        return event.xml in self._never_sent and any(
            later.node == event.node and later.at > event.at and later.xml not in self._never_sent
            for later in self.told
        )

    def gaps(self) -> list[str]:
        """The newest gaps, for the message of a failure."""
        gaps = [entry.gap for entry in self._session.journal if entry.gap is not None]
        return [f"gap {gap.since} to {gap.until}: {gap.reason}" for gap in gaps[-6:]]


def _covers(gap: Any, at: datetime) -> bool:
    return (gap.since is None or gap.since - LATENESS <= at) and (
        gap.until is None or at <= gap.until + LATENESS
    )
