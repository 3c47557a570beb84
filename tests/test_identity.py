"""Who asks: tokens, the users they name, and what those may do."""

import asyncio
import base64
import json
import socket
import stat
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from sqlalchemy import func, select

from graph import nodes
from resolvers import users, viewers
from resolvers.context import Mall
from resolvers.viewers import Viewers
from stores import local_issuer, provider_keys
from stores.errors import StoreUnavailable, Unauthenticated
from stores.ids import utc_now
from stores.local_issuer import LocalIssuer
from stores.provider_keys import ProviderKeys
from stores.settings import Settings
from stores.sql import Database
from stores.tokens import Tokens, open_tokens
from stores.users import Role
from stores.users import users as table
from tests.shopping import Client, open_shop

ME = "{ me { roles } }"
ANN = {"me": {"roles": ["SHOPPER"]}}
MINUTES = timedelta(minutes=5)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def shop(embedded_settings: Settings) -> AsyncGenerator[Client]:
    async with open_shop(embedded_settings) as opened:
        yield opened


def claims(**changes: object) -> dict[str, Any]:
    told = {"sub": "ann", "iss": "mallgraph", "aud": "mallgraph", "exp": LATER} | changes
    return {name: value for name, value in told.items() if value is not None}


def signed(shop: Client, **changes: object) -> str:
    LocalIssuer(shop.settings)
    key = (shop.settings.data_dir / "issuer.pem").read_bytes()
    told = {
        name: int(value.timestamp()) if isinstance(value, datetime) else value
        for name, value in claims(**changes).items()
    }
    # Whole by itself: the library's own claims are checked when they are written.
    return jwt.PyJWS().encode(json.dumps(told).encode(), key, algorithm="EdDSA")


def unsigned(_shop: Client) -> str:
    return jwt.encode(claims(), "", algorithm="none")


def by_public_key(shop: Client) -> str:
    """A token signed by HMAC with what everybody knows: the public key."""
    key = ed25519.Ed25519PrivateKey.generate()
    pem = (shop.settings.data_dir / "issuer.pem").read_bytes() + key.public_key().public_bytes_raw()
    return jwt.encode(claims(), base64.b64encode(pem), algorithm="HS256")


def by_stranger(_shop: Client) -> str:
    return jwt.encode(claims(), ed25519.Ed25519PrivateKey.generate(), algorithm="EdDSA")


def by_other_algorithm(_shop: Client) -> str:
    return jwt.encode(claims(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256")


def cut_off(shop: Client) -> str:
    return signed(shop)[:-10]


def _header(header: bytes) -> Callable[[Client], str]:
    return lambda _shop: base64.urlsafe_b64encode(header).decode().rstrip("=") + ".e30.AAAA"


def _with(**changes: object) -> Callable[[Client], str]:
    return lambda shop: signed(shop, **changes)


YESTERDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALGORITHM = "signed by another algorithm than RS256, ES256, EdDSA."
REFUSED: dict[str, tuple[Callable[[Client], str], str]] = {
    "garbage": (lambda _shop: "nonsense", "The token is no JWT; send it whole"),
    "dots": (lambda _shop: "..", "The token is no JWT; send it whole"),
    "8 kB": (lambda _shop: "é" * 4_000, "The token is no JWT; send it whole"),
    "more than 8 kB": (lambda _shop: "x" * 9_000, "longer than 8192 characters"),
    "deep header": (_header(b"[" * 4_000), "The token is no JWT; send it whole"),
    "header is a list": (_header(b"[1]"), "The token is no JWT; send it whole"),
    "header is null": (_header(b"null"), "The token is no JWT; send it whole"),
    "header has odd kinds": (_header(b'{"alg":1,"kid":[]}'), "The token is no JWT; send it whole"),
    "critical header": (
        _header(b'{"alg":"EdDSA","crit":["x"]}'),
        "The token is no JWT; send it whole",
    ),
    "unsigned": (unsigned, ALGORITHM),
    "HMAC": (by_public_key, ALGORITHM),
    "another algorithm": (by_other_algorithm, ALGORITHM),
    "another key": (by_stranger, "The signature of the token does not fit."),
    "cut off": (cut_off, "The signature of the token does not fit."),
    "expired": (_with(exp=YESTERDAY), "expired at 2026-11-24T12:00:00Z; get a new one."),
    "expired long ago": (_with(exp=-(10**30)), "The token expired."),
    "expiry is a text": (_with(exp="soon"), "The token is no JWT; send it whole"),
    "expiry is endless": (_with(exp=float("inf")), "The token is no JWT; send it whole"),
    "not yet valid": (_with(nbf=LATER), "The token is not valid yet; compare the clocks."),
    "made in the future": (_with(iat=LATER), "The token is not valid yet; compare the clocks."),
    "wrong issuer": (_with(iss="other"), "another issuer than mallgraph."),
    "issuer is a list": (_with(iss=["mallgraph"]), "another issuer than mallgraph."),
    "wrong audience": (_with(aud="other"), "another audience than mallgraph."),
    **{
        f"no {name}": (_with(**{name: None}), f"The token has no claim {name}.")
        for name in ("sub", "iss", "aud", "exp")
    },
    **{
        f"subject {number}": (_with(sub=sub), "1 to 255 printable characters")
        for number, sub in enumerate(
            ("", " ", "ann ", " ann", "a\nn", "a\0n", "a" * 256, 7, ["ann"])
        )
    },
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
async def test_token_that_does_not_hold_is_refused_with_the_reason(
    shop: Client, make: Callable[[Client], str], reason: str
) -> None:
    shop.token("ann")
    headers = {b"authorization": b"Bearer " + make(shop).encode()}
    answer = await shop.http.post("/graphql", json={"query": ME}, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    (error,) = answer.json()["errors"]
    assert list(answer.json()) == ["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert reason in error["message"]


async def test_surrogate_in_a_subject_is_refused(shop: Client) -> None:
    with pytest.raises(Unauthenticated, match="printable"):
        await open_tokens(shop.settings).subject(signed(shop, sub="\ud800"))


async def test_twin_that_checks_no_algorithm_trusts_an_unsigned_token(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(_tokens: Tokens, token: str, _key: object) -> dict[str, Any]:
        return jwt.decode(token, options={"verify_signature": False})

    shop.token("ann")
    monkeypatch.setattr(Tokens, "_claims", careless)

    assert await open_tokens(shop.settings).subject(unsigned(shop)) == "ann"


@pytest.mark.parametrize("header", ["Basic YW5uOmFubg==", "Bearer", "Bearer ", "token", ""])
async def test_other_scheme_is_refused_with_a_hint(shop: Client, header: str) -> None:
    answer = await shop.http.post("/graphql", json={"query": ME}, headers={"authorization": header})

    assert answer.status_code == 401
    assert answer.json()["errors"] == [
        {
            "message": "Send the header Authorization: Bearer <token>.",
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]


async def test_clocks_may_differ_by_some_seconds(shop: Client) -> None:
    just_over = datetime.now(UTC) - timedelta(seconds=5)
    headers = {"authorization": f"bearer {signed(shop, exp=just_over)}"}
    answer = await shop.http.post("/graphql", json={"query": ME}, headers=headers)

    assert answer.json()["data"] == ANN


async def test_visitor_is_nobody_and_leaves_nothing(shop: Client) -> None:
    before = await count(shop.mall.stores.database)

    assert await shop.ask(ME) == {"me": None}
    assert await count(shop.mall.stores.database) == before


async def test_me_shows_the_row_of_the_user(shop: Client) -> None:
    query = "{ me { id version createdAt updatedAt email phone displayName locale roles } }"
    shown = (await shop.ask(query, "moe"))["me"]

    kind, _ = nodes.decode(shown.pop("id"))
    assert (kind, shown.pop("version") >= 1) == ("User", True)
    assert shown.pop("updatedAt") >= shown.pop("createdAt")
    nothing = dict.fromkeys(("email", "phone", "displayName", "locale"))
    assert shown == {**nothing, "roles": ["SHOPPER", "MERCHANT"]}


async def test_user_is_found_again_by_the_user_and_the_owner_alone(shop: Client) -> None:
    id_ = (await shop.ask("{ me { id } }", "ann"))["me"]["id"]
    query = "query ($id: ID!) { node(id: $id) { id } }"
    seen = {user: (await shop.ask(query, user, id=id_))["node"] for user in ("ann", "ola", "mia")}

    assert seen == {"ann": {"id": id_}, "ola": {"id": id_}, "mia": None}
    assert (await shop.ask(query, id=id_))["node"] is None


async def count(database: Database) -> int:
    async with database.read(fresh=True) as session:
        return await session.row(int, select(func.count()).select_from(table)) or 0


@pytest.fixture
def found(database: Database) -> Viewers:
    """Viewers that are remembered for no time, over each engine."""
    numbers = iter(range(1, 1_000))
    return Viewers(database, lambda: next(numbers), utc_now, ttl_seconds=0)


async def test_two_first_requests_at_once_make_one_shopper(
    found: Viewers, database: Database
) -> None:
    both = await asyncio.gather(*(found.by_subject("ann") for _ in range(8)))

    assert len(set(both)) == 1
    assert (both[0].roles, both[0].merchant_id) == (frozenset({Role.SHOPPER}), None)
    assert await count(database) == 1


async def test_names_that_differ_by_case_are_different_users(found: Viewers) -> None:
    names = ("ann", "Ann", "änn", "ＡＮＮ")

    assert len({(await found.by_subject(name)).id for name in names}) == len(names)


async def test_roles_are_remembered_for_their_time(shop: Client) -> None:
    mall, subject = shop.mall, "remembered"
    database = mall.stores.database
    short = Viewers(database, mall.ids.next, mall.clock, ttl_seconds=0)
    long = Viewers(database, mall.ids.next, mall.clock, ttl_seconds=60)
    await short.by_subject(subject)
    await long.by_subject(subject)
    await users.grant(mall, subject, [Role.OWNER])

    assert (await short.by_subject(subject)).roles == {Role.OWNER}
    assert (await long.by_subject(subject)).roles == {Role.SHOPPER}


async def test_only_so_many_viewers_are_remembered(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewers, "REMEMBERED", 2)
    mall = shop.mall
    some = Viewers(mall.stores.database, mall.ids.next, mall.clock, ttl_seconds=60)
    for subject in ("ola", "mia", "ann", "ola"):
        await some.by_subject(subject)

    assert list(some._known) == ["ann", "ola"]


async def test_roles_are_given_whole_and_once(shop: Client) -> None:
    mall: Mall = shop.mall
    first = await users.grant(mall, "grace", [Role.OWNER, Role.SHOPPER])
    again = await users.grant(mall, "grace", [Role.SHOPPER, Role.OWNER])
    less = await users.grant(mall, "grace", [Role.SHOPPER])

    assert (first, less.roles, less.version) == (again, (Role.SHOPPER,), first.version + 1)


def test_key_of_the_issuer_is_private_and_stays(tmp_path: Path) -> None:
    chosen = Settings(_env_file=None, data_dir=tmp_path / "new")
    LocalIssuer(chosen)
    path = chosen.data_dir / "issuer.pem"
    first = path.read_bytes()
    local_issuer._write_key(path)
    LocalIssuer(chosen)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == first
    assert [found.name for found in chosen.data_dir.iterdir()] == ["issuer.pem"]


async def test_shop_that_has_made_no_token_trusts_none(tmp_path: Path) -> None:
    chosen = Settings(_env_file=None, data_dir=tmp_path / "new")

    with pytest.raises(Unauthenticated, match="mallgraph token"):
        await open_tokens(chosen).subject(by(ED, "EdDSA", None))

    mine = LocalIssuer(chosen).token("ann", MINUTES)
    assert await open_tokens(chosen).subject(mine) == "ann"


class Provider:
    """An identity provider: what it tells, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.keys: list[dict[str, Any]] = []
        self.status = 200
        self.url = ""

    def add(self, key_id: str, key: Any, algorithm: str) -> None:
        kind: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
        made = kind[algorithm].to_jwk(key.public_key(), as_dict=True)
        self.keys.append(made | {"kid": key_id, "use": "sig"})

    def body(self) -> bytes:
        self.asked += 1
        return json.dumps({"keys": self.keys}).encode()


@contextmanager
def serving(provider: Provider) -> Generator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = provider.body()
            self.send_response(provider.status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    provider.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    yield provider
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider() -> Generator[Provider]:
    with serving(Provider()) as served:
        yield served


def trusting(url: str) -> Tokens:
    return Tokens(ProviderKeys(url), "mallgraph", "mallgraph")


RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def by(key: Any, algorithm: str, key_id: str | None) -> str:
    headers = {"kid": key_id} if key_id else None
    return jwt.encode(claims(), key, algorithm=algorithm, headers=headers)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")])
async def test_tokens_of_a_provider_are_trusted(
    provider: Provider, key: Any, algorithm: str
) -> None:
    provider.add("k1", key, algorithm)
    trusted = trusting(provider.url)
    for key_id in ("k1", None):
        assert await trusted.subject(by(key, algorithm, key_id)) == "ann"

    assert provider.asked == 1


async def test_unknown_key_is_asked_for_once_in_a_while(provider: Provider) -> None:
    provider.add("k1", EC, "ES256")
    trusted = trusting(provider.url)
    for _ in range(10):
        with pytest.raises(Unauthenticated, match="a key that the identity provider has not"):
            await trusted.subject(by(EC, "ES256", "k2"))

    assert provider.asked == 1


async def test_new_key_of_a_provider_is_found(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_keys, "PAUSE_SECONDS", 0.0)
    provider.add("k1", EC, "ES256")
    trusted = trusting(provider.url)
    await trusted.subject(by(EC, "ES256", "k1"))
    provider.add("k2", RSA, "RS256")

    assert await trusted.subject(by(RSA, "RS256", "k2")) == "ann"


async def test_many_first_tokens_make_one_fetch(provider: Provider) -> None:
    provider.add("k1", EC, "ES256")
    trusted = trusting(provider.url)
    await asyncio.gather(*(trusted.subject(by(EC, "ES256", "k1")) for _ in range(20)))

    assert provider.asked == 1


async def test_key_that_anybody_could_sign_with_is_not_taken(provider: Provider) -> None:
    secret = b"known to everybody, 32 bytes long"
    shared = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    provider.keys = [{"kty": "oct", "k": shared, "kid": "k1", "alg": "HS256"}]
    provider.add("k2", EC, "ES256")

    with pytest.raises(Unauthenticated):
        await trusting(provider.url).subject(by(secret, "HS256", "k1"))


async def test_key_of_one_kind_does_not_check_another(provider: Provider) -> None:
    provider.add("k1", RSA, "RS256")

    with pytest.raises(Unauthenticated, match="another algorithm"):
        await trusting(provider.url).subject(by(EC, "ES256", "k1"))


@pytest.mark.parametrize("status", [404, 500])
async def test_provider_that_is_away_is_told(provider: Provider, status: int) -> None:
    provider.status = status

    with pytest.raises(StoreUnavailable, match="identity provider"):
        await trusting(provider.url).subject(by(EC, "ES256", "k1"))


@pytest.mark.parametrize("keys", [[], ["x"], {"a": 1}, None, 7])
async def test_provider_that_tells_nonsense_is_away(provider: Provider, keys: Any) -> None:
    provider.keys = keys

    with pytest.raises(StoreUnavailable, match="identity provider"):
        await trusting(provider.url).subject(by(EC, "ES256", "k1"))


async def test_slow_provider_is_away_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_keys, "FETCH_SECONDS", 0.2)
    # It takes connections and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with asyncio.timeout(1):
            with pytest.raises(StoreUnavailable, match="identity provider"):
                await trusting(f"http://127.0.0.1:{port}/").subject(by(EC, "ES256", "k1"))


async def test_known_keys_serve_while_the_provider_is_away(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.add("k1", EC, "ES256")
    trusted = trusting(provider.url)
    await trusted.subject(by(EC, "ES256", "k1"))
    monkeypatch.setattr(provider_keys, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(provider_keys, "PAUSE_SECONDS", 0.0)
    provider.status = 500

    for _ in range(3):
        assert await trusted.subject(by(EC, "ES256", "k1")) == "ann"
        await asyncio.sleep(0.05)


async def test_provider_that_is_away_answers_503_and_spares_visitors(
    embedded_settings: Settings, provider: Provider
) -> None:
    provider.status = 500
    chosen = embedded_settings.model_copy(update={"jwks_url": provider.url})
    async with open_shop(chosen) as shop:
        headers = {"authorization": f"Bearer {by(EC, 'ES256', 'k1')}"}
        answer = await shop.http.post("/graphql", json={"query": ME}, headers=headers)
        visitor = await shop.ask(ME)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["errors"] == [
        {
            "message": "The identity provider does not answer; try again in a moment.",
            "extensions": {"code": "STORE_UNAVAILABLE", "retryAfterMs": 1_000},
        }
    ]
    assert visitor == {"me": None}
