"""Django's database sessions, with the SHA-256 of the key in the table instead of the key (SESSION_ENGINE)."""

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSession

from alumni.accounts.models import Session


def _digest(session_key: str | None) -> str:
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:40]


class SessionStore(DatabaseSession):
    """Each place where Django looks up or stores by key, by the digest of the key.

    Not the asynchronous ones: nothing here runs under ASGI, and `acreate_model_instance` refuses to.
    """

    @classmethod
    def get_model_class(cls) -> Any:
        return Session

    def _get_session_from_db(self) -> Any:
        key = self._session_key
        self._session_key = _digest(key) if key else key
        try:
            found = super()._get_session_from_db()  # type: ignore[misc]  # the stubs leave it out
        finally:
            if self._session_key is not None:
                self._session_key = key
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(_digest(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key if session_key is not None else self.session_key
        if key is not None:
            super().delete(_digest(key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        instance = super().create_model_instance(data)
        instance.session_key = _digest(self._get_or_create_session_key())  # type: ignore[attr-defined]
        instance.user_id = data.get("_auth_user_id")  # type: ignore[attr-defined]
        return instance

    async def acreate_model_instance(self, data: dict[str, Any]) -> Any:
        raise NotImplementedError("would store the key itself")
