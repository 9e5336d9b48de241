"""A statement past its review says so, one past its expiry is withheld and counted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from bot.answering import phrases
from bot.answering.answer import MAX_TEXT_CHARS, Answer, Note, Plan, Status, Table, statement
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.library.model import Citation, Kind, Outcome, Verdict
from bot.library.vocabulary import Intent
from bot.platforms.discord.render import payload as discord
from bot.platforms.plain import judged_line, render_json, render_text, statement_line
from bot.platforms.slack import render as slack
from bot.schedules.content import compose_briefing
from bot.schedules.subscription import Content, Subscription, Target
from bot.schedules.subscription import ContentKind as Sending
from bot.service.assistant import Explanation
from tests.days import TODAY
from tests.never_invents import invented, known_texts
from tests.schedules.triggers import cron_trigger

if TYPE_CHECKING:
    from collections.abc import Iterable

PAST, FUTURE = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
BRIEF = Plan(Status.ANSWERED, Intent.SUMMARY, "reactions")


def with_all(catalog: Catalog, names: Iterable[str], **changes: Any) -> Catalog:
    library = catalog.library
    fresh = {name: structs.replace(library.snippets[name], **changes) for name in names}
    return Catalog(
        replace(library, snippets={**library.snippets, **fresh}, version=str(sorted(fresh))),
        catalog.vocabulary,
    )


def everywhere(answer: Answer) -> list[str]:
    """The text, and the payloads of both platforms in each of their forms."""
    shown = [render_text(answer)]
    shown.extend(
        json.dumps(slack.render_answer(answer, "id", newest=newest)) for newest in (True, False)
    )
    pages = [
        *discord.render_answer(answer, "id", shareable=True),
        *discord.render_text(answer, "id"),
    ]
    return [*shown, json.dumps(pages).replace("\\\\", "")]


def test_the_mark_is_in_every_form(catalog: Catalog) -> None:
    answer = compose(BRIEF, with_all(catalog, ["reaction-us"], review_by=PAST), TODAY)
    mark = f"({phrases.REVIEW_DUE} {PAST})"
    assert [shown.count(mark) > 0 for shown in everywhere(answer)] == [True] * 4
    assert render_json(answer)["review_due"] == {"reaction-us": PAST.isoformat()}
    assert answer.status is Status.ANSWERED


def test_a_brief_overdue_marks_its_own_and_its_gist(catalog: Catalog) -> None:
    """Each snippet has its brief's date, unless it has one of its own."""
    brief = catalog.library.briefs["reactions"]
    day = brief.review_by + timedelta(days=1)
    marked = {s.snippet for s in compose(BRIEF, catalog, day).statements() if s.review_due}
    assert marked >= {brief.gist.id, *brief.own}
    assert not any(s.review_due for s in compose(BRIEF, catalog, brief.review_by).statements())
    own = with_all(catalog, ["reaction-us"], review_by=day)
    assert "reaction-us" not in render_json(compose(BRIEF, own, day))["review_due"]


@pytest.mark.parametrize(("expires", "shown"), [(PAST, False), (TODAY, True), (FUTURE, True)])
def test_the_last_day_is_the_expiry(catalog: Catalog, expires: date, shown: bool) -> None:
    answer = compose(BRIEF, with_all(catalog, ["reaction-us"], expires=expires), TODAY)
    assert ("reaction-us" in answer.snippets) is shown
    assert answer.withheld == (not shown)


@pytest.mark.parametrize("names", [["reaction-us"], ["reaction-us", "reaction-china"]])
def test_what_is_withheld_is_counted_and_not_said(catalog: Catalog, names: list[str]) -> None:
    changed = with_all(catalog, names, expires=PAST)
    answer = compose(BRIEF, changed, TODAY)
    assert render_json(answer)["withheld"] == answer.withheld == len(names)
    key = "withheld-one" if len(names) == 1 else "withheld-more"
    note = phrases.NOTES[key].format(count=len(names))
    assert [note in shown for shown in everywhere(answer)] == [True] * 4
    for name in names:
        text = catalog.library.snippets[name].text
        assert not any(text in shown for shown in everywhere(answer))
    assert invented(answer, known_texts(changed)) == []


def test_nothing_left_is_not_covered_with_the_reason(catalog: Catalog) -> None:
    names = catalog.library.briefs["reactions"].snippets
    answer = compose(BRIEF, with_all(catalog, names, expires=PAST), TODAY)
    assert (answer.status, answer.brief, answer.snippets) == (Status.NOT_COVERED, None, ())
    assert answer.blocks == (Note(phrases.NOTES["withheld"]),)
    assert answer.withheld == len(names)
    one = Plan(Status.ANSWERED, Intent.FACT, "reactions", snippets=("reaction-us",))
    answer = compose(one, with_all(catalog, ["reaction-us"], expires=PAST), TODAY)
    assert answer.status is Status.NOT_COVERED
    assert [offer.ask for offer in answer.suggestions] == ["reactions"]


def test_a_cell_becomes_no_sourced_claim(catalog: Catalog) -> None:
    plan = answer_plan("compare china and us on safety", catalog)
    table = compose(plan, catalog, TODAY).blocks[-1]
    assert isinstance(table, Table)
    names = [s.id for s in catalog.library.snippets.values() if "us" in catalog.sides[s.id]]
    answer = compose(plan, with_all(catalog, names, expires=PAST), TODAY)
    assert answer.withheld > 0
    assert not {s.snippet for s in answer.statements()} & set(names)
    if answer.status is Status.ANSWERED:
        assert phrases.NO_CLAIM in render_text(answer)
    other = answer_plan("compare china and the us", catalog)
    changed = with_all(catalog, ["us-closed-systems", "us-safety-alignment"], expires=PAST)
    answer = compose(other, changed, TODAY)
    assert answer.status is Status.ANSWERED
    assert phrases.NO_CLAIM in render_text(answer)
    assert answer.withheld == 2
    assert answer.blocks[-1] == Note(phrases.NOTES["withheld-more"].format(count=2))


def test_a_comparison_of_nothing_valid_is_not_covered(catalog: Catalog) -> None:
    plan = answer_plan("compare china and us on safety", catalog)
    answer = compose(plan, with_all(catalog, catalog.library.snippets, expires=PAST), TODAY)
    assert answer.status is Status.NOT_COVERED
    assert answer.withheld > 0


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(days=400)])
def test_every_answer_fits_with_marks_and_counts(catalog: Catalog, day: date) -> None:
    names = list(catalog.library.snippets)[::4]
    changed = with_all(catalog, names, expires=PAST)
    known = known_texts(changed)
    for slug in catalog.library.briefs:
        for page in (1, 2, 3):
            answer = compose(replace(BRIEF, brief=slug, page=page), changed, day)
            assert len(render_text(answer)) <= MAX_TEXT_CHARS
            assert invented(answer, known) == []


@pytest.mark.parametrize("kind", [Sending.ASKS, Sending.ROTATION, Sending.CHANGES])
def test_briefings_withhold_too(catalog: Catalog, kind: Sending) -> None:
    asks = ("reactions",) if kind is Sending.ASKS else ()
    subscription = Subscription(
        id="a",
        target=Target("slack", "T1", "C1"),
        content=Content(kind, asks),
        trigger=cron_trigger("0 9 * * *", "UTC"),
        owner="U1",
        created_at=None,  # type: ignore[arg-type]
        last_brief="open-vs-closed",
    )
    changed = with_all(catalog, ["reaction-us"], expires=PAST)
    briefing = compose_briefing(subscription, changed, {}, TODAY)
    assert briefing.posts
    assert all("reaction-us" not in post.answer.snippets for post in briefing.posts)
    before = compose_briefing(subscription, changed, {}, PAST)
    said = {name for post in before.posts for name in post.answer.snippets}
    assert "reaction-us" in said or kind is Sending.ROTATION


def test_what_came_of_a_forecast_says_whether_it_came_true(catalog: Catalog) -> None:
    forecast = next(s for s in catalog.library.snippets.values() if s.kind is Kind.OUTLOOK)
    outcome = Outcome("A later article says so.", (Citation("S1", 3, 3),), Verdict.CAME_TRUE)
    line = statement_line(statement(structs.replace(forecast, outcome=outcome), TODAY))
    assert "Came true: A later article says so." in line
    told = replace(outcome, verdict=None)
    line = statement_line(statement(structs.replace(forecast, outcome=told), TODAY))
    assert "A later article says so." in line
    assert "Came true" not in line


def test_why_this_says_on_how_many_sources_it_rests(catalog: Catalog) -> None:
    sources = tuple(catalog.library.sources.values())
    for count, told in ((1, phrases.RESTS_ON_ONE), (2, phrases.RESTS_ON_MORE.format(count=2))):
        why = Explanation(90.0, "Title", "2026-11-24", (), sources[:count])
        assert told in json.dumps(slack.render_explanation(why))
        assert told in discord.explanation_facts(why)


def test_why_this_shows_the_sum_that_decided(catalog: Catalog) -> None:
    plan = answer_plan("how many people use deepseek to write poems in china", catalog)
    assert plan.judged
    why = Explanation(plan.score, None, None, (), (), plan.judged)
    *summed, (_, bar) = plan.judged
    line = judged_line(plan.judged)
    assert line.endswith(f"{sum(v for _, v in summed):.2f} in all, {bar:.2f} needed for an answer")
    assert line in json.dumps(slack.render_explanation(why))
    assert line in discord.explanation_facts(why)
