"""Documents that a client names instead of sending them.

    {"documentId": "sha256:…"}                                    of the file of the shop's clients
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "…"}}}    sent by somebody before

A hash that nobody has sent is answered by PersistedQueryNotFound; then the client sends both, the
hash and the text, and the next one needs the hash only.
"""

import hashlib
import re
from dataclasses import replace

from graph.asked import Asked
from graph.request_errors import RequestCode, RequestRefused, bad_request
from stores import Stores

_DIGEST = re.compile(r"[0-9a-f]{64}")


async def resolved(asked: Asked, stores: Stores, unexecuted_status: int) -> Asked:
    """Return what is asked for, with its text. Raises RequestRefused."""
    digest = hash_of(asked)
    if not asked.query:
        if digest is None:
            return asked
        text = await _text(digest, stores)
        if text is None:
            raise _not_found(unexecuted_status)
        return replace(asked, query=text)
    _check_text(asked.query, asked, digest)
    if not stores.trusted.allows(asked.query):
        raise _not_trusted(unexecuted_status)
    return asked


async def keep(asked: Asked, stores: Stores) -> None:
    """Keep the text of a request that came with its hash, once it has been found valid."""
    digest = hash_of(asked)
    if asked.query and digest and not stores.trusted.only:
        await stores.persisted.put(digest, asked.query)


def hash_of(asked: Asked) -> str | None:
    """Return the hash that a request names, if any. Raises RequestRefused."""
    told = (asked.extensions or {}).get("persistedQuery")
    if told is None:
        return asked.document_id and asked.document_id.removeprefix("sha256:")
    digest = told.get("sha256Hash") if isinstance(told, dict) else None
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest) or told.get("version") != 1:
        raise bad_request(
            "`extensions.persistedQuery` must have version 1, and as sha256Hash the SHA-256 of the "
            "document in 64 hexadecimal digits."
        )
    return digest


async def _text(digest: str, stores: Stores) -> str | None:
    text = stores.trusted.by_hash.get(digest)
    if text is not None or stores.trusted.only or not _DIGEST.fullmatch(digest):
        return text
    return await stores.persisted.get(digest)


def _check_text(text: str, asked: Asked, digest: str | None) -> None:
    if asked.document_id is not None:
        raise bad_request("Send `query` or `documentId`, not both.")
    if digest is not None and digest != hashlib.sha256(text.encode()).hexdigest():
        # Or somebody could put a text of their own under the hash of another.
        raise bad_request("`extensions.persistedQuery.sha256Hash` is not the hash of `query`.")


def _not_found(status: int) -> RequestRefused:
    # Clients know it by its message.
    code = RequestCode.PERSISTED_QUERY_NOT_FOUND.value
    return RequestRefused(status, code, "PersistedQueryNotFound")


def _not_trusted(status: int) -> RequestRefused:
    message = "Only documents of the shop's own clients are executed here; send a documentId."
    return RequestRefused(status, RequestCode.DOCUMENT_NOT_TRUSTED.value, message)
