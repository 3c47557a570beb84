"""`mallgraph token`: a token to try the shop with, and the roles of its user."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from mallgraph.cli import give_up
from mallgraph.cli.migrate import made_ready
from mallgraph.configuration import load
from resolvers import users
from resolvers.context import Mall
from stores import merchants, open_stores
from stores.local_issuer import LocalIssuer
from stores.merchants import Merchant
from stores.settings import Settings
from stores.tokens import SUBJECT_LENGTH
from stores.users import Role

ROLES = {role.value.lower(): role for role in Role}


def _known(names: list[str]) -> list[str]:
    for name in names:
        if name not in ROLES:
            raise typer.BadParameter(f"{name} is none of {', '.join(ROLES)}.")
    return names


def _subject(name: str | None) -> str | None:
    is_plain = name is None or (name.isprintable() and 0 < len(name.strip()) == len(name))
    if name is not None and not (is_plain and len(name) <= SUBJECT_LENGTH):
        raise typer.BadParameter(
            f"A name has 1 to {SUBJECT_LENGTH} printable characters, without blanks at its ends."
        )
    return name


def command(
    role: Annotated[
        list[str],
        typer.Option(help="owner, merchant or shopper; again for several.", callback=_known),
    ],
    sub: Annotated[
        str | None,
        typer.Option(
            help="Name of the user in the token; that of the role if left out.", callback=_subject
        ),
    ] = None,
    merchant: Annotated[
        str | None,
        typer.Option(help="Whom a merchant works for, by name; the first one if left out."),
    ] = None,
    minutes: Annotated[
        int, typer.Option(min=1, max=525_600, help="How long the token holds.")
    ] = 720,
) -> None:
    """Give a user these roles and no others, and print a token of that user.

    TOKEN=$(mallgraph token --role owner) keeps it; send it in the header
    Authorization: Bearer $TOKEN. Where an identity provider is set, the tokens are its own:
    --sub gives the roles to the user of that name there, and nothing is printed.
    """
    settings, roles = load(), [ROLES[name] for name in role]
    if settings.jwks_url and sub is None:
        give_up("Tokens come from the identity provider; name its user with --sub.")
    subject = sub or role[0]
    employer = asyncio.run(_grant(settings, subject, roles, merchant))
    typer.echo(_told(subject, role, employer), err=True)
    if not settings.jwks_url:
        typer.echo(LocalIssuer(settings).token(subject, timedelta(minutes=minutes)))


def _told(subject: str, roles: list[str], employer: Merchant | None) -> str:
    # A user whom nobody named is called like the role: the words say which is which.
    word = "role" if len(roles) == 1 else "roles"
    works_for = f", and works for {employer.name}" if employer else ""
    return f"The user {subject} has the {word} {' and '.join(roles)} now{works_for}."


async def _grant(
    settings: Settings, subject: str, roles: list[Role], name: str | None
) -> Merchant | None:
    await made_ready(settings)
    async with open_stores(settings) as stores:
        mall = Mall(stores, settings)
        await mall.worker.renew()
        employer = await _employer(mall, name) if Role.MERCHANT in roles else None
        await users.grant(mall, subject, roles, employer.id if employer else None)
        await mall.worker.release()
        return employer


async def _employer(mall: Mall, name: str | None) -> Merchant:
    async with mall.stores.database.read(fresh=True) as session:
        found = await merchants.in_order_of_age(session)
    if not found:
        give_up("There is no merchant yet: run `mallgraph seed` or `mallgraph import` first.")
    named = [one for one in found if name is None or one.name == name]
    if not named:
        names = ", ".join(one.name for one in found[:20])
        give_up(f"There is no merchant {name}; there are: {names}.")
    return named[0]
