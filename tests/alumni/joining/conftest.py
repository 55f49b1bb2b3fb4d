"""Imports, staged and applied."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from alumni.accounts.models import Organisation
from alumni.joining import imports
from alumni.joining.models import Import


@pytest.fixture
def stage(organisation: Organisation) -> Callable[..., Import]:
    """`stage(csv_file(...))`: read and checked, nothing changed yet."""

    def make(stream: io.BytesIO, **options: Any) -> Import:
        return imports.stage(**{"source": "hr", "filename": "leavers.csv", "by": None, "stream": stream, **options})

    return make


@pytest.fixture
def bring_in(stage: Callable[..., Import]) -> Callable[..., Import]:
    """`bring_in(csv_file(...))`: staged and applied; the dry run must have told the truth."""

    def make(stream: io.BytesIO, **options: Any) -> Import:
        batch = stage(stream, **options)
        said = {action: number for action, number in batch.counts.items() if number}
        batch = imports.apply(batch=batch)
        assert {action: number for action, number in batch.counts.items() if number} == said
        return batch

    return make
