"""Without any token `aibrief serve` is the playground, and says where it is."""

from __future__ import annotations

import re
import socket
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bot.web.server import DEFAULT_PORT
from tests.web.serving import on_a_terminal, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def holding(port: int, patience_s: float = 30.0) -> Iterator[None]:
    """A port that is taken; another test may have it, and give it back at any time."""
    end_s = time.monotonic() + patience_s
    with ExitStack() as stack:
        while time.monotonic() < end_s:
            taken = socket.socket()
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
                taken.listen()
            except OSError:
                taken.close()
                time.sleep(0.05)
            else:
                stack.enter_context(taken)
                break
        yield  # what has it for so long is no test, and keeps it


def test_a_port_that_is_taken_does_not_keep_it_from_working(tmp_path: Path) -> None:
    with holding(DEFAULT_PORT), serving(tmp_path) as address:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
        assert address != f"http://127.0.0.1:{DEFAULT_PORT}"
        with urllib.request.urlopen(f"{address}/", timeout=10) as page:
            assert "Playground" in page.read().decode()


def test_on_a_terminal_one_line_says_where_it_is(tmp_path: Path) -> None:
    told = on_a_terminal(tmp_path, "ends it)")
    assert re.search(
        r"^Playground: http://127\.0\.0\.1:\d+  \(Ctrl\+C ends it\)", told, re.MULTILINE
    )
