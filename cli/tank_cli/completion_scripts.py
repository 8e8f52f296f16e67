"""The code that each shell reads at its start, and how it asks: click's for bash, zsh and fish, and PowerShell's.

bash takes ``@`` for the end of a word unless it is told otherwise, and every skill's
name begins with one. PowerShell takes it for the start of a variable, so that names
are offered in quotes there; it is asked by two variables of the environment.

Source: click 8, "Shell Completion"; PowerShell, ``Register-ArgumentCompleter -Native``;
bash 5.2, ``COMP_WORDBREAKS``.
"""

from __future__ import annotations

import os

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    ShellComplete,
    add_completion_class,
)

VARIABLE = "_TANK_COMPLETE"
SHELLS = ("bash", "zsh", "fish", "powershell")
_ARGUMENTS = "_TANK_COMPLETE_ARGUMENTS"
_WORD = "_TANK_COMPLETE_WORD"

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or
            ($_.Extent.EndOffset -eq $cursorPosition -and -not $wordToComplete) } |
        ForEach-Object { $_.Extent.Text.Trim("'", '"') })
    $env:%(complete_var)s = 'powershell_complete'
    $env:%(complete_var)s_ARGUMENTS = $typed -join "`n"
    $env:%(complete_var)s_WORD = $wordToComplete.Trim("'", '"')
    try {
        %(prog_name)s | Where-Object { $_ } | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            $text = if ($value.StartsWith('@')) { "'$value'" } else { $value }
            [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:%(complete_var)s_ARGUMENTS, Env:%(complete_var)s_WORD `
            -ErrorAction SilentlyContinue
    }
}
"""


class _Bash(BashComplete):
    """click's, in a bash that leaves the names of skills whole."""

    source_template = f"COMP_WORDBREAKS=${{COMP_WORDBREAKS//@/}}\n{BashComplete.source_template}"


class _PowerShell(ShellComplete):
    """One line per offer: the value, a tab, and a word on it."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """Returns the words before the one that is completed, and that one."""
        typed = os.environ.get(_ARGUMENTS, "")
        return typed.split("\n") if typed else [], os.environ.get(_WORD, "")

    def format_completion(self, item: CompletionItem) -> str:
        """Returns one offer as a line; PowerShell shows no offer without a word on it."""
        return f"{item.value}\t{item.help or item.value}"

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Returns the offers, without those that only ask for files: PowerShell offers these by itself."""
        return [item for item in super().get_completions(args, incomplete) if item.type == "plain"]


def register() -> None:
    """Makes click know the two."""
    add_completion_class(_Bash)
    add_completion_class(_PowerShell)
