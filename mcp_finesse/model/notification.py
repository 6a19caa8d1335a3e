"""The notification: ``Update``, the document in every event of Finesse (guide p.345 to 400)."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from mcp_finesse.errors import ApiErrorDetail, PayloadError
from mcp_finesse.model.api_errors import read_api_errors
from mcp_finesse.model.dialog import Dialog
from mcp_finesse.model.states import AnyEventKind, EventKind
from mcp_finesse.model.system_info import SystemInfo
from mcp_finesse.model.user import User
from mcp_finesse.model.wire import WireModel, id_from_uri
from mcp_finesse.model.xml import Element, local_name, parse, text_of, to_mapping

# A DELETE may come without data; then the source alone tells what was removed.
_KIND_BY_SOURCE = (
    (re.compile(r"/User/[^/]+$"), "user"),
    (re.compile(r"/Dialog/[^/]+$"), "dialog"),
    (re.compile(r"/Dialogs(/Media)?$"), "dialogs"),
    (re.compile(r"/SystemInfo$"), "system_info"),
)
_EVENTS = {kind.value: kind for kind in EventKind}


class Update(WireModel):
    """One notification: what happened to which object, and the object in its newest full form.

    Attributes:
        event: POST added, PUT changed, DELETE removed; the text itself when it is another word.
        source: REST path of the object, which may differ from the node.
        request_id: id of the request that caused it, if Finesse knows; it never proves a success.
        user: the user, in ``<user>``.
        dialog: the dialog of an item event.
        dialogs: the dialogs added to or removed from a user's list.
        errors: what went wrong with an accepted request.
        other: any other object, as a mapping of its name to its content.
    """

    event: AnyEventKind = ""
    source: str = ""
    request_id: str | None = None
    user: User | None = None
    dialog: Dialog | None = None
    dialogs: list[Dialog] = Field(default_factory=list)
    system_info: SystemInfo | None = None
    errors: tuple[ApiErrorDetail, ...] = ()
    other: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        """``user``, ``dialog``, ``dialogs``, ``system_info``, ``error`` or ``other``."""
        if self.errors:
            return "error"
        for kind in ("dialog", "user", "dialogs", "system_info", "other"):
            if getattr(self, kind):
                return kind
        return next((kind for pattern, kind in _KIND_BY_SOURCE if pattern.search(self.source)), "other")

    @property
    def object_id(self) -> str | None:
        """Id of the object: from the data, else the last segment of the source.

        None for a list of several dialogs, or of none: they have no one id.
        """
        kind = self.kind
        if kind == "dialogs":
            return self.dialogs[0].id or None if len(self.dialogs) == 1 else None
        if self.dialog is not None and self.dialog.id:
            return self.dialog.id
        if self.user is not None and (known := self.user.login_id or self.user.id):
            return known
        return id_from_uri(self.source)

    @classmethod
    def values_of(cls, element: Element) -> dict[str, Any]:
        """The values of the fields; in a notification the order of the children varies."""
        values: dict[str, Any] = {}
        for child in element:
            name = local_name(child.tag)
            if name == "data":
                for item in child:
                    _add_object(values, item)
            elif (text := text_of(child)) is None:
                continue
            elif name == "event":
                values["event"] = _EVENTS.get(text.strip().upper(), text)
            elif name == "source":
                values["source"] = text.strip()
            elif name == "requestId":
                values["request_id"] = text.strip()
            else:
                values.setdefault("extra", {})[name] = to_mapping(child)
        return values


def parse_update(payload: str | bytes) -> Update:
    """Read the payload of an event: the text of ``<notification>``, already un-escaped once.

    Raises:
        PayloadError: not well-formed, or another document than ``<Update>``.
    """
    root = parse(payload)
    if local_name(root.tag) != "update":
        raise PayloadError(f"A notification holds <{local_name(root.tag)[:40]}> where <Update> belongs.")
    return Update.from_element(root)


def _add_object(values: dict[str, Any], item: Element) -> None:
    """Add one child of ``<data>``: a known object as the values of its model, any other as a mapping."""
    name = local_name(item.tag)
    if name == "dialog":
        values["dialog"] = Dialog.values_of(item)
    elif name == "user":
        values["user"] = User.values_of(item)
    elif name == "dialogs":
        values["dialogs"] = [Dialog.values_of(dialog) for dialog in item if len(dialog)]
    elif name == "systemInfo":
        values["system_info"] = SystemInfo.values_of(item)
    elif name in ("apiErrors", "apiError"):
        values["errors"] = read_api_errors(item)
    else:
        values.setdefault("other", {})[name] = to_mapping(item)
