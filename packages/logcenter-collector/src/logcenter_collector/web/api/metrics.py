"""What an operator watches."""

from litestar import Response, route

from logcenter_collector.web.api.health import PROBES
from logcenter_collector.web.bodies import AnyRequest
from logcenter_collector.web.injected import InjectedScrape


@route("/metrics", http_method=PROBES, include_in_schema=False)
async def metrics(request: AnyRequest, scrape: InjectedScrape) -> Response[bytes]:
    """Answer a scrape of Prometheus."""
    text, content_type = await scrape.render(request.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": content_type})
