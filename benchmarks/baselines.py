"""Rankers that one would use instead, each as `texts -> (question -> a score for each text)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bm25s
import Stemmer
from rapidfuzz import fuzz, process, utils
from sklearn.feature_extraction.text import TfidfVectorizer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

Scorer: TypeAlias = "Callable[[str], list[float]]"
Ranker: TypeAlias = "Callable[[Sequence[str]], Scorer]"


def wratio(texts: Sequence[str]) -> Scorer:
    """Rapidfuzz WRatio, case and punctuation ignored."""
    return _rapidfuzz(fuzz.WRatio, texts)


def token_set_ratio(texts: Sequence[str]) -> Scorer:
    """Rapidfuzz token_set_ratio, case and punctuation ignored."""
    return _rapidfuzz(fuzz.token_set_ratio, texts)


def _rapidfuzz(scorer: Callable[..., float], texts: Sequence[str]) -> Scorer:
    known = [utils.default_process(text) for text in texts]

    def scores(question: str) -> list[float]:
        asked = utils.default_process(question)
        return [float(row[0]) for row in process.cdist(known, [asked], scorer=scorer)]

    return scores


def bm25(texts: Sequence[str]) -> Scorer:
    """BM25 over English stems without stop words."""
    stemmer: Any = Stemmer.Stemmer("english")

    def tokens(some: list[str]) -> list[list[str]]:
        cut: list[list[str]] = bm25s.tokenize(
            some, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
        )
        return cut

    index: Any = bm25s.BM25()
    index.index(tokens(list(texts)), show_progress=False)

    def scores(question: str) -> list[float]:
        asked = [token for token in tokens([question])[0] if token in index.vocab_dict]
        return list(map(float, index.get_scores(asked))) if asked else [0.0] * len(texts)

    return scores


def tfidf(texts: Sequence[str]) -> Scorer:
    """Cosine of TF-IDF weighted n-grams of 2 to 4 characters within words."""
    vectorizer: Any = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, strip_accents="unicode"
    )
    matrix = vectorizer.fit_transform(texts)

    def scores(question: str) -> list[float]:
        product: Any = matrix @ vectorizer.transform([question]).T
        return list(map(float, product.toarray().ravel()))

    return scores


RANKERS: Mapping[str, Ranker] = {
    "rapidfuzz WRatio": wratio,
    "rapidfuzz token_set_ratio": token_set_ratio,
    "BM25": bm25,
    "TF-IDF character n-grams": tfidf,
}
