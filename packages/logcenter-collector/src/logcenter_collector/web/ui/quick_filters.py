"""What the inbox offers beside its search box: menus of filters, orders and views, all of them plain links. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.domain.query_editing import chosen, set_once, toggled, with_property, without
from logcenter_collector.web.ui.languages import Catalogue
from logcenter_collector.web.ui.search import OPEN_ISSUES, Place
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.teamwork import NOBODY, SavedView

PROJECTS: Final = 100
"""So many projects are offered; the box takes any."""
MET: Final = 30
"""So many environments and releases are offered of those that the listed issues were seen with."""
PERIODS: Final = ("1h", "24h", "7d", "30d")


@frozen(kw_only=True)
class Choice:
    """A link that changes what is listed."""

    label: str
    href: str
    is_chosen: bool = False
    code: str = ""
    """How it is written in the box, where its label is a word."""


@frozen(kw_only=True)
class Menu:
    """Several of them under one heading."""

    label: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> int:
        """How many of them are chosen."""
        return sum(choice.is_chosen for choice in self.choices)


@frozen
class Offers:
    """Makes what is offered beside a search."""

    text: str
    t: Catalogue

    def menus(self, projects: Sequence[Project], listed: Sequence[Issue]) -> tuple[Menu, ...]:
        """Return the menus of filters; environments and releases are those of the issues that are listed."""
        t = self.t
        named = [(project.project_id, project.name) for project in projects[:PROJECTS]]
        return (
            self._menu("project", t("filter.project"), named),
            self._menu("status", t("filter.status"), [(status, t(f"status.{status}")) for status in Status]),
            self._menu("source", t("filter.source"), [(source, t(f"source.{source}")) for source in Source]),
            self._menu("level", t("filter.level"), [(level, t(f"level.{level}")) for level in Level]),
            self._menu("env", t("filter.env"), _most_met(issue.environments for issue in listed)),
            self._menu("release", t("filter.release"), _most_met(issue.versions for issue in listed)),
            Menu(label=t("filter.since"), choices=tuple(self._periods())),
            Menu(label=t("filter.more"), choices=tuple(self._properties())),
        )

    def orders(self) -> tuple[Choice, ...]:
        """Return the orders of the list."""
        now = next(iter(chosen(self.text, "sort")), Sort.LAST_SEEN.value)
        return tuple(
            Choice(label=self.t(f"sort.{sort}"), href=_href(self._sorted(sort)), is_chosen=sort == now) for sort in Sort
        )

    def views(self, saved: Iterable[SavedView], me: str) -> tuple[Choice, ...]:
        """Return the searches that everybody has, and those that were saved."""
        t = self.t
        usual = [("", t("views.all")), (OPEN_ISSUES, t("views.open")), ("status:NEW", t("views.new"))]
        usual += [("is:regressed", t("views.back")), ("sort:rising", t("views.rising"))]
        usual += [(f"assignee:{NOBODY}", t("views.unassigned"))]
        usual += [(f"assignee:{me}", t("views.mine"))] if me else []
        kept = [(view.query, view.name) for view in saved]
        return tuple(
            Choice(label=label, href=_href(text), is_chosen=text == self.text) for text, label in [*usual, *kept]
        )

    def _menu(self, key: str, label: str, values: Iterable[tuple[str, str]]) -> Menu:
        now = chosen(self.text, key)
        return Menu(
            label=label,
            choices=tuple(
                Choice(
                    label=name, href=_href(toggled(self.text, key, value)), is_chosen=value.lower() in now, code=value
                )
                for value, name in values
            ),
        )

    def _periods(self) -> Iterable[Choice]:
        for key in ("since", "first"):
            for period in PERIODS:
                yield self._choice(key, period, set_once(self.text, key, period))

    def _properties(self) -> Iterable[Choice]:
        for key, name in (("is", "regressed"), ("is", "muted"), ("with", "muted"), ("with", "registration")):
            yield self._choice(key, name, with_property(self.text, key, name))

    def _choice(self, key: str, value: str, changed: str) -> Choice:
        is_chosen = value in chosen(self.text, key)
        label = self.t(f"filter.{key}_{value}")
        return Choice(label=label, href=_href(changed), is_chosen=is_chosen, code=f"{key}:{value}")

    def _sorted(self, sort: Sort) -> str:
        others = without(self.text, "sort")
        return others if sort is Sort.LAST_SEEN else f"{others} sort:{sort}".strip()


def _most_met(groups: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the names that most have, each with itself as its label."""
    met = Counter(name for names in groups for name in names)
    return [(name, name) for name, _ in met.most_common(MET)]


def _href(text: str) -> str:
    return Place(text).url()
