"""Who is there to do the work: what clusters say of themselves, and workers of one's own."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import gethostname

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.status import Stat

from runs.hang import why_hung
from runs.models import Chunk
from runs.processes import CLUSTER, MANAGE, RUNNING, end_with_parent, is_running
from runs.signs import SIGNS, Signs

logger = logging.getLogger(__name__)

# A worker that has a chunk renews its lease every second.
RENEWED_S = 5
# A cluster that was started this long ago is up.
SETTLED_S = 10


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    alive: bool
    n_workers: int
    message: str  # one sentence for a page or a terminal


def cluster_status() -> ClusterStatus:
    """What the clusters that share our broker or our machine say of themselves.

    Not what one says that hangs on this machine: its pulse is perfect. When nobody says
    anything: whether a keeper has processes running, for a sign of life that is three
    seconds late counts as none; or whether a lease was renewed a moment ago, by a worker
    of another machine.
    """
    try:
        # Asked twice: `get_all` skips a live entry that follows a stale one.
        stats = Stat.get_all() or Stat.get_all()
    except Exception as error:  # whatever the broker's client raises
        logger.warning("The queue did not answer: %r", error)
        return ClusterStatus(False, 0, _("The queue does not answer."))
    kept = list(_kept())
    hung = {cluster.pid for cluster in kept if cluster.hangs}
    n_workers = sum(
        len(stat.workers)
        for stat in stats
        if stat.status in ("Idle", "Working")
        and not (stat.pid in hung and stat.host == gethostname())
    )
    if n_workers:
        message = ngettext("%d worker is alive.", "%d workers are alive.", n_workers)
        return ClusterStatus(True, n_workers, message % n_workers)
    if any(cluster.has_settled and not cluster.hangs for cluster in kept):
        return ClusterStatus(True, 0, _("Workers are running, but too busy to say so."))
    if Chunk.objects.renewed_within(RENEWED_S).exists():
        return ClusterStatus(True, 0, _("Workers are at work, but do not say so."))
    if hung:
        return ClusterStatus(
            False, 0, _("Workers hang: “run_workers” is about to start them again.")
        )
    return ClusterStatus(
        False,
        0,
        _("No worker is alive: start them with “python manage.py run_workers”."),
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """A cluster of one of this machine's keepers; its main process is there."""

    pid: int
    has_settled: bool
    hangs: bool


def _kept() -> Iterator[_Kept]:
    for note in settings.CLUSTER_DIR.rglob(RUNNING):
        with suppress(OSError, ValueError):
            cluster = json.loads(note.read_text()).get(CLUSTER)
            if cluster and is_running(cluster):
                yield _Kept(
                    pid=cluster["pid"],
                    has_settled=time.time() - note.stat().st_mtime > SETTLED_S,
                    hangs=why_hung(Signs(note.parent / SIGNS).read()) != "",
                )


@contextmanager
def own_workers(n_workers: int) -> Iterator[None]:
    """Workers for the time of a block, beside whatever else runs on this machine."""
    folder = settings.CLUSTER_DIR / f"own-{os.getpid()}"
    keeper = subprocess.Popen(
        [sys.executable, str(MANAGE), "run_workers"]
        + ["--workers", str(n_workers), "--folder", str(folder)],
        # What they have to say in good order would run across a progress bar.
        env={"LOG_LEVEL": "WARNING", **os.environ},
        stdin=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
        start_new_session=True,
    )
    try:
        yield
    finally:
        keeper.terminate()
        keeper.wait()
        shutil.rmtree(folder, ignore_errors=True)
