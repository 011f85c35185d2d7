"""Find projects: a part of the list by key, in the order in which the database compares their ids."""

from sqlalchemy import Connection, Select, or_, select

from logcenter_collector.domain.project_query import ProjectQuery
from logcenter_collector.store import rows
from logcenter_collector.store.base import Page
from logcenter_collector.store.tables import projects
from logcenter_sdk.contract.project import Project


def list_projects(connection: Connection, query: ProjectQuery) -> Page[Project]:
    """Return one part of the list. The cursor is the id of the last project before it."""
    found = [rows.to_project(row) for row in connection.execute(_statement(query)).mappings()]
    return page_of(found, query)


def page_of(found: list[Project], query: ProjectQuery) -> Page[Project]:
    """Return a page of projects, of which there is one too many where the list goes on."""
    items = tuple(found[: query.limit])
    return Page(items=items, next_cursor=items[-1].project_id if len(found) > len(items) else None)


def _statement(query: ProjectQuery) -> Select[tuple[object, ...]]:
    statement = select(projects).order_by(projects.c.project_id).limit(query.limit + 1)
    if query.cursor is not None:
        statement = statement.where(projects.c.project_id > query.cursor)
    if query.among is not None:
        statement = statement.where(projects.c.project_id.in_(query.among))
    if query.text:
        columns = (projects.c.project_id, projects.c.name)  # small letters as the database knows them
        statement = statement.where(or_(*(column.icontains(query.text, autoescape=True) for column in columns)))
    return statement
