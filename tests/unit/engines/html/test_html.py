"""The engine of HTML: links of every attribute, what is hidden, asked for and built, and the peace of newsletters."""

import base64
import time

import pytest

from mailock.config.engines import EngineSettings
from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Severity, Shown
from mailock.core.evidence.report import Why
from mailock.engines.html.engine import Html
from tests.parts.said import Said, look

ENGINE = Html(EngineSettings())
ZIP = b"PK\x03\x04" + bytes(200)


def page(text: str | bytes, *, name: str = "", charset: str = "utf-8", octets: int = 64 << 20) -> Said:
    """What is said of a page."""
    content = text.encode() if isinstance(text, str) else text
    return look(ENGINE, content, Family.HTML, name=name, charset=charset, octets=octets)


@pytest.mark.parametrize(
    "text",
    [
        '<a href="http://x.example.com/">t</a>',
        "<area href='http://x.example.com/'>",
        "<img src=http://x.example.com/>",
        '<img srcset="http://x.example.com/ 2x">',
        '<body background="http://x.example.com/">',
        '<form action="http://x.example.com/">',
        '<button formaction="http://x.example.com/">',
        "<p style=\"background:url( 'http://x.example.com/' )\">",
        "<style>p{background:u\\72l(http://x.example.com/)}</style>",
        '<style>@import "http://x.example.com/";</style>',
        '<meta http-equiv="refresh" content="0;URL=\'http://x.example.com/\'">',
        '<base href="http://x.example.com/">',
        '<svg><a xlink:href="http://x.example.com/">',
        '<iframe src="http://x.example.com/">',
        '<object data="http://x.example.com/">',
        '<embed src="http://x.example.com/">',
        '<a ping="http://x.example.com/">',
        '<link rel=stylesheet href="http://x.example.com/">',
        '<video poster="http://x.example.com/">',
        '<param name=movie value="http://x.example.com/">',
        '<!--[if mso]><a href="http://x.example.com/"><![endif]-->',
        "<p>see http://x.example.com/</p>",
        '<script>location.href = "http://x.example.com/"</script>',
        f'<script>go(atob("{base64.b64encode(b"http://x.example.com/").decode()}"))</script>',
        '<a href="htt&#112;&colon;//x&period;example.com/">',
        '<a href=" h\tttp:\n//x.example.com/">',
    ],
)
def test_a_link_is_found_wherever_it_stands(text: str) -> None:
    assert "http://x.example.com/" in page(text).urls


def test_the_raw_form_of_a_link_is_what_stands_in_the_source() -> None:
    source = "<a href=\"http://a.example.com/?x=1&amp;y=2\">Shop</a> <a href='http&#58;//b.example.com'>B</a>"
    said = page(source)
    assert [(link.untrusted_url, link.untrusted_raw, link.untrusted_text) for link in said.links] == [
        ("http://a.example.com/?x=1&y=2", "http://a.example.com/?x=1&amp;y=2", "Shop"),
        ("http://b.example.com/", "http&#58;//b.example.com", "B"),
    ]
    assert all(link.untrusted_raw in source and link.shown is Shown.HTML for link in said.links)


def test_relative_links_go_where_the_base_says() -> None:
    said = page('<base href="http://evil.example.com/d/"><a href="login">t</a>')
    assert ("http://evil.example.com/d/login", "login") in [
        (link.untrusted_url, link.untrusted_raw) for link in said.links
    ]


def test_anchors_mail_addresses_and_inline_pictures_are_no_links() -> None:
    said = page(
        '<a href="#top">a</a><a href="mailto:a@example.com">b</a><img src="cid:x"><img src="data:image/gif,R0lG">'
    )
    assert not said.links
    assert not said.findings
    assert not said.children


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "display : none !important",
        "visibility:hidden",
        "font-size:0",
        "font-size:0.1px",
        "font: 0/0 a",
        "opacity:0",
        "mso-hide:all",
        "text-indent:-9999px",
        "position:absolute;left:-5000px",
        "max-height:0;overflow:hidden",
        "color:#fff;background-color:white",
        "color:rgb(255, 255, 255);background:#ffffff",
    ],
)
def test_hidden_text_is_noted(style: str) -> None:
    assert "html.hidden_text" in page(f'<p>Hello</p><div style="{style}">words for filters</div>').kinds


def test_colour_on_the_colour_of_the_page_is_hidden() -> None:
    assert "html.hidden_text" in page('<body bgcolor="#123456"><font color="#123456">words</font>').kinds
    assert "html.hidden_text" not in page('<body bgcolor="#123456"><font color="#ffffff">words</font>').kinds


def test_hidden_pieces_within_words_are_suspicious() -> None:
    text = 'P<span style="font-size:0">x</span>ay<b style="display:none">y</b>pal ser<i style="opacity:0">q</i>vice'
    assert page(text).worst("html.split_words") == (Severity.SUSPICIOUS, Confidence.LOW)


def test_a_password_field_weighs_more_in_a_file_than_in_the_text() -> None:
    form = '<form action="http://x.example.com/p"><input type=PassWord></form>'
    assert page(form).worst("html.password_form") == (Severity.SUSPICIOUS, Confidence.LOW)
    assert page(form, name="invoice.html").worst("html.password_form") == (Severity.SUSPICIOUS, Confidence.MEDIUM)


@pytest.mark.parametrize(
    "script",
    [
        "var b = new Blob([atob('{0}')]); a.href = URL.createObjectURL(b); a.download = 'x.zip'; a.click()",
        "navigator.msSaveOrOpenBlob(new Blob([f('{0}')]), 'x.zip')",
        "w['Blob'] && w['createObjectURL'](d('{0}'))",
        "var a = '{0}'; saveAs(new File([a], 'x'))",
    ],
)
def test_smuggling_is_malicious_and_the_file_is_taken_out(script: str) -> None:
    source = f"<script>{script.format(base64.b64encode(ZIP).decode())}</script>"
    said = page(source, name="a.html")
    assert said.worst("html.smuggling") == (Severity.MALICIOUS, Confidence.HIGH)
    assert ZIP in [child.content for child in said.children]


def test_a_script_that_builds_what_it_decodes_is_suspicious_without_its_file() -> None:
    said = page("<script>x = new Blob([new Uint8Array(decode(k))]); URL.createObjectURL(x)</script>", name="a.svg")
    assert said.worst("html.smuggling") == (Severity.SUSPICIOUS, Confidence.HIGH)


def test_files_in_data_uris_and_frames_are_taken_out() -> None:
    packed = base64.b64encode(ZIP).decode()
    said = page(f'<a download=x href="data:application/zip;base64,{packed}">a</a><iframe srcdoc="&lt;b&gt;hi">')
    assert [child.content for child in said.children] == [ZIP, b"<b>hi"]
    assert said.worst("url.data") == (Severity.SUSPICIOUS, Confidence.MEDIUM)


def test_no_more_is_unpacked_than_the_purse_holds() -> None:
    packed = base64.b64encode(bytes(5000)).decode()
    said = page(f'<a href="data:a/b;base64,{packed}">', octets=1000)
    assert not said.children
    assert said.unfinished is not None


def test_script_that_runs_what_it_decodes_is_told() -> None:
    said = page("<script>document.write(unescape('%3Cp%3E'))</script>", name="a.html")
    assert said.worst("html.obfuscated") == (Severity.SUSPICIOUS, Confidence.MEDIUM)


def test_a_file_that_leads_elsewhere_by_itself_is_suspicious_and_a_text_is_not() -> None:
    refresh = '<meta http-equiv=refresh content="0;url=https://x.example.com/">'
    assert page(refresh, name="a.html").worst("html.redirect")[0] is Severity.SUSPICIOUS
    assert page(refresh).worst("html.redirect")[0] is Severity.NOTE


def test_seven_bits_and_wide_letters_are_read() -> None:
    said = page(b"+ADw-a href=+ACI-http://x.example.com/+ACI-+AD4-", charset="utf-7")
    assert "http://x.example.com/" in said.urls
    assert "html.utf7" in said.kinds
    own = page(b'<meta charset="utf-7">+ADw-a href=+ACI-http://x.example.com/+ACI-+AD4-', charset="")
    assert "http://x.example.com/" in own.urls
    wide = '<a href="http://x.example.com/">'.encode("utf-16-le")
    assert "http://x.example.com/" in page(wide, charset="").urls
    assert "http://x.example.com/" in page(b"\xff\xfe" + wide).urls
    assert "http://x.example.com/" in page(b'<a h\0ref="http://x.exam\0ple.com/">').urls


def test_entities_of_a_page_are_told() -> None:
    assert "html.entity" in page('<!DOCTYPE x [<!ENTITY a "javascript:">]><svg>&a;</svg>', name="a.svg").kinds


NEWSLETTER = (
    '<html><head><style>.a{color:#fff}</style></head><body bgcolor="#eeeeee"><p style="display:none">News</p>'
    "<table>"
    + "".join(
        f'<tr><td style="color:#333;background:#fff"><a href="https://click.news.example.com/?u=1&amp;i={number}">Read</a>'
        f'<img src="https://img.news.example.com/{number}.png" width=1 height=1></td></tr>'
        for number in range(40)
    )
    + '</table><form action="https://news.example.com/search"><input name=q></form>'
    '<a href="https://news.example.com/unsubscribe?e=a%40b.example.com">Unsubscribe</a></body></html>'
)


def test_a_newsletter_has_nothing_but_notes() -> None:
    said = page(NEWSLETTER)
    assert {finding.severity for finding in said.findings} <= {Severity.NOTE}
    assert said.kinds == {"html.hidden_text", "html.form"}
    assert said.unfinished is None


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000,
        '<a href="http://a.example.com/">' * 100_000,
        "<p style='color:#fff;background:#fff'>x" * 50_000,
        "<" * 1_000_000,
        "<!--" * 200_000,
        '<table><tr><td style="background:url(' * 20_000,
        "<script>" + "'" * 1_000_000,
        "&#x41;" * 200_000,
        "<svg><use href=" * 50_000,
        "<img srcset='" + "http://a.example.com/ 1x," * 50_000 + "'>",
    ],
    ids=lambda text: text[:12],
)
def test_time_is_bounded_whatever_is_repeated(text: str) -> None:
    began = time.process_time()
    page(text)
    assert time.process_time() - began < 15


def test_policy_says_how_much_of_a_page_and_how_many_links_are_looked_at() -> None:
    text = "".join(f'<a href="https://a.example.com/{number}">x</a>\n' for number in range(20)).encode()
    few = look(Html(EngineSettings(links=3)), text, Family.HTML)
    assert few.unfinished is not None
    assert (len(few.links), few.unfinished.why) == (3, Why.TOO_MANY)
    short = look(Html(EngineSettings(link_text=100)), text, Family.HTML)
    assert short.unfinished is not None
    assert (len(short.links) < 4, short.unfinished.why) == (True, Why.TOO_LARGE)
