"""A worker that is about to stop begins no new case.

django-q2 has no word for "finish soon": its workers die at once on SIGTERM or work on.
`run_workers` therefore makes a file, and a running chunk looks for it.
"""

from __future__ import annotations

import os

VARIABLE = "TESTHUB_DRAIN_FILE"


def is_asked() -> bool:
    """True when this process's keeper wants it to stop."""
    name = os.environ.get(VARIABLE, "")
    return name != "" and os.path.exists(name)  # noqa: PTH110  asked all the time
