"""A person at a browser, over HTTP: fills in the local provider's page and follows where it leads."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, urlsplit

import httpx


def log_in(page: str, token: str) -> str:
    """Gives a registry token to the provider's page; returns the text of the page that it ends on."""
    query = parse_qs(urlsplit(page).query, keep_blank_values=True)
    fields = {name: values[0] for name, values in query.items()}
    assert httpx.get(page).status_code == 200
    url = page.partition("?")[0]
    return httpx.post(url, data=fields | {"token": token}, follow_redirects=True).text


class Browser:
    """What ``webbrowser.open`` is in a test. ``opened``: every page that it was sent to."""

    def __init__(self, token: str) -> None:
        self.opened: list[str] = []
        self._token = token

    def open(self, url: str) -> bool:
        """Opens the command's own page, which leads to the provider's, and logs in beside this thread."""
        self.opened.append(url)
        threading.Thread(target=self._visit, args=(url,), daemon=True).start()
        return True

    def _visit(self, url: str) -> None:
        log_in(httpx.get(url).headers["Location"], self._token)
