"""A small library in a folder, to be broken by tests."""

from __future__ import annotations

import hashlib
from pathlib import Path
from textwrap import dedent

import pytest

DOCUMENT = "Heading\nCats sleep most of the day, one study says.\nDogs bark at night.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    digest = hashlib.sha256(DOCUMENT.encode()).hexdigest()
    (tmp_path / "sources.yaml").write_text(
        dedent(f"""\
        S1:
          title: A study of pets
          publisher: null
          published: null
          dates_itself: "2025"
          file: pets.txt
          sha256: {digest}
          lines: 3
          headings: [1]
        """)
    )
    (tmp_path / "pets.yaml").write_text(
        dedent("""\
        slug: pets
        title: Cats and dogs
        owner: curators
        reviewed: 2026-01-15
        review_every_days: 180
        gist:
          text: A study looks at cats and dogs by day and by night.
          citations: [S1:2-3]
        snippets:
          - id: cats-sleep
            text: According to one study cats spend their day asleep, most of it.
            kind: claim
            actors: [users]
            aspects: [cost]
            citations: [S1:2]
            asks:
              - do cats spend most of the day asleep
          - id: dogs-bark
            text: The bark of dogs is heard at night.
            kind: fact
            citations: [S1:3]
        """)
    )
    return tmp_path


@pytest.fixture
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documents")
    (place / "pets.txt").write_text(DOCUMENT)
    return place
