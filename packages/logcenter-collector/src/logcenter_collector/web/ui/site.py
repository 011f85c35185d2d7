"""What every page of the dashboard is made with: the store, the clock, the templates and the reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from attrs import field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie

from logcenter_collector.web.assets import versioned
from logcenter_collector.web.ui.excerpts import as_text, ending_of, name_of, place_of, summary_of
from logcenter_collector.web.ui.languages import LANGUAGES, Catalogue, catalogue, choose_language
from logcenter_collector.web.ui.moments import ago, exactly

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
    templates: Environment = field(factory=_templates)

    def page(
        self, request: Request[Any, Any, Any], template: str, /, *, status: int = 200, **values: object
    ) -> Response[str]:
        """Render a template in the reader's language; a language asked for by ``?lang=`` is remembered."""
        t = language_of(request)
        common: Mapping[str, object] = {
            "t": t,
            "languages": LANGUAGES,
            "api_url": self.api_url,
            "ago": partial(ago, now=self.clock(), t=t),
            "in_language": partial(_in_language, request),
        }
        return Response(
            self.templates.get_template(template).render({**common, **values}),
            media_type=MediaType.HTML,
            status_code=status,
            headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"},
            cookies=[remember("lang", t.code)] if request.query_params.get("lang") == t.code else [],
        )


def language_of(request: Request[Any, Any, Any]) -> Catalogue:
    """Return the texts in the language of whoever sends a request."""
    asked, accepted = request.query_params.get("lang"), request.headers.get("accept-language", "")
    return catalogue(choose_language(asked, request.cookies.get("lang"), accepted))


def remember(name: str, value: str) -> Cookie:
    """Return a cookie that keeps a reader's preference for a year."""
    return Cookie(name, value=value, max_age=A_YEAR, httponly=True, samesite="lax")


def _in_language(request: Request[Any, Any, Any], code: str) -> str:
    """Return the URL of the page that is shown, in another language; of a sent form that of the page it stands on."""
    path = request.url.path.removesuffix("/transitions")
    kept = [(name, value) for name, value in request.query_params.items() if name != "lang"]
    return f"{path}?{urlencode([*kept, ('lang', code)])}"
