"""Where a run ran, out of the claims of its chunks, for its page: which process took which
chunk, over which connections it wrote, and which cases left connections open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runs.choices import ChunkStatus
from runs.models import Result, Run

# A run of 100,000 cases has 1,000 chunks.
CLAIMS_SHOWN = 200
# While the chunk is under way, and for ever if its worker died or was late.
NOT_ENDED = ""


@dataclass(slots=True)
class Process:
    """What one process did for a run."""

    host: str
    pid: int
    chunks: set[int] = field(default_factory=set)
    connections: dict[int, None] = field(default_factory=dict)
    threads: set[str] = field(default_factory=set)
    n_results: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of one chunk, which has the number that log lines have."""

    chunk_id: int
    number: int
    began_at: datetime
    record: dict[str, Any]
    is_running: bool

    @property
    def is_lost(self) -> bool:
        """Its worker died, or was so late that another one had the chunk."""
        return self.record["ended"] == NOT_ENDED and not self.is_running


@dataclass(frozen=True, slots=True)
class Whereabouts:
    processes: list[Process]
    claims: list[Claim]
    n_claims: int
    left_open: list[dict[str, Any]]
    n_left_open: int


def whereabouts(run: Run) -> Whereabouts:
    """Read in one query."""
    claims = list(_claims(run))
    processes: dict[tuple[str, int], Process] = {}
    for claim in claims:
        record = claim.record
        key = record["host"], record["pid"]
        process = processes.setdefault(key, Process(*key))
        process.chunks.add(claim.chunk_id)
        process.connections |= dict.fromkeys(record["connections"])
        process.threads.update(record["threads"])
        process.n_results += record["n_results"]
    return Whereabouts(
        processes=[processes[key] for key in sorted(processes)],
        claims=claims[:CLAIMS_SHOWN],
        n_claims=len(claims),
        left_open=[left for claim in claims for left in claim.record["left_open"]],
        n_left_open=sum(claim.record["n_left_open"] for claim in claims),
    )


def connections_of(result: Result) -> list[int]:
    """Over which the process of this result wrote for its chunk."""
    return [
        number
        for record in result.chunk.claims
        if (record["host"], record["pid"]) == (result.host, result.pid)
        for number in record["connections"]
    ]


def _claims(run: Run) -> Iterator[Claim]:
    rows = run.chunks.order_by("seq").values_list("pk", "status", "claims")
    for chunk_id, status, records in rows:
        for number, record in enumerate(records, 1):
            yield Claim(
                chunk_id=chunk_id,
                number=number,
                began_at=datetime.fromtimestamp(record["began_at"], UTC),
                record=record,
                is_running=number == len(records) and status == ChunkStatus.RUNNING,
            )
