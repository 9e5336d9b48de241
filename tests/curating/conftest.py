"""The small library and the documents that tests break."""

from __future__ import annotations

from tests.library.conftest import documents, folder

__all__ = ["documents", "folder"]
