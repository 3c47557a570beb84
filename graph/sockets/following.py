"""One operation of a connection: it is answered, or it tells again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from strawberry.types import ExecutionResult

from graph.asked import Asked
from graph.request_errors import RequestCode
from graph.sockets import messages
from graph.sockets.executing import Executing, Party
from graph.sockets.messages import Code, Ending, Message
from graph.subscriptions import News
from resolvers.feed import Wish
from stores.errors import AccessCode, ErrorCode, StoreUnavailable

#: Pauses in seconds between attempts to tell of an object while a store is away or the shop full.
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)
#: After these, the same can be told a moment later.
_PASSING = {
    ErrorCode.STORE_UNAVAILABLE.value,
    RequestCode.OVERLOADED.value,
    RequestCode.RATE_LIMITED.value,
    RequestCode.DEADLINE_EXCEEDED.value,
}
#: After these, nothing more is told.
_FINAL = {AccessCode.UNAUTHENTICATED.value, ErrorCode.FORBIDDEN.value}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who asks over a connection, and how to answer."""

    party: Party
    #: Proves again whom the token names. Raises Ending.
    subject: Callable[[], Awaitable[str | None]]
    send: Callable[[Message], Awaitable[None]]
    #: Makes the id of an operation free; called before the last message of it.
    done: Callable[[str], None]


async def operate(executing: Executing, speaker: Speaker, id_: str, asked: Asked) -> None:
    """Run one operation to its end. Raises Ending."""
    subject = await speaker.subject()
    answer, opening = await executing.run(speaker.party, asked, subject)
    if opening.wish is not None:
        await _Following(executing, speaker, id_, answer.asked).follow(opening.wish)
    elif answer.was_executed and not answer.is_subscription:
        await speaker.send(messages.answer(id_, answer.result))
        speaker.done(id_)
        await speaker.send(messages.write("complete", id_))
    else:
        speaker.done(id_)
        await speaker.send(messages.refusal(id_, answer.result.errors or []))


@dataclass(frozen=True, slots=True)
class _Following:
    """A subscription that has begun."""

    executing: Executing
    speaker: Speaker
    id: str
    asked: Asked

    async def follow(self, wish: Wish) -> None:
        """Tell of what is wished for until the client has enough, or may see no more.

        Raises Ending.
        """
        try:
            async with aclosing(self.speaker.party.mall.feed.ids(wish)) as ids:
                async for id_ in ids:
                    if not await self._tell(News(id_)):
                        return
        except StoreUnavailable as error:
            raise Ending(Code.COME_AGAIN, str(error)) from error

    async def _tell(self, news: News) -> bool:
        """Tell of an object, unless it is hidden; return whether to go on."""
        result = await self._result(news)
        if news.is_hidden:
            return True
        if _codes(result) & _FINAL and result.data is None:
            self.speaker.done(self.id)
            await self.speaker.send(messages.refusal(self.id, result.errors or []))
            return False
        await self.speaker.send(messages.answer(self.id, result))
        return True

    async def _result(self, news: News) -> ExecutionResult:
        """Return what is told of an object; what cannot be told now is tried again.

        Left out, it would be lost: the client begins again behind what it has seen last. Raises
        Ending if it still cannot be told.
        """
        for pause in (*PAUSES, None):
            result = await self._attempt(news)
            if result.data is not None or not _codes(result) & _PASSING:
                return result
            if pause is not None:
                await asyncio.sleep(pause)
        raise Ending(Code.COME_AGAIN, "A store does not answer; connect again in a moment.")

    async def _attempt(self, news: News) -> ExecutionResult:
        subject = await self.speaker.subject()
        return await self.executing.tell(self.speaker.party, self.asked, subject, news)


def _codes(result: ExecutionResult) -> set[str]:
    return {str((error.extensions or {}).get("code")) for error in result.errors or ()}
