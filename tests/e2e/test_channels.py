"""A channel is made in the console as people do it, and says at once whether it works."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.e2e.conftest import Console
from tests.target import Target


def test_a_webhook_is_made_and_tested(console: Console, target: Target) -> None:
    console.log_in()
    page = console.open("/admin/runs/channel/add/")
    recipients, url = page.locator("#id_recipients"), page.locator("#id_url")
    key, plans = page.locator("#id_signing_key"), page.get_by_text("Plans", exact=True).last
    expect(recipients).to_be_visible()
    expect(url).to_be_hidden()
    page.select_option("#id_kind", "webhook")
    expect(recipients).to_be_hidden()
    expect(key).to_be_visible()
    expect(plans).to_be_hidden()
    page.fill("#id_name", "the team")
    url.fill(f"{target.url}/status/200")
    console.save()
    expect(page.locator("#id_kind")).to_have_value("webhook")
    expect(url).to_have_value("")
    expect(url).to_have_attribute("placeholder", f"(set) {target.url}/…")
    page.get_by_role("link", name="Send a test message").or_(
        page.get_by_role("button", name="Send a test message")
    ).first.click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The message was taken.")).to_be_visible()
    assert json.loads(target.requests[0].body)["channel"] == "the team"
    assert console.errors == []
