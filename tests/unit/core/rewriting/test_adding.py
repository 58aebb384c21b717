"""Texts added to what a reader sees: in each charset and encoding, in HTML however broken, and nowhere else."""

import quopri
from base64 import b64encode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from mailock.core.rewriting import addition
from mailock.core.rewriting.edits import AddText, Place
from tests.unit.core.rewriting.test_carry import MIXED, body, done, read

END = AddText(text="-- \nGeprüft", place=Place.BOTTOM)
TOP = AddText(text="Careful: from outside", place=Place.TOP)


def single(charset: str, encoding: str, content: bytes, media: str = "text/plain") -> bytes:
    """A message with one text."""
    coded = {
        "base64": lambda: b64encode(content) + b"\r\n",
        "quoted-printable": lambda: quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"),
    }.get(encoding, lambda: content)()
    head = f"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: {media}; charset={charset}\r\n"
    return f"{head}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + coded


def text_of(mail: bytes) -> str:
    """The text of a message with one, with plain line ends."""
    message = message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    return str(message.get_content()).replace("\r\n", "\n")


CASES = [
    ("us-ascii", "7bit", "hello"),
    ("utf-8", "8bit", "grüß"),
    ("utf-8", "quoted-printable", "grüß = 1"),
    ("utf-8", "base64", "grüß"),
    ("iso-8859-1", "8bit", "grüß"),
    ("iso-8859-1", "quoted-printable", "grüß"),
    ("windows-1251", "base64", "привет"),
    ("koi8-r", "8bit", "привет"),
    ("iso-2022-jp", "7bit", "日本語"),
    ("shift_jis", "base64", "日本語"),
    ("gb2312", "8bit", "你好"),
    ("big5", "base64", "你好"),
    ("utf-16", "base64", "grüß"),
    ("utf-7", "7bit", "grüß +"),
]


@pytest.mark.parametrize(("charset", "encoding", "text"), CASES)
@pytest.mark.parametrize("edit", [END, TOP], ids=["bottom", "top"])
def test_text_is_added_in_every_charset_and_encoding(charset: str, encoding: str, text: str, edit: AddText) -> None:
    content = body(single(charset, encoding, f"{text}\r\n".encode(charset)), edit)
    shown = text_of(content).rstrip("\n")
    wanted = f"{text}\n\n-- \nGeprüft" if edit is END else f"Careful: from outside\n\n{text}"
    assert shown == wanted


@pytest.mark.parametrize(("charset", "encoding", "text"), CASES)
def test_html_is_added_in_every_charset_and_encoding(charset: str, encoding: str, text: str) -> None:
    page = f"<html><body><p>{text}</p></body></html>\r\n"
    content = body(single(charset, encoding, page.encode(charset), "text/html"), END)
    shown = text_of(content)
    assert f"<p>{text}</p>" in shown
    assert shown.index(text) < shown.index("Gepr&#252;ft") < shown.index("</body>")
    # References stand for themselves in every charset, so what is declared still holds.
    assert f"charset={charset}".encode() in content


def test_seven_bits_stay_seven_bits() -> None:
    content = body(single("us-ascii", "7bit", b"hello\r\n"), END)
    assert content.isascii() and b"quoted-printable" in content and b"charset=utf-8" in content


def test_what_fits_leaves_the_header_and_the_text_as_they_are() -> None:
    mail = single("us-ascii", "7bit", b"hello\r\n")
    assert body(mail, TOP) == mail.replace(b"hello", b"Careful: from outside\r\n\r\nhello")


@pytest.mark.parametrize("content", [b"gr\xfc\xdf\r\n", b"\xff\xfe\xfd\r\n"])
def test_octets_that_are_none_of_the_charset_are_left_alone(content: bytes) -> None:
    made = body(single("utf-8", "8bit", content), END)
    assert content in made and "Geprüft".encode() in made
    ascii_only = body(single("us-ascii", "8bit", content), END)
    assert content in ascii_only and b"Gepr?ft" in ascii_only


def test_other_parameters_of_the_type_are_kept() -> None:
    mail = b'Content-Type: text/plain; x="a b"; charset="us-ascii"; format=flowed\r\n\r\nhello\r\n'
    assert b'Content-Type: text/plain; charset=utf-8; x="a b"; format=flowed\r\n' in body(mail, END)


def test_flowed_lines_are_stuffed() -> None:
    mail = b"Content-Type: text/plain; format=flowed\r\n\r\nhello\r\n"
    edit = AddText(text=">quoted\n indented\nFrom here", place=Place.BOTTOM)
    assert body(mail, edit).endswith(b"hello\r\n\r\n >quoted\r\n  indented\r\n From here\r\n")


def test_both_alternatives_get_it_and_attachments_do_not() -> None:
    content = body(MIXED, TOP)
    parts = list(read(content).walk())
    assert [TOP.text in str(part.get_content()) for part in parts if not part.is_multipart()] == [
        True,
        True,
        False,
        False,
    ]


def test_what_goes_into_a_part_ends_before_its_delimiter() -> None:
    assert b"Hello.\r\n\r\n-- \r\nx\r\n--b2\r\n" in body(MIXED, AddText(text="-- \nx", place=Place.BOTTOM))


CALENDAR = (
    b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n--b\r\n"
    b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--b--\r\n"
)
RELATED = (
    b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>page\r\n--b\r\n"
    b"Content-Type: text/html\r\nContent-ID: <x>\r\n\r\n<p>frame\r\n--b--\r\n"
)
ATTACHED = b"Content-Type: text/plain; name=a.txt\r\n\r\nhello\r\n"
FORWARDED = b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\ninner\r\n"


def test_calendars_never_get_it() -> None:
    content = body(CALENDAR, TOP)
    assert (
        b"Careful: from outside\r\n\r\nplain" in content and b"\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n" in content
    )


def test_of_related_parts_the_first_gets_it() -> None:
    content = body(RELATED, TOP)
    assert content.index(b"Careful") < content.index(b"<p>page") and content.count(b"Careful") == 1


@pytest.mark.parametrize("mail", [ATTACHED, FORWARDED])
def test_where_nothing_is_read_nothing_is_added(mail: bytes) -> None:
    outcome = done(mail, TOP)
    assert outcome.content is None and outcome.receipt.sentences[0].startswith("No text was added")


def test_once_per_thread_is_once() -> None:
    once = AddText(text="Scanned by Mailock,\nevery time", place=Place.BOTTOM, once_per_thread=True)
    reply = b"Subject: Re: x\r\n\r\nyes\r\n> hello\r\n>\r\n> Scanned by\r\n> Mailock, every time\r\n"
    outcome = done(reply, once)
    assert outcome.content is None and outcome.receipt.sentences == ("Added no text to part 1: it is there already.",)
    page = b"Content-Type: text/html\r\n\r\n<blockquote>Scanned by <b>Mailock</b>,<br>every&nbsp;time</blockquote>\r\n"
    assert done(page, once).content is None
    assert done(reply.replace(b"Mailock", b"another"), once).content is not None


def test_several_texts_stand_in_the_order_in_which_they_were_ordered() -> None:
    texts = [AddText(text=word, place=place) for word, place in (("a", Place.TOP), ("b", Place.TOP))]
    ends = [AddText(text=word, place=Place.BOTTOM) for word in ("y", "z")]
    assert body(b"\r\nhello\r\n", *texts, *ends) == b"\r\na\r\n\r\nb\r\n\r\nhello\r\n\r\ny\r\n\r\nz\r\n"


def test_html_of_its_own_is_put_in_as_it_is() -> None:
    edit = AddText(text="plain", place=Place.TOP, html="<b>b&uuml;</b>")
    assert b"<div><b>b&uuml;</b></div>" in body(MIXED, edit)


def put(page: str, place: Place) -> str:
    """Where a mark lands in a page."""
    return addition.in_html(page, AddText(text="M", place=place)).replace("\r\n<div>M</div>\r\n", "|")


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<body>x</body>", "<body>x|</body>"),
        ("<BODY>x</BODY>", "<BODY>x|</BODY>"),
        ("<html><body>x</html>", "<html><body>x|</html>"),
        ("x", "x|"),
        ("", "|"),
        ("<body>x</body></html>\n", "<body>x|</body></html>\n"),
        ("<body>x</body>behind", "<body>x</body>behind|"),
        ("<body>x</body>more</body>", "<body>x</body>more|</body>"),
        ("<body>x<!-- </body> --></body>", "<body>x<!-- </body> -->|</body>"),
        ("<body>x<!-- never closed </body>", "<body>x|<!-- never closed </body>"),
        ("<body>x<a href='never closed </body>", "<body>x|<a href='never closed </body>"),
        ("<body>x<script>'</body>'</script></body>", "<body>x<script>'</body>'</script>|</body>"),
        ("<body>x<style>never </body>", "<body>x<style>|never </body>"),
        ('<body>x<p title="</body>">y</body>', '<body>x<p title="</body>">y|</body>'),
        ("<body>a < b</body>", "<body>a < b|</body>"),
    ],
)
def test_the_bottom_of_a_page_is_where_it_is_seen(page: str, wanted: str) -> None:
    assert put(page, Place.BOTTOM) == wanted


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<body>x", "<body>|x"),
        (
            '<html><head><title>t</title></head><body bgcolor="">x',
            '<html><head><title>t</title></head><body bgcolor="">|x',
        ),
        ("<html><head></head>x", "<html><head></head>|x"),
        ("<!DOCTYPE html><html>x", "<!DOCTYPE html><html>|x"),
        ("<!-- c --> <p>x", "<!-- c --> |<p>x"),
        ("x", "|x"),
        ("", "|"),
        ("<style>a{}</style><p>x", "<style>a{}</style>|<p>x"),
        ("<!-- <body> --><body>x", "<!-- <body> --><body>|x"),
        ("<p>x<body>y", "<p>x<body>|y"),
    ],
)
def test_the_top_of_a_page_is_behind_its_head(page: str, wanted: str) -> None:
    assert put(page, Place.TOP) == wanted


@pytest.mark.parametrize("mail", [b"", b"Subject: x\r\n", b"Subject: x", b"\r\n", b"Subject: x\r\n\r\n"])
@pytest.mark.parametrize("text", ["From: evil@example", "grüß"])
def test_a_text_never_becomes_a_field(mail: bytes, text: str) -> None:
    message = read(body(mail, AddText(text=text, place=Place.TOP)))
    assert message["From"] is None and message["Subject"] == ("x" if b"Subject" in mail else None)
    assert message.get_content().strip() == text
