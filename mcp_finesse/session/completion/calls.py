"""What proves the actions on calls: a participant's state, calls that are gone, new, joined, or carry data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mcp_finesse.model import Dialog, MediaProperties, own_participant
from mcp_finesse.session.completion.completion import Difference, Evaluation, View
from mcp_finesse.session.completion.evidence import EventCarriesRequestId, Evidence, History, Sighting


@dataclass(frozen=True, slots=True)
class ParticipantIs:
    """The agent's participant reaches one of these states."""

    dialog_id: str
    states: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the state is reached; failed when the dialog is gone."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, failed="The call has ended.")
        participant = own_participant(dialog, view.extension)
        return (
            Evaluation(self.dialog_id)
            if participant is not None and participant.state in self.states
            else None
        )


@dataclass(frozen=True, slots=True)
class DialogsLeft:
    """The agent is no longer on any of these calls (gone, dropped or wrapping up)."""

    dialog_ids: tuple[str, ...]

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the last of them is left."""
        for dialog_id in self.dialog_ids:
            dialog = view.dialogs.get(dialog_id)
            participant = own_participant(dialog, view.extension)
            if dialog is not None and (participant is None or not participant.has_left):
                return None
        return Evaluation(self.dialog_ids[0])


_DIALLED = "Dialed. Finesse has not reported ringing."


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call that was not there before, to this address, with these call variables.

    Attributes:
        held: for a consult the first call, which is held as well.
    """

    to_address: str
    before: frozenset[str]
    held: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the other side rings or answers, failed when it is busy or goes nowhere.

        Not every switch reports ringing: a call that stays dialled is taken for made, after a while.
        """
        for dialog in view.dialogs.values():
            participant = own_participant(dialog, view.extension)
            if dialog.id in self.before or participant is None or not self._is_ours(view, dialog):
                continue
            if participant.state == "FAILED" or dialog.state == "FAILED":
                cause = participant.state_cause or "no cause given"
                return Evaluation(dialog.id, failed=f"The call to {self.to_address!r} failed: {cause}.")
            if self._first_is_held(view) and participant.state in ("INITIATED", "ALERTING", "ACTIVE"):
                rings = dialog.state in ("ALERTING", "ACTIVE")
                differences = CallData(dialog.id, self.variables).differences(dialog)
                note = "" if rings else _DIALLED
                return Evaluation(
                    dialog.id, differences, note=note, provisional=not rings or bool(differences)
                )
        return None

    def _is_ours(self, view: View, dialog: Dialog) -> bool:
        if dialog.from_address != view.extension:
            return False
        dialled = dialog.media_properties.dialed_number if dialog.media_properties is not None else None
        return self.to_address in (dialog.to_address, dialled) or not dialog.to_address

    def _first_is_held(self, view: View) -> bool:
        if self.held is None:
            return True
        participant = own_participant(view.dialogs.get(self.held), view.extension)
        return participant is not None and participant.state == "HELD"


@dataclass(frozen=True, slots=True)
class Conferenced:
    """Two calls have become one: the agent is active on either, and the other is gone."""

    dialog_ids: tuple[str, str]
    others: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Done when one call is left and holds everybody who was on the two."""
        left = [view.dialogs[i] for i in self.dialog_ids if i in view.dialogs]
        if len(left) != 1:
            return Evaluation(failed="Both calls have ended.") if not left else None
        participant = own_participant(left[0], view.extension)
        present = {p.media_address for p in left[0].participants if not p.has_left}
        if participant is None or participant.state != "ACTIVE" or not self.others <= present:
            return None
        return Evaluation(left[0].id)


@dataclass(frozen=True, slots=True)
class CallData:
    """The call carries these variables and wrap-up reasons, as far as Finesse keeps them.

    The CTI server cuts an over-long ECC value without an error (guide p.90). A value that is the beginning of the
    requested one may also be an older value, so it is weak. So is the end of the call: the values may have been
    written before.

    Attributes:
        wrap_up_items: several reasons (UCCX).
    """

    dialog_id: str
    variables: Mapping[str, str] = field(default_factory=dict)
    wrap_up_reason: str | None = None
    wrap_up_items: tuple[str, ...] = ()

    def verdict(self, view: View) -> Evaluation | None:
        """Strong when every value is there; weak when some are cut, or when the call has ended."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        differences = self.differences(dialog)
        if not all(map(_may_be_cut, differences)):
            return None
        return Evaluation(self.dialog_id, differences, weak=bool(differences))

    def evidence(self, history: History) -> Evidence:
        """What the newest report of the call says, compared with the values before the request."""
        seen = history.of(self.dialog_id)
        newest = next((each for each in reversed(seen) if each.dialog is not None), None)
        before = history.before.get(self.dialog_id)
        ended = bool(seen) and (seen[-1].dialog is None or seen[-1].event == "DELETE")
        if newest is None or newest.dialog is None or before is None:
            return Evidence(otherwise=_UNSEEN if ended else _MAY_BE_OLD)
        differences = self.differences(newest.dialog)
        if not differences:
            return Evidence(supported=True, limits="The call has ended." if ended else "")
        if ended:
            return self._evidence_of_end(newest, differences)
        if EventCarriesRequestId((self.dialog_id,)).seen_in(history) or self._moved(before, differences):
            return Evidence(supported=True)
        return Evidence(otherwise=_MAY_BE_OLD)

    def _evidence_of_end(self, newest: Sighting, differences: tuple[Difference, ...]) -> Evidence:
        """A DELETE with call variables shows the last values of the call."""
        properties = newest.dialog.media_properties if newest.dialog is not None else None
        told = properties is not None and bool(properties.call_variables or properties.wrap_up_reason)
        if newest.event == "DELETE" and told and not all(map(_may_be_cut, differences)):
            return Evidence(failed="The call has ended without the requested values.")
        return Evidence(otherwise=_UNSEEN)

    def _moved(self, before: Dialog, differences: tuple[Difference, ...]) -> bool:
        """Whether a value became the requested one, or its beginning, since the request was sent."""
        earlier = {each.field: each.got for each in self.differences(before)}
        now = {each.field: each.got for each in differences}
        return any(now.get(name) != got for name, got in earlier.items())

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Each value that is not the one asked for."""
        properties = dialog.media_properties or MediaProperties()
        held = {variable.name: variable.value or "" for variable in properties.call_variables}
        asked = dict(self.variables)
        if self.wrap_up_reason is not None:
            asked["wrapUpReason"], held["wrapUpReason"] = self.wrap_up_reason, properties.wrap_up_reason or ""
        if self.wrap_up_items:
            asked[_ITEMS] = _as_text(self.wrap_up_items)
            held[_ITEMS] = _as_text(properties.wrap_up_items)
        return tuple(
            Difference(name, value, held.get(name, ""))
            for name, value in asked.items()
            if held.get(name, "") != value
        )


_ITEMS = "wrapUpItems"
_UNSEEN = "the call ended before the values were seen"
_MAY_BE_OLD = "the present values may be the ones from before the request"


def _as_text(labels: Iterable[str]) -> str:
    """Several labels as one text, whatever their order."""
    return ", ".join(sorted(labels))


def _may_be_cut(difference: Difference) -> bool:
    return difference.field != _ITEMS and difference.got != "" and difference.asked.startswith(difference.got)
