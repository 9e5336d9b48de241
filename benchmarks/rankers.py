"""The rankers beside aibrief, each as `texts -> (question -> a score for each text)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bm25s
import Stemmer
from sklearn.feature_extraction.text import TfidfVectorizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.baselines import Ranker, Scorer


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
        product_: Any = matrix @ vectorizer.transform([question]).T
        return list(map(float, product_.toarray().ravel()))

    return scores


RANKERS: Mapping[str, Ranker] = {"TF-IDF": tfidf, "BM25": bm25}
