"""Objects that several people may edit."""

from datetime import datetime
from typing import Annotated

from graph.declare import attribute, gql_interface


@gql_interface()
class Versioned:
    """An object that several people may edit; an edit sends back the version last read."""

    version: Annotated[int, attribute("Grows by one with each change and is never used twice.")]
    updated_at: datetime
