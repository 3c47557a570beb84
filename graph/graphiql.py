"""GraphiQL for browsers at the address of GraphQL, and the files it is made of."""

import re
import secrets
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.accepting import quality
from resolvers.context import Mall

#: Where `make graphiql` puts what it builds.
STATIC = Path(__file__).with_name("static")

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": "text/plain; charset=utf-8",
    "woff": "font/woff",
    "woff2": "font/woff2",
}
_NAME = re.compile(rf"[A-Za-z0-9.-]+-[0-9A-Z]{{8}}\.({'|'.join(_TYPES)})")
_JSON_TYPES = ("application/json", "application/graphql-response+json")
_FOR_EVER = "public, max-age=31536000, immutable"
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    # The editor underlines mistakes with a picture that it makes itself.
    "img-src 'self' data:",
    "style-src 'self' 'nonce-{nonce}'",
    # The editor places each line of text by an attribute.
    "style-src-attr 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
_NOT_BUILT = (
    "<!doctype html><title>GraphiQL</title><p>GraphiQL is not built yet; "
    "run <code>make graphiql</code> in the folder of mallgraph and load this page again.</p>"
)


class GraphiQL:
    """Shows the page to browsers and leaves every other request to the view behind it."""

    def __init__(self, view: ASGIApp) -> None:
        """Stand before `view`."""
        self._view = view

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        if _is_on(request) and _is_of_browser(request):
            await _page()(scope, receive, send)
        else:
            await self._view(scope, receive, send)


def asset(request: Request) -> Response:
    """Return a file of the page. Its name tells its content, so it is kept for ever.

    Raises HTTPException, answered by 404, for what is no such file, and where GraphiQL is off.
    """
    name = request.path_params["name"]
    found = _NAME.fullmatch(name)
    if found is None or not _is_on(request) or not (STATIC / name).is_file():
        raise HTTPException(404)
    headers = {"Cache-Control": _FOR_EVER, "ETag": f'"{name}"', "Vary": "Accept-Encoding"}
    packed = STATIC / f"{name}.gz"
    if not packed.is_file() or not quality(request.headers.get("accept-encoding", ""), "gzip"):
        return _file(request, STATIC / name, _TYPES[found[1]], headers)
    headers |= {"Content-Encoding": "gzip", "ETag": f'"{name}.gz"'}
    return _file(request, packed, _TYPES[found[1]], headers)


def _is_on(request: Request) -> bool:
    mall: Mall = request.app.state.mall
    return mall.settings.shows_graphiql()


def _is_of_browser(request: Request) -> bool:
    """Whether a person opens the address: without a query, and asking for no JSON."""
    accept = request.headers.get("accept", "")
    return (
        request.method == "GET"
        and "query" not in request.query_params
        and quality(accept, "text/html") > 0
        and not any(quality(accept, kind) for kind in _JSON_TYPES)
    )


def _page() -> Response:
    """Return the page, whose styles pass by a nonce that is used once."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    try:
        page = (STATIC / "page.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return HTMLResponse(_NOT_BUILT, 503, headers)
    nonce = secrets.token_urlsafe(16)
    headers["Content-Security-Policy"] = "; ".join(_POLICY).format(nonce=nonce)
    return HTMLResponse(page.replace("{nonce}", nonce), headers=headers)


def _file(request: Request, path: Path, kind: str, headers: dict[str, str]) -> Response:
    known = request.headers.get("if-none-match", "").split(",")
    if headers["ETag"] in (tag.strip().removeprefix("W/") for tag in known):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers, media_type=kind)
