"""Whether a connection that lay in its pool is still one."""

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

#: A connection that was used so lately is taken without a question, which costs as much as reading
#: a row does.
_TRUSTED_SECONDS = 1.0


class Liveness:
    """Asks a connection that is taken out, unless it was used a moment ago and none was lost since.

    Listens to the event "checkout" of one engine.
    """

    def __init__(self, engine: Engine) -> None:
        """Nothing is lost."""
        self._dialect = engine.dialect
        self._lost_at = 0.0
        event.listen(engine, "checkin", self._used)
        event.listen(engine, "invalidate", self._lost)

    def __call__(self, connection: Any, record: Any, _proxy: object) -> None:
        """Raise DisconnectionError for one that does not answer: the pool opens another."""
        used_at = record.info.get("used_at", time.monotonic())
        if used_at > max(time.monotonic() - _TRUSTED_SECONDS, self._lost_at):
            return
        try:
            self._dialect.do_ping(connection)
        except self._dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    def _used(self, _connection: object, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    def _lost(self, *_told: object) -> None:
        self._lost_at = time.monotonic()
