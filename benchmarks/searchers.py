"""What is timed: each takes a question's turns and does all its work for the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import bm25s
import Stemmer
import tantivy
from rapidfuzz import fuzz, process, utils

from bot import parts
from bot.answering.compose import compose
from bot.answering.message import answer_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.synthetic_questions import Turns
    from bot.answering.answer import Plan
    from bot.answering.catalog import Catalog

SHOWN = 10
WRITER_BYTES = 50_000_000


class Searcher(Protocol):
    """One method with its index ready."""

    def prepare(self, turns: Turns) -> Callable[[], object]:
        """What is to be timed for this question; what was said before it is done already."""
        ...


class Aibrief:
    """Parse, rank, decide and compose."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def prepare(self, turns: Turns) -> Callable[[], object]:
        """The turns before are answered here, the last one is timed."""
        before: Plan | None = None
        for turn in turns[:-1]:
            before = answer_plan(turn, self.catalog, before)
        today = parts.clock().date()
        return lambda: compose(answer_plan(turns[-1], self.catalog, before), self.catalog, today)


class WRatio:
    """`rapidfuzz.process.extract` over texts that are already in lower case."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [utils.default_process(text) for text in texts]

    def prepare(self, turns: Turns) -> Callable[[], object]:
        """Bring the question to lower case and compare it with every text."""
        return lambda: process.extract(
            utils.default_process(turns[-1]), self._texts, scorer=fuzz.WRatio, limit=SHOWN
        )


class BM25:
    """`bm25s`: English stems without stop words, the best ten."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer: Any = Stemmer.Stemmer("english")
        self._index: Any = bm25s.BM25()
        self._index.index(self._tokens(list(texts)), show_progress=False)
        self._shown = min(SHOWN, len(texts))

    def prepare(self, turns: Turns) -> Callable[[], object]:
        """Cut the question into stems and retrieve."""
        return lambda: self._index.retrieve(
            self._tokens([turns[-1]]), k=self._shown, show_progress=False
        )

    def _tokens(self, texts: list[str]) -> Any:
        return bm25s.tokenize(
            texts, stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False
        )


class Tantivy:
    """`tantivy`: an index in memory with English stems, the best ten with their stored numbers."""

    def __init__(self, texts: Sequence[str]) -> None:
        builder: Any = tantivy.SchemaBuilder()
        builder.add_text_field("text", stored=False, tokenizer_name="en_stem")
        builder.add_integer_field("number", stored=True)
        self._index: Any = tantivy.Index(builder.build())
        writer: Any = self._index.writer(WRITER_BYTES, 1)
        for number, text in enumerate(texts):
            writer.add_document(tantivy.Document(text=text, number=number))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher: Any = self._index.searcher()

    def prepare(self, turns: Turns) -> Callable[[], object]:
        """Parse the question, search, and read the number of each hit."""

        def search() -> list[int]:
            query, _ = self._index.parse_query_lenient(turns[-1], ["text"])
            hits = self._searcher.search(query, SHOWN).hits
            return [self._searcher.doc(address)["number"][0] for _, address in hits]

        return search
