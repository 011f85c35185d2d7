"""Tell the collector about a project."""

from collections.abc import Callable, Mapping
from typing import Any

from logcenter_sdk.boundary import say
from logcenter_sdk.config import Config, ConfigError
from logcenter_sdk.transports.base import DeliveryError, Transport
from logcenter_sdk.transports.configured import http_transport


def put_project(read_config: Callable[[], Config], changes: Mapping[str, Any], given: Transport | None = None) -> bool:
    """Change the project of a configuration, over its own transport or a given one; return whether it was agreed."""
    try:
        config = read_config()
        project_id = config.project
        transport = given or http_transport(config)
        try:
            transport.put_project(project_id, changes)
        finally:
            transport.close()
    except (ConfigError, DeliveryError) as error:
        say(f"could not register the project: {error}")
        return False
    say(f"registered {project_id}: {', '.join(changes) or 'nothing to change'}")
    return True
