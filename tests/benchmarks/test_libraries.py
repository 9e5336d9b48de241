"""Libraries that are made of others: whole, and with nothing of what was taken out."""

from itertools import chain

import pytest

from benchmarks.libraries import Place, load_places, merged, without_brief


@pytest.fixture(scope="module")
def places() -> dict[str, Place]:
    return load_places()


def assert_whole(place: Place) -> None:
    library, concepts = place.library, place.vocabulary.concepts
    assert all(name == snippet.id for name, snippet in library.snippets.items())
    assert all(slug == brief.slug for slug, brief in library.briefs.items())
    owned = list(chain.from_iterable(brief.own for brief in library.briefs.values()))
    assert sorted(owned) == sorted(library.snippets)
    for brief in library.briefs.values():
        assert library.snippets.keys() >= set(brief.snippets) >= brief.own
    for snippet in library.snippets.values():
        assert concepts.keys() >= {*snippet.actors, *snippet.aspects}
        assert library.sources.keys() >= {citation.source for citation in snippet.citations}


def test_merged_libraries_hold_everything(places: dict[str, Place]) -> None:
    together = merged(list(places.values()))
    assert_whole(together)
    for place in places.values():
        texts = {snippet.text for snippet in place.library.snippets.values()}
        assert texts <= {snippet.text for snippet in together.library.snippets.values()}
        assert place.vocabulary.concepts.keys() <= together.vocabulary.concepts.keys()
        assert set(place.library.must_not_cover) <= set(together.library.must_not_cover)
    parts = [place.library for place in places.values()]
    assert len(together.library.briefs) == sum(len(part.briefs) for part in parts)
    assert len(together.library.snippets) == sum(len(part.snippets) for part in parts)


def test_names_of_two_libraries_are_told_apart(places: dict[str, Place]) -> None:
    slugs = merged(list(places.values())).library.briefs.keys()
    assert {f"{name}-overview" for name in places} <= slugs
    assert "overview" not in slugs


def test_a_concept_of_two_libraries_has_the_forms_of_both(places: dict[str, Place]) -> None:
    concepts = merged(list(places.values())).vocabulary.concepts
    for place in places.values():
        for name, concept in place.vocabulary.concepts.items():
            for code, forms in concept.forms.items():
                assert set(forms) <= set(concepts[name].forms[code])


def test_documents_of_the_same_id_are_refused(places: dict[str, Place]) -> None:
    with pytest.raises(ValueError, match="same id"):
        merged([places["shipped"], places["shipped"]])


def test_a_brief_is_left_out_with_its_own_statements(places: dict[str, Place]) -> None:
    whole = places["handbook"]
    for slug, brief in whole.library.briefs.items():
        smaller = without_brief(whole, slug)
        assert_whole(smaller)
        assert slug not in smaller.library.briefs
        assert smaller.library.snippets.keys() == whole.library.snippets.keys() - brief.own
