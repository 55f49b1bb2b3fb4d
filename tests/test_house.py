"""The house stands as it is drawn."""

from pathlib import Path

import alumni
import notifications


def test_every_room_is_on_its_apps_list() -> None:
    for app in (alumni, notifications):
        root = Path(app.__file__).parent
        rooms = {path.parent.name for path in root.glob("*/models.py")} | {p.parent.name for p in root.glob("*/api.py")}
        assert rooms <= set(app.ROOMS)
