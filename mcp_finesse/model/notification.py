"""The ``Update`` notification, which is the document in every event of Finesse (guide p.345 to 400)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mcp_finesse.errors import ApiErrorDetail, PayloadError
from mcp_finesse.model.api_errors import read_api_errors
from mcp_finesse.model.dialog import Dialog
from mcp_finesse.model.media import Media
from mcp_finesse.model.queue import Queue
from mcp_finesse.model.states import AnyEventKind, EventKind
from mcp_finesse.model.system_info import SystemInfo
from mcp_finesse.model.team import Team
from mcp_finesse.model.team_message import TeamMessage
from mcp_finesse.model.user import User
from mcp_finesse.model.wire import WireModel, id_from_uri
from mcp_finesse.model.xml import Element, local_name, parse, text_of, to_mapping
from mcp_finesse.redaction import truncated

MAX_TAGS = 50_000
"""Maximum tags of a notification: half as many as in a REST response, because parsing delays later notifications."""

# A DELETE event may contain no data. Only ``source`` then identifies the object.
_KIND_BY_SEGMENT = {
    "User": "user",
    "Dialog": "dialog",
    "Queue": "queue",
    "Team": "team",
    "TeamMessage": "team_message",
}
_KIND_OF_LIST = {"Dialogs": "dialogs", "Queues": "queues", "TeamMessages": "team_message"}
# The fields that contain a single object. If an update has no dialogs, ``kind`` is the first of these fields
# that is present.
_OBJECTS = ("user", "system_info", "queue", "media", "team", "team_message")
_MODELS: dict[str, tuple[str, type[WireModel]]] = {
    "dialog": ("dialog", Dialog),
    "user": ("user", User),
    "systemInfo": ("system_info", SystemInfo),
    "queue": ("queue", Queue),
    "media": ("media", Media),
    "team": ("team", Team),
    "teamMessage": ("team_message", TeamMessage),
}
_LISTS: dict[str, type[WireModel]] = {"dialogs": Dialog, "queues": Queue}
_EVENTS = {kind.value: kind for kind in EventKind}


class Update(WireModel):
    """A notification, with the kind of change of an object and the complete current state of the object.

    Attributes:
        event: POST for an added object, PUT for a changed object, DELETE for a removed object. Other values of
            ``event`` are kept as text.
        source: the REST path of the object. The path may differ from the pubsub node.
        request_id: the id of the request that caused the event, if Finesse includes the id. The id does not
            prove that the request succeeded.
        user: the user in the element ``<user>``.
        dialog: a single dialog, which is a phone call or a task.
        dialogs: the dialogs added to or removed from a user's list.
        queue: the queue, with its statistics.
        queues: the queues added to or removed from a user's list.
        media: the agent's state in a nonvoice media.
        team: a team with its members. Most notifications on a team feed contain only one member, as ``user``.
        team_message: a message to teams.
        errors: the errors of a request that Finesse had accepted.
        other: the content of all other objects, by element name.
    """

    event: AnyEventKind = ""
    source: str = ""
    request_id: str | None = None
    user: User | None = None
    dialog: Dialog | None = None
    dialogs: list[Dialog] = Field(default_factory=list)
    system_info: SystemInfo | None = None
    queue: Queue | None = None
    queues: list[Queue] = Field(default_factory=list)
    media: Media | None = None
    team: Team | None = None
    team_message: TeamMessage | None = None
    errors: tuple[ApiErrorDetail, ...] = ()
    other: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        """The kind of object, which is the name of a field, ``error`` or ``other``.

        For tasks the kind is ``media_dialog`` or ``media_dialogs`` instead of ``dialog`` or ``dialogs``.
        """
        if self.errors:
            return "error"
        if self.dialog is not None:
            return "dialog" if self.dialog.is_voice else "media_dialog"
        if self.dialogs:
            return "dialogs" if self.dialogs[0].is_voice else "media_dialogs"
        for kind in _OBJECTS:
            if getattr(self, kind) is not None:
                return kind
        if self.queues:
            return "queues"
        return "other" if self.other else _by_source(self.source)[0]

    @property
    def object_id(self) -> str | None:
        """The id of the object, from the data or otherwise from ``source``.

        None for a list that is empty or has several objects, because such a list has no single id.
        """
        if many := self.dialogs or self.queues:
            return many[0].id or None if len(many) == 1 else None
        if (user := self.user) is not None and (known := user.login_id or user.id):
            return known  # requests use this id
        for one in (self.dialog, self.queue, self.media, self.team, self.team_message):
            if one is not None and one.id:
                return one.id
        return _by_source(self.source)[1]

    @classmethod
    def values_of(cls, element: Element) -> dict[str, Any]:
        """Return the field values. The order of the child elements varies between notifications."""
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
    """Parse the payload of an event, which is the text of ``<notification>`` after it was unescaped once.

    Raises:
        PayloadError: the payload is not well-formed, has more than ``MAX_TAGS`` tags, or is not an
            ``<Update>``.
    """
    root = parse(payload, MAX_TAGS)
    if local_name(root.tag) != "update":
        raise PayloadError(
            f"A notification contains <{truncated(local_name(root.tag), 40)}> instead of <Update>."
        )
    return Update.from_element(root)


def _add_object(values: dict[str, Any], item: Element) -> None:
    """Add one child of ``<data>``. Objects without a model become a mapping."""
    name = local_name(item.tag)
    if (known := _MODELS.get(name)) is not None:
        field, model = known
        values[field] = model.values_of(item)
    elif (listed := _LISTS.get(name)) is not None:
        values[name] = [listed.values_of(one) for one in item if len(one)]
    elif name in ("apiErrors", "apiError"):
        values["errors"] = read_api_errors(item)
    else:
        values.setdefault("other", {})[name] = to_mapping(item)


def _by_source(source: str) -> tuple[str, str | None]:
    """Return the kind and the id for a source path. For an unknown path the id is the last segment."""
    match source.rsplit("/", 4)[1:]:
        case [*_, ("User" | "Dialog" | "Queue" | "Team" | "TeamMessage") as segment, last] if last:
            kind = _KIND_BY_SEGMENT[segment]
            return ("media_dialog" if kind == "dialog" and "_" in last else kind), last
        case [*_, "Dialogs", "Media"]:
            return "media_dialogs", None
        case [*_, "Media", media, "Dialogs"] if media:
            return "media_dialogs", None
        case [*_, media, "Dialogs"] if media.startswith("Media") and media != "Media":
            # in the documentation of this notification, no slash follows Media
            return "media_dialogs", None
        case [*_, ("Dialogs" | "Queues" | "TeamMessages") as segment]:
            return _KIND_OF_LIST[segment], None
        case [*_, "SystemInfo" as segment]:
            return "system_info", segment
        case [*_, "User", user, "Media"] if user:
            return "media", None
        case [*_, "User", user, "Media", media] if user and media:
            return "media", media
        case [*_, "Team", team, "Users"] if team:
            return "team", team
    return "other", id_from_uri(source)
