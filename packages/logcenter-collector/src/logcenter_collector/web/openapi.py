"""The OpenAPI document: routes and parameters as Litestar sees them, bodies and answers as the contract defines them.

A handler names its contract classes in ``opt``: ``takes`` for the body, with ``examples`` of it, and ``answers`` for
the 200. That keeps one definition of the wire, in ``logcenter_sdk.contract``.
"""

from typing import Any, Final

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from logcenter_collector.store.access.audit_log import AuditRecord
from logcenter_collector.web.api.alarm_shapes import (
    AlarmChannelChange,
    AlarmChannelRequest,
    AlarmRuleRequest,
    AlarmTest,
    ShownAlarmChannel,
    ShownAlarmRule,
    ShownDelivery,
)
from logcenter_collector.web.api.door_shapes import Doors, DoorsChange, IngestKey, NewIngestKey, NewKey
from logcenter_collector.web.api.people_shapes import InvitedPerson, NewPerson, Person, PersonChange, SignInLink
from logcenter_collector.web.api.token_shapes import IssuedToken, ShownToken, TokenRequest
from logcenter_collector.web.rules import API_RULES, Rule, key_of
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange, TransitionRequest
from logcenter_sdk.contract.overview import CollectorOverview, Overview
from logcenter_sdk.contract.problem import MEDIA_TYPE, FieldError, Problem
from logcenter_sdk.contract.project import Project, ProjectChange
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.schema import json_schema
from logcenter_sdk.contract.teamwork import (
    AssigneeRequest,
    BulkRequest,
    Comment,
    CommentRequest,
    MuteRequest,
    SavedView,
    SavedViewRequest,
)

Schema = dict[str, Any]

_CLASSES: Final[tuple[type[Any], ...]] = (
    Report,
    Issue,
    Occurrence,
    StatusChange,
    StatsBucket,
    TransitionRequest,
    Project,
    ProjectChange,
    AssigneeRequest,
    MuteRequest,
    CommentRequest,
    Comment,
    SavedViewRequest,
    SavedView,
    BulkRequest,
    FieldError,
    AlarmRuleRequest,
    ShownAlarmRule,
    AlarmChannelRequest,
    AlarmChannelChange,
    ShownAlarmChannel,
    AlarmTest,
    ShownDelivery,
    NewKey,
    IngestKey,
    NewIngestKey,
    DoorsChange,
    Doors,
    Overview,
    CollectorOverview,
    TokenRequest,
    ShownToken,
    IssuedToken,
    AuditRecord,
    NewPerson,
    PersonChange,
    Person,
    InvitedPerson,
    SignInLink,
)


def ref(name: type[Any] | str) -> Schema:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name if isinstance(name, str) else name.__name__}"}


def page_of(cls: type[Any]) -> Schema:
    """Return the schema of one page of a list."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": ref(cls)},
            "next_cursor": {"type": ["string", "null"], "description": "Pass it as `cursor` for the next page."},
        },
        "required": ["items", "next_cursor"],
    }


def array_of(name: type[Any] | str) -> Schema:
    """Return the schema of a JSON array."""
    return {"type": "array", "items": ref(name)}


def document(app: Litestar) -> Schema:
    """Return the OpenAPI 3.1 document of the API."""
    schema: Schema = app.openapi_schema.to_schema()
    of_parameters = schema.get("components", {}).get("schemas", {})
    ours = {cls.__name__: json_schema(cls) for cls in _CLASSES} | _ANSWERS
    schema["components"] = {"schemas": of_parameters | ours, "securitySchemes": _CREDENTIALS}
    for handler in {handler for route in app.routes for handler in getattr(route, "route_handlers", [])}:
        if isinstance(handler, HTTPRouteHandler) and handler.include_in_schema is not False:
            _complete(schema, handler)
    return schema


def _complete(schema: Schema, handler: HTTPRouteHandler) -> None:
    for path in handler.paths:
        for method in handler.http_methods:
            operation = schema["paths"].get(_template(path), {}).get(method.lower())
            if operation is not None:
                _complete_operation(operation, handler.opt)
                _say_who_may(operation, API_RULES[key_of(method, _template(path))])


def _complete_operation(operation: Schema, opt: dict[str, Any]) -> None:
    if takes := opt.get("takes"):
        operation["requestBody"] = {"required": True, "content": {"application/json": _body(takes, opt)}}
    answers = opt.get("answers", {"type": "object"})
    operation["responses"] = {
        "200": {"description": opt.get("about", "Done."), "content": {"application/json": {"schema": answers}}},
        "default": {"description": "Refused; `detail` says why.", "content": {MEDIA_TYPE: {"schema": ref(Problem)}}},
    }


def _body(takes: Schema, opt: dict[str, Any]) -> Schema:
    """Return what a body is, with the examples that a handler names: each a few words and a body."""
    examples = {words: {"value": value} for words, value in opt.get("examples", {}).items()}
    return {"schema": takes} | ({"examples": examples} if examples else {})


def _say_who_may(operation: Schema, rule: Rule) -> None:
    if rule.scope is None:
        return
    by = ("token", "key") if rule.by_key else ("token",)
    operation["security"] = [{}, *({name: []} for name in by)]  # {}: without any, while the collector is open
    operation["description"] = " ".join(
        (*filter(None, [operation.get("description")]), f"On a closed collector it needs the scope `{rule.scope}`.")
    )


def _template(path: str) -> str:
    """Return ``/issues/{issue_id:int}`` as OpenAPI writes it: ``/issues/{issue_id}``."""
    return "/".join(part.partition(":")[0] + "}" if part.startswith("{") else part for part in path.split("/"))


_CREDENTIALS: Final[Schema] = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token with the scope that a route needs."},
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Log-Center-Key",
        "description": "A key of the project, which is good for reports and nothing else.",
    },
}
_ANSWERS: Final[dict[str, Schema]] = {
    "OverviewAnswer": {
        "description": "The overview and, for whoever sees all projects, what the collector did.",
        "allOf": [
            {"$ref": "#/components/schemas/Overview"},
            {
                "type": "object",
                "properties": {
                    "collector": {"anyOf": [{"$ref": "#/components/schemas/CollectorOverview"}, {"type": "null"}]}
                },
                "required": ["collector"],
            },
        ],
    },
    "Problem": {
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": array_of(FieldError),
            "status_now": {"type": "string", "description": "Of a wrong step: the issue's present status."},
            "allowed": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Of a wrong step: where to.",
            },
        },
        "required": ["title", "status", "detail"],
    },
    "Answer": {
        "type": "object",
        "description": "The report is committed to storage.",
        "properties": {
            "message": {"enum": ["Log reported", "Log deduplicated", "Regression detected, reopened"]},
            "id": {"type": "integer", "description": "The issue's id."},
            "status": {"type": "string", "description": "With `Log deduplicated` only: the issue's present status."},
        },
        "required": ["message", "id"],
    },
    "BulkAnswers": {
        "type": "object",
        "description": "What became of each issue.",
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "integer"},
                        "issue": {"anyOf": [ref("IssueDetail"), {"type": "null"}]},
                        "problem": {"anyOf": [ref("Problem"), {"type": "null"}]},
                    },
                    "required": ["id", "issue", "problem"],
                },
            }
        },
        "required": ["items"],
    },
    "IssueDetail": {
        "description": "An issue and where it may go from here.",
        "allOf": [
            {"$ref": "#/components/schemas/Issue"},
            {
                "type": "object",
                "properties": {"next_statuses": {"type": "array", "items": {"type": "string"}}},
                "required": ["next_statuses"],
            },
        ],
    },
}
