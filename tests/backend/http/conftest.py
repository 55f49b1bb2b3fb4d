"""The views to try the manners on."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def with_views(settings: Any, db: None) -> None:
    settings.ROOT_URLCONF = "tests.backend.http.views"


@pytest.fixture
def post() -> Any:
    client = Client(raise_request_exception=False)

    def call(body: Any, *, path: str = "echo", content_type: str = "application/json", **headers: str) -> Any:
        return client.post(f"/api/v1/{path}/", body, content_type=content_type, headers=headers)

    return call


@pytest.fixture
def get() -> Any:
    client = Client(raise_request_exception=False)
    return lambda path, **headers: client.get(
        f"/api/v1/{path}", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
