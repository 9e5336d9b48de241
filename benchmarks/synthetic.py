"""Libraries of any size that behave like real ones, and questions to them; all from a seed.

Words follow Zipf's law, and how many different ones there are grows with the text as Heaps' law
says, with the constants measured on a large newswire collection (44 and 0.49, "Introduction to
Information Retrieval", chapter 5, https://nlp.stanford.edu/IR-book/). Actors and topics grow with
the square root of the library. Everything else of the vocabulary is the shipped one, so reading a
question costs what it costs in use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from bot.library.model import Brief, Citation, Kind, Library, Snippet, Source
from bot.library.vocabulary import Concept, Group

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bot.library.vocabulary import Vocabulary

WORDS_A_SNIPPET = 14
SNIPPETS_A_BRIEF = 7
LINES_A_SOURCE = 40
COINED = 0.3
"""Share of the words that are in no dictionary: names and terms of art."""
FUNCTION_WORDS = 0.4
"""Share of a text that carries no topic."""
_KINDS = (Kind.CLAIM,) * 8 + (Kind.FACT,) * 4 + (Kind.IMPACT, Kind.REACTION, Kind.OUTLOOK) * 2
_SYLLABLES = "ba|cor|den|fal|gri|hos|jun|kel|lom|mar|nex|pol|qua|ris|sto|tal|ur|ves|wen|zor"
_FRAMES = (
    "what does {actor} do about {words}",
    "how is {actor} dealing with {words}",
    "is there anything on {words} and {topic}",
    "who is behind {words}",
    "tell me about {words} please",
    "{words} {topic}",
    "does {actor} say anything about {words}?",
)


@dataclass(frozen=True, slots=True)
class Pool:
    """Things drawn by Zipf's law, the frequent ones first."""

    items: Sequence[str]
    cumulated: Sequence[float]

    @classmethod
    def of(cls, items: Sequence[str]) -> Pool:
        """Weights of Zipf and Mandelbrot: 1 / (rank + 2.7)."""
        return cls(items, list(accumulate(1 / (rank + 3.7) for rank in range(len(items)))))

    def draw(self, rng: Random, count: int = 1) -> list[str]:
        """`count` items, some of them perhaps more than once."""
        return rng.choices(self.items, cum_weights=self.cumulated, k=count)


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A library with its vocabulary and what questions to it are made of."""

    library: Library
    vocabulary: Vocabulary
    words: Pool
    actors: Pool
    topics: Pool
    aspects: tuple[str, ...]
    glue: tuple[str, ...]

    @property
    def texts(self) -> list[str]:
        """The text of every snippet, in the library's order."""
        return [snippet.text for snippet in self.library.snippets.values()]


def build(size: int, shipped: Vocabulary, seed: int = 1) -> Synthetic:
    """A library of `size` snippets; the same arguments give the same library."""
    rng = Random(f"{seed}:{size}")
    glue = tuple(sorted(w for w in shipped.function_words["en"] if w.isalpha()))
    count = round(44 * (size * WORDS_A_SNIPPET) ** 0.49)
    names = coin(rng, round(count * COINED + 7 * size**0.5), shipped.dictionary)
    actors = _concepts(Group.ACTOR, round(4 * size**0.5), names)
    topics = _concepts(Group.TOPIC, round(2 * size**0.5), names)
    concepts = {**shipped.concepts, **{c.id: c for c in (*actors, *topics)}}
    words = _inventory(rng, count, names, shipped)
    vocabulary = replace(shipped, concepts=concepts, version=f"{shipped.version}:{seed}:{size}")
    empty = Library({}, {}, {}, "")
    made = Synthetic(
        empty,
        vocabulary,
        words,
        Pool.of([c.id for c in actors]),
        Pool.of([c.id for c in topics]),
        tuple(c.id for c in shipped.concepts.values() if c.group is Group.ASPECT),
        glue,
    )
    return replace(made, library=_library(rng, size, made))


def coin(rng: Random, count: int, taken: Container[str]) -> list[str]:
    """Different words that one can pronounce and that are not among `taken`."""
    syllables = _SYLLABLES.split("|")
    found: dict[str, None] = {}
    while len(found) < count:
        word = "".join(rng.choices(syllables, k=rng.choice((2, 2, 3, 3, 4))))
        if word not in taken:
            found[word] = None
    return list(found)


def _inventory(rng: Random, count: int, names: Sequence[str], shipped: Vocabulary) -> Pool:
    """Content words, ordinary and coined ones mixed; frequent ones tend to be short."""
    stop = shipped.function_words["en"] | shipped.chat_words
    ordinary = sorted(
        w for w in shipped.dictionary if len(w) > 3 and w.isalpha() and w not in stop
    )
    coined = round(count * COINED)
    words = [*rng.sample(ordinary, min(count - coined, len(ordinary))), *names[-coined:]]
    return Pool.of(sorted(words, key=lambda word: len(word) + rng.gauss(0, 2)))


def _concepts(group: Group, count: int, names: list[str]) -> list[Concept]:
    """Every third one stands alone, the others belong to one of those; takes names away."""
    concepts: list[Concept] = []
    for number in range(count):
        name = names.pop(0)
        head = number - number % 3
        if group is Group.TOPIC:
            parents: tuple[str, ...] = ()
        else:
            parents = ("side",) if number == head else (f"{group.value}-{head}",)
        forms = {"en": (name, f"{name}n", f"{name} group")}
        concepts.append(Concept(f"{group.value}-{number}", group, name.title(), forms, parents))
    return concepts


def _library(rng: Random, size: int, made: Synthetic) -> Library:
    snippets: dict[str, Snippet] = {}
    briefs: dict[str, Brief] = {}
    for start in range(0, size, SNIPPETS_A_BRIEF):
        actor = made.actors.draw(rng)[0]
        numbers = range(start, min(start + SNIPPETS_A_BRIEF, size))
        own = [_snippet(rng, number, actor, made) for number in numbers]
        borrowed = {f"snippet-{rng.randrange(start)}" for _ in range(2)} if start else set()
        snippets |= {s.id: s for s in own}
        brief = _brief(rng, len(briefs), own, sorted(borrowed), made)
        briefs[brief.slug] = brief
    sources = {name: _source(name) for name in _source_ids(size)}
    version = hashlib.sha256("".join(s.text for s in snippets.values()).encode()).hexdigest()
    return Library(sources, snippets, briefs, version)


def _snippet(rng: Random, number: int, actor: str, made: Synthetic) -> Snippet:
    label = made.vocabulary.label
    actors = tuple(dict.fromkeys((actor, *made.actors.draw(rng, rng.randint(0, 1)))))
    topics = made.topics.draw(rng, rng.randint(0, 1))
    content = made.words.draw(rng, rng.randint(5, 11))
    spoken = [label(c) for c in (*actors, *topics) if rng.random() < 0.7]
    return Snippet(
        id=f"snippet-{number}",
        text=_sentence(rng, (*spoken, *content), made.glue),
        kind=rng.choice(_KINDS),
        actors=actors,
        aspects=(rng.choice(made.aspects), *topics),
        citations=_citations(number),
        as_of="2026",
        asks=tuple(_ask(rng, actors, topics, content, made) for _ in range(rng.randint(2, 6))),
    )


def _brief(
    rng: Random, number: int, own: Sequence[Snippet], borrowed: Sequence[str], made: Synthetic
) -> Brief:
    content = made.words.draw(rng, 5)
    actor = made.vocabulary.label(own[0].actors[0])
    slug = f"brief-{number}"
    gist = Snippet(
        id=f"{slug}-gist",
        text=_sentence(rng, (actor, *content), made.glue),
        kind=Kind.CLAIM,
        actors=(),
        aspects=(),
        citations=own[0].citations,
    )
    return Brief(
        slug=slug,
        title=f"{actor} {' '.join(content[:3])}",
        gist=gist,
        snippets=(*(s.id for s in own), *borrowed),
        own=frozenset(s.id for s in own),
        aliases=tuple(f"{actor} {word}" for word in content),
        asks=tuple(_ask(rng, own[0].actors, (), content, made) for _ in range(3)),
        owner="bench",
        reviewed=date(2026, 1, 1),
        review_every_days=180,
    )


def _ask(
    rng: Random,
    actors: Sequence[str],
    topics: Sequence[str],
    content: Sequence[str],
    made: Synthetic,
) -> str:
    label = made.vocabulary.label
    words = " ".join(rng.sample(content, rng.randint(1, min(3, len(content)))))
    frame = rng.choice(_FRAMES)
    topic = label(rng.choice(topics)).lower() if topics else ""
    actor = label(rng.choice(actors)).lower() if actors else ""
    return frame.format(actor=actor, words=words, topic=topic).strip()


def _sentence(rng: Random, content: Sequence[str], glue: Sequence[str]) -> str:
    """The words in any order, with words between them that carry no topic."""
    words = [*content]
    rng.shuffle(words)
    fillers = round(len(words) * FUNCTION_WORDS / (1 - FUNCTION_WORDS))
    for word in rng.choices(glue, k=fillers):
        words.insert(rng.randrange(len(words) + 1), word)
    text = " ".join(words)
    return f"{text[:1].upper()}{text[1:]}."


def _source_ids(size: int) -> list[str]:
    return [f"S{number}" for number in range(1, size // LINES_A_SOURCE + 2)]


def _citations(number: int) -> tuple[Citation, ...]:
    document, line = divmod(number, LINES_A_SOURCE)
    return (Citation(f"S{document + 1}", line + 1, line + 1),)


def _source(name: str) -> Source:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Source(
        id=name,
        title=f"Document {name}",
        publisher=None,
        published=None,
        dates_itself="2026",
        file=f"{name}.txt",
        sha256=digest,
        lines=LINES_A_SOURCE,
        headings=frozenset(),
    )
