"""Giving back stock that is kept for orders."""

from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.operation_status import found_by_key
from graph.payloads import ending, shown
from graph.reservations import RESERVATION, Reservation
from graph.user_errors import UserError
from resolvers.context import STAFF
from resolvers.mutations import run
from resolvers.reservation_releasing import RELEASE_RESERVATION, ReleaseReservation


@gql_input()
class ReleaseReservationInput:
    """What releaseReservation needs."""

    reservation_id: strawberry.ID
    reason: str

    def command(self) -> ReleaseReservation:
        """Return the command. Raises Invalid."""
        key = RESERVATION.key(self.reservation_id, "reservationId")
        return ReleaseReservation(key, self.reason)


@gql_type(public=True)
class ReleaseReservationPayload:
    """What releaseReservation gives back."""

    reservation: Annotated[Reservation | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(RELEASE_RESERVATION, RESERVATION, "reservation")


@mutation(roles=STAFF)
async def release_reservation(
    info: Info, idempotency_key: strawberry.ID, input: ReleaseReservationInput
) -> ReleaseReservationPayload | None:
    """Frees stock kept for an order that will not come: the unpaid order is cancelled.

    All that is kept for it is given back, so a merchant may only if all lines are its own.
    """
    ctx = info.context
    outcome = await run(ctx, RELEASE_RESERVATION, idempotency_key, input.command)
    kept = await shown(ctx, RESERVATION, outcome, "reservation")
    return ReleaseReservationPayload(reservation=kept, **ending(ctx, outcome))
