"""The token of a temporary cart, carried by a browser in a cookie or by an app in a header."""

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from resolvers.context import CartPocket

COOKIE = "mallgraph_cart"
HEADER = "X-Cart-Token"


def unpacked(request: HTTPConnection) -> CartPocket:
    """Return what the client carries; the header counts before the cookie."""
    sent = request.headers.get(HEADER) or request.cookies.get(COOKIE)
    return CartPocket(sent=sent or None)


def packed(response: Response, request: Request, pocket: CartPocket) -> Response:
    """Return the response with the cookie that the client shall carry from now on.

    One that is no token (any more) is taken back: a page cannot, as it sees no such cookie.
    """
    if pocket.filled:
        response.set_cookie(
            COOKIE,
            pocket.filled.token,
            expires=pocket.filled.expires_at,
            secure=_is_secure(request),
            httponly=True,
            samesite="lax",
        )
    elif pocket.is_spoilt and was_sent(request, pocket.sent):
        is_secure = _is_secure(request)
        response.delete_cookie(COOKIE, secure=is_secure, httponly=True, samesite="lax")
    return response


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def was_sent(request: Request, token: str | None) -> bool:
    """Return whether the cookie holds this token: a bad one in the header says nothing of it."""
    return COOKIE in request.cookies and request.cookies[COOKIE] == token
