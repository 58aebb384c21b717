"""Candidates for passwords: the words of a mail that stand near "password", in many languages, the most likely first.

Whoever sends an archive that is locked, honest or not, tells its reader how to open it: mostly in the same mail. The
list is bounded, since each candidate costs a try: first what follows a keyword and a colon,
then what stands near one,
then the configured dictionary, then words that look like passwords, last the words of the subject.
"""

from collections.abc import Iterable, Iterator
from html import unescape
from typing import Final

_KEYWORDS: Final = (
    "password", "passwd", "passcode", "passphrase", "pass phrase", "pass word", "pass:", "pass is", "pwd", "pw:",
    "pw is",
    "p/w", "psw", "code", "pin", "key", "secret", "unlock", "decrypt", "unzip",
    "passwort", "passwörter", "kennwort", "kenwort", "losung", "zugangscode", "schlüssel", "entpacken",
    "mot de passe", "mdp", "clé", "clef", "code d'accès",
    "contraseña", "contrasena", "clave", "código", "codigo",
    "senha", "palavra-passe", "palavra passe", "chave",
    "parola", "chiave", "codice", "parola d'ordine",
    "wachtwoord", "toegangscode", "sleutel",
    "lösenord", "losenord", "adgangskode", "kodeord", "passord", "salasana", "tunnussana", "lykilorð",
    "hasło", "haslo", "heslo", "jelszó", "jelszo", "parolă", "lozinka", "geslo", "zaporka", "parole", "slaptažodis",
    "slaptazodis", "fjalëkalimi", "fjalekalimi",
    "пароль", "паролем", "пароля", "парола", "лозинка", "код", "ключ",
    "κωδικός", "κωδικος", "συνθηματικό", "şifre", "sifre", "parolası",
    "סיסמה", "סיסמא", "كلمة المرور", "كلمة السر", "كلمه السر", "رمز عبور", "پسورد", "पासवर्ड", "কোড", "পাসওয়ার্ড",
    "密码", "密碼", "口令", "解压码", "提取码", "パスワード", "パス", "暗証番号", "비밀번호", "암호", "패스워드",
    "รหัสผ่าน", "รหัส", "mật khẩu", "mat khau", "kata sandi", "sandi", "kata laluan", "parool", "pasahitza",
    "contrasenya",
)  # fmt: skip  # a line a language, not a line a word
_LINKING: Final = frozenset({
    "is", "are", "was", "be", "the", "a", "an", "for", "to", "of", "your", "our", "this", "that", "it", "as", "in",
    "on", "file", "archive", "attachment", "document", "zip", "following", "below", "here", "use", "enter", "with",
    "and", "or", "please", "ist", "lautet", "das", "die", "der", "den", "dem", "des", "ihr", "ihre", "zum", "zur",
    "für", "und", "oder", "im", "anhang", "datei", "archiv", "est", "le", "la", "les", "de", "du", "pour", "votre",
    "fichier", "es", "el", "los", "su", "para", "del", "archivo", "é", "o", "do", "da", "seu", "arquivo",
    "il", "per", "di", "è", "het", "voor", "är", "för", "er", "til", "jest", "je", "для",
    "это", "архива", "файла", "は", "の", "です",
})  # fmt: skip  # packed: a word a line would be longer than it is worth
_AROUND: Final = "\"'`´‘’‚‛“”„‟«»‹›「」『』【】()[]{}<>*_,;:.!?。，；：！？、|=~→-–—·•\u200b\u200c\u200d\ufeff"
_SEPARATORS: Final = ":=：＝-–—>→»"
_QUOTES: Final = {
    '"': '"',
    "“": "”",
    "„": "“",
    "«": "»",
    "'": "'",
    "‘": "’",
    "`": "`",
    "「": "」",
    "【": "】",
    "»": "«",
}
_SPLITS: Final = str.maketrans(dict.fromkeys("\r\n\t\v\f\u00a0\u3000\u2028\u2029", " "))
_SEARCHED: Final = 200_000
"""Characters of one text that are looked at."""
_PLACES: Final = 60
"""Keywords that are looked at, in one text."""
_AFTER, _BEFORE = 160, 60
_SHORTEST, _LONGEST = 3, 64


def candidates(
    subject: str, texts: Iterable[str], dictionary: Iterable[str] = (), *, most: int = 100
) -> tuple[str, ...]:
    """At most so many different words, the most likely first. Texts are plain, or HTML as it stands."""
    ranks: dict[str, float] = {}
    bodies = [_plain(text[:_SEARCHED]) for text in texts]
    for text in (*bodies, _plain(subject[:2000])):
        for rank, word in _near_keywords(text):
            _note(ranks, rank, word)
    for word in dictionary:
        _note(ranks, 6.0, word)
    for text in bodies:
        for word in _words_of(text[:20_000]):
            if _looks_made_up(word):
                _note(ranks, 8.0, word)
    for word in _words_of(_plain(subject[:2000])):
        _note(ranks, 9.0, word)
    # The sort is stable: of one rank, what stood first comes first.
    return tuple(sorted(ranks, key=ranks.__getitem__)[:most])


def _note(ranks: dict[str, float], rank: float, word: str) -> None:
    if 0 < len(word) <= _LONGEST and len(ranks) < 20_000:
        ranks[word] = min(rank, ranks.get(word, rank))


def _plain(text: str) -> str:
    """A text without tags, entities resolved, every blank a space."""
    if "<" in text:
        pieces = text.split("<")
        text = pieces[0] + "".join(
            # "<" that opens no tag is a character like any other.
            " " + piece.partition(">")[2]
            if piece[:1].isalpha() or (piece[:1] in ("/", "!") and ">" in piece)
            else "<" + piece
            for piece in pieces[1:]
        )
    if "&" in text:
        text = unescape(text)
    return text.translate(_SPLITS)


def _near_keywords(text: str) -> Iterator[tuple[float, str]]:
    folded = text.lower()
    if len(folded) != len(text):
        # A few letters change their length with their case; places have to fit.
        folded = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    places = 0
    for keyword in _KEYWORDS:
        at = folded.find(keyword)
        while at >= 0 and places < _PLACES:
            end = at + len(keyword)
            if _is_word(folded, at, end, keyword):
                places += 1
                yield from _after(text[end : end + _AFTER])
                yield from _before(text[max(0, at - _BEFORE) : at])
            at = folded.find(keyword, end)


def _is_word(text: str, start: int, end: int, keyword: str) -> bool:
    """Whether a short keyword of a script with blanks stands alone: the `code` of `decode` and `codec` does not."""
    if len(keyword) > 4 or not keyword[0].isascii():
        return True
    return not text[start - 1 : start].isalnum() and not text[end : end + 1].isalpha()


def _after(text: str) -> Iterator[tuple[float, str]]:
    quoted = _quoted(text)
    if quoted:
        yield 0.5, quoted
    told = text.lstrip()[:1] in _SEPARATORS and bool(text.strip())
    place = 0
    for raw in text.split(" "):
        if not raw or place > 7:
            continue
        if raw.strip(_AROUND).lower() in _LINKING or not raw.strip(_AROUND):
            told = told or raw.endswith(tuple(_SEPARATORS))
            if raw.strip(_AROUND):
                yield 5.0, raw.strip(_AROUND)
            continue
        rank = (0.0 if told else 1.0) + place
        for word, penalty in _forms(raw):
            yield rank + penalty + _doubt(word), word
        place += 1


def _before(text: str) -> Iterator[tuple[float, str]]:
    for place, raw in enumerate(reversed(text.split()[-3:])):
        for word, penalty in _forms(raw):
            yield 4.0 + place + penalty + _doubt(word), word


def _forms(raw: str) -> Iterator[tuple[str, float]]:
    """A run of letters as it may be meant: without what surrounds it, with it, and its part in ASCII."""
    word = raw.strip(_AROUND)
    if word:
        yield word, 0.0
    if raw != word:
        yield raw.lstrip(_AROUND) or raw, 0.2
        yield raw.lstrip(_SEPARATORS), 0.3
        yield raw, 0.4
    if not word.isascii():
        run = "".join(letter if "!" <= letter <= "~" else " " for letter in raw).split()
        yield from ((piece.strip(_AROUND), 0.1) for piece in run if len(piece.strip(_AROUND)) >= _SHORTEST)


def _quoted(text: str) -> str:
    """What stands in quotes soon after a keyword, blanks and all."""
    for at, letter in enumerate(text[:40]):
        if letter in _QUOTES:
            end = text.find(_QUOTES[letter], at + 1)
            return text[at + 1 : end] if end > at + 1 else ""
    return ""


def _doubt(word: str) -> float:
    """Plain words are seldom passwords; digits and signs speak for one."""
    if len(word) < _SHORTEST:
        return 3.0
    return -0.5 if _looks_made_up(word) else 0.5


def _looks_made_up(word: str) -> bool:
    if not _SHORTEST <= len(word) <= 32 or "://" in word or "@" in word[1:-1]:
        return False
    digits = any(letter.isdigit() for letter in word)
    mixed = word[1:].lower() != word[1:] and word.upper() != word
    return digits or mixed or any(letter in "!#$%&+=_^" for letter in word)


def _words_of(text: str) -> Iterator[str]:
    for raw in text.split():
        word = raw.strip(_AROUND)
        if _SHORTEST <= len(word) <= _LONGEST:
            yield word
