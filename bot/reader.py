"""The one module that speaks to a language model: chat completions, by aiohttp.

It implements `service.ports.Reader`: one request, one bounded reply. What comes back is text from
elsewhere: it goes to the check of `answering.reader_choice` and nowhere else, no log included. The
form is OpenAI's, https://platform.openai.com/docs/api-reference/chat/create , which llama.cpp,
Ollama, vLLM and LM Studio speak too.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from bot.errors import ReaderError
from bot.service.ports import Completion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.answering.reader_request import Request

PATH: Final = "chat/completions"
MAX_REPLY_BYTES: Final = 256_000
"""More is not read: a choice takes some hundred bytes, a model that thinks aloud some thousand."""
DRAFT_TIMEOUT_S: Final = 120.0
"""A person waits at the command line for a draft, not a channel for an answer."""
TRIES: Final = 2
"""A second try only where the first brought nothing: a lost connection, 429, 502, 503, 504."""
RETRY_AFTER_S: Final = 0.1
NOT_THIS_FORM: Final = frozenset({400, 415, 422, 500})
"""What servers say to a field that they do not know; llama-cpp-python says 500."""
BUSY: Final = frozenset({429, 503, 529})
PASSING: Final = frozenset({502, 504})
"""What may be well again in a moment."""


@dataclass(frozen=True, slots=True)
class ChatServer:
    """Where a model is, and how long it may take."""

    url: str
    """The base of its API, for example `http://127.0.0.1:8000/v1/`."""
    model: str
    key: str | None = None
    timeout_s: float = 6.0

    @property
    def endpoint(self) -> str:
        """The address of chat completions."""
        base = self.url.rstrip("/")
        return base if base.endswith(PATH) else f"{base}/{PATH}"

    def __repr__(self) -> str:
        """Without the key."""
        return f"ChatServer({self.url!r}, {self.model!r})"


class ChatReader:
    """Implements `ports.Reader`; the connection is opened at the first request."""

    def __init__(self, server: ChatServer) -> None:
        self.model = server.model
        self._server = server
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._form: int | None = None
        """Which of `_forms` the server takes, once that is known."""

    async def read(self, request: Request) -> Completion:
        """See `ports.Reader`."""
        try:
            async with asyncio.timeout(self._server.timeout_s):
                return await self._in_some_form(request)
        except TimeoutError:
            raise ReaderError("timeout") from None

    async def complete(self, request: str) -> str:
        """What the model says to any text, for drafts that a person reads and corrects.

        Raises:
            ReaderError: It says nothing within the time that it is given.
        """
        body = self._body([{"role": "user", "content": request}], 4_000)
        try:
            async with asyncio.timeout(self._server.timeout_s):
                return (await self._with_patience(body)).text
        except TimeoutError:
            raise ReaderError("timeout") from None

    async def aclose(self) -> None:
        """Close the connection; whoever asks later is told that nobody is there."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _in_some_form(self, request: Request) -> Completion:
        """The reply, asked for in the strictest form that the server takes."""
        forms = list(self._forms(request))
        if self._form is not None:
            return await self._with_patience(forms[self._form])
        for number, form in enumerate(forms):
            try:
                completion = await self._with_patience(form)
            except ReaderError as error:
                if error.status not in NOT_THIS_FORM or form is forms[-1]:
                    raise
                continue
            self._form = number
            return completion
        raise ReaderError("refused")

    def _forms(self, request: Request) -> Iterator[dict[str, Any]]:
        """By a schema, as some JSON object, as bare as can be."""
        messages = [
            {"role": "system", "content": request.system},
            {"role": "user", "content": request.user},
        ]
        body = self._body(messages, 400)
        named = {"name": "choice", "strict": True, "schema": request.schema}
        yield body | {"response_format": {"type": "json_schema", "json_schema": named}}
        yield body | {"response_format": {"type": "json_object", "schema": request.schema}}
        yield body
        yield {"model": self.model, "messages": messages}

    def _body(self, messages: list[dict[str, str]], most: int) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": most,
            "stream": False,
        }

    async def _with_patience(self, body: Mapping[str, Any]) -> Completion:
        """One request, and once more where it brought nothing."""
        payload = json.dumps(body).encode()
        for attempt in range(1, TRIES + 1):
            try:
                return await self._post(payload)
            except _Again as again:
                if attempt == TRIES:
                    raise ReaderError(again.kind, again.status) from None
                await asyncio.sleep(again.after_s)
        raise ReaderError("failed")

    async def _post(self, payload: bytes) -> Completion:
        """The reply to one request.

        Raises:
            ReaderError: The server refuses, or sends what is no completion.
            _Again: It may do better in a moment.
        """
        try:
            async with self._opened().post(
                self._server.endpoint, data=payload, allow_redirects=False
            ) as reply:
                _check_status(reply)
                return parse_completion(await _bounded(reply))
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error, aiohttp.ClientPayloadError):
                raise _Again("failed") from None
            raise _Again("unreachable") from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            raise ReaderError("unreachable")
        if self._session is None:
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if self._server.key:
                headers["Authorization"] = f"Bearer {self._server.key}"
            self._session = aiohttp.ClientSession(
                headers=headers, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


class _Again(Exception):
    """The request brought nothing and may be tried once more."""

    def __init__(
        self, kind: str, status: int | None = None, after_s: float = RETRY_AFTER_S
    ) -> None:
        self.kind = kind
        self.status = status
        self.after_s = after_s
        super().__init__(kind)


def parse_completion(body: bytes) -> Completion:
    """The text of the first choice, and the tokens that it took.

    Raises:
        ReaderError: It is no chat completion.
    """
    try:
        data = json.loads(body)
        text = data["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise ReaderError("not-a-reply") from None
    if not isinstance(text, str):
        raise ReaderError("not-a-reply")
    usage = data.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return Completion(text, _count(counts, "prompt_tokens"), _count(counts, "completion_tokens"))


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and 0 <= value < 10**9 else 0


async def _bounded(reply: aiohttp.ClientResponse) -> bytes:
    """The body, if it is no longer than a reply can be."""
    body = bytearray()
    async for piece in reply.content.iter_any():
        body += piece
        if len(body) > MAX_REPLY_BYTES:
            reply.close()
            raise ReaderError("too-long")
    return bytes(body)


def _check_status(reply: aiohttp.ClientResponse) -> None:
    """Nothing where it is OK; the text of any other answer is not read.

    Raises:
        ReaderError: The server refuses.
        _Again: It may do better in a moment.
    """
    status = reply.status
    if status in BUSY:
        raise _Again("busy", status, _asked_wait_s(reply))
    if status in PASSING:
        raise _Again("failed", status)
    if status >= 500:  # noqa: PLR2004 - HTTP's server errors
        raise ReaderError("failed", status)
    if status != 200:  # noqa: PLR2004 - HTTP's OK
        raise ReaderError("refused", status)


def _asked_wait_s(reply: aiohttp.ClientResponse) -> float:
    told = reply.headers.get("Retry-After", "")
    wait_s = float(told) if told.isdecimal() and len(told) < 6 else RETRY_AFTER_S  # noqa: PLR2004
    return min(max(wait_s, RETRY_AFTER_S), 2.0)
