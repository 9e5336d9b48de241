"""What sentences say of themselves; none of these is from the shipped documents."""

from __future__ import annotations

from datetime import date

import pytest

from bot.curating.draft import signals
from bot.curating.draft.signals import Context, SentenceClassifier, load_words

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def reader() -> SentenceClassifier:
    return SentenceClassifier(load_words()["en"])


@pytest.mark.parametrize(
    ("text", "heading", "lead", "kind"),
    [
        ("Sales of heat pumps will double by 2030.", "", "", "outlook"),
        ("The ministry expects prices to fall.", "", "", "outlook"),
        ("Analysts predict a shortage of nurses.", "", "", "outlook"),
        ("Rents are likely to rise again.", "", "", "outlook"),
        ("A second plant may follow.", "", "", "outlook"),
        ("More storage is needed.", "The Road Ahead", "", "outlook"),
        ("The ban could lead to a shortage of fish.", "", "", "impact"),
        ("Cheaper fuel", "", "The reform may bring:", "impact"),
        ("The tax reduces traffic in the centre.", "", "", "impact"),
        ("Can the grid carry the load?", "", "", "open-question"),
        ("Whether it pays remains to be seen.", "", "", "open-question"),
        ("Who pays for it", "", "Open questions are:", "open-question"),
        ("The union welcomed the plan.", "", "", "reaction"),
        ("Farmers condemned the decision.", "", "", "reaction"),
        ("Brussels keeps silent.", "Reactions Abroad", "", "reaction"),
        ("The city launched a bus line in May 2025.", "", "", "fact"),
        ("In 2019 the firm acquired two rivals.", "", "", "fact"),
        ("A ferry operator from Oslo", "", "Key players include:", "fact"),
        ("The programme aims to increase the catch.", "", "", "claim"),
        ("Cod is the backbone of the coast.", "", "", "claim"),
        ("In May the critical harbour was open.", "", "", "claim"),
    ],
)
def test_kind(reader: SentenceClassifier, text: str, heading: str, lead: str, kind: str) -> None:
    assert reader.kind(text, Context(heading, lead)).value == kind


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ("Experts believe that rents fall.", "unnamed experts"),
        ("Many analysts now expect a glut.", "unnamed analysts"),
        ("According to the researchers, it works.", "unnamed researchers"),
        ("According to a study by Acme, it works.", "a study by Acme"),
        ("Jane Doe said it works.", "Jane Doe"),
        ("The World Bank warned of debt.", "The World Bank"),
        ("It works.", None),
        ("The expert system works.", None),
    ],
)
def test_who_holds_it(reader: SentenceClassifier, text: str, holder: str | None) -> None:
    assert reader.holder(text) == holder


def test_two_sides(reader: SentenceClassifier) -> None:
    assert reader.sides("While cats sleep, dogs bark.") == ("cats sleep", "dogs bark.")
    assert reader.sides("Cats sleep, whereas dogs bark.") == ("Cats sleep", "dogs bark.")
    assert reader.sides("Cats sleep.") is None
    assert reader.compares("Cats are faster than dogs.")
    assert reader.lists_differences("Key differences include:", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Sales double by 2030.", date(2031, 1, 1)),
        ("It ends in 2028, or by the end of 2029.", date(2030, 1, 1)),
        ("It changes over the next decade.", date(2036, 1, 1)),
        ("It comes within the next five years.", date(2031, 1, 1)),
        ("It comes in the coming 3 years.", date(2029, 1, 1)),
        ("It will come.", date(2027, 11, 24)),
        ("Since 2019 it grows and will grow.", date(2027, 11, 24)),
        ("It ends in 9999 or by 2999.", date(2027, 11, 24)),
    ],
)
def test_when_to_look_again(text: str, told: date) -> None:
    assert signals.look_again(text, TODAY) == told


def test_times() -> None:
    assert signals.find_time("Since early 2024 it grows.") == "early 2024"
    assert signals.find_time("On March 5, 2025 it began.") == "March 5, 2025"
    assert signals.find_time("It grows.") is None
    texts = ["In late 2023 and in 2025.", "Again in 2025.", "By 2040, 2040 and 2040."]
    assert signals.document_time(texts, TODAY) == "2025"
    assert signals.document_time(["It grows."], TODAY) is None
    assert signals.find_details("In 2025 it sold 40 boats.") == {"date", "number"}
    assert signals.find_details("In 2025 it sold boats.") == {"date"}
    assert signals.find_details("It sold boats.") == set()
