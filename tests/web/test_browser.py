"""People at the pages, in a real browser, with the real process behind."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WAIT_MS = 20_000
PAGES = (
    "/",
    "/library",
    "/library/what-comes-next",
    "/sources",
    "/forecasts",
    "/search",
    "/schedule",
    "/compare",
    "/compare?a=china&a=us&a=allies",
    "/gaps",
    "/coverage",
    "/nowhere",
)
PHONE = {"width": 375, "height": 740}
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("CI_BROWSER") == "required":
            pytest.fail(f"CI_BROWSER is set and there is no {CHROMIUM}")
        pytest.skip(f"there is no {CHROMIUM}: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served")) as where:
        yield where


@contextmanager
def at(
    browser: Browser, address: str, ignore: Sequence[str] = ("404",), **options: Any
) -> Iterator[Page]:
    """A fresh page; at its end nothing was asked of another host and nothing complained.

    To `ignore` are the statuses that the browser reports where they are expected.
    """
    context = browser.new_context(base_url=address, **options)
    context.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert [url for url in asked if not url.startswith(f"{address}/")] == []
        serious = [c for c in complaints if not c.startswith(("verbose", "info", "log"))]
        assert [c for c in serious if not any(f"a status of {s} " in c for s in ignore)] == []
    finally:
        context.close()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Message to aibrief").fill(text)
    page.get_by_label("Message to aibrief").press("Enter")


def test_a_newcomer_finds_the_way(browser: Browser, address: str) -> None:
    with at(browser, address, color_scheme="light") as page:
        page.goto("/")
        page.get_by_role("button", name="/aibrief china-vs-us").click()
        first = page.locator("#turn-1")
        for platform in ("Slack", "Discord"):
            shown = first.get_by_role("region", name=platform, exact=True)
            expect(shown).to_contain_text("Chinese models are described as open source.")
        expect(page.get_by_text("Try one of these")).to_have_count(0)
        ask(page, "and on safety?")
        expect(page.locator("#turn-2")).to_contain_text("Advanced safety alignment")
        expect(page.get_by_label("Message to aibrief")).to_have_value("")
        expect(page.locator("#live")).to_contain_text("China and United States compared")
        slack = page.locator("#turn-2 .slack")
        slack.get_by_role("button", name="Why this?").click()
        expect(slack.get_by_role("heading", name="Why this?")).to_be_visible()
        expect(page.locator("#slack-2-2")).to_be_focused()
        page.locator("#turn-2 .discord").get_by_role("button", name="What comes next").click()
        expect(page.locator("#turn-3 h2")).to_be_focused()
        expect(page.locator("#turn-3")).to_contain_text("the contest to go on")
        page.locator("#turn-3 .discord").get_by_role("button", name="Helpful", exact=True).click()
        expect(page.locator("#turn-3 .discord")).to_contain_text("Thank you, noted.")
        page.locator("#turn-1 .slack").get_by_role("button", name="Share to channel").click()
        expect(page.locator("#turn-1 .slack")).to_contain_text("Posted to the channel")
        page.locator("#turn-1 details").first.get_by_text("JSON").click()
        expect(page.get_by_role("region", name="JSON of message 1 in Slack").first).to_be_visible()
        page.reload()
        expect(page.locator("article.turn")).to_have_count(3)


def test_what_goes_wrong_is_told_in_place(browser: Browser, address: str) -> None:
    with at(browser, address, ignore=("413", "404")) as page:
        page.goto("/")
        ask(page, "overview")
        expect(page.locator("#turn-1")).to_be_visible()
        ask(page, "x" * 70_000)
        expect(page.get_by_role("alert")).to_contain_text("Please ask in a sentence or two.")
        forget = "document.querySelectorAll('input[name=thread]').forEach(i => i.value = 'gone')"
        page.evaluate(forget)
        page.locator("#turn-1 .slack").get_by_role("button", name="Why this?").click()
        expect(page.get_by_role("alert")).to_contain_text("no longer kept")
        ask(page, "key players")
        expect(page.locator("#turn-1 h2")).to_contain_text("key players")
        expect(page.locator("article.turn")).to_have_count(1)


def test_a_newcomer_compares(browser: Browser, address: str) -> None:
    with at(browser, address) as page:
        page.goto("/")
        page.get_by_role("navigation").get_by_role("link", name="Compare").click()
        page.get_by_text("Choose sides and aspects").click()
        page.get_by_label("China", exact=True).check()
        page.get_by_label("United States", exact=True).check()
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("cell", name="no sourced claim").first).to_be_visible()
        page.get_by_role("button", name="See it in Slack and Discord").click()
        expect(page.locator("#turn-1 .discord")).to_contain_text(
            "China and United States compared"
        )


def test_the_theme_can_be_chosen_and_is_remembered(browser: Browser, address: str) -> None:
    with at(browser, address, color_scheme="light") as page:
        page.goto("/")
        background = "getComputedStyle(document.documentElement).backgroundColor"
        light = page.evaluate(background)
        page.get_by_role("button", name="Dark").click()
        assert page.evaluate(background) != light
        page.goto("/library")
        assert page.evaluate(background) != light
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Light").click()
        assert page.evaluate(background) == light


def focused(page: Page) -> str:
    found: str = page.evaluate(
        "(document.activeElement.ariaLabel || document.activeElement.innerText || '').trim()"
    )
    return found


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until that has the focus; it must be seen to have it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page).startswith(name):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_the_keyboard_is_enough(browser: Browser, address: str) -> None:
    with at(browser, address) as page:
        page.goto("/library")
        page.keyboard.press("Tab")
        assert focused(page) == "Skip to the content"
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.goto("/")
        expect(page.get_by_label("Message to aibrief")).to_be_focused()
        page.keyboard.type("/aibrief china-vs-us")
        page.keyboard.press("Enter")
        expect(page.locator("#turn-1")).to_be_visible()
        page.keyboard.type("and on safety?")
        page.keyboard.press("Enter")
        expect(page.locator("#turn-2")).to_contain_text("Advanced safety alignment")
        page.get_by_role("link", name="Playground").focus()
        tab_to(page, "What comes next")
        page.keyboard.press("Enter")
        expect(page.locator("#turn-3 h2")).to_be_focused()
        tab_to(page, "Why this?")
        page.keyboard.press("Space")
        expect(page.locator("#slack-3-2")).to_be_focused()
        page.keyboard.press("/")
        expect(page.get_by_label("Message to aibrief")).to_be_focused()
        page.keyboard.type("a/b")
        expect(page.get_by_label("Message to aibrief")).to_have_value("a/b")


def test_a_phone_scrolls_in_one_direction(browser: Browser, address: str) -> None:
    with at(browser, address, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        for path in PAGES:
            page.goto(path)
            assert page.evaluate(OVERFLOW) <= 0, path
        page.goto("/")
        for number, question in enumerate(("china vs us", "list", "@aibrief " + "x" * 300), 1):
            ask(page, question)
            expect(page.locator(f"#turn-{number}")).to_be_visible()
        page.locator("#turn-1 .slack").get_by_role("button", name="Why this?").tap()
        expect(page.locator("#slack-1-2")).to_be_visible()
        page.locator("#turn-1 details").first.locator("summary").tap()
        assert page.evaluate(OVERFLOW) <= 0
        box = page.locator("#turn-1 .pv-scroll").first
        assert box.evaluate("box => box.scrollWidth > box.clientWidth")
        slack, discord = (
            page.locator(f"#turn-1 .{p}").bounding_box() for p in ("slack", "discord")
        )
        assert slack
        assert discord
        assert discord["y"] >= slack["y"] + slack["height"]


def test_without_scripts_everything_works(browser: Browser, address: str) -> None:
    with at(browser, address, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_role("button", name="/aibrief china-vs-us").click()
        expect(page.locator("#turn-1 .slack")).to_contain_text("Chinese models")
        ask(page, "and on safety?")
        expect(page.locator("#turn-2")).to_contain_text("Advanced safety alignment")
        page.locator("#turn-2 .discord").get_by_role("button", name="Why this?").click()
        expect(page.locator("#turn-2 .discord")).to_contain_text("of 100")
        ask(page, "list")
        page.locator("#turn-3 .discord select").select_option("cost-and-pricing")
        page.locator("#turn-3 .discord").get_by_role("button", name="Open").click()
        expect(page.locator("#turn-4 h2")).to_contain_text("Cost and pricing")
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("article.turn")).to_have_count(4)


def test_the_check_sees_what_is_wrong(browser: Browser, address: str) -> None:
    with at(browser, address) as page:
        page.goto("/")
        page.evaluate("document.querySelector('label').remove()")
        page.evaluate("document.querySelector('.lead').setAttribute('class', 'app')")
        assert "label" in " ".join(serious(page))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(browser: Browser, address: str, theme: Any) -> None:
    with at(browser, address, color_scheme=theme) as page:
        # What a theme changes is colours alone.
        rules = ["color-contrast"] if theme == "dark" else []
        found = {}
        for path in PAGES:
            # Of the large table a few rows: all are alike, and axe looks at each cell.
            page.goto("/compare?b=openness&b=safety" if path == "/compare" else path)
            found[path] = serious(page, rules)
        page.goto("/")
        for number, question in enumerate(("/aibrief china-vs-us", "list", "pizza"), 1):
            ask(page, question)
            expect(page.locator(f"#turn-{number}")).to_be_visible()
        for platform in ("slack", "discord"):
            shown = page.locator(f"#turn-1 .{platform}")
            shown.get_by_role("button", name="Why this?").click()
            expect(page.locator(f"#{platform}-1-2")).to_be_visible()
        page.locator("#turn-1 details").first.locator("summary").click()
        found["answers"] = serious(page, rules)
        page.goto("/search")
        page.get_by_label("Ask the matcher").fill("who calls it a public good")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nearest in the library")).to_be_visible()
        found["search"] = serious(page, rules)
        assert {where: what for where, what in found.items() if what} == {}


def serious(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds that keeps people out, by all of its rules or by these."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    response = Axe().run(page, options=options).response
    return [
        f"{v['id']}: {v['nodes'][0]['html']} {v['nodes'][0]['failureSummary']}"
        for v in response["violations"]
        if v["impact"] in {"serious", "critical"}
    ]


def test_a_token_in_front(browser: Browser, tmp_path: Path) -> None:
    token = "a token of the tests"
    with (
        serving(tmp_path, PLAYGROUND_TOKEN=token) as address,
        at(browser, address, color_scheme="dark") as page,
    ):
        page.goto("/sign-in")
        assert serious(page) == []
        page.get_by_label("Token").fill(token)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Playground")).to_be_visible()
        ask(page, "overview")
        expect(page.locator("#turn-1")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Token")).to_be_visible()
