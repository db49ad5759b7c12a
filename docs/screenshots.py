"""Make the pictures of the documentation from the demo: `python -m docs.screenshots`.

Run `make demo` first: it leaves a run on record. Needs Debian's chromium.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import django
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
READY_WITHIN_MS = 30_000


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testhub.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright keeps a loop in this thread
    django.setup()
    from cases.models import User
    from runs.models import Run

    run = Run.objects.order_by("-pk").first()
    if run is None:
        sys.exit("There is no run on record: make demo first.")
    name, password = "tester", secrets.token_urlsafe()
    photographer = User.objects.create_superuser(name, password=password)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        take(f"http://127.0.0.1:{port}", name, password, run.pk)
    finally:
        server.terminate()
        server.wait()
        photographer.delete()


def take(url: str, name: str, password: str, run_id: int) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
        log_in(page, url, name, password)
        page.goto(f"{url}/admin/runs/run/{run_id}/change/")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "run.png")
        browser.close()


def log_in(page: Page, url: str, name: str, password: str) -> None:
    page.set_default_timeout(READY_WITHIN_MS)
    while page.evaluate("location.protocol") != "http:":
        try:
            page.goto(f"{url}/admin/login/")
        except Exception as error:
            if "ERR_CONNECTION_REFUSED" not in str(error):
                raise
            page.wait_for_timeout(200)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{url}/admin/")


if __name__ == "__main__":
    main()
