"""Further places where what is private lies, and further ways in which it is read, in every language.

``STORES`` count where the same text also reads files, ``WAYS`` wherever they stand.
"""

from __future__ import annotations

import re

from tank_core.analysis.facts.fact import FactKind


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.MULTILINE)


# Sessions of command-line programs, keys of password stores, tokens of hubs.
_SESSIONS = (
    r"\.(?:cache/)?huggingface/(?:stored_)?token|\.kaggle/kaggle\.json|\.databrickscfg\b|\.snowflake/|"
    r"\.config/(?:rclone/rclone\.conf|stripe/|doctl/|hub\b|glab-cli/|configstore/|sops/age|heroku|hcloud|"
    r"netlify|github-copilot|solana/cli)"
)
_PACKAGERS = (
    r"\.cargo/credentials|\.gem/credentials|\.composer/auth\.json|\.m2/settings(?:-security)?\.xml|"
    r"\.nuget/NuGet\.Config|\.gradle/gradle\.properties|\.config/pip/pip\.conf|\.yarnrc\.yml"
)
_CLOUDS = (
    r"\.oci/config|\.aliyun/config|\.tccli/|\.fly/config\.yml|\.vercel/auth\.json|\.wrangler/|"
    r"\.supabase/access-token|\.railway/config|\.cloudflared/[\w*-]*\.?json|\.bluemix/|\.terraformrc\b"
)
_KEY_STORES = (
    r"\.local/share/keyrings|[\w*]\.kdbx\b|Library/Keychains|Microsoft[/\\]{1,4}(?:Credentials|Protect)\b|"
    r"\.config/(?:Bitwarden|1Password|KeePass)|\.electrum\b|\.ssh[\"'`]\s*\)\s*\.(?:glob|iterdir|rglob)|"
    r"\.ssh/\$|\.ssh[\"'`]\s*(?:\+|\.\.|\.)\s*[\"'`]/id_"
)
_PROFILES = (
    r"Library/(?:Safari|Cookies|Messages/chat\.db|Mail/|Application Support/(?:Slack|Signal|Telegram|discord))|"
    r"\.config/(?:google-chrome|chromium|BraveSoftware|discord|Slack|Signal)\b|\btdata[/\\\"']|"
    r"\bplaces\.sqlite\b|\bGoogle\\{1,4}Chrome\\{1,4}User Data"
)

STORES: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (FactKind.CREDENTIAL_FILE, _any(_SESSIONS, _PACKAGERS, _CLOUDS, _KEY_STORES)),
    (FactKind.BROWSER_STORE, _any(_PROFILES)),
)

WAYS: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.ENVIRONMENT,
        _any(
            # Of other processes, whatever stands for their numbers.
            r"/proc/(?:\*|\[0-9\]\*?|\[1-9\]\*?|\$\{?\w{1,20}\}?|\{\w{1,20}\}|%[sd]|\d{1,7})/environ\b|"
            r"/proc[\"'`]\s*(?:,|/|\+)[^\n]{0,60}[\"'`/]environ\b",
            # In batch, where the command that sets a variable shows all of them.
            r"^[ \t]{0,20}@?set\s*(?:>|\|)\s*\S",
            r"[{(]\s{0,4}(?:env|printenv)\s*(?:;|&&)",
            r"\bos\.environb?\s*\.\s*(?:copy|items)\(\)\s*[,)]",
        ),
    ),
    (
        FactKind.NAMED_SECRET,
        _any(
            # Whichever variables a list names.
            r"\bos\.(?:environ(?:\.get\s*\(|\s*\[)|getenv\s*\()\s*[a-z_]\w{0,30}\s*[\]),][^\n]{0,60}\bfor\b",
            r"\.(?:map|flatMap|reduce|filter)\s*\([^\n]{0,60}process\.env\[\s*[a-z]\w{0,30}\s*\]",
        ),
    ),
    (
        FactKind.CREDENTIAL_COMMAND,
        _any(
            r"\bgpg2?\b[^\n]{0,60}--export-secret-(?:sub)?keys\b",
            r"\bgit\b[^\n]{0,20}\bconfig\b[^\n]{0,60}(?:credential|extraheader|http\.\S{0,40}token)",
            r"\b(?:npm|pnpm|yarn)\s+config\s+get\s+[^\n]{0,60}_auth(?:Token)?\b",
            r"\bheroku\s+auth:token\b|\bdoctl\s+auth\s+(?:list|token)\b|\bflyctl\s+auth\s+token\b|"
            r"\bfirebase\s+login:ci\b|\baz\s+ad\s+sp\s+create-for-rbac\b",
            r"\breg(?:\.exe)?\s+query\b[^\n]{0,80}\b(?:PuTTY|password|WinSCP|Sessions)\b",
        ),
    ),
    (
        FactKind.SENDS,
        _any(
            r"\brequire\s*\(\s*[\"'](?:node:)?(?:https?|http2|net|tls|dgram)[\"']\s*\)\s*\.\s*(?:request|connect|createSocket)\b",
            r"\.(?:put)?request\s*\(\s*[\"'](?:POST|PUT|PATCH)[\"']",
            # A picture that is fetched when a text is shown, with what a variable holds in its address.
            r"!\[[^\]\n]{0,80}\]\(\s*https?://[^\s)\"'`{$#%]{3,200}(?:\{|\$\{?\w|#\{|%s|[\"'`]\s*(?:\+|\.))",
            r"<img\b[^>\n]{0,80}\bsrc=\\?[\"']?https?://[^\s\"'`>{$#%]{3,200}(?:\{|\$\{?\w|#\{|%s|[\"'`]\s*(?:\+|\.))"
            r"(?i:[^\n>]{0,60}?(?:key|token|secret|environ|data|b64|payload|user|mail|pass|cred|cookie|content|prompt|"
            r"history|state))",
            r"[\"']method[\"']\s*=>\s*[\"'](?:POST|PUT)\b|\bfile_put_contents\s*\(\s*[\"'](?:https?|ftp)://",
        ),
    ),
    (
        FactKind.CLIPBOARD,
        _any(
            r"\b(?:the\s+clipboard\s+as|NSPasteboard|OpenClipboard\s*\(|arboard::|robotgo\.ReadAll|"
            r"clipboard\.(?:ReadAll|getText|readSync|paste)\s*\(|Clipboard\.paste\b|klembord)",
        ),
    ),
    (
        FactKind.SCREEN,
        _any(
            r"\b(?:kbinani/screenshot|screenshots::Screen|\bgrim\s+-|maim\b|robotgo\.CaptureScreen|"
            r"CGWindowListCreateImage|CGDisplayCreateImage|desktopCapturer|scrap::Capturer|"
            r"pyscreenshot|screenshot\.(?:grab|CaptureDisplay|CaptureRect))",
        ),
    ),
    (
        FactKind.KEYSTROKES,
        _any(
            r"\b(?:rdev::listen|device_query::|gohook\b|hook\.(?:Start|Register)\s*\(\s*hook\.Key|"
            r"NSEvent\.addGlobalMonitor|/dev/input/event|GetKeyboardState|node-global-key-listener|uiohook)",
        ),
    ),
)
