"""The table of configuration objects. Each kind has a path, supported operations and required fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from mcp_finesse.model import ReasonCode, WireModel, WrapUpReason
from mcp_finesse.model import admin as model
from mcp_finesse.rest.operation import BOTH, UCCE, Operation, Role
from mcp_finesse.rest.paths import API_ROOT

_RESTART = "The change takes effect when Finesse Tomcat restarts. A wrong value keeps Finesse out of service."


class Verb(StrEnum):
    """Operations on configuration objects."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"

    @property
    def method(self) -> str:
        """The HTTP method."""
        return {Verb.CREATE: "POST", Verb.CHANGE: "PUT", Verb.DELETE: "DELETE"}.get(self, "GET")


EVERYTHING = frozenset(Verb)
READ = frozenset({Verb.GET})
READ_AND_CHANGE = frozenset({Verb.GET, Verb.CHANGE})


@dataclass(frozen=True, slots=True)
class ConfigurationObject:
    """One kind of configuration object.

    Attributes:
        name: the name of the XML element, which is also the key in the table.
        path: path of one object below the API root. ``{id}`` and ``{parent}`` are placeholders for ids. A path
            without ``{id}`` means that there is only one object.
        list_path: path of the list of all objects. Empty if there is no list.
        read: model for objects that Finesse returns.
        content: model of the writable fields. None if the kind is read-only.
        verbs: the supported operations. In a change, omitted fields keep their values (guide p.241, 296).
        source: where this kind of object is documented.
        required: names of the fields required to create an object.
        fixed: names of the fields that cannot be changed.
        most: maximum number of objects in the system, if documented.
        default_id: whether this kind has an object with the id ``default``. Such an object always exists and
            cannot be deleted.
        parent: the kind of the object that contains objects of this kind.
        platforms: the platforms that have this kind of object.
        roles: the required role by operation. Contains only operations that do not require an administrator.
        caution: side effects of a change.
    """

    name: str
    path: str
    list_path: str
    read: type[WireModel]
    content: type[model.Content] | None
    verbs: frozenset[Verb]
    source: str
    required: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    most: int | None = None
    default_id: bool = False
    parent: str = ""
    platforms: frozenset[str] = field(default=BOTH)
    roles: Mapping[Verb, Role] = field(default_factory=dict)
    caution: str = ""

    @property
    def single(self) -> bool:
        """Whether exactly one object of this kind exists. Such an object has no id."""
        return "{id}" not in self.path

    def path_for(self, verb: Verb) -> str:
        """Return the path of an operation below the API root, with placeholders for ids."""
        if verb is Verb.LIST:
            return self.list_path
        return self.path.removesuffix("/{id}") if verb is Verb.CREATE else self.path

    def operations(self, verb: Verb) -> tuple[Operation, ...]:
        """Return the operations of a verb. Operations on the default object are listed separately, as in the guide."""
        if verb not in self.verbs:
            return ()
        path = self.path_for(verb).replace("{parent}", "{phoneBookId}")
        role = self.roles.get(verb, Role.ADMINISTRATOR)
        each = Operation(
            f"{self.name}: {verb}",
            verb.method,
            f"{API_ROOT}/{path}",
            self.source,
            role=role,
            platforms=self.platforms,
        )
        if not (self.default_id and verb in (Verb.GET, Verb.CHANGE)):
            return (each,)
        default = replace(each, name=f"{each.name} default", path=each.path.replace("{id}", "default"))
        return (each, default)


_CCE = frozenset({UCCE})
_OBJECTS = (
    ConfigurationObject(
        "ReasonCode",
        "ReasonCode/{id}",
        "ReasonCodes",
        ReasonCode,
        model.ReasonCodeContent,
        EVERYTHING,
        "guide p.236-244",
        required=("category", "code", "label", "for_all"),
        fixed=("category",),
        roles={Verb.GET: Role.AGENT},
    ),
    ConfigurationObject(
        "WrapUpReason",
        "WrapUpReason/{id}",
        "WrapUpReasons",
        WrapUpReason,
        model.WrapUpReasonContent,
        EVERYTHING,
        "guide p.244-250",
        required=("label", "for_all"),
    ),
    ConfigurationObject(
        "MediaPropertiesLayout",
        "MediaPropertiesLayout/{id}",
        "MediaPropertiesLayouts",
        model.MediaPropertiesLayout,
        model.MediaPropertiesLayoutContent,
        EVERYTHING,
        "guide p.255-270",
        required=("name", "header"),
        default_id=True,
    ),
    ConfigurationObject(
        "PhoneBook",
        "PhoneBook/{id}",
        "PhoneBooks",
        model.PhoneBook,
        model.PhoneBookContent,
        EVERYTHING,
        "guide p.271-283",
        required=("name", "type"),
        most=model.GLOBAL_BOOKS + model.TEAM_BOOKS,
        caution="Deleting a phone book deletes its contacts.",
    ),
    ConfigurationObject(
        "Contact",
        "PhoneBook/{parent}/Contact/{id}",
        "PhoneBook/{parent}/Contacts",
        model.Contact,
        model.ContactContent,
        EVERYTHING,
        "guide p.283-290",
        required=("phone_number",),
        most=model.CONTACTS_IN_ALL,
        parent="PhoneBook",
    ),
    ConfigurationObject(
        "Workflow",
        "Workflow/{id}",
        "Workflows",
        model.Workflow,
        model.WorkflowContent,
        EVERYTHING,
        "guide p.286-303",
        required=("name", "trigger_set"),
        most=model.WORKFLOWS,
    ),
    ConfigurationObject(
        "WorkflowAction",
        "WorkflowAction/{id}",
        "WorkflowActions",
        model.WorkflowAction,
        model.WorkflowActionContent,
        EVERYTHING,
        "guide p.303-314",
        required=("name", "type", "params"),
        most=model.WORKFLOW_ACTIONS,
    ),
    ConfigurationObject(
        "LayoutConfig",
        "LayoutConfig/default",
        "",
        model.LayoutConfig,
        model.LayoutConfigContent,
        READ_AND_CHANGE,
        "guide p.221-236",
        caution="This change affects the desktop of every team that uses the default layout.",
    ),
    ConfigurationObject(
        "ChatConfig",
        "ChatConfig",
        "",
        model.ChatConfig,
        model.ChatConfigContent,
        READ_AND_CHANGE,
        "guide p.250-254",
    ),
    ConfigurationObject(
        "SystemConfig",
        "SystemConfig",
        "",
        model.SystemConfig,
        model.SystemConfigContent,
        READ_AND_CHANGE,
        "guide p.206-210",
        platforms=_CCE,
        caution=_RESTART,
    ),
    ConfigurationObject(
        "ClusterConfig",
        "ClusterConfig",
        "",
        model.ClusterConfig,
        model.ClusterConfigContent,
        READ_AND_CHANGE,
        "guide p.214-217",
        platforms=_CCE,
        caution=_RESTART,
    ),
    ConfigurationObject(
        "EnterpriseDatabaseConfig",
        "EnterpriseDatabaseConfig",
        "",
        model.EnterpriseDatabaseConfig,
        model.EnterpriseDatabaseConfigContent,
        READ_AND_CHANGE,
        "guide p.217-221",
        platforms=_CCE,
        caution=_RESTART,
    ),
    ConfigurationObject("ConfigInfo", "ConfigInfo", "", model.ConfigInfo, None, READ, "guide p.210-212"),
    ConfigurationObject(
        "ECCVariableConfig",
        "",
        "ECCVariableConfig",
        model.EccVariable,
        None,
        frozenset({Verb.LIST}),
        "guide p.212-214",
        roles={Verb.LIST: Role.AGENT},
        platforms=_CCE,
    ),
    ConfigurationObject(
        "CloudConnectConfig",
        "CloudConnectConfig",
        "",
        model.CloudConnectConfig,
        None,
        READ,
        "current documentation, Cloud Connect",
    ),
)

CONFIGURATION: Mapping[str, ConfigurationObject] = MappingProxyType({each.name: each for each in _OBJECTS})
"""All kinds of configuration objects, by their names in Finesse."""


def operations_with(verb: Verb) -> tuple[Operation, ...]:
    """Return the operations of a verb on all kinds of configuration objects."""
    return tuple(each for known in CONFIGURATION.values() for each in known.operations(verb))
