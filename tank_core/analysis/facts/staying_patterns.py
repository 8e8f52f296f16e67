"""Further ways to stay and to destroy: start-up places beyond the usual ones, and what nothing is left of."""

from __future__ import annotations

import re

from tank_core.analysis.facts.fact import FactKind

_HOME = (
    r"(?:(?:pathlib\.)?Path\.home\s*\(\s*\)|expanduser\s*\(\s*[\"']~[\w/]*[\"']\s*\)|(?:os\.)?homedir\s*\(\s*\)|"
    r"Dir\.home|"
    r"\$HOME\b|\$\{HOME\}|\$env:USERPROFILE|%USERPROFILE%|(?:environ|env)\W{1,4}HOME\b)"
)


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.MULTILINE)


WRITING = re.compile(
    r"(?:>>?\s*[\"']?[$~/{\w.]|\btee\b|\bsed\s+-\w*i|\b(?:x?copy|move)\s+\S|\b(?:mv|cp|ln|install)\s+[-\"'$~/\w.]|"
    r"\bopen\w*\s*\([^)\n]{0,160}[\"'][wax]b?\+?[\"']|\bwrite(?:_text|_bytes|lines|File|String|AllText)?(?:Sync)?\s*\(|"
    r"\bappend(?:File|AllText)\w*\s*\(|\bcreateWriteStream\s*\(|\b(?:Set|Add)-Content\b|\bOut-File\b|"
    r"\bfile_put_contents\s*\(|\bf(?:write|puts)\s*\(|\bFile\.(?:write|open)\b|\bos\.(?:WriteFile|OpenFile)\s*\(|"
    r"\bWrite(?:String|AllText|All|Line)\s*\(|\b(?:json|yaml|toml|plistlib)\.dump\s*\(|\bcopy(?:2|file|tree|File)?"
    r"(?:Sync)?\s*\(|\bFiles\.write\w*\s*\(|\byq\s+-i|\bputs\b|\bprint\s+\{?\$?\w+\}?\s+[\"'])"
)

# A place counts where the same text also writes; read from a text whose quotes, commas and brackets are spaces.
NEEDS_WRITING: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.PERSISTS,
        _any(
            r"(?:~|HOME|home|homedir|userprofile)\b[^\n]{0,60}\.(?:bashrc|zshrc|bash_profile|profile|zprofile|zshenv|"
            r"bash_login|xprofile|xsessionrc)\b|\.(?:bashrc|zshrc)\b",
            r"\.config[ /]{1,8}(?:autostart|fish|systemd)\b|/etc[ /]{1,6}(?:profile\.d|rc\.local|ld\.so\.preload|"
            r"update-motd\.d|udev[ /]{1,6}rules\.d|apt[ /]{1,6}apt\.conf\.d|xdg[ /]{1,6}autostart)",
            r"\.git[ /]{1,8}hooks\b|\bgit-?templates?[ /]{1,8}hooks\b",
            r"\b(?:site-?packages|usersite|getusersitepackages|getsitepackages)\b[^\n]{0,200}(?:\n[^\n]{0,200}){0,3}?"
            r"\w\.pth\b|\b(?:site|user)customize\.py\b",
            r"\.vscode[ /]{1,8}tasks\.json\b|\brunOn[ :]{1,6}folderOpen\b|\bProxyCommand\b|\bPermitLocalCommand\b",
            r"(?i:Start Menu[ /]{1,6}Programs[ /]{1,6}Startup|\$PROFILE\b)|\b(?:Library )?[ /]{0,6}LaunchAgents\b",
        ),
    ),
    (
        FactKind.OPENS_LOGIN,
        _any(
            # In its folder, or where something is written; a name among others is looked for.
            r"ssh\w*[ /\\.]{1,10}authorized_keys2?\b|(?:>>|\b(?:open\w*|append\w*|write\w*|tee|echo|add-content|cp|"
            r"install|mv)\b)"
            r"[^\n]{0,100}\bauthorized_keys2?\b|\bauthorized_keys2?\b[^\n]{0,80}(?:>>|\b(?:open|append\w*|write\w*)\b)"
        ),
    ),
)

DIRECT: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.PERSISTS,
        _any(
            r"\binit\.templateDir\b|\bgit\s+config\s[^\n]{0,40}\b(?:core\.(?:fsmonitor|sshCommand|pager|editor)|"
            r"alias\.\w+)\s+[\"']?!?[^\n]{0,60}(?:/tmp|curl|wget|\bsh\s+-c|/\.)",
            r"\|\s*at\s+(?:now|midnight|\d)|\bat\s+now\s*\+|\banacrontab\b|\bsystemd-run\s[^\n]{0,80}--on-",
            r"(?i:\breg(?:\.exe)?\s+add\b[^\n]{0,120}\\(?:Run|RunOnce|Winlogon)\b|\bCurrentVersion\\{1,2}RunOnce\b|"
            r"\b__EventFilter\b|\bsc(?:\.exe)?\s+create\b[^\n]{0,120}start=\s*auto|\bNew-Service\b)",
            r"\bnpm\s+config\s+set\s+(?:script-shell|init-module|onload-script)\b|\bPYTHONSTARTUP=|\bBASH_ENV=|"
            r"\bPROMPT_COMMAND=[^\n]{0,80}(?:curl|wget|/\.|base64)|\bLD_PRELOAD=\S|"
            r"\bNODE_OPTIONS=[^\n]{0,10}--(?:require|"
            r"import)",
            r"\balias\s+(?:sudo|ssh|su|git|npm|pip3?|python3?|docker|kubectl)=[\"']?[^\n\"']{0,40}(?:/tmp/|/\.|curl)",
            r"\bschtasks(?:\.exe)?\b[^\n]{0,200}?(?i:/sc\s+(?:onlogon|onstart|minute|hourly|daily))|"
            r"\bloginctl\s+enable-linger\b",
        ),
    ),
    (
        FactKind.DESTROYS,
        _any(
            rf"\b(?:rmtree|rm|rmSync|rmdirSync|rimraf|removeSync|remove_dir_all|FileUtils\.rm_rf|RemoveAll)\s*\(\s*"
            rf"(?:os\.path\.join\s*\(\s*)?(?:os\.path\.)?[\"'`]?{_HOME}(?!\s*[/+,]\s*[\"']\.?[\w.-]+[/\w.-]*cache)",
            rf"\blistdir\s*\(\s*(?:os\.path\.)?{_HOME}[^\n]{{0,20}}\n[^\n]{{0,160}}\b(?:rmtree|remove|unlink)\s*\(",
            r"(?i:\b(?:Remove-Item|del|rd|rmdir|erase)\b[^\n]{0,60}(?:\$HOME|\$env:USERPROFILE|%USERPROFILE%|C:\\Users)"
            r"\\?(?:\*|Documents|Desktop|Pictures|\s|$)|(?:\$HOME|\$env:USERPROFILE)(?:\\(?:Documents|Desktop|"
            r"Pictures))?[\"']?\s[^\n|]{0,60}\|[^\n]{0,40}\bRemove-Item\b|\bFormat-Volume\b|\bClear-Disk\b|"
            r"\bformat\s+[c-z]:)",
            r"\brm\s+-\w*[rR]\w*\s+(?:-\S+\s+)*[\"']?(?:~|\$HOME|\$\{HOME\})/(?:Documents|Desktop|Pictures|Downloads|"
            r"\*|\.ssh|\.config/?(?=[\s\"';*]|$))",
            r"\bmkfs(?:\.\w+)?\s+(?:-\w+\s+)*/dev/|\bdd\s[^\n]{0,40}\bof=/dev/(?:sd|nvme|hd|disk|mmcblk)|"
            r">\s*/dev/(?:sd|nvme)\w|\bwipefs\s+-a",
            r"\bchmod\s+-R\s+0?00?0?\s+[/~]|\bchown\s+-R\s+\S+\s+/(?:etc|usr|bin|home)?(?=\s|;|$)|\bmv\s+(?:~|"
            r"\$HOME)/\*\s+/dev/null",
            r":\s*\(\s*\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;\s*:|\bwhile\s+True\s*:\s*\n?\s*os\.fork\(\)",
            r"\bcheckout\s+--orphan\b[^\n]{0,200}(?:\n[^\n]{0,200}){0,4}?\bpush\s+(?:-f|--force)|"
            r"\bbranch\s+-r\b[^\n]{0,120}(?:\n[^\n]{0,120}){0,2}?\bpush\s+\S+\s+--delete",
            rf"\b(?:os\.walk|rglob|glob)\b[^\n]{{0,30}}{_HOME}[^\n]{{0,40}}\n(?:[^\n]{{0,160}}\n){{0,5}}?[^\n]{{0,120}}"
            r"(?:[\"']wb[\"'][^\n]{0,60}(?:urandom|\\x00)|\bos\.(?:remove|unlink)\s*\(|\.unlink\s*\()",
            r"\bfind\s+[\"']?(?:~|/|\$HOME|/home|/Users)[\"']?/?\s[^\n]{0,120}(?:-delete\b|-exec\s+(?:rm|shred))",
            r"\b(?:DROP\s+DATABASE|dropDatabase\s*\(\))|\bvssadmin\s+delete\s+shadows\b|\btmutil\s+delete\b",
        ),
    ),
)
