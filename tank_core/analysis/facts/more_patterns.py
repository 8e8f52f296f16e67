"""Further ways in which facts are written: argument lists, paths in pieces, other languages, queries.

``ARGUMENTS`` and ``PATHS`` are read from a text whose quotes, commas and brackets are spaces, so that
``["git", "credential", "fill"]`` and ``git credential fill`` are one and the same.
"""

from __future__ import annotations

import re

from tank_core.analysis.facts.fact import FactKind


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.MULTILINE)


ARGUMENTS: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.CREDENTIAL_COMMAND,
        _any(
            r"\bgit {1,6}credential(?:-\w{1,20})? {1,6}(?:fill|get)\b",
            r"\bgh {1,6}auth {1,6}(?:token|status {1,6}(?:-t|--show-token))\b",
            r"\bgcloud {1,6}auth {1,6}(?:application-default {1,6})?print-(?:access|identity)-token\b",
            r"\baws {1,6}configure {1,6}(?:get|export-credentials)\b",
            r"\baws {1,6}(?:sts {1,6}get-session-token|secretsmanager {1,6}get-secret-value)\b",
            r"\baz {1,6}account {1,6}get-access-token\b",
            r"\bsecurity {1,6}(?:find-(?:generic|internet)-password|dump-keychain)\b",
            r"\bsecret-tool {1,6}(?:lookup|search)\b",
            r"\bkubectl {1,6}(?:config {1,6}view {1,6}--raw|get {1,6}secrets?\b)",
            r"\bnetsh {1,6}wlan {1,6}show {1,6}profiles?\b[^\n]{0,120}\bkey=clear",
            r"\b(?:op {1,6}(?:read|item {1,6}get)|pass {1,6}show|bw {1,6}get|vault {1,6}kv {1,6}get|lpass {1,6}show) ",
            r"\bdocker {1,6}inspect\b[^\n]{0,120}\bEnv\b",
            r"\bnmcli\b[^\n]{0,80}\b(?:--show-secrets|-s {1,6}connection)",
        ),
    ),
    (
        FactKind.CREDENTIAL_FILE,
        _any(
            r"\b(?:tar|zip|7z|cp|rsync|scp)\b[^\n]{0,160}(?<![\w./-])(?<!-i )(?<!-i  )(?:~/|\$HOME/)?\.(?:ssh|gnupg|"
            r"aws|kube|docker)\b(?!/(?:known_hosts|config\b))",
        ),
    ),
)

# As above; a secret place counts where the same text also reads files.
PATHS: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.CREDENTIAL_FILE,
        _any(
            r"(?<![\w-])\.(?:ssh|aws|kube|docker|gnupg)[ /]{1,6}(?:id_(?:rsa|ed25519|ecdsa|dsa)\b(?!\.pub)|"
            r"credentials\b|config\.json\b)",
            r"(?<![\w-])\.kube[ /]{1,6}config\b",
        ),
    ),
)

DIRECT: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.ENVIRONMENT,
        _any(
            r"\benv\s*:\s*process\.env\b(?!\s*[.\[])",
            r"\bENV\.(?:select|filter|reject|find_all|sort|keys|values)\b",
            r"\b%ENV\b|\bkeys\s+%ENV",
            r"\bstd::env::vars\b|\bos\.getenv\(\)|\bEnvironment\.GetEnvironmentVariables\b|"
            r"\[Environment\]::GetEnvironmentVariables",
            r"\bfor\s*\(?\s*(?:const|let|var)\s+\[?\w+[^)\n]{0,40}\s(?:of|in)\s+(?:Object\.\w+\()?process\.env\b",
            r"^\s{0,8}(?:\w+\s*=\s*)?(?:env|printenv)\s*>\s*\S",
        ),
    ),
    (
        FactKind.BROWSER_STORE,
        _any(
            r"\bLocal Storage[/\\\"' ,]{1,6}leveldb\b",
            r"\bProtectedData\]?::Unprotect\b|\bCryptUnprotectData\b",
            r"\bAppData\b[^\n]{0,60}\b(?:Chrome|Edge|Brave|Opera|Discord|discord)\b",
        ),
    ),
    (
        FactKind.CREDENTIAL_FILE,
        _any(
            r"\bconfig/(?:master\.key|credentials\.yml\.enc|secrets\.yml)\b",
            r"\bwp-config\.php\b(?=[^\n]{0,80}(?:read|get_contents|open|cat|file))|"
            r"\bfile_get_contents\([^)\n]{0,80}(?:wp-config|config)\.php",
            r"/var/run/secrets/kubernetes\.io/serviceaccount",
            r"\b(?:SAM|SYSTEM|SECURITY)\b[^\n]{0,20}\breg\s+save\b|\breg(?:\.exe)?\s+save\s+HKLM\\(?:SAM|SECURITY|"
            r"SYSTEM)|\blsass\b[^\n]{0,40}\b(?:dump|MiniDump)|\bMiniDumpWriteDump\b",
        ),
    ),
    (
        FactKind.DATABASE,
        _any(
            r"\b(?:pg_dump(?:all)?|mysqldump|mariadb-dump|mongodump|mongoexport)\b",
            r"\bsqlite3\b[^\n]{0,80}\.dump\b|\bCOPY\b[^\n]{0,80}\bTO\s+STDOUT\b",
        ),
    ),
    (
        FactKind.PERSISTS,
        _any(
            r"\bcrontab\s+-l[^\n]{0,120}\|[^\n]{0,80}crontab\s+-|/etc/cron(?:\.\w+|tab)\b|\bcrontab\s+-(?=[\s\"']|$)",
            r"\bLaunchAgents\b|\bLaunchDaemons\b|\blaunchctl\s+(?:load|bootstrap)\b",
            r"\.config/systemd/user\b|/etc/systemd/system\b|\bsystemctl\s+(?:--user\s+)?enable\b",
            r"\.config/autostart\b|\bCurrentVersion\\{1,2}Run\b|\bschtasks\b[^\n]{0,40}/create|"
            r"\bRegister-ScheduledTask\b|\bshell:startup\b",
            r"(?:>>|\btee\s+-a|\bappend\w*|\bopen\([^)\n]{0,80}[\"']a)[^\n]{0,80}\.(?:bashrc|zshrc|bash_profile|"
            r"profile|zprofile|zshenv)\b",
            r"\.(?:bashrc|zshrc|bash_profile|profile|zprofile|zshenv)\b[^\n]{0,80}(?:>>|[\"']a[\"']|append|write)",
            r"\.git/hooks/(?:pre|post|commit)[\w-]*|\bcore\.hooksPath\b|\.husky/(?:pre|post|commit)[\w-]*|"
            r"\bsitecustomize\.py\b|\busercustomize\.py\b",
            r"\.(?:bashrc|zshrc|bash_profile|profile|zprofile|zshenv)\b[^\n]{0,120}\b(?:FILE_APPEND|O_APPEND)\b",
            r"\.claude/(?:settings(?:\.local)?\.json|hooks)\b|\.claude\b[^\n]{0,20}\bCLAUDE\.md\b|"
            r"\.vscode/tasks\.json\b",
        ),
    ),
    (
        FactKind.RUNS_CODE,
        _any(
            r"\beval\s+(?:get\b|URI\b|open\b|Net::|HTTP)",
            r"\bsys\.executable\s*,\s*[\"']-c[\"']\s*,\s*(?![\"'fFrRbB])\w",
            r"\bprocess\.execPath\s*,\s*\[\s*[\"'](?:-e|--eval)[\"']\s*,\s*(?![\"'`])\w",
            r"\bExecuteGlobal\b|\bExecute\s+\w+\.responseText\b",
            r"\bexec\.Command\(\s*\"(?:/bin/)?(?:ba)?sh\"\s*,\s*\"-c\"\s*,\s*(?![\"`])",
        ),
    ),
    (
        FactKind.FETCHES,
        _any(
            r"\bMSXML2\.(?:Server)?XMLHTTP\b|\bWinHttp\.WinHttpRequest\b",
            r"\bget\s*\(?\s*[\"']https?:",
        ),
    ),
    (
        FactKind.ENVIRONMENT,
        _any(r"\btoJSON\(\s*secrets\s*\)|\btoJson\(\s*secrets\s*\)"),
    ),
    (
        FactKind.NAMED_SECRET,
        _any(r"\$\{\{\s*secrets\.\w+"),
    ),
    (
        FactKind.DELETES_BROADLY,
        _any(
            r"\bDROP\s+SCHEMA\s+\w+\s+CASCADE\b|\bFLUSHALL\b|\bdropDatabase\s*\(\)",
            r"\brm\s+-\w*r\w*\s+[\"']?/(?:var|etc|usr|home|opt|srv|Users)/[\w.-]*/?\*?(?=[\s\"'`;]|$)",
        ),
    ),
    (
        FactKind.METADATA,
        _any(
            r"169\.254\.169\.254/[^\s\"'`]{0,80}(?:iam|security-credentials|token|identity)",
            r"\bmetadata\.google\.internal/[^\s\"'`]{0,120}token",
            r"169\.254\.170\.2\b",
        ),
    ),
    (
        FactKind.CLIPBOARD,
        _any(
            r"\bnavigator\.clipboard\.read(?:Text)?\b",
            r"\bwin32clipboard\b",
            r"\bpyperclip\b[^\n]{0,20}\bpaste\b",
        ),
    ),
    (
        FactKind.SENDS,
        _any(
            r"\b(?:urlopen|urlretrieve|Request|get|head|open|fetch|Get|DownloadString|file_get_contents|iwr|irm|"
            r"Invoke-RestMethod|Invoke-WebRequest|getaddrinfo|gethostbyname|resolve|lookup|nslookup|dig|ping)\b"
            r"[\s(]{0,3}[^\n]{0,40}https?://[^\s\"'`]{3,160}(?:[\"'`]\s*(?:\+|\.|%|,\s*params)|\$\{|#\{|\{\w|\$\(|"
            r"\$\w|%s|\?\w{1,20}=)",
            r"\b(?:curl|wget)\b[^\n]{0,200}https?://[^\s\"'`]{3,160}(?:\$\(|\$\{?\w|`)",
            r"\b(?:curl|wget)\b[^\n]{0,300}\s(?:-H|--header|-u|--user|-b|--cookie|"
            r"-A)\s*[\"']?[^\n\"']{0,80}(?:\$\(|\$\{?\w|`)",
            r"\bIO::Socket::(?:INET|SSL)->new\b|\bTCPSocket\.(?:new|open)\b|\bnet\.(?:connect|createConnection|"
            r"Dial)\s*\(|\bfsockopen\s*\(|\bnew\s+net\.Socket\b|\bTcpClient\b|\bcreate_connection\s*\(|"
            r"\.connect\s*\(\s*\(",
            r"\b(?:socket\.(?:gethostbyname|getaddrinfo)|dns\.(?:lookup|resolve\w*)|"
            r"resolver\.resolve)\s*\(\s*(?:f[\"']|[^\"'\s)]{1,60}\+|`[^`\n]{0,80}\$\{)",
            r"\b(?:LWP::UserAgent|HTTP::Tiny|Mojo::UserAgent)\b|\bhttp\.(?:NewRequest|Post)\w*\s*\(|"
            r"\bcurl_setopt\b[^\n]{0,40}POST|\breqwest::|\bureq::|\bHttpClient\b|\bWebClient\b",
            r"(?i:\bInvoke-(?:WebRequest|RestMethod)\b[^\n]{0,200}-Method\s+[\"']?(?:POST|PUT)|\b(?:iwr|"
            r"irm)\b[^\n]{0,200}-(?:Body|InFile)\b|-InFile\b|-Body\b[^\n]{0,120}https?://)",
            r"\b(?:mailto|sendmail|mail|mutt|ssmtp|msmtp)\s+(?:-\w+\s+)*[\"']?[\w.+-]{1,60}@|\bSend-MailMessage\b|"
            r"\bsmtplib\.SMTP",
            r"\baws\s+s3\s+(?:cp|sync)\b|\bgsutil\s+(?:cp|rsync)\b|\brclone\s+(?:copy|sync)\b|\bgit\s+push\s+https?://",
        ),
    ),
    (
        FactKind.RUNS_CODE,
        _any(
            r"(?<![\w.])(?:exec|eval)\s*\(\s*(?:compile|requests|urllib|base64|zlib|codecs|bytes|open|__import__|"
            r"marshal)\b",
            # Lua's load, and no method or function of another language by that name.
            r"\bloadstring\s*\(\s*\w|(?<![\w.:])load\s*\(\s*(?:body|chunk|code|decode\w*|http|io\.|response|table\.)|"
            r"\bRuntime\.getRuntime\(\)\.exec\s*\(\s*[A-Za-z_]|"
            r"\bActivator\.CreateInstance\b|\[System\.Reflection\.Assembly\]::Load",
            r"\bnew\s+\w+\.constructor\s*\(|\bconstructor\.constructor\s*\(|\bglobalThis\s*\[|\bwindow\s*\[\s*[\"']ev",
            r"\bgetattr\s*\(\s*(?:__builtins__|builtins|os|subprocess|importlib)\s*,\s*(?![\"'](?:name|environ|"
            r"path|sep)\b)",
            r"\bdeno\s+(?:run|eval)\b[^\n]{0,80}https?://|\bnode\s+(?:-e|--eval)\s+[\"'$]",
        ),
    ),
    (
        FactKind.DELETES_BROADLY,
        _any(
            r"\bshutil\.rmtree\s*\(\s*(?:Path\.home\(\)|os\.path\.expanduser\([\"']~/?[\"']\)|[\"'](?:/|~)[\"'])",
            r"\b(?:os\.walk|rglob|glob)\b[^\n]{0,120}\n(?:[^\n]{0,160}\n){0,5}?[^\n]{0,120}\b(?:os\.(?:remove|"
            r"unlink)|\.unlink\s*\()",
            r"\brm\s+-\w*[rf]\w*\s+[\"']?\$\{?\w+\}?[\"']?/\*|\bgit\s+(?:push\s+--force\s+--all|"
            r"push\s+\S+\s+--delete)|\bDROP\s+(?:DATABASE|SCHEMA)\b|\bTRUNCATE\s+TABLE\b|"
            r"\bkubectl\s+delete\s+(?:ns|namespace|all)\b[^\n]{0,40}--all|"
            r"\bterraform\s+destroy\b[^\n]{0,40}-auto-approve|\baws\s+s3\s+rb\b[^\n]{0,60}--force",
        ),
    ),
)
