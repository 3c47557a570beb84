"""Looks at each new document: how large it is, whether it is right, and what it costs.

What it costs, the schema tells. So nobody hears of that who asks for what is not in the schema.
"""

from collections.abc import AsyncGenerator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from graph import untold
from graph.budget import admit, pay_for_mistakes, pay_for_text
from graph.documents import limited
from graph.execution import Planner
from graph.limits import check_text
from graph.operation import Caller
from graph.request_errors import of_shop
from graph.validation import mistakes
from stores.errors import ShopError


class Limited(SchemaExtension):
    """Refuses what is too large, then what is wrong, then what is too costly."""

    def __init__(self, planner: Planner) -> None:
        """Know the documents of a planner."""
        self._planner = planner
        self._is_admitted = False

    async def on_operation(self) -> AsyncGenerator[None]:
        """Tell of wrong variables to those alone who may see the schema."""
        told = self.execution_context
        # Once it is executed, another context stands there.
        caller = told.context
        yield
        if self._is_admitted and told.result is not None and told.result.errors:
            told.result.errors[:] = await untold.of_variables(caller, told.result.errors)

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
        if known is None:
            found = mistakes(schema, node, told.validation_rules)
            if found:
                await pay_for_mistakes(caller)
                told.pre_execution_errors = await untold.of_document(caller, found)
                return
        # As the client named it: so the planner asks for the facts the next time.
        facts = caller.document.facts(told._provided_operation_name)  # noqa: SLF001  Its public name guesses.
        await admit(caller, facts, told.variables)
        told.pre_execution_errors = []
        self._is_admitted = True
