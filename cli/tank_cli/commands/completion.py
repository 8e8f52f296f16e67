"""``tank completion``: print completion code for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tank_cli.context import Context, common, example


@click.command(
    "completion",
    epilog=example(
        'eval "$(tank completion bash)"', "tank completion fish > ~/.config/fish/completions/tank.fish"
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common
def command(context: Context, shell: str) -> None:
    """Print completion code for a shell, to be read by that shell at its start."""
    from tank_cli.app import tank

    kind = get_completion_class(shell)
    if kind is None:
        raise AssertionError(f"click knows {shell}")
    source = kind(tank, {}, "tank", "_TANK_COMPLETE").source()
    context.console.show({"shell": shell, "source": source}, [source], folds=False)
