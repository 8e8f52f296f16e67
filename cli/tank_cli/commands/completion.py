"""``tank completion``: print completion code for a shell."""

from __future__ import annotations

import click

from tank_cli.context import Context, common, example


@click.command(
    "completion",
    epilog=example(
        'eval "$(tank completion bash)"',
        "tank completion fish > ~/.config/fish/completions/tank.fish",
        "tank completion powershell | Out-String | Invoke-Expression",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@common
def command(context: Context, shell: str) -> None:
    """Print completion code for a shell, to be read by that shell at its start.

    It completes commands, options, and the names of skills and agents, from the files of the
    project, without a network.
    """
    from click.shell_completion import get_completion_class

    from tank_cli.app import tank
    from tank_cli.completion_scripts import VARIABLE, register

    register()
    kind = get_completion_class(shell)
    if kind is None:
        raise AssertionError(f"{shell} is registered")
    source = kind(tank, {}, "tank", VARIABLE).source()
    context.console.show({"shell": shell, "source": source}, [source], folds=False)
