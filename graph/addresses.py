"""Postal addresses."""

from typing import Annotated, Self

import strawberry

import resolvers.addresses
from graph.declare import attribute, gql_input, gql_type
from graph.optional import given
from stores.errors import Invalid


@gql_type(public=True)
class Address:
    """A postal address."""

    name: str
    phone: str | None
    country_code: Annotated[str, attribute("Two letters, by ISO 3166-1.")]
    region: Annotated[str | None, attribute("Province or state.")]
    city: str
    district: str | None
    line1: str
    line2: str | None
    postal_code: str | None

    @classmethod
    def of(cls, row: resolvers.addresses.Address) -> Self:
        """Show an address."""
        return cls(
            name=row.name,
            phone=row.phone,
            country_code=row.country_code,
            region=row.region,
            city=row.city,
            district=row.district,
            line1=row.line1,
            line2=row.line2,
            postal_code=row.postal_code,
        )


@gql_input()
class AddressInput:
    """A postal address."""

    name: str
    phone: str | None = strawberry.UNSET
    country_code: Annotated[str, attribute("Two letters, by ISO 3166-1.")]
    region: Annotated[str | None, attribute("Province or state.")] = strawberry.UNSET
    city: str
    district: str | None = strawberry.UNSET
    line1: str
    line2: str | None = strawberry.UNSET
    postal_code: str | None = strawberry.UNSET

    def address(self, *field: str) -> resolvers.addresses.Address:
        """Return the address. Raises Invalid at the path `field`."""
        try:
            return resolvers.addresses.Address(
                name=self.name,
                country_code=self.country_code,
                city=self.city,
                line1=self.line1,
                phone=given(self.phone),
                region=given(self.region),
                district=given(self.district),
                line2=given(self.line2),
                postal_code=given(self.postal_code),
            )
        except Invalid as error:
            raise error.within(*field) from error
