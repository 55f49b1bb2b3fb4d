"""The API's documentation in a real browser."""

from typing import Any

import pytest

from backend import openapi

pytestmark = pytest.mark.browser


def test_the_documentation_shows_every_operation_and_asks_nobody_outside(visitor: Any) -> None:
    visitor.goto("/api/docs/")
    visitor.page.wait_for_selector(".opblock")
    shown = visitor.page.locator(".opblock").count()
    assert shown == sum(len(item) for item in openapi.document()["paths"].values())
    visitor.page.get_by_role("button", name="Authorize").click()
    assert "client" in visitor.page.inner_text(".modal-ux").lower()
    # the visitor fails the test for any refused script or style, and for any request to another host


def test_one_can_try_an_operation_there(visitor: Any, api_of: Any, organisation: Any) -> None:
    token = api_of(scopes=["posts:read"]).headers["Authorization"].removeprefix("Bearer ")
    page = visitor.page
    visitor.goto("/api/docs/")
    page.wait_for_selector(".opblock")
    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container", has_text="http, Bearer").locator("input").fill(token)
    page.locator(".auth-container", has_text="http, Bearer").get_by_role("button", name="Apply credentials").click()
    page.locator(".close-modal").click()
    block = page.locator("#operations-posts-posts_list")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table tbody .response-col_status").first
    answer.wait_for()
    assert "200" in answer.inner_text()
