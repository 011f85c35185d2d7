"""The collector as the scan needs it: its projects, and a place to send reports to. Shell."""

from logcenter_sdk.config import Config
from logcenter_sdk.transports.base import DeliveryError, UnexpectedAnswerError, UnreachableError

_PROJECTS: str = "/api/v1/projects"


def project_ids(config: Config) -> list[str]:
    """Return the ids of every project that the collector knows. Raises DeliveryError."""
    import httpx  # noqa: PLC0415 - 100 ms that --help and wrong flags never pay

    headers = {"Authorization": f"Bearer {config.token}"} if config.token else {}
    try:
        with httpx.Client(trust_env=False, proxy=config.proxy, timeout=config.timeout_seconds) as client:
            answer = client.get(config.url + _PROJECTS, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError(f"cannot reach {config.url}: {str(error) or type(error).__name__}") from error
    if answer.status_code != httpx.codes.OK:
        raise DeliveryError(f"the list of projects was refused by {config.url}", status=answer.status_code)
    try:
        return [str(project["project_id"]) for project in answer.json()]
    except (ValueError, TypeError, KeyError) as error:
        raise UnexpectedAnswerError(f"{config.url} answered, but not as Log Center does") from error
