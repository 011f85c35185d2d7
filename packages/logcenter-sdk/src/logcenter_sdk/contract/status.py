"""The life of an issue: its statuses, and the one table of which may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Status(StrEnum):
    """Where an issue stands."""

    NEW = "NEW"
    VERIFYING = "VERIFYING"
    CANNOT_REPRODUCE = "CANNOT_REPRODUCE"
    PENDING_FIX = "PENDING_FIX"
    FIXING = "FIXING"
    FIX_FAILED = "FIX_FAILED"
    FIXED = "FIXED"
    VERIFIED = "VERIFIED"
    DEPLOYED = "DEPLOYED"


TRANSITIONS: Final[Mapping[Status, tuple[Status, ...]]] = MappingProxyType(
    {
        Status.NEW: (Status.VERIFYING,),
        Status.VERIFYING: (Status.PENDING_FIX, Status.CANNOT_REPRODUCE),
        Status.CANNOT_REPRODUCE: (Status.VERIFYING,),
        Status.PENDING_FIX: (Status.FIXING,),
        Status.FIXING: (Status.FIXED, Status.FIX_FAILED),
        Status.FIX_FAILED: (Status.PENDING_FIX,),
        Status.FIXED: (Status.VERIFIED, Status.FIX_FAILED),
        Status.VERIFIED: (Status.DEPLOYED,),
        Status.DEPLOYED: (),
    }
)
"""Which statuses may follow each, without an override; the usual next one first."""

REOPENED_BY_REPORT: Final = frozenset({Status.FIXED, Status.VERIFIED, Status.DEPLOYED})
"""Statuses that say the error is gone, so that a report of it is a regression."""
