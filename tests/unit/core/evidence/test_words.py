"""The password stands among the first few candidates, in whatever language the mail is."""

import pytest

from mailock.core.evidence.words import candidates

TOLD = [
    ("Please find the file attached. The password is: Xk92!qq\r\n\r\nBest", "Xk92!qq"),
    ("Password: 1234", "1234"),
    ("password - infected.", "infected"),
    ("The archive opens with pass 8821", "8821"),
    ("Use 4711 as password to open the document", "4711"),
    ("PIN for the attachment = 0815", "0815"),
    ("your access code is\r\n\r\n   QX-77-41\r\n", "QX-77-41"),
    ("Das Kennwort lautet \u201egeheim\u201c, bitte nicht weitergeben", "geheim"),
    ("Passwort f\u00fcr das Archiv: Sommer2024", "Sommer2024"),
    ("Le mot de passe est\u00a0: Paris75", "Paris75"),
    ("La contrase\u00f1a es Madrid99.", "Madrid99"),
    ("Senha do arquivo: 90210", "90210"),
    ("La password \u00e8 Roma_1", "Roma_1"),
    ("Wachtwoord: kaas55", "kaas55"),
    ("Has\u0142o do pliku: kot777", "kot777"),
    ("\u041f\u0430\u0440\u043e\u043b\u044c \u043a \u0430\u0440\u0445\u0438\u0432\u0443 - 5521", "5521"),
    ("\u5bc6\u7801\uff1aabc123\u3002\u8c22\u8c22", "abc123"),
    ("\u89e3\u538b\u5bc6\u7801\u662f888666", "888666"),
    ("\u30d1\u30b9\u30ef\u30fc\u30c9\u306f\u300cfuji-3776\u300d\u3067\u3059", "fuji-3776"),
    ("\ube44\ubc00\ubc88\ud638: kim2024", "kim2024"),
    ("<p>Archive password:&nbsp;<b>d0cs&amp;co</b></p>", "d0cs&co"),
    ("<td>Password</td><td><span style='x'>hunter2</span></td>", "hunter2"),
    ('The password is "open sesame"', "open sesame"),
]


@pytest.mark.parametrize(("text", "password"), TOLD)
def test_the_password_is_among_the_first(text: str, password: str) -> None:
    assert password in candidates("Your documents", [text], ["infected", "1234"])[:5]


def test_the_subject_counts() -> None:
    assert "K-9911" in candidates("Invoice, password K-9911", [""])[:3]


def test_the_dictionary_comes_before_the_rest_of_the_text() -> None:
    found = candidates("Hello", ["Nothing is said here about x1y2z3 or anything"], ["infected"])
    assert found.index("infected") < found.index("x1y2z3")


def test_the_list_is_bounded_and_holds_each_once() -> None:
    text = " ".join(f"password: word{number}" for number in range(5000))
    found = candidates(text, [text] * 20, ["infected"] * 100, most=40)
    assert len(found) == len(set(found)) == 40


def test_any_text_is_taken() -> None:
    for text in ("", "password", "password:", "<", "&#x;", "\ud800 password \udfff", "İ" * 100 + " password: x1234"):
        candidates(text, [text])
