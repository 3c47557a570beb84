"""Looks at each new document before it is validated: how large it is, and what it costs."""

from collections.abc import AsyncGenerator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from graph.budget import admit, pay_for_text
from graph.documents import limited
from graph.execution import Planner
from graph.limits import check_text
from graph.operation import Caller
from graph.request_errors import of_shop
from graph.validation import mistakes
from stores.errors import ShopError


class Limited(SchemaExtension):
    """Refuses what is too large or too costly, then validates what is left, in our own way."""

    def __init__(self, planner: Planner) -> None:
        """Know the documents of a planner."""
        self._planner = planner

    async def on_parse(self) -> AsyncGenerator[None]:
        """Refuse a text that is too long, or not paid for. Raises GraphQLError."""
        text = self.execution_context.query or ""
        if self._planner.documents.peek(text) is None:
            check_text(text)
            await pay_for_text(self.execution_context.context, text)
        yield

    async def on_validate(self) -> AsyncGenerator[None]:
        """Set what is wrong with a document, if nobody has yet."""
        told = self.execution_context
        if told.pre_execution_errors is None and told.graphql_document is not None:
            try:
                await self._check(told.context)
            except GraphQLError as error:
                told.pre_execution_errors = [error]
            except ShopError as error:
                told.pre_execution_errors = [of_shop(error)]
        yield

    async def _check(self, caller: Caller) -> None:
        told = self.execution_context
        node = told.graphql_document
        assert node is not None  # noqa: S101  Whoever calls has looked.
        schema = told.schema._schema  # noqa: SLF001  It has no other name.
        known = self._planner.documents.peek(told.query or "")
        caller.document = known or limited(schema, node)
        # As the client named it: so the planner asks for the facts the next time.
        facts = caller.document.facts(told._provided_operation_name)  # noqa: SLF001  Its public name guesses.
        await admit(caller, facts, told.variables)
        if known is None:
            told.pre_execution_errors = mistakes(schema, node, told.validation_rules)
