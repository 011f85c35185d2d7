"""How the tables of access spell sets of scopes and projects."""

import json
from collections.abc import Collection, Iterable

from logcenter_collector.domain.access import Scope


def write_scopes(scopes: Iterable[Scope]) -> str:
    """Return scopes as a column keeps them."""
    return " ".join(sorted(scopes))


def read_scopes(kept: str) -> frozenset[Scope]:
    """Return the scopes of a column."""
    return frozenset(Scope(scope) for scope in kept.split())


def write_projects(projects: Collection[str] | None) -> str | None:
    """Return the only projects that exist for somebody as a column keeps them; None: all."""
    return None if projects is None else json.dumps(sorted(projects))


def read_projects(kept: str | None) -> frozenset[str] | None:
    """Return the projects of a column."""
    return None if kept is None else frozenset(json.loads(kept))
