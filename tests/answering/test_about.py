"""Messages about the bot: recognised whole, in five languages, before an answer and after one."""

from __future__ import annotations

import pytest

from bot.answering import phrases
from bot.answering.about import replies_of
from bot.answering.answer import Entry, Plan, Status
from bot.answering.catalog import Catalog
from bot.answering.compose import compose
from bot.answering.message import answer_plan
from bot.library.loader import load_library, load_vocabulary
from bot.library.vocabulary import Intent
from bot.platforms.plain import render_text
from tests.conftest import LIBRARIES
from tests.days import TODAY

SAID = {
    Intent.HELLO: "hey there team!|good morning :wave:|hiya bot|hola|guten Morgen|你好|こんにちは",
    Intent.HELP: "help me please|what can u do|"
    "how does this work?|ayuda|Hilfe bitte|怎么用|使い方|?!",
    Intent.THANKS: "thx a lot!!|ok cool, thank you|gracias|vielen Dank|谢谢|ありがとう|👍🏽",
    Intent.STOP: "stop posting this please|unsubscribe me|mute this|para|stopp|停止|やめて",
    Intent.SCHEDULE: "can you schedule this?|can u post this every monday at 9 in #general"
    "|remind me every monday|suscribirme|abonnieren"
    "|订阅|購読",
    Intent.SHARE: "share this with the team|post it to the channel|compartir|teilen|分享|共有",
    Intent.ABOUT: "please delete my data|lösche meine Daten|borra mis datos|删除我的数据"
    "|データを削除して|who are you?|are you a bot or a human|¿quién eres?|wer bist du|你是谁"
    "|あなたは誰",
    Intent.OWNER: "who owns this brief|wem gehört dieses Briefing|quién mantiene esta ficha"
    "|谁负责这个简报|このブリーフの担当者は誰ですか|who wrote this?"
    "|who is responsible for this brief|quién escribió esto"
    "|wer hat das geschrieben|谁写的|誰が書いた",
    Intent.REVIEWED: "when is the next review?|when was it reviewed|cuándo fue revisado"
    "|wann wurde dieses Briefing zuletzt geprüft|下次审阅|次の確認はいつですか"
    "|when was this last updated|is this still up to date?|¿está actualizado?"
    "|wie aktuell ist das|什么时候更新的|いつ更新",
    Intent.SOURCES: "source?|where do you get your info from"
    "|where does this come from?|fuentes|Quellen bitte|来源|出典",
    Intent.WHY: "are you sure?|can i trust this|¿estás seguro?|bist du sicher|你确定吗|本当ですか",
    Intent.FEEDBACK: "that is wrong|that doesnt answer my question"
    "|you're wrong|there is a mistake in this|te equivocas"
    "|das ist falsch|不对|違います",
    Intent.REPEAT: "say that again|repeat please|repite|noch einmal|再说一遍|もう一度",
    Intent.NEWS: "any news this week|what has changed|novedades|was gibt es Neues|有什么新的|新着",
    Intent.LANGUAGE: "in german please|can you translate this?|en español|auf Deutsch bitte"
    "|用中文|日本語で",
    Intent.DISTRESS: "I want to kill myself|i really dont want to live anymore|quiero morir"
    "|ich will nicht mehr leben|我不想活了|死にたい",
}
SHORTER = "shorter please|make it shorter|too long|más corto|kürzer bitte|短一点|短く"
MESSAGES = [(said, intent) for intent, all_of in SAID.items() for said in all_of.split("|")]


@pytest.mark.parametrize(("said", "intent"), MESSAGES)
def test_it_is_recognised_before_an_answer(said: str, intent: Intent, catalog: Catalog) -> None:
    plan = answer_plan(said, catalog)
    assert (plan.status, plan.intent, plan.about) == (Status.ANSWERED, intent, True)
    answer = compose(plan, catalog, TODAY)
    title = phrases.REPLIES[intent].title
    assert answer.title == replies_of(plan, catalog).get(f"title-{intent.value}", title)
    assert answer.citations == ()
    assert render_text(answer)


@pytest.mark.parametrize("intent", phrases.REPLIES)
def test_every_intent_about_the_bot_has_a_reply(intent: Intent, catalog: Catalog) -> None:
    plan = Plan(Status.ANSWERED, intent, about=True)
    assert compose(plan, catalog, TODAY).blocks


@pytest.mark.parametrize(("said", "intent"), MESSAGES)
def test_it_is_recognised_after_an_answer(said: str, intent: Intent, catalog: Catalog) -> None:
    """It never repeats the answer, unless that was asked for, and the thread goes on."""
    before = answer_plan("reactions", catalog)
    told = compose(before, catalog, TODAY)
    plan = answer_plan(said, catalog, before)
    assert (plan.status, plan.intent) == (Status.ANSWERED, intent)
    answer = compose(plan, catalog, TODAY)
    assert (answer.snippets == told.snippets) == (intent is Intent.REPEAT)
    assert "reaction-allies" in answer_plan("and the Europeans?", catalog, plan).snippets


@pytest.mark.parametrize("said", SHORTER.split("|"))
def test_shorter_is_the_gist(said: str, catalog: Catalog) -> None:
    plan = answer_plan(said, catalog, answer_plan("reactions", catalog))
    assert plan.intent is Intent.SHORTER
    gist = catalog.library.briefs["reactions"].gist
    (shown,) = compose(plan, catalog, TODAY).statements()
    assert shown.text == gist.text


@pytest.mark.parametrize(
    "said",
    [
        "thanks, and what about europe?",
        "stop the us from leading?",
        "who wrote the open source strategy of china",
        "share of the market",
        "help developers how",
        "how current is the competition between china and us",
        "news on regulation",
        "what are the sources of tension",
        "hello, what comes next?",
        "report on governance",
        "repeat the reactions of the us",
        "in short: safety?",
        "what happens if I ignore the warning",
        "short version of china vs us",
        "what does the open-source article say",
    ],
)
def test_a_message_with_content_of_its_own_is_none(said: str, catalog: Catalog) -> None:
    for before in (None, answer_plan("reactions", catalog)):
        assert not answer_plan(said, catalog, before).about


def told(catalog: Catalog, *turns: str) -> str:
    plan = None
    for turn in turns:
        plan = answer_plan(turn, catalog, plan)
    assert plan
    return render_text(compose(plan, catalog, TODAY))


def test_the_owner_and_the_review_of_the_last_brief(any_catalog: Catalog) -> None:
    for brief in any_catalog.library.briefs.values():
        assert brief.owner in told(any_catalog, brief.slug, "who wrote this?")
        assert brief.title in told(any_catalog, brief.slug, "who wrote this?")
        assert str(brief.reviewed) in told(any_catalog, brief.slug, "how old is this")
        assert brief.owner in told(any_catalog, brief.slug, "that is wrong")


def test_the_sources_of_the_last_answer(any_catalog: Catalog) -> None:
    for snippet in any_catalog.library.snippets.values():
        text = told(any_catalog, snippet.id, "source?")
        cited = {citation.source for citation in snippet.rests_on}
        for source in any_catalog.library.sources.values():
            assert (source.title in text) == (source.id in cited)


@pytest.mark.parametrize("verb", ["schedule", "subscribe", "programar", "abonnieren"])
def test_what_orders_a_schedule_is_no_question(verb: str, any_catalog: Catalog) -> None:
    for what in ("what comes next", *any_catalog.library.briefs):
        for said in (f"{verb} weekdays 9:00 {what}", f"{verb} {what} every monday 8 am"):
            plan = answer_plan(said, any_catalog)
            assert (plan.intent, plan.about) == (Intent.SCHEDULE, True), said


@pytest.mark.parametrize("said", ["schedule list", "schedule this every monday 9"])
def test_words_of_time_alone_are_about_schedules(said: str, catalog: Catalog) -> None:
    plan = answer_plan(said, catalog)
    assert (plan.intent, plan.about) == (Intent.SCHEDULE, True)


@pytest.mark.parametrize("said", ["daily 9:00 {brief}", "{brief} daily", "schedule of {brief}"])
def test_what_only_has_such_words_orders_nothing(said: str, any_catalog: Catalog) -> None:
    for brief in any_catalog.library.briefs:
        assert not answer_plan(said.format(brief=brief), any_catalog).about


def test_the_sources_of_a_comparison(catalog: Catalog) -> None:
    """Also of what stands before its table."""
    before = answer_plan("china vs us", catalog)
    assert len(compose(before, catalog, TODAY).sources) > 1
    text = told(catalog, "china vs us", "source?")
    assert all(source.title in text for source in compose(before, catalog, TODAY).sources)


MORE = "tell me more please|mehr bitte|dime más|继续|もっと教えて"


@pytest.mark.parametrize("said", MORE.split("|"))
def test_more_goes_on_in_each_language(said: str, catalog: Catalog) -> None:
    before = answer_plan("what comes next", catalog)
    plan = answer_plan(said, catalog, before)
    assert (plan.brief, plan.page) == (before.brief, 2)


@pytest.mark.parametrize("said", MORE.split("|"))
@pytest.mark.parametrize("before", ["", "best pizza in town", "thanks", "how many users"])
def test_where_nothing_goes_on_it_is_asked_what_is_meant(
    said: str, before: str, catalog: Catalog
) -> None:
    plan = answer_plan(said, catalog, answer_plan(before, catalog) if before else None)
    answer = compose(plan, catalog, TODAY)
    assert answer.status is Status.CLARIFY
    assert answer.suggestions
    assert phrases.NOTES["pronoun"] in render_text(answer)


def test_more_news_are_other_news(any_catalog: Catalog) -> None:
    turns, shown = ["what is new"], list[str]()
    for _ in range(4):
        plan = None
        for turn in turns:
            plan = answer_plan(turn, any_catalog, plan)
        assert plan
        entries = compose(plan, any_catalog, TODAY).blocks
        shown += [entry.ask for entry in entries if isinstance(entry, Entry)]
        turns.append("more")
    assert sorted(shown) == sorted(any_catalog.library.briefs)
    assert told(any_catalog, *turns, "more") == phrases.NOTES["no-more"]


@pytest.mark.parametrize("before", ["list", "what is new"])
def test_what_was_no_statement_is_said_again(before: str, catalog: Catalog) -> None:
    assert told(catalog, before, "say that again") == told(catalog, before)


def test_help_names_briefs_of_the_loaded_library(any_catalog: Catalog) -> None:
    for said in ("help", "hello"):
        text = told(any_catalog, said)
        assert any(slug in text for slug in any_catalog.library.briefs)
    documents = {any_catalog.vocabulary.label(actor) for actor in any_catalog.document_actors}
    assert not any(label in told(any_catalog, "help") for label in documents)


def test_what_there_is_nothing_of_is_said(catalog: Catalog) -> None:
    assert told(catalog, "say that again") == phrases.REPLIES[Intent.REPEAT].notes[0]


def test_the_owner_and_the_review_of_a_brief_that_is_named(any_catalog: Catalog) -> None:
    for brief in any_catalog.library.briefs.values():
        named = brief.slug if "-" in brief.slug else f"the {brief.slug} brief"
        plan = answer_plan(f"who owns {named}?", any_catalog)
        assert (plan.intent, plan.brief, plan.about) == (Intent.OWNER, brief.slug, True)
        assert brief.title in told(any_catalog, f"when was {named} reviewed?")
    assert not answer_plan("what is new in reactions", any_catalog).about


@pytest.mark.parametrize(
    "said",
    [
        "wem gehört das Briefing china-vs-us?",
        "who is responsible for the brief on china vs us",
        "who owns the brief China vs US",
    ],
)
def test_the_owner_of_a_brief_in_other_words(said: str, catalog: Catalog) -> None:
    plan = answer_plan(said, catalog)
    assert (plan.intent, plan.brief) == (Intent.OWNER, "china-vs-us")


@pytest.mark.parametrize("said", ["who is responsible for travel?", "who looks after devices?"])
def test_who_has_the_subject_of_a_brief_is_asked_of_the_briefs(said: str) -> None:
    place = LIBRARIES["handbook"]
    library, vocabulary = load_library(place / "briefs").library, load_vocabulary(place / "config")
    assert not answer_plan(said, Catalog(library, vocabulary)).about


@pytest.mark.parametrize("said", ["who owns them?", "who owns that?", "wem gehört das?"])
def test_what_belongs_to_whom_is_asked_of_the_briefs(said: str, catalog: Catalog) -> None:
    before = answer_plan("what do chinese companies do?", catalog)
    assert not answer_plan(said, catalog, before).about


def test_when_something_was_is_no_question_of_the_review(catalog: Catalog) -> None:
    assert not answer_plan("when was that?", catalog, answer_plan("reactions", catalog)).about


@pytest.mark.parametrize(
    "asked", ["who is responsible for my things", "who looks after our stuff"]
)
def test_who_is_responsible_for_something_of_the_askers_is_about_no_brief(
    asked: str, catalog: Catalog
) -> None:
    assert not answer_plan(asked, catalog).about


def test_nothing_is_offered_to_somebody_in_distress(catalog: Catalog) -> None:
    before = answer_plan("reactions", catalog)
    answer = compose(answer_plan("i want to die", catalog, before), catalog, TODAY)
    assert answer.suggestions == ()
    german = compose(answer_plan("ich will sterben", catalog), catalog, TODAY)
    assert german.title == "Ich bin nur ein Bot"


def test_more_of_a_statement_is_its_brief(catalog: Catalog) -> None:
    before = answer_plan("will ai get cheaper", catalog)
    told = compose(before, catalog, TODAY)
    more = compose(answer_plan("tell me more", catalog, before), catalog, TODAY)
    assert len(more.snippets) > len(told.snippets)
    brief = catalog.library.briefs[before.brief or ""]
    assert set(more.snippets) <= {brief.gist.id, *brief.snippets}


@pytest.mark.parametrize(
    "said",
    [
        "i lost my job and want to kill myself",
        "work makes me want to die",
        "ich will sterben heute",
    ],
)
def test_distress_is_heard_among_other_words(said: str, catalog: Catalog) -> None:
    assert answer_plan(said, catalog).intent is Intent.DISTRESS


@pytest.mark.parametrize(
    "asked",
    [
        "do you keep it",
        "where do you get them",
        "what if he does not answer",
        "tell me about suicide",
        "what if we cannot go on with it",
        "what is the daily #allowance",
    ],
)
def test_a_question_of_a_library_is_none_about_the_bot(asked: str, catalog: Catalog) -> None:
    assert not answer_plan(asked, catalog).about
