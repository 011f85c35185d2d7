"""Where people find a collector: one address is given for two ports."""

from urllib.parse import SplitResult, urlsplit

from attrs import frozen


@frozen(kw_only=True)
class PublicAddresses:
    """Where others reach the API and the dashboard, without a slash at the end; empty: nobody has said."""

    api: str = ""
    dashboard: str = ""


def public_addresses(url: str, port: int, dashboard_port: int) -> PublicAddresses:
    """Return both addresses by the one that was given.

    Where it names the port of one of the two, the other has its own port on the same host. Where it names neither, a
    proxy stands before both, at one address.
    """
    whole = url.rstrip("/")
    parts = urlsplit(whole)
    return PublicAddresses(
        api=_at(parts, port) if _port_of(parts) == dashboard_port else whole,
        dashboard=_at(parts, dashboard_port) if _port_of(parts) == port else whole,
    )


def _port_of(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:  # such as http://logs.example.org:first
        return None


def _at(parts: SplitResult, port: int) -> str:
    return parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}").geturl()
