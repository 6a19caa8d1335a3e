"""Actions for call variables and wrap-up reasons: the requests, and the state changes that confirm them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mcp_finesse.model import Dialog, MediaProperties
from mcp_finesse.rest.api import dialogs
from mcp_finesse.session.actions.action import Action, PreparedRequest, action
from mcp_finesse.session.actions.completion import Difference, Evaluation, View
from mcp_finesse.session.actions.evidence import EventCarriesRequestId, Evidence, History, Report

# -- completion


@dataclass(frozen=True, slots=True)
class CallData:
    """The completion of a call data update: the call has the requested values, or values that Finesse truncated.

    The CTI server truncates an over-long ECC value without an error (guide p.90). A value that is a prefix of
    the requested value may also be an older value, so it is weak evidence. The end of the call is also weak
    evidence, because the values may have been written before the call ended.

    Attributes:
        wrap_up_items: The requested wrap-up reasons, if there are several (UCCX).
    """

    dialog_id: str
    variables: Mapping[str, str] = field(default_factory=dict)
    wrap_up_reason: str | None = None
    wrap_up_items: tuple[str, ...] = ()

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when every value matches. Evidence is needed if a value is truncated or the call has ended."""
        dialog = view.dialogs.get(self.dialog_id)
        if dialog is None:
            return Evaluation(self.dialog_id, weak=True)
        differences = self.differences(dialog)
        if not all(map(_may_be_truncated, differences)):
            return None
        return Evaluation(self.dialog_id, differences, weak=bool(differences))

    def evidence(self, history: History) -> Evidence:
        """Compare the newest report of the call with the requested values and with the values before the request."""
        seen = history.of(self.dialog_id)
        newest = next((each for each in reversed(seen) if each.dialog is not None), None)
        before = history.before.get(self.dialog_id)
        ended = bool(seen) and (seen[-1].dialog is None or seen[-1].event == "DELETE")
        if newest is None or newest.dialog is None or before is None:
            return Evidence(otherwise=_NOT_SEEN if ended else _MAY_BE_OLD)
        differences = self.differences(newest.dialog)
        if not differences:
            return Evidence(supported=True, limits="The call has ended." if ended else "")
        if ended:
            return self._evidence_of_end(newest, differences)
        if EventCarriesRequestId((self.dialog_id,)).seen_in(history) or self._changed_toward_request(
            before, differences
        ):
            return Evidence(supported=True)
        return Evidence(otherwise=_MAY_BE_OLD)

    def _evidence_of_end(self, newest: Report, differences: tuple[Difference, ...]) -> Evidence:
        """Return the evidence after the call ended. A DELETE event shows the last values if it has call variables."""
        properties = newest.dialog.media_properties if newest.dialog is not None else None
        has_values = properties is not None and bool(properties.call_variables or properties.wrap_up_reason)
        if newest.event == "DELETE" and has_values and not all(map(_may_be_truncated, differences)):
            return Evidence(failed="The call has ended without the requested values.")
        return Evidence(otherwise=_NOT_SEEN)

    def _changed_toward_request(self, before: Dialog, differences: tuple[Difference, ...]) -> bool:
        """Return whether a value became the requested value, or a prefix of it, after the request was sent."""
        earlier = {each.field: each.got for each in self.differences(before)}
        now = {each.field: each.got for each in differences}
        return any(now.get(name) != got for name, got in earlier.items())

    def differences(self, dialog: Dialog) -> tuple[Difference, ...]:
        """Return a difference for each value that is not the requested one."""
        properties = dialog.media_properties or MediaProperties()
        held = {variable.name: variable.value or "" for variable in properties.call_variables}
        asked = dict(self.variables)
        if self.wrap_up_reason is not None:
            asked["wrapUpReason"], held["wrapUpReason"] = self.wrap_up_reason, properties.wrap_up_reason or ""
        if self.wrap_up_items:
            asked[_ITEMS] = _sorted_text(self.wrap_up_items)
            held[_ITEMS] = _sorted_text(properties.wrap_up_items)
        return tuple(
            Difference(name, value, held.get(name, ""))
            for name, value in asked.items()
            if held.get(name, "") != value
        )


_ITEMS = "wrapUpItems"
_NOT_SEEN = "the call ended before the values were reported"
_MAY_BE_OLD = "the current values may be those from before the request"


def _sorted_text(labels: Iterable[str]) -> str:
    """Join labels into one text. The order of the labels does not change the text."""
    return ", ".join(sorted(labels))


def _may_be_truncated(difference: Difference) -> bool:
    return difference.field != _ITEMS and difference.got != "" and difference.asked.startswith(difference.got)


# -- actions


@action(dialogs.update_call_data)
def update_call_data(
    dialog_id: str,
    variables: Mapping[str, str],
    wrap_up: str | None = None,
    wrap_up_items: Sequence[str] = (),
) -> Action:
    """Update call variables and wrap-up reasons. Wrap-up reasons are given by label, and only UCCX allows several."""

    def prepare(view: View) -> PreparedRequest:
        return PreparedRequest(
            CallData(dialog_id, dict(variables), wrap_up, tuple(wrap_up_items)),
            lambda rest, rid: dialogs.update_call_data(
                rest,
                dialog_id,
                variables,
                wrap_up,
                wrap_up_items=wrap_up_items,
                platform=view.platform,
                ecc_lengths=view.ecc_lengths,
                request_id=rid,
            ),
            dialog_id,
            "UPDATE_CALL_DATA",
        )

    return Action("UPDATE_CALL_DATA", dialog_id, prepare)


@action(dialogs.update_call_data)
def wrap_up_call(dialog_id: str, *reasons: str) -> Action:
    """Set the wrap-up reason of a call, given by its label. On UCCX a call can have several wrap-up reasons."""
    one = len(reasons) == 1
    action = update_call_data(dialog_id, {}, reasons[0] if one else None, () if one else reasons)
    return replace(action, result=f"The wrap-up reason{'' if one else 's'} {'was' if one else 'were'} stored")
