"""What the owner of a schedule is told, in each language and for each kind of notice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.language.pack import LANGUAGES
from bot.schedules.posting import NOT_COVERED
from bot.schedules.subscription import Content, ContentKind, Delivery, Subscription, Target
from bot.schedules.texts import LOOK, Where, notice_of, plain, texts_of
from tests.schedules.scheduling import RULES
from tests.schedules.triggers import cron_trigger

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OUTCOMES = [each for rules in RULES.of.values() for each in rules.outcomes.values()]
KEYS = sorted({outcome.notice for outcome in OUTCOMES} | {NOT_COVERED, "refused", "gone"})


@pytest.mark.parametrize("notice", sorted({each.notice for each in OUTCOMES}))
def test_each_meaning_of_a_refusal_has_a_text_of_its_own(notice: str) -> None:
    """Other languages are held against English."""
    assert f"notice.{notice}" in texts_of("en")


def told(notice: str, language: str, code: str = "E42") -> str:
    subscription = Subscription(
        "abcde",
        Target("slack", "T1", "C1"),
        Content(ContentKind.ROTATION),
        cron_trigger("0 9 * * *", "UTC"),
        owner="U1",
        created_at=NOW,
        paused_for=code,
        language=language,
    )
    found = notice_of(Delivery("k", "abcde", NOW, notice=notice), subscription)
    (line,) = found.lines
    assert Where("C1") in line
    assert found.buttons[0] == ("test" if notice.startswith(LOOK) else "resume")
    return plain(line)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", [*KEYS, LOOK, f"{LOOK}channels:history"])
def test_each_notice_names_the_schedule_and_says_what_to_do(notice: str, language: str) -> None:
    text = told(notice, language)
    assert "`abcde`" in text
    assert "{" not in text
    assert ("channels:history" in text) == notice.endswith("history")


def test_an_unknown_code_and_the_notice_of_an_earlier_version_are_told_with_the_code() -> None:
    assert RULES.outcome_of("slack", "a_new_one").notice == "refused"
    assert "E42" in told("refused", "en")
    assert "E42" in told("gone", "en")
