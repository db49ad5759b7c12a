"""What the figures of one run say about each other, beside what we aim at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

RATIOS = (
    ("run_case", "cpu_us_per_case", "bare curl, CPU of an exchange", "bare_curl_cpu_us"),
    ("testhub", "cases_per_s", "a requests loop", "requests_per_s"),
    ("testhub", "cases_per_s", "a bare curl loop", "bare_curl_per_s"),
    ("testhub", "cases_per_s", "hurl", "hurl_per_s"),
    ("testhub", "cases_per_s", "k6", "k6_per_s"),
    ("testhub", "cases_per_s", "newman", "newman_per_s"),
)


def ratios(figures: Mapping[str, Any]) -> Iterator[str]:
    """A line for each pair that was measured."""
    for left, dividend, right, divisor in RATIOS:
        if figures.get(dividend) and figures.get(divisor):
            times = figures[dividend] / figures[divisor]
            yield f"{left} / {right}: {times:.2f}"
