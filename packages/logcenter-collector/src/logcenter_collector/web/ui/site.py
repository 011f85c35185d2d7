"""What every page of the dashboard is made with: the store, the clock, the templates and the reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from attrs import field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.domain.access import ANYONE
from logcenter_collector.web.assets import versioned
from logcenter_collector.web.ui.excerpts import as_text, ending_of, name_of, place_of, summary_of
from logcenter_collector.web.ui.front import Front, principal_of, visitor_of
from logcenter_collector.web.ui.languages import LANGUAGES, Catalogue, catalogue, choose_language
from logcenter_collector.web.ui.moments import ago, ahead, exactly
from logcenter_collector.web.ui.user_agents import browser_name

_FOLDER: Final = Path(__file__).parent
STATIC: Final = _FOLDER / "static"
A_YEAR: Final = 365 * 24 * 60 * 60


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"asset": asset_url, "name_of": name_of, "place_of": place_of, "exactly": exactly}
    environment.globals["browser_name"] = browser_name
    environment.filters |= {"summary": summary_of, "ending": ending_of, "as_text": as_text}
    return environment


def asset_url(name: str) -> str:
    """Return the URL of a file in ``static/``."""
    return f"/static/{versioned(STATIC / name)}"


@frozen(kw_only=True)
class Site:
    """The dashboard as its handlers see it."""

    api_url: str
    """Where reporters send to, without a slash at its end."""
    clock: Callable[[], datetime]
    front: Front
    dispatch: Dispatch
    templates: Environment = field(factory=_templates)

    def page(
        self,
        request: Request[Any, Any, Any],
        template: str,
        /,
        *,
        status: int = 200,
        stands_on: str | None = None,
        **values: object,
    ) -> Response[str]:
        """Render a template in the reader's language; a language asked for by ``?lang=`` is remembered.

        ``stands_on`` is the page that a sent form stands on, for the links to it in other languages.
        """
        t = language_of(request)
        principal = principal_of(request)
        common: Mapping[str, object] = {
            "t": t,
            "now": self.clock(),
            "visitor": visitor_of(request),
            "is_anyone": principal is ANYONE,
            "may": principal.may if principal else _may_nothing,
            "languages": LANGUAGES,
            "dead_letters": self.dead_letters,
            "api_url": self.api_url,
            "ago": partial(ago, now=self.clock(), t=t),
            "ahead": partial(ahead, now=self.clock(), t=t),
            "in_language": partial(_in_language, request, stands_on),
        }
        return Response(
            self.templates.get_template(template).render({**common, **values}),
            media_type=MediaType.HTML,
            status_code=status,
            headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"},
            cookies=[remember("lang", t.code)] if request.query_params.get("lang") == t.code else [],
        )

    def dead_letters(self) -> int:
        """Return how many alarms were given up, which every page of the administration says."""
        return self.dispatch.alarms.standing.dead_letters()

    def texts(self, request: Request[Any, Any, Any]) -> Catalogue:
        """Return the texts in the reader's language."""
        asked, remembered = request.query_params.get("lang"), request.cookies.get("lang")
        return catalogue(choose_language(asked, remembered, request.headers.get("accept-language", "")))


InjectedSite = NamedDependency[SkipValidation[Site]]


def _may_nothing(_scope: str, _project_id: str | None = None) -> bool:
    return False


def language_of(request: Request[Any, Any, Any]) -> Catalogue:
    """Return the texts in the language of whoever sends a request."""
    asked, accepted = request.query_params.get("lang"), request.headers.get("accept-language", "")
    return catalogue(choose_language(asked, request.cookies.get("lang"), accepted))


def remember(name: str, value: str) -> Cookie:
    """Return a cookie that keeps a reader's preference for a year."""
    return Cookie(name, value=value, max_age=A_YEAR, httponly=True, samesite="lax")


def _in_language(request: Request[Any, Any, Any], stands_on: str | None, code: str) -> str:
    """Return the URL of the page that is shown, in another language."""
    path, _, query = (stands_on or _page_of(request)).partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "lang"]
    return f"{path}?{urlencode([*kept, ('lang', code)])}"


def _page_of(request: Request[Any, Any, Any]) -> str:
    """Return the page of a request; of a form that says nothing else, the page of its issue or the inbox."""
    path = request.url.path
    if request.method in {"GET", "HEAD"}:
        return f"{path}?{request.url.query}"
    return path.removesuffix("/transitions") if path.startswith("/issues/") else "/"
