"""Where one-time links lead."""


def link_address(dashboard_url: str, secret: str) -> str:
    """Return the URL of a link, as people open it."""
    return f"{dashboard_url}/sign-in/link?s={secret}"
