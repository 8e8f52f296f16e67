"""How facts are recognised: one pattern a kind and way, for every language at once.

Patterns look for the call and its object, not for words: a path in a list of rules
or a link in a comment is no access. Every quantifier is bounded or possessive.
"""

from __future__ import annotations

import re

from tank_core.analysis.facts.fact import FactKind

# Where secrets lie. Public keys, known_hosts and samples such as .env.example are none.
CREDENTIAL_PATH = (
    r"(?:\.ssh/(?:id_(?:rsa|ed25519|ecdsa|dsa)(?!\.pub)|\*|[\"'`)\s]|$)|"
    r"\.ssh[\"'`]\s*[,/]\s*(?![^\n]{0,20}(?:known|authorized|config))|"
    r"\bid_(?:rsa|ed25519|ecdsa|dsa)\b(?!\.pub)"
    r"|\.aws[\"'`]?\s*[,/]\s*[\"'`]?(?:credentials|config)|\.netrc\b|\.git-credentials|\.npmrc\b|\.pypirc\b|"
    r"\.docker/config\.json|\.kube/config"
    r"|\.gnupg\b|/etc/shadow\b|\.config/gcloud|application_default_credentials|\.azure/|login\.keychain|"
    r"\.config/gh/hosts\.yml"
    r"|\.claude/\.credentials|\.claude\.json|\.codex/auth\.json|\.openclaw/openclaw\.json|"
    r"\.clawdbot/\.env|\.config/op/|\.password-store"
    r"|\.vault-token|\.terraform\.d/credentials|\.pgpass\b|\.my\.cnf\b|\.boto\b|\.s3cfg\b|secring\.gpg)"
)
_BROWSER = (
    r"(?:Login Data|[\"'/\\]Cookies[\"'`]|cookies\.sqlite|logins\.json|key4\.db|Local State[\"'`]|User Data"
    r"[\\/\"'`]|Web Data[\"'`]|"
    r"Google[/\\]{1,2}Chrome[/\\]|BraveSoftware|\.mozilla/firefox|Microsoft[/\\]{1,2}Edge[/\\]|browser_cookie3|brow"
    r"sercookie|CryptUnprotectData)"
)
_WALLET = (
    r"(?:wallet\.dat|\.config/solana/id\.json|\.ethereum[/\\]keystore|Exodus[/\\]{1,2}exodus\.wallet|[\"'`]?exodus"
    r"\.wallet|\.electrum[/\\]wallets|"
    r"Electrum[/\\]{1,2}wallets|nkbihfbeogaeaoehlefnkodbefgpgknn|bfnaelmomeimhlpmgjnjophhpkkoljpa|hnfanknocfeofbddg"
    r"cijnmhnfnkdnaad|"
    r"Atomic[/\\]{1,2}Local Storage|Ledger Live[\"'/\\]|\.bitcoin[/\\]|Coinomi[/\\]|keystore[/\\]UTC--|atomic[/\\]L"
    r"ocal Storage)"
)
_READ = (
    r"(?:\bopen\s*\(|\.read(?:_text|_bytes|lines|line)?\s*\(|\breadFile(?:Sync)?\s*\(|\bcreateReadStream\s*\(|"
    r"\bcat\s|\bGet-Content\b|\bFile\.(?:read|open)\b"
    r"|\bfile_get_contents\s*\(|\bfopen\s*\(|\bos\.ReadFile\s*\(|\bioutil\.ReadFile|\bcopy(?:file|2|tree)?\s*\(|"
    r"\bcopyFile(?:Sync)?\s*\(|\bcp\s+-?|\btar\s+-?\w*c|\bzip\s+-"
    r"|\bbase64\s|\bsqlite3\.connect\s*\(|\bglob\s*\(|\brglob\s*\(|\bos\.walk\s*\(|\blistdir\s*\(|"
    r"\breaddir(?:Sync)?\s*\(|\bexists\s*\(|\bexistsSync\s*\(|\bxxd\s|\bhead\s|\btail\s"
    r"|\bTextIO|\bslurp\b|\bhomedir\s*\(|\bexpanduser\s*\(|\bPath\.home\s*\(|@)"
)

# A secret place counts where the same text also reads files.
NEEDS_READING: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (FactKind.CREDENTIAL_FILE, re.compile(CREDENTIAL_PATH, re.MULTILINE)),
    (FactKind.BROWSER_STORE, re.compile(_BROWSER)),
    (FactKind.WALLET, re.compile(_WALLET)),
    (
        FactKind.HISTORY,
        re.compile(
            r"\.(?:bash|zsh|python|node_repl|mysql|psql)_history\b|ConsoleHost_history\.txt|fish_history"
        ),
    ),
    (
        FactKind.AGENT_STATE,
        re.compile(
            r"\.claude/(?:projects|history|settings|memory)|\.codex/(?:sessions|history)|\.cursor/(?:mcp\.json|"
            r"chats)|claude_desktop_config\.json"
            r"|\b(?:MEMORY|SOUL|IDENTITY)\.md\b|\.(?:openclaw|clawdbot)/(?!(?:workspace/)?(?:skills|tools|data|output|scripts|"
            r"logs|cache)\b)|conversation_history"
        ),
    ),
)
READING = re.compile(_READ)

DIRECT: tuple[tuple[FactKind, re.Pattern[str]], ...] = (
    (
        FactKind.CREDENTIAL_FILE,
        re.compile(
            r"(?:\bopen\s*\(|\breadFile(?:Sync)?\s*\(|\bcat\s|\bGet-Content\s|\bFile\.read\s*\(|\bPath\s*\(|@|"
            r"<\s?)\s*[\"'`]?(?:\./|\.\./|\$PWD/|[\w$/]{0,40}/)?\.env(?:\.(?:local|production|"
            r"prod))?(?=[\"'`)\s;|]|$)",
            re.MULTILINE,
        ),
    ),
    (
        FactKind.ENVIRONMENT,
        re.compile(
            r"\bdict\(\s*os\.environ\s*\)|\bos\.environ\.(?:items|values)\s*\(\s*\)|\bin os\.environ\b(?!\s*(?:\.|\[|:|"
            r"and|or|else|\)))"
            r"|(?:json|data|params|body|content|files)\s*=\s*(?:\{[^}\n]{0,80})?\bos\.environ\b(?!\s*(?:\[|\.get|"
            r"\.pop))|json\.dumps\(\s*(?:dict\()?os\.environ\b(?!\s*(?:\[|\.get))"
            r"|JSON\.stringify\(\s*(?:\{\s*\.\.\.)?process\.env\b(?!\s*[.\[])|Object\.(?:entries|keys|values|"
            r"assign)\(\s*(?:\{\}\s*,\s*)?process\.env\b(?!\s*[.\[])"
            r"|\bENV\.(?:to_h|to_a|map|each)\b|\bos\.Environ\(\)|\bgetenv\(\s*\)|\$_ENV\b(?!\s*\[)|"
            r"\bSystem\.getenv\(\s*\)|Get-ChildItem\s+(?:-Path\s+)?env:|\b(?:gci|dir|ls)\s+env:"
            r"|[|;&(`]\s*(?:env|printenv)\s*(?:\||>|\)|`|&&|;|$)|^[ \t]{0,40}(?:env|printenv|export -p)\s*(?:\||>)|"
            r"\$\((?:env|printenv|set)\b\s*(?:\)|\|)|`(?:env|printenv)\s*(?:`|\|)"
            r"|(?:subprocess\.\w+|check_output|exec(?:Sync)?|system|popen)\(\s*\[?\s*[\"'](?:env|printenv)[\"']|"
            r"/proc/self/environ|-c\s+[\"'](?:env|printenv)\b",
            re.MULTILINE,
        ),
    ),
    (
        FactKind.KEYSTROKES,
        re.compile(
            r"\bpynput\b[^\n]{0,40}\bkeyboard\b|\bkeyboard\.(?:Listener|on_press|hook|record)\b|"
            r"\bGetAsyncKeyState\b|\bSetWindowsHookEx\w?\b|\biohook\b|\bCGEventTapCreate\b|\bxinput\s+test\b"
        ),
    ),
    (
        FactKind.CLIPBOARD,
        re.compile(
            r"\bpyperclip\.paste\s*\(|\bpbpaste\b|\bxclip\s[^\n]{0,40}-o\b|\bxsel\s[^\n]{0,20}(?:-o|--output)|"
            r"\bGet-Clipboard\b|\bclipboard\.read(?:Text)?\s*\(|\bclipboardy\.read|\bclipboard_get\s*\(|"
            r"\bwl-paste\b"
        ),
    ),
    (
        FactKind.SCREEN,
        re.compile(
            r"\bImageGrab\.grab\s*\(|\bpyautogui\.screenshot\s*\(|\bscreencapture\b|\bmss\.mss\s*\(|\bscrot\b|"
            r"\bgnome-screenshot\b|\bCopyFromScreen\b|\bscreenshot-desktop\b|\bimport -window root\b"
        ),
    ),
    (
        FactKind.CREDENTIAL_COMMAND,
        re.compile(
            r"\bgh auth token\b|\bgcloud auth (?:application-default )?print-(?:access|identity)-token\b|"
            r"\baws configure (?:get|export-credentials)\b|\baz account get-access-token\b"
            r"|\bsecurity (?:find-(?:generic|internet)-password|dump-keychain)\b|\bsecret-tool (?:lookup|search)\b|"
            r"\bcmdkey\s*/list\b|\bvaultcmd\b|\bgit credential(?:-\w+)? (?:fill|get)\b"
            r"|\bnpm token list\b|\bkubectl (?:config view --raw|get secrets?\b[^\n]{0,60}-o)|"
            r"\bvault (?:token lookup|kv get)\b|\bkeyring\.get_password\s*\(|\bkeytar\.(?:getPassword|"
            r"findCredentials)\b"
        ),
    ),
    (
        FactKind.USER_FILES,
        re.compile(
            r"(?:os\.walk|rglob|glob\.glob|\.glob|readdir(?:Sync)?|find|scandir|Get-ChildItem|listdir|walk|"
            r"tar\s+-?\w*c\w*\s+\S+|zip\s+-\w*r\w*\s+\S+)\s*\(?[^\n]{0,80}"
            r"(?:Path\.home\s*\(\s*\)|expanduser\(\s*[\"']~/?[\"']|os\.homedir\s*\(\s*\)|\$HOME\b(?!/\.?\w+/)|"
            r"~/(?:Documents|Desktop|Downloads|Pictures)\b|\$env:USERPROFILE|[\"'`](?:Documents|Desktop)[\"'`])"
        ),
    ),
    (
        FactKind.NAMED_SECRET,
        re.compile(
            r"(?:os\.environ(?:\.get\(|\[)|os\.getenv\(|process\.env[.\[]|\bENV(?:\.fetch\(|\[)|\$env:|\$\{?|"
            r"getenv\()\s*[\"']?[A-Z0-9_]{0,40}(?:TOKEN|SECRET|PASSWORD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIAL)"
        ),
    ),
    (
        FactKind.SYSTEM_FACTS,
        re.compile(
            r"\b(?:socket\.gethostname|platform\.(?:node|uname|platform)|getpass\.getuser|os\.(?:hostname|userInfo|"
            r"getlogin|networkInterfaces|uname))\s*\(|\bwhoami\b|\buname -a\b|\bhostname\b(?=[`)])|\bifconfig\b|"
            r"\bipconfig\b|\$env:(?:COMPUTERNAME|USERNAME)"
        ),
    ),
    (
        FactKind.ENCODES,
        re.compile(
            r"\bb(?:64|32|85)encode\s*\(|\bbase64\.encode|\bbtoa\s*\(|\.toString\(\s*[\"'](?:base64|hex)[\"']|"
            r"\bzlib\.compress\s*\(|\bgzip\.compress\s*\(|\bbase64\s+(?:-w|-i|$|\|)|\|\s*base64\b(?!\s+-[dD])|"
            r"\.hex\(\)|\bhexlify\s*\(|\bxxd\s+-p|\[Convert\]::ToBase64String|\bBase64\.(?:strict_)?encode64"
        ),
    ),
    (
        FactKind.SENDS,
        re.compile(
            r"\b(?:requests|httpx|session|client|self\.session|self\.client|aiohttp|axios|got|superagent|needle|ky|"
            r"http|https|urllib3|RestClient|HTTParty|Faraday|conn|pool)\s*\.\s*(?:post|put|patch|request)\s*\("
            r"|\burlopen\s*\([^\n]{0,200}\bdata\b|\burllib\.request\.Request\s*\([^)]{0,300}\bdata\s*=|"
            r"\bfetch\s*\([^)]{0,600}?\bmethod\s*:\s*[\"'`](?:POST|PUT|PATCH)|\bXMLHttpRequest\b|\bsendBeacon\s*\("
            r"|\.(?:sendall|sendto)\s*\(|\bsendmail\s*\(|\bsend_message\s*\(|\bstorbinary\s*\(|\bput_object\s*\(|"
            r"\bupload_file(?:obj)?\s*\("
            r"|\bInvoke-(?:WebRequest|RestMethod)\b[^\n]{0,200}-Method\s+[\"']?(?:POST|PUT)|\bUpload(?:String|File|"
            r"Data|Values)\s*\(|\bNet::HTTP(?:\.|::)(?:post|Post|post_form)|\bCURLOPT_POST"
            r"|\bhttp\.(?:Post|PostForm|NewRequest)\s*\(|\bcurl\b[^\n]{0,300}?\s(?:-X\s*(?:POST|PUT)|"
            r"--request\s+(?:POST|PUT)|-d\b|--data[\w-]*|-F\b|--form\b|-T\b|--upload-file)"
            r"|\bwget\b[^\n]{0,200}--post-(?:data|file)|(?:\|\s*|^[ \t]{0,40}|>\(\s*)(?:nc|ncat|"
            r"netcat)\s+(?:-\w+\s+)*[\w.$-]+\s+\d{2,5}|/dev/(?:tcp|udp)/|\b(?:https?|net|tls)\.request\s*\(|"
            r"\bnew\s+WebSocket\s*\(|\bfetch\s*\([^\n]{0,200}\$\{|\bscp\s+\S+\s+\S+@|\brsync\s[^\n]{0,120}\S+@\S+:",
            re.MULTILINE | re.DOTALL,
        ),
    ),
    (
        FactKind.FETCHES,
        re.compile(
            r"\b(?:requests|httpx|session|client|aiohttp|axios|got|superagent|needle|http|https)\s*\.\s*get\s*\(|"
            r"\burlopen\s*\(|\burlretrieve\s*\(|\bfetch\s*\(|\bInvoke-(?:WebRequest|RestMethod)\b|\biwr\b|\birm\b|"
            r"\bDownload(?:String|File|Data)\s*\(|\bfile_get_contents\s*\(\s*[\"']https?:|\bcurl\b|\bwget\b|"
            r"\bhttp\.Get\s*\(|\bNet::HTTP\.get|\bURI\.open\s*\(|\bopen-uri\b|\bLWP::Simple\b"
        ),
    ),
    (
        FactKind.DECODES,
        re.compile(
            r"\b(?:b64|b32|b85|a85|standard_b64|urlsafe_b64)decode\s*\(|\batob\s*\(|"
            r"\bBuffer\.from\([^)\n]{1,200},\s*[\"'](?:base64|hex)[\"']|\bfromhex\s*\(|\bunhexlify\s*\(|"
            r"\bzlib\.decompress\s*\(|\bgzip\.decompress\s*\(|\bmarshal\.loads\s*\(|\bcodecs\.decode\s*\(|"
            r"\bbase64\s+(?:-d|-D|--decode)|\bFromBase64String\s*\(|\bBase64\.(?:strict_|urlsafe_)?decode64|"
            r"\bbase64_decode\s*\(|\bgzinflate\s*\(|\bxxd\s+-r|\bunescape\s*\(|\bdecodeURIComponent\s*\(|"
            r"\bString\.fromCharCode\s*\("
        ),
    ),
    (
        FactKind.RUNS_CODE,
        re.compile(
            r"(?<![\w.])(?:exec|eval)\s*\(\s*(?![\"'`)\s])|"
            r"(?<![\w.])compile\s*\(\s*[A-Za-z_]\w*[^)\n]{0,80}[\"']exec[\"']|\bnew\s+Function\s*\(|"
            r"\bvm\.run\w*\s*\("
            r"|\bInvoke-Expression\b|\biex\b|^[ \t]{0,40}eval\s+[\"'$]|[;&|(]\s*eval\s+[\"'$]|\b(?:pickle|cPickle|dill|"
            r"marshal)\.loads?\s*\(|\bassert\s*\(\s*\$|\bcreate_function\s*\("
            r"|\bimportlib\.util\.spec_from_loader|\btypes\.(?:FunctionType|ModuleType)\s*\(|\bglobals\(\)\s*\[|"
            r"\bctypes\.\w+\.(?:VirtualAlloc|mmap)|\b(?:instance|class|module)_eval\b",
            re.MULTILINE,
        ),
    ),
    (
        FactKind.RUNS_SHELL,
        re.compile(
            r"\bos\.(?:system|popen)\s*\(\s*(?![\"'`])|\b(?:execSync|exec)\s*\(\s*(?![\"'`)\s])|\bshell\s*=\s*True|"
            r"\|\s*(?:ba|z)?sh\b"
        ),
    ),
    (
        FactKind.DELETES_BROADLY,
        re.compile(
            r"\brm\s+(?:-\w+\s+)*-\w*[rf]\w*\s+(?:-\w+\s+)*[\"']?(?:\./\*|\.\./\*|\*|\.\.?/?(?=[\s\"';]|$)|"
            r"~/?(?=[\s\"';*]|$)|\$HOME/?(?=[\s\"';*]|$)|/(?=[\s\"';*]|$)|\$\(cat )|\brm\s+\$\(cat |\bfind\s+(?:\.|"
            r"~|/|\$HOME)\s[^\n]{0,200}(?:-delete|-exec\s+rm)"
            r"|\bshutil\.rmtree\s*\(\s*(?:os\.path\.expanduser|Path\.home|[\"'](?:/|~|\.)[\"'])|\bshred\s+-\w*u|"
            r"\bRemove-Item\b[^\n]{0,80}(?:\$HOME|\$env:USERPROFILE|C:\\\\?\*)|\bmkfs\.\w+\s|"
            r"\bdd\s+if=/dev/(?:zero|random|urandom)\s+of=/dev/|>\s*/dev/sd[a-z]",
            re.MULTILINE,
        ),
    ),
    (
        FactKind.LOCKS_FILES,
        re.compile(
            r"\bFernet\s*\([^\n]{0,80}\)|\bAES\.new\s*\(|\bcreateCipheriv\s*\(|"
            r"\bopenssl\s+enc\b[^\n]{0,80}\s-(?:in|e)\b|\bgpg\b[^\n]{0,60}(?:-c|--symmetric)|"
            r"\b7z\s+a\s[^\n]{0,80}-p|\bzip\s+[^\n]{0,40}-(?:e|P)\b|\bsetpassword\s*\(|\bpyminizip\.compress"
        ),
    ),
    (
        FactKind.FLOODS,
        re.compile(
            r"while\s+(?:true|:|1)\s*;?\s*(?:do)?\s*\n?[^\n]{0,40}\b(?:curl|wget)\b|"
            r"while\s+True\s*:\s*\n(?:[^\n]*\n){0,3}?[^\n]{0,80}\brequests\.\w+\s*\(|"
            r"for\s+\w+\s+in\s+range\(\s*\d{3,}\s*\)\s*:\s*\n[^\n]{0,80}\brequests\.\w+\s*\(|"
            r":\(\)\s*\{\s*:\|:&\s*\};:"
        ),
    ),
)
