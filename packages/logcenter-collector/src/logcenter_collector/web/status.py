"""What one collector did since it started, for the overview: the numbers of ``/metrics`` that a person asks for."""

from datetime import datetime

from attrs import frozen

from logcenter_collector.ingest.runner import Runner
from logcenter_collector.web.survey import Survey
from logcenter_sdk.contract.overview import CollectorOverview


@frozen(kw_only=True)
class CollectorStatus:
    """Reads them."""

    runner: Runner
    survey: Survey
    version: str
    started_at: datetime

    async def read(self) -> CollectorOverview:
        """Return the numbers of this moment."""
        stored = await self.survey.stored()
        counted, (reports, size) = self.runner.counts.snapshot(), self.runner.waiting
        return CollectorOverview(
            version=self.version,
            started_at=self.started_at,
            accepted=counted.accepted.total(),
            rejected={reason.value: count for reason, count in counted.rejected.items() if count},
            waiting_reports=reports,
            waiting_bytes=size,
            database_bytes=None if stored is None else stored.bytes,
        )
