"""What an author begins with: the files of a new library, and the skeleton of a brief."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from bot.library.model import MARK
from bot.library.vocabulary import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from bot.answering.catalog import Catalog

FIRST_QUESTION: Final = "when is the reading room open"
EXAMPLE_BRIEF: Final = "opening-hours"
_DOCUMENT: Final = """\
Opening hours of the reading room
The reading room is open from 9:00 to 18:00 on weekdays.
On Saturdays it closes at 13:00, and on Sundays it stays shut.
Members may borrow ten books for four weeks.
"""
_SOURCES: Final = """\
# Every document that briefs cite, each under an id. `aibrief draft FILE` writes an entry for you.
S1:
  title: Opening hours of the reading room # what answers call it
  publisher: null # who published it; null where that is not known
  published: null # its date, like {today}; null where that is not known
  dates_itself: undated # how it dates what it describes, in its own terms: "2026", early 2024
  # url: https://example.com/opening-hours # where people find it
  file: {file} # its name in the folder documents
  sha256: {sha256} # as sha256sum prints it: check tells when it changes
  lines: {lines}
  headings: [1] # lines that state nothing, so that nobody need cite them
"""
_BRIEF: Final = """\
# An example to overwrite or delete. docs/curating.md explains each key.
slug: {slug} # the file's name; people type it
title: Opening hours
aliases: [when are you open] # other names that open it word for word
asks: # questions that the whole brief answers
  - what are the opening hours
owner: curators
reviewed: {today} # when somebody last read it against its sources
review_every_days: 180
gist: # one sentence on top, with the lines it rests on
  text: One notice says when the reading room is open and what members may borrow.
  citations: [S1:2-4]
snippets: # one or two sentences each, in your own words
  - id: open-on-weekdays
    text: On weekdays the reading room is open between 9:00 and 18:00.
    kind: fact # fact, claim, impact, reaction, outlook or open-question
    citations: [S1:2]
    asks: # questions that this statement answers, as different as people ask them
      - when is the reading room open
      - until when is the room open on weekdays
      - opening time on a weekday morning
  - id: open-at-weekends
    text: It is open on Saturdays until 13:00 and not at all on Sundays.
    kind: fact
    citations: [S1:3]
    asks:
      - is it open on saturday
      - can i come on a sunday
      - open on saturday or sunday
  - id: ten-books
    text: A member can take home ten books at a time and keep them for four weeks.
    kind: fact
    citations: [S1:4]
    details: [number]
    asks:
      - how many books can i borrow
      - how long may i keep a book
      - how many weeks can a member keep books
"""
_MUST_NOT_COVER: Final = """\
# Questions that no brief may answer, because the documents say nothing on them. `aibrief check`
# fails where one is answered all the same.
asks:
  - how much is the membership
"""
_SETTINGS: Final = """\
# Settings of this library; `aibrief settings` lists them all. Tokens belong in the environment.
# briefs_dir: briefs
# documents: documents
# schedules: auto
"""
_VOCABULARY: Final = """\
# Vocabulary: optional

A library answers without any file in this folder. Write one where people should be able to
*compare*, or call something by names that the briefs do not use. A name in capitals or an
abbreviation that stands in no statement is the usual reason.

`actors.yaml`: who or what can be compared, each a column.

```yaml
branches:
  label: The branches
  compared: true # those below it are compared with each other
north:
  label: The northern branch
  parents: branches
  en: north, northern branch, uptown
south:
  label: The southern branch
  parents: branches
  en: south, southern branch, harbour
```

`aspects.yaml`: what is compared, each a row; the same form. `topics.yaml`: other subjects.
Then name them in a statement: `actors: [north]`, `aspects: [hours]`.
"""
_README: Final = """\
# A library of briefs

| folder | what is in it |
|---|---|
| `briefs/` | what the bot answers from: one file a brief, and `sources.yaml` |
| `documents/` | what the briefs cite, line by line |
| `drafts/` | what is not finished; the bot never reads it |
| `config/` | settings, and a vocabulary where you want one |

Run these here, in this folder:

```sh
aibrief ask "{question}"
aibrief draft report.pdf          # writes drafts/; say each TODO in your own words
aibrief publish its-name          # moves it into briefs/ once nothing is missing
aibrief check --documents         # what is wrong, and what to do
aibrief asks propose its-name     # a request for more example questions, for whoever can help
```
"""


def starter_files(today: date) -> Mapping[str, str]:
    """Each file's path in the library's folder, and its text."""
    name = "opening-hours.txt"
    return {
        "README.md": _README.format(question=FIRST_QUESTION),
        "briefs/sources.yaml": _SOURCES.format(
            today=today,
            file=name,
            sha256=hashlib.sha256(_DOCUMENT.encode()).hexdigest(),
            lines=len(_DOCUMENT.splitlines()),
        ),
        f"briefs/{EXAMPLE_BRIEF}.yaml": _BRIEF.format(slug=EXAMPLE_BRIEF, today=today),
        "briefs/must_not_cover.yaml": _MUST_NOT_COVER,
        f"documents/{name}": _DOCUMENT,
        "drafts/.gitkeep": "",
        "config/aibrief.yaml": _SETTINGS,
        "config/vocabulary/README.md": _VOCABULARY,
    }


_SKELETON = """\
# A new brief. It is refused until nothing begins with {mark}; docs/curating.md explains each key.
slug: {slug} # the file's name
title: {title} # up to 70 characters
aliases: [] # other names that open it word for word
asks: # questions that the whole brief answers
  - {mark} the plainest question
owner: {owner}
reviewed: {today} # when somebody last read it against its sources
review_every_days: 180
gist: # one sentence on top
  text: {mark} one sentence in your own words
  citations: [{mark}] # the lines it rests on: S1:8 or S1:8-9
snippets:
  - id: {slug}-first # its name, taken by no other snippet
    text: {mark} one or two sentences in your own words, up to 300 characters
    kind: claim # fact, claim, impact, reaction, outlook or open-question
    actors: [{actors}] # whom it is about: config/vocabulary/actors.yaml
    aspects: [{aspects}] # what it is about: config/vocabulary/aspects.yaml
    citations: [{mark}]
    asks: # five to eight, as different as people ask them
      - {mark} a question that this statement answers
# A forecast or an open question also needs:
#   attribution: who holds it, as the document says
#   look_again: 2027-01-31
# A statement of another brief:
# - ref: its-id
"""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is known of a brief before it is written."""

    slug: str
    title: str | None = None
    actors: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    owner: str = "curators"

    def render(self, today: date) -> str:
        """The file's text."""
        return _SKELETON.format(
            mark=MARK,
            slug=self.slug,
            title=_quoted(self.title) if self.title else f"{MARK} what people read on top",
            owner=_quoted(self.owner),
            today=today,
            actors=", ".join(self.actors),
            aspects=", ".join(self.aspects),
        )


def find_problems(skeleton: Skeleton, catalog: Catalog, taken: Iterable[str]) -> list[str]:
    """Why this brief cannot be begun, each with what to do."""
    return [
        *_name_problems(skeleton, catalog, taken),
        *_unknown(skeleton.actors, Group.ACTOR, "actors.yaml", catalog),
        *_unknown(skeleton.aspects, Group.ASPECT, "aspects.yaml", catalog),
    ]


def _name_problems(skeleton: Skeleton, catalog: Catalog, taken: Iterable[str]) -> Iterator[str]:
    names = {skeleton.slug, f"{skeleton.slug}-first"} & set(taken)
    if names:
        yield f"{', '.join(sorted(names))}: the name is taken. Choose another slug."
        return
    for text in filter(None, (skeleton.slug, skeleton.title)):
        opened = catalog.shortcut(" ".join(text.lower().replace("-", " ").split()))
        if opened and opened.brief:
            yield f"'{text}' also opens the brief {opened.id}. Choose another one."


def _unknown(names: Iterable[str], group: Group, file: str, catalog: Catalog) -> Iterator[str]:
    known = [c.id for c in catalog.vocabulary.concepts.values() if c.group is group]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3)
            advice = f"Did you mean {', '.join(near)}?" if near else f"Add it to {file} first."
            yield f"'{name}' is not in config/vocabulary/{file}. {advice}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
