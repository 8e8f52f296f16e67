"""python-tuf's client, without its own way to fetch: Tank brings one (``metadata_fetcher``)."""

from __future__ import annotations

from tank_cli.left_out import TUF_FETCHER, leave_out

leave_out(TUF_FETCHER)

from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig  # noqa: E402  # only now

__all__ = ["FetcherInterface", "Updater", "UpdaterConfig"]
