"""Runs ``python -m tank_cli`` as ``tank``."""

from tank_cli.main import main

raise SystemExit(main())
