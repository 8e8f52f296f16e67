"""Code that no skill needs: miners, defences switched off, remote control, code out of sight."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_PROGRAMS = (
    r"(?:xmrig|minerd|cpuminer|ethminer|nbminer|t-rex|phoenixminer|lolminer|xmr-stak|cgminer|bfgminer|nanominer|"
    r"teamredminer|srbminer\S*|gminer|wildrig\S*|ccminer|verusminer|monerod?-miner)\b"
)
_POOLS = (
    r"\bstratum[12]?\+(?:tcp|ssl|tls)://[\w.{$-]|\bmining\.(?:subscribe|authorize|submit)\b|"
    r"\bnicehash\.com:\d+|\b(?:minexmr|supportxmr|hashvault|moneroocean|2miners|nanopool|f2pool|unmineable)\.\w+:\d+"
)
_ALGORITHMS = (
    r"(?:rx/\w+|randomx|cn/\w+|cn-\w+|cryptonight[\w-]*|kawpow|ethash|etchash|autolykos2?|verushash|ghostrider|"
    r"yescrypt\w*|yespower\w*|argon2id_\w+|octopus|beamhash\w*|equihash\w*|progpow\w*|zelhash|kheavyhash)\b"
)
# An address of a coin that is mined on processors: 95 characters of its own alphabet.
_ADDRESS = r"\b[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b"
_MINER = re.compile(
    rf"(?i){_POOLS}|\b{_PROGRAMS}(?=[^\n]{{0,200}}(?:--?(?:o|url|pool|user|donate|algo|coin|u)\b|"
    r"\s-[ou]\s|\./|chmod|releases|tar|Popen|run\())|\bcoinhive\b|\bcryptonight\b|\bminexmr\b|\bsupportxmr\b|"
    rf"\bdocker\s+(?:run|pull)\b[^\n]{{0,200}}\b{_PROGRAMS}|"
    rf"\s(?:-a|--algo)[ =]\s*[\"']?{_ALGORITHMS}|--(?:donate-level|currency[ =]+[\"']?(?:monero|xmr|raven\w*|"
    rf"ethereum|etc)\b|cpu-max-threads-hint|randomx-\w+|rig-id)\b"
)
_POOL = re.compile(rf"(?i){_POOLS}")
_PAGE = re.compile(
    r"(?i)\bnew\s+[\w.]{2,40}\.(?:Anonymous|User|Token)\s*\((?=[^\n]{0,200}(?:throttle|\.start\s*\(|threads))|"
    r"\bsetThrottle\s*\(|\bFORCE_EXCLUSIVE_TAB\b|\bsrc=[^\s>]{0,120}\b(?:coin-?hive|deep-?miner|coin-?imp|"
    r"crypto-?loot|web-?mine\w*|miner)(?:\.min)?\.(?:js|wasm)\b"
)
_PAID_TO = re.compile(
    rf"(?:{_ADDRESS}[\s\S]{{0,400}}?(?:\s-(?:p|o|k|a)\s|--(?:url|pool|algo|coin)|\"(?:pass|keepalive|algo|coin|tls)\")|"
    rf"(?:\s-o\s|--(?:url|pool)\b|\"(?:url|pools?)\"\s*:)[\s\S]{{0,400}}?{_ADDRESS})"
)
_CONFIGURED = re.compile(
    r"\"pools\"\s*:\s*\[\s*\{(?=[^\]]{0,600}\"(?:url|host)\"\s*:\s*\"[^\"\s]{3,120}:\d{2,5}\")"
    r"(?=[^\]]{0,600}\"(?:user|wallet)\")(?=[^\]]{0,600}\"(?:pass|keepalive|coin|algo|rig-id|nicehash)\")"
)
_LOOKS_FOR = re.compile(
    r"(?i)\b(?:grep|pgrep|pkill|killall|egrep|findstr|select-string|ps aux)\b[^\n]{0,60}$"
)
_DEFENCE_OFF = re.compile(
    r"(?i)\bSet-MpPreference\b[^\n]{0,120}-Disable\w+|\bAdd-MpPreference\b[^\n]{0,80}-Exclusion\w+|"
    r"\bamsiInitFailed\b|\bAmsiScanBuffer\b|\bAmsiUtils\b|\bEtwEventWrite\b|\bspctl\s+--master-disable\b|"
    r"\bcsrutil\s+disable\b|"
    r"\bsetenforce\s+0\b|\bufw\s+disable\b|\bnetsh\s+advfirewall\s+set\s+\w+\s+state\s+off|\bauditctl\s+-e\s*0|"
    r"\bsystemctl\s+(?:stop|disable|mask)\s+(?:auditd|falcon\S*|crowdstrike\S*|clamav\S*|wazuh\S*|apparmor|ossec)|"
    r"\bhistory\s+-c\b|\bunset\s+HISTFILE\b|\bHISTFILE=/dev/null|\bexport\s+HISTSIZE=0|\bwevtutil\s+cl\b|"
    r"\bClear-EventLog\b|\bvssadmin\s+delete\s+shadows\b|\bbcdedit\b[^\n]{0,60}recoveryenabled\s+no"
)
_FAR_RIGHT = re.compile(r"\S[ \t]{160,2000}+(?P<code>[^\s#/][^\n]{8,})")
_CALL = re.compile(r"[;(]|https?://|\b(?:import|exec|eval|curl|wget|bash|require)\b")
_AGENT_RUNS_ON_LOAD = re.compile(r"!`(?P<command>[^`\n]{3,500})`")
_LOAD_DANGER = re.compile(
    r"\b(?:curl|wget|nc|ncat|base64|openssl|ssh|scp|bash\s+-[ci]|sh\s+-c|eval|iex|powershell|osascript|"
    r"python[\d.]*\s+-c|node\s+-e|perl\s+-e)\b|/dev/tcp/|\.ssh/|\.aws/|\.env\b|\bprintenv\b|\bauth token\b"
)
_RANSOM = re.compile(
    r"(?i)\byour files (?:have been|are|were) (?:encrypted|locked)|\b(?:pay|send)\b[^\n]{0,60}\b(?:bitcoin|btc|"
    r"monero|xmr)\b[^\n]{0,100}\b(?:decrypt\w*|recover|unlock|restore)\b|\b(?:write|mail|contact|pay|transfer|send)\b[^\n]{0,100}\b\d+(?:\.\d+)?\s?(?:btc|xmr|eth|bitcoins?|monero)\b|"
    r"\bdecryption key\b[^\n]{0,80}\b(?:pay|"
    r"bitcoin|btc)\b"
)


_CONFIGURATION = frozenset({Language.JSON, Language.YAML, Language.TOML, Language.INI})
_COMMANDS = frozenset({Language.SHELL, Language.POWERSHELL, Language.BATCH, Language.VBSCRIPT})


def miners(package: Package) -> Iterator[Hit]:
    """Yields programs that mine, what pays for it, and addresses of mining pools.

    Names of miners count where commands are; elsewhere they stand in lists of what to look for.
    """
    for source in package.sources:
        for pattern in _miner_patterns(source):
            for match in pattern.finditer(source.text):
                if not _LOOKS_FOR.search(source.text, max(0, match.start() - 60), match.start()):
                    yield hit_at(source, match.start())


def _miner_patterns(source: Source) -> tuple[re.Pattern[str], ...]:
    if source.language in _COMMANDS:
        return (_MINER, _PAID_TO)
    if source.language.is_code or source.is_decoded:
        return (_POOL, _PAID_TO, _PAGE)
    if source.language is Language.HTML:
        return (_PAGE,)
    if source.language in _CONFIGURATION:
        return (_POOL, _PAID_TO, _CONFIGURED)
    return ()


def defences_off(package: Package) -> Iterator[Hit]:
    """Yields commands that switch off a protection of the machine or wipe its records.

    In other languages such words stand in lists of what to look for; what they hand to a shell is read as shell.
    """
    for source in package.sources:
        if source.language in _COMMANDS:
            for match in _DEFENCE_OFF.finditer(source.text):
                yield hit_at(source, match.start())


def ransom_notes(package: Package) -> Iterator[Hit]:
    """Yields the words of a ransom note, in code."""
    return _in_code(package, _RANSOM)


def out_of_sight(package: Package) -> Iterator[Hit]:
    """Yields code pushed so far to the right that no editor shows it."""
    for source in package.sources:
        if not source.language.is_code or source.is_part_of_code:
            continue
        for match in _FAR_RIGHT.finditer(source.text):
            if _CALL.search(match["code"]):
                yield hit_at(source, match.start("code"))


def runs_on_load(package: Package) -> Iterator[Hit]:
    """Yields commands that an agent runs when it loads the text, and that reach out or read secrets."""
    for source in package.sources:
        if source.language is Language.MARKDOWN and source.is_file_text:
            for match in _AGENT_RUNS_ON_LOAD.finditer(source.text):
                if _LOAD_DANGER.search(match["command"]):
                    yield hit_at(source, match.start())


def _in_code(package: Package, pattern: re.Pattern[str]) -> Iterator[Hit]:
    for source in package.sources:
        if source.language.is_code or source.is_decoded:
            for match in pattern.finditer(source.text):
                yield hit_at(source, match.start())
