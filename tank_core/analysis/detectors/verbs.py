"""What a lure asks for, in the languages that skills are written in: patterns of verbs and nouns.

Data of ``prerequisites`` and ``lures``. Stems, so that forms and politeness do not matter. Languages
without spaces between words need no word boundary, and others need one on the left only.
"""

from __future__ import annotations

import re


def _any(spaced: str, unspaced: str) -> re.Pattern[str]:
    """Returns a pattern for stems at the beginning of a word, and for words of Chinese, Japanese and Korean."""
    stems = "|".join(stem.replace("_", r"\s+") for stem in spaced.split())
    return re.compile(rf"(?i)\b(?:{stems})|{'|'.join(unspaced.split())}")


# fmt: off
DOWNLOAD = _any(
    "download fetch curl wget get_(?:it|the|this|your) grab_(?:it|the) "
    "herunterlad lad\\w*_\\S+_herunter lad(?:en|e)\\b télécharg descarg baix(?:e|ar|em)\\b scaric pobier "
    "indir(?:in|iniz)?\\b скача загруз завантаж tải unduh",
    "下载 下載 ダウンロード 다운로드",
)
RUN = _any(
    "run\\b execut launch start(?:s|en)?\\b open\\b double-?click install\\b unpack unzip extract "
    "load_(?:it|the|unpacked) ausführ führ\\w*_\\S+_aus start(?:en|e)\\b entpack öffn installier exécut "
    "lanc(?:ez|er)\\b ouvr décompress install(?:ez|er) "
    "ejec ejecút abr[ai] descompri instal execut(?:e|ar) inici esegu avvi apri\\b uruchom "
    "çalıştır запуст запуск выполн откро распак установ запусті chạy jalankan",
    "运行 運行 执行 執行 打开 打開 解压 解壓 安装 安裝 実行 起動 開い 解凍 インストール 실행 설치",
)
PASTE = _any(
    "paste ctrl\\W{0,3}v cmd\\W{0,3}v ⌘\\W{0,3}v strg\\W{0,3}v einfüg füg\\w*_\\S+_ein col(?:l|ler|lez)\\b peg(?:a|ue) "
    "col(?:e|ar)\\b incoll wklej yapıştır встав вставьте dán tempel",
    "粘贴 貼上 貼り付け 붙여넣",
)
TERMINAL = _any(
    "terminal\\b powershell command_prompt cmd\\.exe console\\b iterm eingabeaufforderung invite_de_commandes "
    "símbolo_del_sistema prompt_de_comando konsol терминал командн\\w*_строк",
    "终端 終端 命令行 命令提示符 ターミナル コマンドプロンプト 터미널 명령",
)
RUN_DIALOG = re.compile(
    r"(?i)\b(?:win(?:dows)?(?:[ -]?(?:key|taste|logo key))?|windows-taste|tecla windows|touche windows|"
    r"клавиш\w* windows)\W{0,4}(?:\+|und|and|y|et|e|и)\W{0,4}[rx]\b|\brun (?:dialog|box|window)\b|"
    r"\bausführen-dialog\b|运行对话框|ファイル名を指定して実行"
)
HUMAN_CHECK = _any(
    "captcha (?:verify|prove|confirm)\\w*_(?:that_)?you(?:'re|_are)_(?:a_)?human not_a_robot i'm_not_a_robot "
    "cloudflare_(?:check|verification) verification_step kein_roboter no_(?:eres|soy)_un_robot pas_un_robot",
    "人机验证 验证您是人类 ロボットではありません 로봇이",
)
DEFENCE = _any(
    "anti-?virus virenschutz virenscanner (?:windows_)?defender smartscreen gatekeeper real-?time_protection "
    "security_software endpoint_protection antivírus антивирус защитник",
    "杀毒 防毒 防病毒 实时保护 ウイルス対策 백신",
)
SWITCH_OFF = _any(
    "disabl turn(?:ed|ing)?_off switch(?:ed|ing)?_off (?:pause|deactivat|suspend|allow-?list|whitelist) "
    "exclu(?:de|sion) add_\\S+(?:_\\S+){0,6}_exclusion ausschalt deaktivier "
    "schalt\\w*_\\S+(?:_\\S+){0,4}_aus désactiv desactiv disattiv wyłącz kapat отключ выключ вимкн tắt matikan",
    "关闭 關閉 停用 禁用 無効 비활성 꺼",
)
PASSWORD = re.compile(
    r"(?i)(?:(?<![\w/.-])(?:password|passphrase|passcode|pass|pwd|passwort|kennwort|contraseña|clave|mot de passe|"
    r"senha|hasło|şifre|parola|пароль|mật khẩu)(?![\w-])|密码|密碼|口令|パスワード|비밀번호|"
    r"(?<![\w?&-])(?<!api )(?<!access )(?<!secret )(?<!license )(?:code|key|pin)\b(?=\s*[:：=]))"
)
PASSWORD_GIVEN = re.compile(
    PASSWORD.pattern + r"[^\S\n]{0,3}(?:is|ist|es|est|é|:|：|=|–|`|\"|'|为|は|\*{1,2}|\s){1,4}"
    r"[`\"'*]{0,3}[\w@#$!.-]{2,24}"
)
UNPACK = _any(
    "extract unzip unpack decompress unrar entpack décompress descompri extrai extra(?:e|iga|er) estrai распак rozpak",
    "解压 解壓 解凍 展開 압축",
)
REMOTE_TOOL = re.compile(
    r"(?i)\b(?:anydesk|teamviewer|rustdesk|ultraviewer|screenconnect|connectwise|supremo|splashtop|"
    r"quick assist|logmein|gotoassist|zoho assist|remote (?:tool|support tool|desktop tool|help tool|assistance)|"
    r"fernwartung\w*|acceso remoto)\b"
)
HELPER = re.compile(
    r"(?i)\b(?:technician|support (?:agent|staff|team|engineer|line|number)|(?:microsoft|apple|windows|google|bank|"
    r"manufacturer'?s?)(?: \w+){0,2} support|help ?desk|hotline|techniker\w*|técnico|technicien)\b"
)
LET_IN = re.compile(
    r"(?i)\b(?:(?:read|give|tell|send|share|dictate|enter|type|post)\w*\b[^.\n]{0,60}\b(?:code|id|address|number|pin|password)|"
    r"(?:accept|allow|approve|grant)\w*\b[^.\n]{0,40}\b(?:connect\w*|access|session|control))\b"
)
PHONE = re.compile(
    r"(?<!\d)\+?1?[ .(-]{0,2}8(?:00|33|44|55|66|77|88)[ .)-]{1,2}\d{3}[ .-]\d{4}(?!\d)|\b555[ .-]01\d\d\b"
)
# fmt: on
