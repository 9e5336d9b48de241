"""Makes the README's picture: an answer on both platforms.

Made with: python -m tests.web.screenshot docs/playground.png
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.web.serving import serving
from tests.web.test_browser import CHROMIUM, QUIET

QUESTION = "/aibrief how do china and the us differ in openness"


def main() -> None:
    """Serve the library, ask, and write the picture to the file named."""
    out = Path(sys.argv[1]).resolve()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        page = chromium.new_page(
            viewport={"width": 1180, "height": 960}, color_scheme="light", base_url=address
        )
        page.goto("/")
        page.locator("#text").fill(QUESTION)
        page.locator("#text").press("Enter")
        page.locator("#turn-1").wait_for()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.screenshot(path=str(out))
        chromium.close()


if __name__ == "__main__":
    main()
