"""Comments on issues: who may take one back."""

from logcenter_collector.domain.access import Principal, PrincipalKind, Scope


class NotYoursError(Exception):
    """Something that somebody else said or saved."""

    def __init__(self) -> None:
        super().__init__("Only whoever wrote it and administrators may delete it.")


def may_delete(author: str | None, principal: Principal) -> bool:
    """Whether a comment may be deleted: by its author, by administrators, and where nobody signs in by anyone."""
    return principal.kind is PrincipalKind.ANYONE or author == principal.name or principal.may(Scope.ADMIN)
