"""Typed models of configuration objects. Parsing is lenient, but writing enforces the documented limits.

Most objects have two models. The model ``...Content`` has the fields that an administrator can set. The model
of the stored object adds id and uri.
"""

from __future__ import annotations

from mcp_finesse.model.admin.codes import CATEGORIES, ReasonCodeContent, WrapUpReasonContent
from mcp_finesse.model.admin.contacts_csv import parse_csv, read_csv, write_csv
from mcp_finesse.model.admin.content import Content, Problem, Stored, find_problems, parse_content
from mcp_finesse.model.admin.layouts import (
    LayoutConfig,
    LayoutConfigContent,
    LayoutEntry,
    MediaPropertiesLayout,
    MediaPropertiesLayoutContent,
    TeamLayoutConfig,
    TeamLayoutConfigContent,
)
from mcp_finesse.model.admin.phone_books import (
    CONTACTS_IN_ALL,
    GLOBAL_BOOKS,
    TEAM_BOOKS,
    Contact,
    ContactContent,
    PhoneBook,
    PhoneBookContent,
)
from mcp_finesse.model.admin.system import (
    ChatConfig,
    ChatConfigContent,
    CloudConnectConfig,
    ClusterConfig,
    ClusterConfigContent,
    ConfigInfo,
    EccVariable,
    EnterpriseDatabaseConfig,
    EnterpriseDatabaseConfigContent,
    SystemConfig,
    SystemConfigContent,
)
from mcp_finesse.model.admin.workflow_actions import WORKFLOW_ACTIONS, WorkflowAction, WorkflowActionContent
from mcp_finesse.model.admin.workflows import (
    WORKFLOWS,
    WORKFLOWS_PER_TEAM,
    Workflow,
    WorkflowContent,
    WorkflowInFull,
)

__all__ = [
    "CATEGORIES",
    "CONTACTS_IN_ALL",
    "GLOBAL_BOOKS",
    "TEAM_BOOKS",
    "WORKFLOWS",
    "WORKFLOWS_PER_TEAM",
    "WORKFLOW_ACTIONS",
    "ChatConfig",
    "ChatConfigContent",
    "CloudConnectConfig",
    "ClusterConfig",
    "ClusterConfigContent",
    "ConfigInfo",
    "Contact",
    "ContactContent",
    "Content",
    "EccVariable",
    "EnterpriseDatabaseConfig",
    "EnterpriseDatabaseConfigContent",
    "LayoutConfig",
    "LayoutConfigContent",
    "LayoutEntry",
    "MediaPropertiesLayout",
    "MediaPropertiesLayoutContent",
    "PhoneBook",
    "PhoneBookContent",
    "Problem",
    "ReasonCodeContent",
    "Stored",
    "SystemConfig",
    "SystemConfigContent",
    "TeamLayoutConfig",
    "TeamLayoutConfigContent",
    "Workflow",
    "WorkflowAction",
    "WorkflowActionContent",
    "WorkflowContent",
    "WorkflowInFull",
    "WrapUpReasonContent",
    "find_problems",
    "parse_content",
    "parse_csv",
    "read_csv",
    "write_csv",
]
