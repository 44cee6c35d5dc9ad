"""What users and items are called in the page, and how their ids are kept out of it."""

import hashlib
import hmac
import secrets
from pathlib import Path

import numpy as np

from seqviz.experiments.runs import write_whole
from seqviz.report.reading import Log

LONGEST = 28  # characters of an id in a menu or a sentence


class Labels:
    """Names for the page.

    Args:
        log: whose users and items.
        key: hashes the ids if there is one. Titles that the log itself gives are words,
            not ids, and stay; a title that is only the id is hashed.
    """

    def __init__(self, log: Log, key: bytes | None = None) -> None:
        self._users = log.user_ids
        self._key = key
        titles = log.task.catalog.titles
        ids = [str(name) for name in log.item_ids]
        self.titles = [
            self._hashed(own) if key is not None and own and title == own else title
            for title, own in zip(titles, ids, strict=True)
        ]

    @property
    def hidden(self) -> bool:
        """Whether ids are hashed."""
        return self._key is not None

    def users(self, users: np.ndarray) -> list[str]:
        """Return the names of users, by their numbers."""
        names = [str(self._users[user]) for user in users]
        return [self._hashed(n) if self.hidden else shortened(n) for n in names]

    def _hashed(self, name: str) -> str:
        digest = hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()
        return f"#{digest[:8]}"


def shortened(name: str) -> str:
    """An id as long as can be shown: of a longer one both ends."""
    if len(name) <= LONGEST:
        return name
    half = LONGEST // 2 - 1
    return f"{name[:half]} … {name[-half:]}"


def key_of(folder: Path) -> bytes:
    """Return the key of a folder, drawn once: without it no id can be tried out."""
    path = folder / "hash.key"
    if not path.is_file() or len(path.read_bytes()) != 32:
        write_whole(path, secrets.token_bytes(32))
    return path.read_bytes()
