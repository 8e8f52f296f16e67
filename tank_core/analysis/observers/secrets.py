"""Secrets that a package reads: environment variables by the names that secrets have, and password stores."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import markdown
from tank_core.analysis.observers import prose
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.shell_words_seen import inner_commands, seen
from tank_core.analysis.observers.view import ALONE, View, is_read_as_code
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access

_SECRET = re.compile(
    r"(?:[A-Z0-9]+_)*(?:[A-Z0-9]*(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY)|KEY|CREDENTIALS?"
    r"|PAT|AUTH|PWD|PASS|COOKIE"
    r"|WEBHOOK_URL|DSN|CONNECTION_STRING|DATABASE_URL|MNEMONIC|SID)(?:_[A-Z0-9]+)*"
)
_MAX_NAME = 100  # characters; keeps the match of a hostile name short
_NOT_SECRET = re.compile(
    r"(?:YOUR|MY|EXAMPLE|SOME)_.*|.*(?:PUBLIC_KEY|PUBLISHABLE|KEY_ID$|TOKENIZERS?|KEYBOARD|_FILE$|_PATH$|_DIR$|MAX_TOKENS?"
    r"|TOKENS$|AUTH_(?:TYPE|MODE|METHOD|URL)"
    r"|KEY_NAME$|AUTH_SOCK$|^OLDPWD$|^PWD$|SESSION_ID$|TOKEN_(?:LIMIT|COUNT|URL|TYPE|BUDGET)|_COUNT$"
    r"|_LIMIT$|PASS_(?:COUNT|RATE)|KEY_(?:PREFIX|COUNT|SIZE|LENGTH|TYPE))"
)
_NAME = r"[\"'](?P<{0}>\w{{2,100}})[\"']"
_READS = re.compile(
    r"\b(?:os\.)?environ(?:\.get\(|\.pop\(|\.setdefault\(|\[)\s{0,20}"
    + _NAME.format("a")
    + r"|\b(?:os\.)?(?:getenv|Getenv|LookupEnv|get_env|getEnv|requireEnv|require_env|env_var|must_env"
    r"|required_env|env)\(\s{0,20}"
    + _NAME.format("b")
    + r"|\b(?:process|Bun|meta|Deno)\.env(?:\.get\(\s{0,20}[\"']|\??\.|!\.)(?P<c>[A-Za-z_]\w{1,100})"
    r"|\b(?:process|Bun|meta)\.env\[\s{0,20}"
    + _NAME.format("d")
    + r"|\bENV(?:\.fetch\(|\[|\.dig\()\s{0,20}"
    + _NAME.format("e")
    + r"|\$env:(?P<f>\w{2,100})|\$\{env:(?P<k>\w{2,100})\}|\$_(?:ENV|SERVER)\[\s{0,20}"
    + _NAME.format("g")
    + r"|\$ENV\{[\"']?(?P<h>\w{2,100})|GetEnvironmentVariable\(\s{0,20}"
    + _NAME.format("i")
    + r"|\bnode:env\W{1,4}(?P<j>[A-Z]\w{2,100})"
)
_DESTRUCTURED = re.compile(r"\{(?P<names>[\s\w,:=\"']{2,600})\}\s{0,4}=\s{0,4}(?:process|Bun)\.env\b")
_SETTINGS = re.compile(
    r"(?m)^[ \t]{1,12}(?P<name>[a-z][a-z0-9_]{2,60})\s?:\s?(?:str|SecretStr|Optional\[\w+\]|str \| None)\b"
)
_STORE = re.compile(
    r"\bkeyring\.get_password\(\s{0,20}[\"'](?P<service>[^\"'\n]{1,80})[\"']\s{0,4},\s{0,20}[\"'](?P<user>[^\"'\n]{1,80})[\"']"
)
_SHELL_READS = re.compile(r"\$\{?!?([A-Z][A-Z0-9_]{1,100})")
_SHELL_WRITES = re.compile(
    r"(?m)^[ \t]{0,40}(?:export[ \t]{1,8}|local[ \t]{1,8}|readonly[ \t]{1,8}"
    r"|declare[ \t]{1,8})?([A-Z][A-Z0-9_]{1,100})=(?P<value>[^\n]{0,200})"
)
_DOT_ENV = re.compile(r"(?m)^[ \t]{0,8}(?:export[ \t]{1,8})?(?P<name>[A-Z][A-Z0-9_]{1,100})[ \t]{0,4}=")
_PLACEHOLDER = re.compile(
    r"[\"']?(?:<|your|xxx|\.\.\.|sk-\.\.|changeme|\$\(|`|\$\{?[A-Z]|\w{0,6}[-_](?:xxx|\.\.\.))", re.IGNORECASE
)
_CONFIG_REF = re.compile(
    r"\$\{(?:env:)?(?P<name>[A-Z][A-Z0-9_]{1,100})(?::?-[^}]{0,80})?\}|\{\{\s{0,4}(?:env"
    r"|secrets)\.(?P<b>[A-Z]\w{1,100})"
)
_ENV_BLOCK = re.compile(r"[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,4}:")
_KEYS = {"op": 2, "pass": 1, "security": 1, "secret-tool": 1, "vault": 1, "gopass": 1, "bw": 1}


def observe(source: Source, view: View = ALONE) -> Iterator[Observation]:
    """Yields each secret that a source reads or asks for."""
    for offset, name in _named(source):
        if is_secret(name):
            yield Observation(Access.SECRETS, name, source.local_line_at(offset))
    if source.language is Language.SHELL:
        yield from _stores(source)


def is_secret(name: str) -> bool:
    """Returns whether an environment variable has a name that secrets have."""
    upper = name.upper()
    return (
        len(name) <= _MAX_NAME and _SECRET.fullmatch(upper) is not None and not _NOT_SECRET.fullmatch(upper)
    )


def _named(source: Source) -> Iterator[tuple[int, str]]:
    if source.language is Language.SHELL:
        yield from _in_shell(source)
    elif is_read_as_code(source):
        yield from _in_code(source)
    elif source.language is Language.MARKDOWN:
        yield from prose.secret_names(markdown.parse(source.text).prose)
    elif source.language in {Language.JSON, Language.YAML}:
        text = source.text
        yield from ((m.start(), m["name"] or m["b"]) for m in _CONFIG_REF.finditer(text))
        if "mcpServers" in text or '"env"' in text:
            yield from ((m.start(), m["name"]) for m in _ENV_BLOCK.finditer(text))
    elif (
        source.file.rsplit("/", 1)[-1].startswith((".env", "env."))
        or source.file.endswith(".env")
        or source.provenance.startswith("fenced")
    ):
        yield from ((m.start(), m["name"]) for m in _DOT_ENV.finditer(source.text))


def _in_shell(source: Source) -> Iterator[tuple[int, str]]:
    text = without_comments(source)
    own: set[str] = set()
    for match in _SHELL_WRITES.finditer(text):
        # A guide's "export X=your-key" asks for X; a script's "X=$(...)" makes it.
        if _PLACEHOLDER.match(match["value"]) and not match["value"].startswith(("$", "`", '"$')):
            yield match.start(1), match[1]
        elif match[1] not in match["value"]:  # TOKEN="${TOKEN:-}" still reads it
            own.add(match[1])
    yield from ((m.start(), m[1]) for m in _SHELL_READS.finditer(text) if m[1] not in own)


def _in_code(source: Source) -> Iterator[tuple[int, str]]:
    text = without_comments(source)
    yield from ((m.start(), next(filter(None, m.groups()))) for m in _READS.finditer(text))
    for match in _DESTRUCTURED.finditer(text):
        for name in re.findall(r"(?:^|,)\s*(\w{2,100})", match["names"]):
            yield match.start(), name
    for match in _STORE.finditer(text):
        yield match.start(), re.sub(r"\W+", "_", f"{match['service']}_{match['user']}").upper()
    if "BaseSettings" in text:
        yield from ((m.start(), m["name"].upper()) for m in _SETTINGS.finditer(text))


def _stores(source: Source) -> Iterator[Observation]:
    """Yields a computed secret for each read of a password store, which names none of the environment."""
    for pipeline in seen(source.text):
        for command in pipeline.commands:
            for words in inner_commands(command.words):
                if _reads_store(words):
                    yield Observation(Access.SECRETS, None, pipeline.line)


def _reads_store(words: tuple[str, ...]) -> bool:
    line = " ".join(
        word.rsplit("/", 1)[-1] if not position else word for position, word in enumerate(words[:4])
    )
    return (
        re.match(
            r"(?:op (?:read|item get|document get)|(?:go)?pass (?:show|otp|[\w-]+/)"
            r"|security find-(?:generic|internet)-password"
            r"|secret-tool lookup|vault (?:kv get|read)|bw get|aws secretsmanager get-secret-value"
            r"|gcloud secrets versions access"
            r"|kubectl get secrets?\b|gh auth token|gcloud auth print-(?:access|identity)-token"
            r"|doppler secrets get)",
            line,
        )
        is not None
    )
