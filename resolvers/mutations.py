"""The one way to change the shop: a mutation is a command and a rule, this runs it.

    Mutation("updateCategory", STAFF, "Category", targets, rule)
    outcome = await run(ctx, UPDATE_CATEGORY, key, command)

Within one transaction the key is claimed first, then the audit row is written, then the rule
writes what it must, the hottest row last. (The audit row of what moves a version on by more than
one follows the rule.) Equal calls meet at the key: one of them acts, the
others are told what it did.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from resolvers.commands import Command, check, fingerprint
from resolvers.context import Context
from resolvers.viewers import Viewer
from stores import audit, idempotency, users
from stores.audit import AuditEntry
from stores.errors import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    Refusal,
    ShopError,
    StoreUnavailable,
    Unauthenticated,
)
from stores.idempotency import Claim
from stores.sql import OperationDatabase, WriteSession
from stores.users import Role

C = TypeVar("C", bound=Command)

#: What the payload shows, by its field: an id, or the business key of what may exist already.
Targets: TypeAlias = dict[str, Any]
#: Writes, or raises a Refusal and leaves nothing behind. It may run several times.
Rule: TypeAlias = Callable[[WriteSession, Context, C, Targets], Awaitable[None]]

_ERASED = "This user was erased; send the same again in a moment to be known anew."


@dataclass(frozen=True, slots=True)
class Mutation(Generic[C]):
    """One mutation of the shop.

    `kind` is that of its main object, whose key stands first among the `targets`; these are told
    before anything is written. What another store must do or tell beforehand is done by
    `prepare`, outside of the transaction: it gives the rule that uses what was learned, and may
    add to the targets. A replay prepares nothing.
    """

    name: str
    roles: frozenset[Role]
    kind: str
    targets: Callable[[Context, C], Targets]
    rule: Rule[C] | None = None
    prepare: Callable[[Context, C, Targets], Awaitable[Rule[C]]] | None = None
    #: Where it is carried out, and its key kept.
    database: Callable[[Context], OperationDatabase] = lambda ctx: ctx.database
    #: It writes what tells of the viewer, whose row is held: no erasure passes by, and the
    #: changes of one viewer happen one after the other.
    is_personal: bool = False
    #: What the audit log keeps in the words of the viewer.
    reason: Callable[[C], str | None] = lambda _command: None
    #: The version that the command names, read behind the rule; of what moves on by one there is
    #: no need to ask.
    version_after: Callable[[WriteSession, Targets], Awaitable[int]] | None = None
    #: What the audit log calls it, if clients know it by another name: an item of a batch.
    audited_as: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutation: what its payload shows, or why it was refused."""

    targets: Targets | None = None
    is_replay: bool = False
    refusals: tuple[ShopError, ...] = ()
    #: Stores that went away while the payload of what was done is read.
    late: list[StoreUnavailable] = field(default_factory=list, compare=False)


async def run(ctx: Context, mutation: Mutation[C], key: str, command: Callable[[], C]) -> Outcome:
    """Carry out a mutation once per key, whoever sends it how often.

    `command` builds the command, so that its Invalid is a refusal like any other. Raises
    AccessError.
    """
    ctx.require(mutation.roles)
    try:
        check_key(key)
        return await _Run(ctx, mutation, key, command()).outcome()
    except (Refusal, StoreUnavailable) as refusal:
        return Outcome(refusals=(refusal,))
    finally:
        ctx.loaders.forget()


def check_key(key: str) -> None:
    """Raise Invalid unless it is 1 to 255 printable ASCII characters without a space."""
    is_printable = key.isascii() and key.isprintable() and " " not in key
    check(
        is_printable and 1 <= len(key) <= idempotency.KEY_LENGTH,
        f"A key has 1 to {idempotency.KEY_LENGTH} printable ASCII characters and no space; "
        "a UUID will do.",
        "idempotencyKey",
    )


def principal(viewer: Viewer) -> str:
    """Return whose keys they are."""
    return principal_of(viewer.id)


def principal_of(user_id: int) -> str:
    """Return the same by the id of a user."""
    return f"user:{user_id}"


class _Run(Generic[C]):
    """One call; it remembers whether it still waits for its key."""

    def __init__(self, ctx: Context, mutation: Mutation[C], key: str, command: C) -> None:
        self._ctx = ctx
        self._mutation = mutation
        self._command = command
        self._viewer = ctx.require(mutation.roles)
        self._database = mutation.database(ctx)
        self._is_waiting = False
        now = ctx.clock()
        self._claim = Claim(
            principal=principal(self._viewer),
            mutation=mutation.name,
            key=key,
            fingerprint=fingerprint(command),
            targets=mutation.targets(ctx, command),
            started_at=now,
            expires_at=now + idempotency.KEPT_FOR,
        )

    async def outcome(self) -> Outcome:
        if self._mutation.prepare and (earlier := await self._earlier()):
            return self._replay(earlier)
        rule = await self._rule()
        try:
            return await self._database.transact(lambda session: self._work(session, rule))
        except StoreUnavailable as error:
            if self._is_waiting:
                raise IdempotencyInProgress from error
            raise

    async def _earlier(self) -> Claim | None:
        wanted = self._claim
        async with self._database.read_primary() as session:
            return await idempotency.find(session, wanted.principal, wanted.mutation, wanted.key)

    async def _rule(self) -> Rule[C]:
        if self._mutation.prepare:
            return await self._mutation.prepare(self._ctx, self._command, self._claim.targets)
        if self._mutation.rule:
            return self._mutation.rule
        raise TypeError(f"{self._mutation.name} has no rule.")

    async def _work(self, session: WriteSession, rule: Rule[C]) -> Outcome:
        # The key comes first: an equal call that is slower must meet it here, not at the stock.
        self._is_waiting = True
        holder = await idempotency.claim(session, self._claim)
        self._is_waiting = False
        if holder is not self._claim:
            return self._replay(holder)
        read = self._mutation.version_after
        if read is None:
            await audit.append(session, self._entry(self._next()))
        if self._mutation.is_personal and not await users.hold(session, self._viewer.id):
            # Remembered for some seconds by a process that did not hear of the erasure.
            raise Unauthenticated(_ERASED)
        await rule(session, self._ctx, self._command, self._claim.targets)
        if read is not None:
            await audit.append(session, self._entry(await read(session, self._claim.targets)))
        return Outcome(self._claim.targets)

    def _replay(self, holder: Claim) -> Outcome:
        if holder.fingerprint != self._claim.fingerprint:
            raise IdempotencyKeyReused
        return Outcome(holder.targets, is_replay=True)

    def _version(self) -> int | None:
        version: int | None = getattr(self._command, "version", None)
        return version

    def _next(self) -> int | None:
        version = self._version()
        return None if version is None else version + 1

    def _entry(self, version_after: int | None) -> AuditEntry:
        acting = self._viewer.roles & self._mutation.roles
        key = next(iter(self._claim.targets.values()))
        return AuditEntry(
            id=self._ctx.ids.next(),
            occurred_at=self._claim.started_at,
            actor_id=self._viewer.id,
            role=next((role.value for role in reversed(Role) if role in acting), None),
            mutation=self._mutation.audited_as or self._mutation.name,
            idempotency_key=self._claim.key,
            target=f"{self._mutation.kind}:{key}" if isinstance(key, int) else None,
            version_before=self._version(),
            version_after=version_after,
            reason=self._mutation.reason(self._command),
        )
