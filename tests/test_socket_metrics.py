"""What /metrics tells of connections over WebSocket."""

import json
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.eventually import eventually
from tests.sockets import copied, listening, open_house
from tests.test_metrics import Samples, scraped, told

ORDERS = "subscription { orderUpdated { id } }"


def moment(samples: Samples) -> tuple[float, ...]:
    """Return how many connections and operations there are."""
    names = ("mallgraph_socket_connections", "mallgraph_socket_operations")
    return tuple(told(samples, name).get((), 0) for name in names)


def sent(samples: Samples) -> dict[tuple[str, ...], float]:
    return told(samples, "mallgraph_socket_messages_sent_total", "type")


def closed(samples: Samples) -> dict[tuple[str, ...], float]:
    return told(samples, "mallgraph_socket_closed_total", "code")


async def test_connections_operations_messages_and_ends_are_told(
    tmp_path: Path, small_folder: Path
) -> None:
    async with open_house(copied(tmp_path, small_folder)) as (client, address):

        async def now() -> tuple[float, ...]:
            return moment(await scraped(client))

        async with listening(address, client.token("ann")) as ann, listening(address) as one:
            for _ in range(3):
                await ann.subscribe(ORDERS)
            await one.subscribe("{ __typename }")
            assert [(await one.next())["type"] for _ in range(2)] == ["next", "complete"]
            await one.subscribe("{ nothing }")
            assert (await one.next())["type"] == "error"
            await one.send(type="ping")
            assert (await one.next())["type"] == "pong"
            await eventually(now, (2, 3))
            ann.socket.transport.abort()
            await eventually(now, (1, 0))
        await _ended(address)
        await eventually(now, (0, 0))
        samples = await scraped(client)

    assert sent(samples) == {
        ("connection_ack",): 2,
        ("next",): 1,
        ("complete",): 1,
        ("error",): 1,
        ("pong",): 1,
        # Each one that has begun is asked once whether it is there.
        ("ping",): 2,
    }
    assert closed(samples) == {
        ("1000",): 1,
        # Whoever is cut off has no code.
        ("1005",): 1,
        ("4400",): 1,
        ("4406",): 1,
        ("403",): 1,
        ("other",): 1,
    }


async def _ended(address: str) -> None:
    """Open connections that the shop ends, does not let in, or that end by a code of their own."""
    async with listening(address, starts=False) as ear:
        await ear.socket.send(json.dumps([1]))
        assert (await ear.end())[0] == 4400
    async with listening(address, starts=False, subprotocols=None) as ear:
        assert (await ear.end())[0] == 4406
    with pytest.raises(InvalidStatus):
        async with listening(address, origin="https://evil.example"):
            pass
    async with listening(address, starts=False) as ear:
        await ear.socket.close(3999)
