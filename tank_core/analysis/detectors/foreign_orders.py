"""A few orders against the user in languages other than English.

No full grammar: for each language the verbs and nouns of three things, to keep something
from the user, to take away a check, and to send. Two of them that stand together, or a
credential file that is to be sent to an address, are an order that no skill needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.package import Package
from tank_core.analysis.sentences import Sentence, sentences
from tank_core.analysis.wording import near

_HIDES = re.compile(
    "(?i)"
    # Chinese, Japanese, Korean
    r"(?:不要|不得|切勿|请勿|别|无需|不必|不用|勿)[^。\n]{0,10}(?:告诉|告知|通知|提及|提到|显示|透露|提醒|询问)|(?:悄悄|静默|偷偷|秘密)地?|瞒着|"
    r"(?:ユーザー|利用者|使用者)[^。\n]{0,10}(?:知らせ|言わ|伝え|教え|見せ|報告し|通知し)(?:ない|ず)|(?:密かに|こっそり|黙って)|"
    r"(?:사용자|유저)[^.\n]{0,12}(?:알리지|말하지|보여주지|묻지)|몰래|"
    # Spanish, Portuguese, Italian, French
    r"\bno (?:se )?(?:lo |la |les? )?(?:digas|menciones|informes|muestres|avises|reveles|cuentes|notifiques|"
    r"preguntes)\b|"
    r"\bsin (?:informar|avisar|decir\w*|preguntar|mencionar\w*|notificar|que (?:el usuario|lo sepa))\b|\ben secreto\b|"
    r"\bnão (?:conte|diga|mencione|informe|avise|mostre|pergunte|revele)\b|\bsem (?:informar|avisar|dizer|"
    r"perguntar|mencionar)\b|"
    r"\bnon (?:dir\w+|menzionar\w*|informare|mostrar\w*|avvisare|rivelar\w*|chiedere)\b|\bsenza (?:informare|"
    r"avvisare|dir\w+|chiedere)\b|"
    r"\bn['’]en (?:parle|dis|informe)\w* (?:pas|rien|jamais)\b|\bne (?:le |lui |l['’])?(?:dis|dites|mentionne|"
    r"informe|parle|montre|préviens|demande)\w*"
    r"[^.\n]{0,16}\b(?:pas|rien|jamais)\b|\bsans (?:l['’]|le |la |les |en )?(?:prévenir|informer|avertir|dire|"
    r"demander|parler)\b|"
    # German, Russian
    r"\b(?:sage?n?|erzähle?|erwähne?n?|informiere?n?|zeige?n?|frage?n?|melde?n?|"
    r"verrate?n?)\b[^.\n]{0,40}\b(?:nichts?|kein\w*|nie\w*)\b|"
    r"\bohne\b[^.\n]{0,40}\bzu (?:fragen|informieren|sagen|erwähnen|benachrichtigen)\b|\bheimlich\b|\bunbemerkt\b|"
    r"\bне (?:сообща\w+|говори\w*|упомина\w+|показыва\w+|спрашива\w+|уведомля\w+|предупрежда\w+|рассказыва\w+)|"
    r"\bтайно\b|"
    r"\bнезаметно\b|\bбез ведома\b"
)
_TAKES_AWAY = re.compile(
    r"(?i)(?:关闭|禁用|跳过|忽略|取消|绕过|去掉|删除)[^。\n]{0,12}(?:验证|校验|检查|防火墙|认证|鉴权)|(?:硬编码|明文(?:保存|存储|记录))[^。\n]{0,10}(?:密码|密钥|"
    r"口令)?|"
    r"(?:検証|認証|チェック|ファイアウォール)を?[^。\n]{0,8}(?:無効|スキップ|省略|オフ|停止)|"
    r"(?:검증|인증|방화벽|검사)[^.\n]{0,8}(?:끄|비활성|건너|무시|해제)|"
    r"\b(?:desactiv\w+|desativ\w+|deshabilit\w+|desabilit\w+|omit\w+|elimina|ignora|disattiv\w+|disabilit\w+|"
    r"désactiv\w+|supprime\w*|contourne\w*|"
    r"apaga|remova|salta)\b[^.\n]{0,24}(?:verificaci[oó]n|validaci[oó]n|verifica\w*|valida\w*|autentica\w*|"
    r"autenticaci[oó]n|firewall|cortafuegos|"
    r"v[ée]rification|validation|authentification|pare-feu|antivirus|contr[oô]les?|convalida\w*)|"
    r"\b(?:schalte?\w*|deaktivier\w*|entferne?\w*|überspring\w*|umgeh\w*|lass\w*)\b[^.\n]{0,40}(?:prüfung|"
    r"überprüfung|validierung|verifizierung|"
    r"authentifizierung|firewall|virenschutz|anmeldung)|"
    r"(?:отключ\w+|выключ\w+|пропуска\w+|пропусти\w*|удал\w+|обход\w+)[^.\n]{0,24}(?:проверк\w+|валидаци\w+|"
    r"аутентификаци\w+|авторизаци\w+|"
    r"брандмауэр\w*|антивирус\w*|файрвол\w*)"
)
_SENDS = re.compile(
    r"(?i)(?:发送|上传|抄送|密送|转发|传送|提交|备份)|(?:送信|転送|アップロード|送って|送る)|(?:전송|보내|업로드|전달)|"
    r"\b(?:env[ií]a\w*|envie\w*|reenv[ií]a\w*|sube|suba|transmite|invia\w*|inoltra\w*|carica|envoie\w*|envoyer|"
    r"transmets|transférer?\w*|"
    r"téléverse\w*|copia oculta|encaminh\w+|adiciona\w*)\b|\b(?:sende\w*|schick\w*|leite\w*|übermittle\w*|lade\w*|"
    r"kopier\w*)\b|"
    r"(?:отправ\w+|пересыла\w+|перешли\w*|загру[зж]\w+|передава\w+|скопиру\w+)"
)
_TO = re.compile(
    r"https?://[^\s)>\"'。，、]{4,200}|(?<![\w.])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}",
    re.IGNORECASE,
)
_STORE = re.compile(
    r"(?i)~?/?\.ssh\b|\bid_(?:rsa|ed25519)\b|~?/?\.aws\b|(?<![\w.])\.env\b|\.netrc\b|\.npmrc\b|\.kube\b|\.gnupg\b|"
    r"\bkeychain\b|密钥|密码|私钥|助记词|"
    r"秘密鍵|パスワード|シードフレーズ|비밀번호|개인 ?키|\bcontraseñas?\b|"
    r"\bclaves? (?:api|privadas?)|\bcl[ée]s? (?:api|privées?)|"
    r"\bmots? de passe\b|\bsenhas?\b|\bchaves? (?:de api|"
    r"api|privadas?)|\bchiavi? (?:api|privat[ae])|\bpasswörter\b|\bkennwörter\b|\bzugangsdaten\b|\bcredenciales\b|"
    r"\bcredenciais\b|\bcredenziali\b|"
    r"\bidentifiants\b|парол\w+|ключ\w*|учётн\w+ данн\w+"
)
_GENERAL = re.compile(
    r"(?i)每次|总是|始终|所有|一律|默认|常に|すべて|毎回|必ず|항상|모든|매번|\bsiempre\b|\btod[oa]s?\b|\bcada\b|\bsempre\b|\btutt[iaeo]\b|"
    r"\bogni\b|"
    r"\btoujours\b|\btous\b|\btoutes\b|\bchaque\b|\bimmer\b|\bjede\w?\b|\balle\w?\b|\bstets\b|всегда|кажд\w+|"
    r"\bвсе\b|всех|по умолчанию"
)
_DENIED = re.compile(
    r"(?i)(?:不要|不得|切勿|请勿|禁止|避免|不能|不应|勿)[^。，,\n]{0,8}$|\b(?:nunca|jamás|jamais|mai|nie|niemals|nicht|никогда|нельзя|"
    r"não|evita\w*|evite\w*|"
    r"без|ne|non|no|n['’])\b[^.,;\n]{0,30}$|\bне [^.,;\n]{0,20}$"
)
# What follows: "must not be sent" in languages that put the verb last.
_DENIED_AFTER = re.compile(
    r"^[^。、.\n]{0,3}(?:ないで|しない|してはいけ|하지 ?마|지 ?마세요|않)|^[^.\n]{0,30}\b(?:nicht|niemals)\b",
    re.IGNORECASE,
)
_NOT_ENGLISH = re.compile(
    r"[^\x00-\x7f]|\b(?:el|la|der|die|das|und|le|les|il|gli|que|não|para|per|dem|den|sin|sans|ohne)\b"
)


def orders(package: Package) -> Iterator[Hit]:
    """Yields orders to hide and to weaken or send, and orders to send what is secret to an address."""
    for found in sentences(package):
        for index, sentence in enumerate(found):
            text = sentence.text
            if not _NOT_ENGLISH.search(text):
                continue
            sends = bool(_TO.search(text)) and _is_ordered(_SENDS, text)
            is_hidden = any(_HIDES.search(one.text) for one in near(found, index, 1))
            if (sends and _STORE.search(text)) or (is_hidden and (sends or _is_ordered(_TAKES_AWAY, text))):
                yield _hit(sentence)


def weakens(package: Package) -> Iterator[Hit]:
    """Yields general orders to take a check away."""
    for found in sentences(package):
        for sentence in found:
            if _is_ordered(_TAKES_AWAY, sentence.text) and _GENERAL.search(sentence.text):
                yield _hit(sentence)


def _is_ordered(pattern: re.Pattern[str], text: str) -> bool:
    return any(
        not _DENIED.search(text, 0, match.start()) and not _DENIED_AFTER.search(text[match.end() :])
        for match in pattern.finditer(text)
    )


def _hit(sentence: Sentence) -> Hit:
    return hit_on_line(sentence.source, sentence.line, evidence=sentence.text)
