"""Pictures and films in a folder, each under the hash of its bytes."""

import hashlib
import re
from pathlib import Path

#: Ending of a stored file -> its media type.
CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
}
#: Hash of the bytes, point, ending.
OBJECT_KEY = re.compile(rf"[0-9a-f]{{64}}\.({'|'.join(CONTENT_TYPES)})")


class MediaStore:
    """The folder; what lies in it never changes."""

    def __init__(self, folder: Path) -> None:
        """Keep files in `folder`, which is made with the first of them."""
        self.folder = folder

    def put(self, content: bytes, ending: str) -> str:
        """Keep a file and return its object key: hash of the bytes, point, ending."""
        object_key = f"{hashlib.sha256(content).hexdigest()}.{ending}"
        path = self.folder / object_key
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            # Renamed into its place, so that nobody is served half a file.
            half = path.with_suffix(".part")
            half.write_bytes(content)
            half.rename(path)
        return object_key

    def has(self, object_key: str) -> bool:
        """Return whether a file is kept under this object key, whatever a client calls one."""
        is_key = bool(OBJECT_KEY.fullmatch(object_key))
        return is_key and (self.folder / object_key).is_file()
