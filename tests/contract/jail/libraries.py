"""The libraries that engines open content with, each doing in a child what it does for mail.

They are imported there as well, on first need: harder than in the warm worker, where engines may have imported them.
"""

import io
import zipfile
from collections.abc import Callable
from importlib import import_module

Emit = Callable[[bytes], None]


def libraries(order: bytes, body: int, output: int | None, emit: Emit) -> None:
    """The task: says the name of each library that works, and what another one raised."""
    for use in USES:
        try:
            use()
        except Exception as fault:
            emit(f"{use.__name__}: {type(fault).__name__}: {fault}".encode())
        else:
            emit(use.__name__.encode())


def yara_x() -> None:
    import yara_x

    rules = yara_x.compile("rule test { strings: $a = /he[a-z]{2,9}o/ condition: $a }")
    scanner = yara_x.Scanner(rules)
    # Its clock for this runs in a thread.
    scanner.set_timeout(5)
    assert len(scanner.scan(b"say hello").matching_rules) == 1


def lxml() -> None:
    assert len(import_module("lxml.html").fromstring("<p>a<p>b").findall(".//p")) == 2
    assert import_module("lxml.etree").fromstring(b"<?xml version='1.0' encoding='koi8-r'?><a/>").tag == "a"


def selectolax() -> None:
    from selectolax.lexbor import LexborHTMLParser

    assert len(LexborHTMLParser("<p>a<p>b").css("p")) == 2


def pillow() -> None:
    import PIL.Image

    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"):
        file = io.BytesIO()
        PIL.Image.new("RGB", (64, 64)).save(file, kind)
        image = PIL.Image.open(io.BytesIO(file.getvalue()))
        image.load()
        assert image.size == (64, 64)


def zxing() -> None:
    import PIL.Image
    import zxingcpp

    drawn = zxingcpp.create_barcode("https://example.test/", zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    assert zxingcpp.read_barcodes(PIL.Image.fromarray(drawn))[0].text == "https://example.test/"


def pdf() -> None:
    import pikepdf

    file, document = io.BytesIO(), pikepdf.new()
    document.add_blank_page()
    document.save(file)
    assert len(pikepdf.open(io.BytesIO(file.getvalue())).pages) == 1
    assert import_module("pypdfium2").PdfDocument(file.getvalue())[0].render(scale=0.2).width > 0


def libarchive() -> None:
    import libarchive

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a" * 10_000)
    with libarchive.memory_reader(file.getvalue()) as entries:
        assert [sum(map(len, entry.get_blocks())) for entry in entries] == [10_000]


def seven_zip() -> None:
    import py7zr

    file = io.BytesIO()
    with py7zr.SevenZipFile(file, "w", password="secret") as archive:
        archive.writestr(b"b" * 10_000, "b.txt")
    with py7zr.SevenZipFile(io.BytesIO(file.getvalue()), password="secret") as archive:
        factory = py7zr.io.BytesIOFactory(100_000)
        archive.extractall(factory=factory)
    assert list(factory.products) == ["b.txt"]


def library_of_7_zip() -> None:
    """Not installed everywhere. Its tables of functions are made here, which needs memory that can be executed."""
    from mailock.engines.archives.seven import ours, theirs

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("d.txt", b"d" * 10_000)
    source = ours.Content(file.getvalue())
    if theirs.LIBRARY is not None:
        opened = theirs.LIBRARY.opened(theirs.Stream(source.pointer(ours.IN), owned=False), "zip")
        assert opened is not None
        assert opened.extract([0], 20_000).files == ((0, b"d" * 10_000, 0),)


def ciphers() -> None:
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    # The second one is of OpenSSL's legacy provider, a file that it loads when it is asked for.
    assert len(Cipher(algorithms.AES(b"k" * 16), modes.CBC(b"i" * 16)).decryptor().update(b"x" * 32)) == 32
    assert len(Cipher(ARC4(b"k" * 16), None).decryptor().update(b"abc")) == 3


def zstandard() -> None:
    from backports import zstd

    assert zstd.decompress(zstd.compress(b"c" * 99)) == b"c" * 99


def codecs() -> None:
    # None of them is loaded before it is used.
    names = ("koi8-r", "cp932", "gb18030", "utf-7", "mac-roman", "euc-kr", "iso2022_jp", "big5hkscs", "cp037")
    assert all(b"a".decode(name, "replace") for name in names)


USES: tuple[Callable[[], None], ...] = (
    yara_x,
    lxml,
    selectolax,
    pillow,
    zxing,
    pdf,
    libarchive,
    seven_zip,
    library_of_7_zip,
    ciphers,
    codecs,
)


def warm() -> None:
    """What has to be imported before: it has other programs look for its shared object (ctypes.util.find_library)."""
    import_module("libarchive")
