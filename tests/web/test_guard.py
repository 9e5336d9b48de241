"""What the pages let in, and what they say to what they do not."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from tests.web.site import TOKEN, Reader, visiting

if TYPE_CHECKING:
    from bot.answering.catalog import Catalog

PAGES = ("/", "/library", "/library/china-vs-us", "/sources", "/search", "/compare", "/nowhere")
SCRIPT = "<script>alert(1)</script>"


async def test_every_page_forbids_what_is_not_its_own(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        for path in PAGES:
            page = await visitor.get(path)
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["Cache-Control"] == "no-store"
            read = Reader.read(page.text)
            assert all((a["src"] or "").startswith("/static/") for a in read.all("script"))
            for _, attributes in read.tags:
                assert not any(name.startswith("on") or name == "style" for name in attributes)
                for name in ("src", "href", "action", "formaction"):
                    assert (attributes.get(name) or "/").startswith(("/", "#"))


async def test_the_navigation_says_where_one_is(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        _, thread = await visitor.ask("overview")
        for path, current in (
            *(("/", "/"), (f"/c/{thread}", "/"), ("/library/overview", "/library")),
            *(("/sources", "/library"), ("/compare?a=us", "/compare"), ("/nope", None)),
        ):
            links = Reader.read((await visitor.get(path)).text).all(
                "a", **{"aria-current": "page"}
            )
            assert [a["href"] for a in links] == [current] * bool(current)


async def test_static_files_are_kept_by_browsers_and_nothing_else_is_there(
    catalog: Catalog,
) -> None:
    async with visiting(catalog) as visitor:
        start = await visitor.get("/")
        for link in Reader.read(start.text).all("link"):
            got = await visitor.get(link["href"] or "")
            assert (got.status, "immutable" in got.headers["Cache-Control"]) == (200, True)
        for path in (
            "/static/../site.py",
            "/static/..%2fsite.py",
            "/static/%2e%2e/site.py",
            "/static/..\\site.py",
            "/static//etc/passwd",
            "/static/",
            "/static/site.css%00.js",
            "/library/..%2f..%2fsources",
            "/library/" + "x" * 4000,
        ):
            told = await visitor.raw(f"GET {path} HTTP/1.0\nHost: localhost\n\n")
            assert told.startswith("HTTP/1.0 404"), (path, told)
            assert "Nothing here" in told


async def test_a_name_from_outside_that_leads_here_sees_nothing(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        for path in PAGES:
            page = await visitor.get(path, Host="evil.example")
            assert page.status == 403
            assert "briefs" not in page.words
        assert (await visitor.get("/healthz", Host="evil.example")).status == 200


async def test_forms_of_other_sites_do_nothing(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        form = {"text": "china vs us", "thread": ""}
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            for path in ("/ask", "/press", "/search", "/complete", "/theme/dark"):
                assert (await visitor.post(path, form, **headers)).status == 403
        host, port = visitor.server.address
        own = await visitor.post("/ask", form, Origin=f"http://{host}:{port}")
        assert own.status == 303


async def test_health_stays_open_and_plain(catalog: Catalog) -> None:
    async with visiting(catalog, token=TOKEN) as visitor:
        assert (await visitor.get("/healthz")).text == '{"status": "alive"}'
        assert (await visitor.get("/readyz")).status == 200
        assert (await visitor.post("/healthz", {})).status == 405


async def test_signing_in(catalog: Catalog) -> None:
    async with visiting(catalog, token=TOKEN) as visitor:
        for path in PAGES:
            page = await visitor.get(path, Host="bot.example")
            assert page.status == 401
            assert page.headers["WWW-Authenticate"].startswith("Bearer")
            assert Reader.read(page.text).all("input", name="token", type="password")
            assert "Library" not in page.words
            assert "Sign out" not in page.words
        assert (await visitor.post("/ask", {"text": "x", "thread": ""})).status == 401
        assert (await visitor.get("/static/site.css")).status == 200
        wrong = await visitor.post("/sign-in", {"token": SCRIPT})
        assert (wrong.status, "That is not the token" in wrong.words) == (401, True)
        assert "Set-Cookie" not in wrong.headers
        assert SCRIPT not in wrong.text
        right = await visitor.post("/sign-in", {"token": f" {TOKEN}\n"})
        assert (right.status, right.headers["Location"]) == (303, "/")
        cookie = right.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert TOKEN not in cookie
        assert "Secure" not in cookie
        assert (await visitor.get("/")).status == 200
        assert (await visitor.post("/sign-out", {})).status == 303
        assert (await visitor.get("/")).status == 401
        # The session has ended on the server: a copy of the cookie is worth nothing.
        copied = {"Cookie": cookie.partition(";")[0]}
        assert (await visitor.get("/", **copied)).status == 401


async def test_behind_https_the_cookie_is_secure(catalog: Catalog) -> None:
    async with visiting(catalog, token=TOKEN) as visitor:
        proxied = {
            "Host": "bot.example",
            "X-Forwarded-Proto": "https",
            "Origin": "https://bot.example",
        }
        right = await visitor.post("/sign-in", {"token": TOKEN}, **proxied)
        assert "Secure" in right.headers["Set-Cookie"].split("; ")


async def test_the_token_as_a_header(catalog: Catalog) -> None:
    async with visiting(catalog, token=TOKEN) as visitor:
        assert (await visitor.get("/library", Authorization=f"Bearer {TOKEN}")).status == 200
        assert (await visitor.get("/library", Authorization="Bearer no")).status == 401
        assert (await visitor.get("/library", Authorization=f"Basic {TOKEN}")).status == 401


async def test_guessing_is_slowed_down(catalog: Catalog) -> None:
    async with visiting(catalog, token=TOKEN) as visitor:
        for number in range(5):
            assert (await visitor.post("/sign-in", {"token": f"guess {number}"})).status == 401
        stopped = await visitor.post("/sign-in", {"token": TOKEN})
        assert (stopped.status, stopped.headers["Retry-After"]) == (429, "1")
        assert (await visitor.get("/", Authorization=f"Bearer {TOKEN}")).status == 429
        visitor.clock.forward(1)
        assert (await visitor.post("/sign-in", {"token": TOKEN})).status == 303


async def test_without_a_token_there_is_nothing_to_sign_in_to(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        for got in (await visitor.get("/sign-in"), await visitor.post("/sign-in", {"token": "x"})):
            assert (got.status, got.headers["Location"]) == (303, "/")


async def test_wrong_methods_and_unknown_addresses_have_pages(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        wrong = await visitor.get("/ask")
        assert (wrong.status, wrong.headers["Allow"]) == (405, "POST")
        assert "Not like this" in wrong.words
        assert (await visitor.request("DELETE", "/library")).status == 405
        for path in ("/nope", "/library/nope", "/c/nope", f"/library/{SCRIPT}", "/?x=<b>"):
            page = await visitor.get(path)
            assert page.status == (200 if path.startswith("/?") else 404)
            assert SCRIPT not in page.text
            assert "<b>" not in page.text


async def test_bodies_that_are_too_large_or_no_forms(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        for path in ("/ask", "/press", "/search", "/complete", "/theme/dark"):
            large = await visitor.request("POST", path, data={"text": "x" * 70_000})
            assert (large.status, "Too much at once" in large.words) == (413, True), path
            for body, kind in (
                ("text=%ff", "application/x-www-form-urlencoded"),
                ("text", "application/x-www-form-urlencoded"),
                ("&".join(["a=b"] * 100), "application/x-www-form-urlencoded"),
                ('{"text": 1}', "application/json"),
                ("text=é", "application/x-www-form-urlencoded"),
                ("", "application/x-www-form-urlencoded"),
            ):
                got = await visitor.request(
                    "POST", path, data=body.encode(), headers={"Content-Type": kind}
                )
                assert got.status == 400, (path, body)
                assert "That was not understood" in got.words


async def test_what_is_no_http_gets_plain_words(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        for line in (f"GET /{SCRIPT} HTTP/1.1", f"{SCRIPT} / HTTP/1.1", "GET / HTTP/1.1\nA: \x00"):
            told = await visitor.raw(f"{line}\nHost: localhost\nConnection: close\n\n")
            assert re.match(r"HTTP/1\.[01] 4\d\d", told), told
            assert SCRIPT not in told or "text/plain" in told


async def test_a_body_without_an_end_is_cut_off(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:

        async def endless() -> object:
            for _ in range(200):
                yield b"x" * 1024

        got = await visitor.request(
            "POST",
            "/ask",
            data=endless(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert got.status == 413


async def test_what_breaks_is_logged_and_told_without_a_traceback(
    catalog: Catalog,
) -> None:
    async with visiting(catalog) as visitor:
        visitor.site.assistant.catalog = None  # type: ignore[assignment]
        with capture_logs() as told:
            page = await visitor.get("/library/zanzibar")
            assert (page.status, "Something went wrong" in page.words) == (500, True)
            assert "Traceback" not in page.text
            assert (await visitor.post("/ask", {"text": "zanzibar", "thread": ""})).status == 500
    assert [(line["event"], line["route"]) for line in told] == [
        ("web.failed", "/library/{slug}"),
        ("web.failed", "/ask"),
    ]
    assert all(line["exc_info"] for line in told)
    assert "zanzibar" not in str(told)


async def test_the_theme_is_remembered_and_leads_back(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        assert 'data-theme="auto"' in (await visitor.get("/")).text
        chosen = await visitor.post("/theme/dark", {"back": "/compare?a=china&a=us"})
        assert chosen.headers["Location"] == "/compare?a=china&a=us"
        assert 'data-theme="dark"' in (await visitor.get("/library")).text
        assert (await visitor.post("/theme/pink", {"back": "/"})).status == 404
        for foreign in ("https://evil.example", "//evil.example", "/\\evil.example", "x", "/a\nb"):
            left = await visitor.post("/theme/light", {"back": foreign})
            assert left.headers["Location"] == "/"
        visitor.session.cookie_jar.clear()
        page = await visitor.get("/", Cookie='theme="><script>')
        assert 'data-theme="auto"' in page.text


async def test_many_at_once(catalog: Catalog) -> None:
    async with visiting(catalog) as visitor:
        asks = [visitor.ask(f"china vs us {n}") for n in range(20)]
        threads = {thread for _, thread in await asyncio.gather(*asks)}
        assert len(threads) == 20


async def test_a_body_that_cannot_be_read_is_a_bad_request(catalog: Catalog) -> None:
    head = "POST /sign-in HTTP/1.1\nHost: localhost\nConnection: close\n"
    form = f"{head}Content-Type: application/x-www-form-urlencoded\n"
    async with visiting(catalog, token=TOKEN) as visitor:
        with capture_logs() as logs:
            told = await visitor.raw(f"{form}Content-Encoding: gzip\nContent-Length: 4\n\nabcd")
            _, writer = await asyncio.open_connection(*visitor.server.address)
            writer.write(f"{form}Content-Length: 40\n\nto".replace("\n", "\r\n").encode())
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            assert (await visitor.get("/sign-in")).status == 200
        assert told.startswith("HTTP/1.1 400")
        assert "The form did not arrive" in told
        assert "web.failed" not in [line["event"] for line in logs]
