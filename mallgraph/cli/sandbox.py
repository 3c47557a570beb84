"""`mallgraph sandbox`: a provider of card payments to try with."""

import secrets
from typing import Annotated

import typer
import uvicorn

from mallgraph.cli import WRONG_USE, give_up
from mallgraph.configuration import load
from mallgraph.sandbox.app import create_app
from mallgraph.sandbox.news import Manners
from stores.settings import Settings


def command(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8100,
    shop: Annotated[
        str, typer.Option(help="Where the shop is that news are told to.")
    ] = "http://127.0.0.1:8000",
    copies: Annotated[int, typer.Option(help="How often each piece of news is told.")] = 2,
    late: Annotated[
        float, typer.Option(help="Up to so many seconds late, each for itself: in any order.")
    ] = 0.0,
    lost: Annotated[
        float, typer.Option(help="Share of answers that are lost, although the work was done.")
    ] = 0.0,
) -> None:
    """Serve a provider of card payments that moves no money; its memory ends with it.

    The shop finds it by MALLGRAPH_CARDS_URL; both need the same keys.
    """
    key, webhook_key = _keys(load(), port)
    manners = Manners(copies, late, lost)
    app = create_app(key, webhook_key, f"{shop.rstrip('/')}/webhooks/cards", manners)
    typer.echo(f"The sandbox takes payments at http://127.0.0.1:{port}.")
    uvicorn.run(app, port=port, log_level="warning")


def _keys(settings: Settings, port: int) -> tuple[str, str]:
    if settings.cards_key is None or settings.cards_webhook_key is None:
        give_up(
            "Put these lines into .env, where the shop reads them too, and start again:\n"
            f"MALLGRAPH_CARDS_URL=http://127.0.0.1:{port}\n"
            f"MALLGRAPH_CARDS_KEY={secrets.token_hex(16)}\n"
            f"MALLGRAPH_CARDS_WEBHOOK_KEY={secrets.token_hex(16)}",
            WRONG_USE,
        )
    return settings.cards_key.get_secret_value(), settings.cards_webhook_key.get_secret_value()
