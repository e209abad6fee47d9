"""A real Chromium with the page in it, and a server that listens for it."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager

import pytest
import uvicorn

from tokgen.server.access import Access
from tokgen.server.app import application
from tokgen.server.limits import Limits
from tokgen.server.running import listening
from tokgen.server.served_model import ServedModel

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def address_of(model, access=None, limits=None, desk=None):
    """Where a server of this model listens."""
    access = access or Access()
    with listening("127.0.0.1", 0) as listener:
        config = uvicorn.Config(
            application(ServedModel(model, limits or Limits()), access, desk),
            log_level="warning",
            ws="none",
            lifespan="off",
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def opened_browser():
    """A Chromium; the tests are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser is installed: {' or '.join(NAMES)}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


class Page:
    """The page as somebody uses it; what goes wrong in it is kept."""

    def __init__(self, context, address):
        self.context, self.address = context, address
        self.page = context.new_page()
        self.wrong, self.asked = [], []
        self.page.on("console", lambda said: said.type in ("error", "warning") and self._add(said))
        self.page.on("pageerror", self._add)
        self.page.on("dialog", self._dialog)
        self.page.on("request", lambda request: self.asked.append(request))

    def _add(self, said):
        self.wrong.append(getattr(said, "text", str(said)))

    def _dialog(self, dialog):
        self.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def open(self, link="", *, ready=".bars button"):
        """Open a link, and wait for what shows that it has been answered."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/#{link}")
        self.page.wait_for_selector(ready, state="attached")
        return self

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def texts(self, selector):
        return self.page.locator(selector).all_inner_texts()

    def says(self, text):
        """Wait until the line that tells what happened says this."""
        self.until("text => document.getElementById('said').textContent.includes(text)", text)

    def until(self, condition, argument=None):
        self.page.wait_for_function(condition, arg=argument, timeout=20_000)

    def link(self):
        """What stands behind the # once it is up to date."""
        self.page.wait_for_timeout(150)
        return self.page.url.partition("#")[2]

    def bodies(self, name):
        """What was asked at an address, in order."""
        return [each.post_data_json for each in self.asked if each.url.endswith(f"/page/{name}")]
