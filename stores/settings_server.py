"""Settings of the server as a whole: how open it is, and where it is."""

from enum import Enum
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class Profile(Enum):
    """How open the server is."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class ServerSettings(BaseSettings):
    """The server; other groups decide by these."""

    profile: Profile = Field(
        Profile.DEVELOPMENT, description="development or production; what strangers may see."
    )
    data_dir: Path = Field(
        Path(".mallgraph"), description="Folder of the embedded stores, keys and pictures."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on.")
    graphiql: bool | None = Field(
        None,
        description="true or false: whether browsers that open /graphql see GraphiQL; only in "
        "development if left out.",
    )

    @field_validator("data_dir")
    @classmethod
    def _usable_folder(cls, value: Path) -> Path:
        folder = value.expanduser()
        if folder.exists() and not folder.is_dir():
            raise ValueError("must name a folder, and there is a file of this name")
        return folder

    def shows_graphiql(self) -> bool:
        """Return whether browsers see GraphiQL."""
        if self.graphiql is None:
            return self.profile is Profile.DEVELOPMENT
        return self.graphiql
