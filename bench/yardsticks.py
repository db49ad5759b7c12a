"""The same exchange without testhub, in the same minute: what the ratios are against."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pycurl
import requests


def bare_curl(url: str, n: int, curl: pycurl.Curl | None = None) -> tuple[float, float]:
    """One pycurl handle in one thread, kept alive, body received and dropped; exchanges
    a second, and thread CPU of one in microseconds."""
    curl = curl or pycurl.Curl()
    began, cpu = time.perf_counter(), time.thread_time()
    for _number in range(n):
        body = io.BytesIO()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.WRITEDATA, body)
        curl.perform()
    cpu = time.thread_time() - cpu
    return round(n / (time.perf_counter() - began)), cpu / n * 1e6


def requests_session(url: str, n: int) -> dict[str, float]:
    """`requests.Session().get(url)` in one thread."""
    session = requests.Session()
    began = time.perf_counter()
    for _number in range(n):
        session.get(url).content  # noqa: B018  received, as a test would
    return {"requests_per_s": round(n / (time.perf_counter() - began))}


def others(url: str, n: int) -> dict[str, float | None]:
    """hurl, k6 and newman where they are in PATH; None where they are not."""
    with tempfile.TemporaryDirectory(prefix="testhub-bench-") as name:
        return {
            "hurl_per_s": _hurl(Path(name), url, n),
            "k6_per_s": _k6(Path(name), url, n),
            "newman_per_s": _newman(Path(name), url, min(n, 500)),
        }


def _hurl(folder: Path, url: str, n: int) -> float | None:
    entry = f'GET {url}\nHTTP 200\n[Asserts]\njsonpath "$.id" == 4711\n\n'
    files = []
    for number in range(2):
        file = folder / f"{number}.hurl"
        file.write_text(entry * (n // 2))
        files.append(str(file))
    return _timed("hurl", ["--test", "--jobs", "2", *files], n)


def _k6(folder: Path, url: str, n: int) -> float | None:
    script = folder / "k6.js"
    script.write_text(
        "import http from 'k6/http'; import {check} from 'k6';\n"
        f"export const options = {{vus: 20, iterations: {n}}};\n"
        f"export default () => check(http.get('{url}'), "
        "{status: r => r.status === 200, id: r => r.json('id') === 4711});\n"
    )
    return _timed("k6", ["run", "--quiet", "--no-usage-report", str(script)], n)


def _newman(folder: Path, url: str, n: int) -> float | None:
    test = "pm.test('id', () => pm.expect(pm.response.json().id).to.eql(4711))"
    item = {
        "name": "product",
        "request": {"method": "GET", "url": url},
        "event": [{"listen": "test", "script": {"exec": [test]}}],
    }
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    file = folder / "collection.json"
    file.write_text(
        json.dumps({"info": {"name": "bench", "schema": schema}, "item": [item] * n})
    )
    return _timed("newman", ["run", str(file), "--reporters", "json"], n)


def _timed(program: str, arguments: list[str], n: int) -> float | None:
    own = Path(sys.executable).parent  # `pip install k6` puts it here
    path = shutil.which(program) or shutil.which(program, path=own)
    if path is None:
        return None
    began = time.perf_counter()
    subprocess.run([path, *arguments], capture_output=True, check=True, cwd="/tmp")
    return round(n / (time.perf_counter() - began))
