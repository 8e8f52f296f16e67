"""How code keeps out of sight: unseen processes, hidden places, looks around, wiped traces, doors left open.

Each of these is in honest programs, too; ``detectors.covert`` joins them with what else the text does.
"""

from __future__ import annotations

import re

from tank_core.analysis.facts.fact import FactKind

_HISTORY = r"\.(?:bash|zsh|python|node_repl)_history"


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.MULTILINE)


DIRECT: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.RUNS_UNSEEN,
        _any(
            # Python and JavaScript
            r"\bstart_new_session\s*=\s*True|\bcreationflags\s*=|\bCREATE_NO_WINDOW\b|\bDETACHED_PROCESS\b|"
            r"\bos\.setsid\b|\bos\.fork\(\)|\bProcess\.(?:daemon|detach)\b|\bpcntl_fork\b",
            r"\bdetached\s*:\s*true|\bwindowsHide\s*:\s*true",
            r"\bPopen\s*\([^\n]{0,300}\b(?:stdout|stderr)\s*=\s*(?:subprocess\.)?DEVNULL",
            # shells
            r"\bnohup\s+\S|\bsetsid\s+\S|\bdisown\b|\bscreen\s+-\w*dm|\btmux\s+new(?:-session)?\s[^\n]{0,20}-d\b",
            r"(?:>\s*/dev/null\s+2>&1|&>\s*/dev/null)\s*&(?![&>])",
            # Windows
            r"(?i:-w(?:in(?:dowstyle)?)?\s+(?:hidden|1\b)|-WindowStyle[ ,:='\"]{1,6}Hidden|\bstart\s+/(?:b|min)\b)",
            r"\.Run\s*\(?[^)\n]{1,200},\s*(?:0|vbHide)\b|\bWindowStyle\s*=\s*(?:0|\S{0,40}Hidden)",
        ),
    ),
    (
        FactKind.FETCHES,
        _any(
            r"(?i:\bcertutil\b[^\n]{0,60}-urlcache|\bbitsadmin\b[^\n]{0,40}/transfer|\bStart-BitsTransfer\b|"
            r"\bmshta\s+\S{0,4}https?:)|\baria2c\s|\blynx\s+-(?:dump|source)\b",
        ),
    ),
    (
        FactKind.LOOKS_AROUND,
        _any(
            # debuggers and virtual machines
            r"/\.dockerenv\b|\bTracerPid\b|\bIsDebuggerPresent\b|\bsys\.gettrace\s*\(|/sys/class/dmi/id|"
            r"\bsystemd-detect-virt\b|\bPTRACE_TRACEME\b|\bWin32_(?:ComputerSystem|BIOS)\b[^\n]{0,80}"
            r"(?i:virtual|vmware|qemu)",
            r"(?i:\b(?:pgrep|ps\s+aux|tasklist|process_iter|Get-Process)\b[^\n]{0,120}\b(?:wireshark|tcpdump|strace|"
            r"procmon\w*|fiddler|x64dbg|ollydbg|sysmon|falcon\w*|osqueryd?|little ?snitch)\b)",
            r"(?i:\b(?:hostname|gethostname|getuser|username|userInfo|whoami|uname|product_name|COMPUTERNAME)\b"
            r"[^\n]{0,120}\b(?:sandbox\w*|malware|analyst|analysis|vmware|virtualbox|vbox|qemu|cuckoo|honeypot)\b)",
            # continuous integration
            r"\bif\b[^\n]{0,80}(?:environ|getenv|process\.env|\bENV\b|\$env:|\$\{?)[^\n]{0,20}\b(?:CI|GITHUB_ACTIONS|"
            r"GITLAB_CI|JENKINS_URL|TRAVIS|CIRCLECI|BUILDKITE|CODESPACES)\b",
            r"\[\s*-[nz]\s+\"?\$\{?(?:CI|GITHUB_ACTIONS|GITLAB_CI|JENKINS_URL)\b[^\n]{0,30}(?:&&|;)",
            # who and where
            r"\b(?:if|unless|and|or)\b[^\n]{0,40}(?:gethostname\(\)|getuser\(\)|getlogin\(\)|os\.hostname\(\)|"
            r"\$\((?:hostname|whoami|id -un)\))[^\n]{0,60}(?:\bin\b|[=!]=|=~|\bincludes|\bmatch|startswith)",
            r"\bcase\s+\"?\$\((?:hostname|whoami|uname -n|id -un)\)",
            r"\bnproc\b[^\n]{0,20}-l[te]\b|\bcpu_count\(\)\s*<|\bcpus\(\)\.length\s*<|\btotalmem\(\)\s*<",
            r"(?:\bLANG\b|getdefaultlocale|getlocale|timeZone\b|tzname)[^\n]{0,60}[\"'](?:ru|be|kk|uk|zh)(?:_\w\w)?[\"']",
            # when
            r"(?:date(?:time)?\.(?:today|now|utcnow)\([^)\n]{0,30}\)|\btime\.time\(\)|\bnew Date\(\)|\bDate\.now\(\)|"
            r"\bGet-Date\b|\bTime\.now\b|\bdate\s+\+%\S+)[^\n]{0,40}(?:[<>]=?|\s-[gl][te]\s)[^\n]{0,20}?"
            r"(?:date(?:time)?\(\s*20\d\d|Date(?:\.parse)?\(\s*[\"']?20\d\d|Time\.new\(20\d\d|\b20\d{6}\b|"
            r"\b1[6-9]\d{8}\b|[\"']20\d\d-)",
            r"\bsleep\s+(?:\d{3,}|\d+[hd])\b[^\n]{0,10}(?:;|&&|$)|\bsetTimeout\s*\([^\n]{0,300},\s*(?:\d{6,}|"
            r"\d+\s*\*\s*\d+\s*\*\s*\d+)\s*\)",
        ),
    ),
    (
        FactKind.WIPES_TRACES,
        _any(
            rf"\bhistory\s+-c\b|\bunset\s+HISTFILE\b|\bHISTFILE=/dev/null|\bset\s+\+o\s+history\b|\bHISTSIZE=0\b|"
            rf"(?:\brm\b|\bshred\b|\btruncate\b|\bln\s+-\w+\s+/dev/null|>)[^\n;|&]{{0,60}}{_HISTORY}\b",
            r"\bClear-History\b|\bRemove-Item\b[^\n]{0,80}ConsoleHost_history|\bwevtutil\s+cl\b|\bClear-EventLog\b",
            r"(?:>|\btruncate\s+-s\s*0|\brm\s+-\w+|\bshred\b[^\n]{0,20})\s*/var/log/(?:auth|secure|syslog|wtmp|btmp|"
            r"lastlog|audit|messages)|\btouch\s+-r\s+/",
            # its own script
            r"\bos\.(?:remove|unlink)\s*\(\s*(?:os\.path\.(?:abspath|realpath)\(\s*)?(?:__file__|sys\.argv\[0\])|"
            r"\bPath\(__file__\)[^\n]{0,30}\.unlink|\brmtree\s*\(\s*(?:os\.path\.dirname\([^\n]{0,30}__file__|"
            r"Path\(__file__\))",
            r"\b(?:unlink|rm)(?:Sync)?\s*\(\s*(?:__filename|process\.argv\[1\]|fileURLToPath\(import\.meta\.url)",
            r"\brm\s+(?:-\w+\s+)*(?:--\s+)?[\"']?\$(?:0|\{0\}|\{?BASH_SOURCE)",
            r"(?i:\bRemove-Item\b[^\n]{0,60}\$(?:MyInvocation|PSCommandPath|PSScriptRoot)|\bdel\b[^\n]{0,30}%~f?0)",
            r"\bFile\.(?:delete|unlink)\s*\(?\s*(?:__FILE__|\$0)|\bunlink\s*\(?\s*(?:\$0|__FILE__)|"
            r"\bos\.Remove\s*\(\s*os\.Args\[0\]",
        ),
    ),
    (
        FactKind.COPIES_ITSELF,
        _any(
            r"\bshutil\.(?:copy\w*|move)\s*\(\s*(?:os\.path\.(?:abspath|realpath)\(\s*)?(?:__file__|sys\.argv\[0\])|"
            r"\bPath\(__file__\)(?:\.resolve\(\))?\.read_(?:text|bytes)",
            r"\b(?:cp|install|mv)\s+(?:-\w+\s+(?:\d+\s+)?)*(?:--\s+)?[\"']?\$(?:0\b|\{0\}|\{?BASH_SOURCE)",
            r"\bcopyFile(?:Sync)?\s*\(\s*(?:__filename|process\.argv\[1\])",
            r"(?i:\bCopy-Item\b[^\n]{0,30}\$(?:PSCommandPath|MyInvocation)|\b(?:x?copy)\b[^\n]{0,12}%~f?0)",
        ),
    ),
    (
        FactKind.GAINS_RIGHTS,
        _any(
            r"\bchmod\s+(?:-\w+\s+)*(?:[ugoa]{0,3}\+\w{0,2}s\w{0,2}|[4-6][0-7]{3})\s|\bos\.chmod\s*\([^)\n]{0,80}"
            r"(?:0o[4-6][0-7]{3}\b|S_ISUID)|\bsetcap\s+\S*cap_(?:setuid|sys_admin|dac_override)",
            r"\buseradd\b[^\n]{0,100}\s(?:-\w*o\w*\s+-u|-u)\s*0\b|"
            r"(?:>>?|\btee\b[^\n]{0,12})\s*/etc/(?:passwd|shadow)\b|\bchpasswd\b",
            r"\bALL\s*=\s*\(\s*(?:ALL|root)[^)\n]{0,8}\)\s*NOPASSWD\s*:\s*ALL\b",
            r"(?i:\bnet\s+(?:user|localgroup)\s[^\n]{0,80}/add\b|\bNew-LocalUser\b|\bAdd-LocalGroupMember\b[^\n]{0,60}"
            r"Administrators|\bdscl\s+\.\s+-(?:create|append)\s+/(?:Users|Groups)/)",
            r"\busermod\s[^\n]{0,40}\b(?:sudo|wheel|root|docker)\b|\bSpecialAccounts\\{1,2}UserList\b",
            r"\bdocker\s+run\b[^\n]{0,200}-v\s*[\"']?/:/[^\n]{0,200}\bchroot\b|\bnsenter\s[^\n]{0,40}-t\s*1\b",
        ),
    ),
)

# Read from a text whose quotes, commas and brackets are spaces.
SPACED: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.HIDES_PROGRAM,
        _any(
            r"(?:/var/tmp|/tmp|/dev/shm)[ /]{1,6}\.(?!X11|ICE|font)[A-Za-z]\w*|/dev/shm/\w",
            r"(?:\.cache|\.config|\.local[ /]{1,6}(?:share|state|lib|bin)|\bLibrary|\.ssh|\.npm|\.gnupg|"
            r"/usr[ /]{1,6}(?:local[ /]{1,6})?(?:lib|bin|share)|/opt|/etc)[ /]{1,6}\.[A-Za-z][\w-]*",
            r"(?:~|\bHOME|\bhome)[ /]{1,8}\.[\w-]{1,30}[ /]{1,6}\.[A-Za-z][\w-]*",
            r"\bLaunchAgents\b[^\n]{0,100}\bcom\.(?:apple|google|microsoft|adobe)\.",
            r"(?i:\battrib\s+\+[hs]\b|\bchflags\s+hidden\b|FileAttributes\W{1,4}Hidden\b)",
        ),
    ),
)
