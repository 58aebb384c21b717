"""Types by the octets at fixed places: signatures of formats, and the few structures that have to be looked at behind
them. What only its text tells is in `texts`; what a zip or a compound file is, in `zips` and `compound`.

Sources: the formats' own specifications; the signatures are facts about them.
"""

from collections.abc import Callable
from typing import Final

_AT_START: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x7fELF", "elf"),
    (b"\xfe\xed\xfa\xce", "macho"),
    (b"\xfe\xed\xfa\xcf", "macho"),
    (b"\xce\xfa\xed\xfe", "macho"),
    (b"\xcf\xfa\xed\xfe", "macho"),
    (b"dex\n0", "dex"),
    (b"\0asm", "wasm"),
    (b"Cr24", "crx"),
    (b"\x1bLua", "lua"),
    (b"FasdUAS", "applescript"),
    (b"X5O!P%@AP", "com"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"ActiveMime", "mso"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08PK\x03\x04", "zip"),
    (b"PK00PK\x03\x04", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"RE\x7e\x5e", "rar"),
    (b"\x1f\x8b", "gz"),
    (b"\x1f\x9d", "z"),
    (b"\x1f\xa0", "z"),
    (b"\x1f\x1e", "z"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x02\x21\x4c\x18", "lz4"),
    (b"LZIP", "lz"),
    (b"\x89LZO\0\r\n\x1a\n", "lzo"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"ISc(", "cab"),
    (b"SZDD\x88\xf0\x27\x33", "szdd"),
    (b"SZ \x88\xf0\x27\x33\xd1", "szdd"),
    (b"KWAJ\x88\xf0\x27\xd1", "kwaj"),
    (b"\x60\xea", "arj"),
    (b"ALZ\x01", "alz"),
    (b"EGGA", "egg"),
    (b"SIT!", "sit"),
    (b"StuffIt ", "sit"),
    (b"070701", "cpio"),
    (b"070702", "cpio"),
    (b"070707", "cpio"),
    (b"\xc7\x71", "cpio"),
    (b"\x71\xc7", "cpio"),
    (b"!<arch>\ndebian-binary", "deb"),
    (b"!<arch>\n", "ar"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"xar!", "xar"),
    (b"MSWIM\0\0\0", "wim"),
    (b"WLPWM\0\0\0", "wim"),
    (b"conectix", "vhd"),
    (b"vhdxfile", "vhdx"),
    (b"KDMV", "vmdk"),
    (b"# Disk DescriptorFile", "vmdk"),
    (b"QFI\xfb", "qcow2"),
    (b"hsqs", "squashfs"),
    (b"sqsh", "squashfs"),
    (b"\x45\x3d\xcd\x28", "cramfs"),
    (b"ITSF\x03\0\0\0", "chm"),
    (b"ITOLITLS", "chm"),
    (b"?_\x03\0", "hlp"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "one"),
    (b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f", "one"),
    (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", "lnk"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
    (b"II+\0", "tif"),
    (b"MM\0+", "tif"),
    (b"8BPS", "psd"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"\x01\0\x09\0\0\x03", "wmf"),
    (b"gimp xcf", "xcf"),
    (b"AT&TFORM", "djvu"),
    (b"DDS |\0\0\0", "dds"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"\x1aE\xdf\xa3", "mkv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"FLV\x01", "flv"),
    (b"FWS", "swf"),
    (b"CWS", "swf"),
    (b"ZWS", "swf"),
    (b"MThd", "mid"),
    (b"#!AMR", "amr"),
    (b"\0\0\x01\xba", "mpg"),
    (b"\0\0\x01\xb3", "mpg"),
    (b".snd\0\0\0", "au"),
    (b"OTTO\0", "otf"),
    (b"\0\x01\0\0\0", "ttf"),
    (b"true\0", "ttf"),
    (b"ttcf\0", "ttc"),
    (b"wOFF", "woff"),
    (b"wOF2", "woff2"),
    (b"\x80\x01", "pfb"),
    (b"%!PS-AdobeFont", "pfb"),
    (b"%!FontType", "pfb"),
    (b"%!", "ps"),
    (b"\x04%!", "ps"),
    (b"\xc5\xd0\xd3\xc6", "ps"),
    (b"%PDF-", "pdf"),
    (b"%FDF-", "fdf"),
    (b"\x09\x08\x10\0\0\x06\x05\0", "xls"),
    (b"\x09\x08\x08\0\0\x05", "xls"),
    (b"\x09\x04\x06\0", "xls"),
    (b"\x09\x02\x06\0", "xls"),
    (b"\x09\0\x04\0", "xls"),
    (b"\x31\xbe\0\0\0\xab", "wri"),
    (b"\xdb\xa5\x2d\0", "wri"),
    (b"\xffWPC", "wpd"),
    (b"\0\0\x02\0\x06\x04", "wk"),
    (b"\0\0\x1a\0", "wk"),
    (b"\0\x01\0\0Standard Jet DB", "mdb"),
    (b"\0\x01\0\0Standard ACE DB", "mdb"),
    (b"SQLite format 3\0", "sqlite"),
    (b"!BDN", "pst"),
    (b"\x03\xd9\xa2\x9a", "kdbx"),
    (b"\xfe\xed\xfe\xed", "jks"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"d8:announce", "torrent"),
    (b"\xd4\xc3\xb2\xa1", "pcap"),
    (b"\xa1\xb2\xc3\xd4", "pcap"),
    (b"\x0a\x0d\x0d\x0a", "pcap"),
    (b"#@~^", "vbe"),
)
_ELSEWHERE: Final[tuple[tuple[int, bytes, str], ...]] = (
    (257, b"ustar", "tar"),
    (7, b"**ACE**", "ace"),
    (20, b"\xdc\xa7\xc4\xfd", "zoo"),
    (64, b"\x7f\x10\xda\xbe", "vdi"),
    (34, b"LP", "eot"),
    (0x8001, b"CD001", "iso"),
    (0x8001, b"BEA01", "udf"),
    (0x8801, b"CD001", "iso"),
    (0x9311, b"CD001", "iso"),
    (0x9801, b"CD001", "iso"),
)
_PLAIN_BRANDS: Final = {b"qt  ": "mov", b"avif": "avif", b"avis": "avif", b"crx ": "tif", b"jp2 ": "jp2"}
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"hevm"})
_RIFF: Final = {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav", b"RMID": "mid", b"ACON": "ico"}
_BITMAP_HEADERS: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_LHA_METHODS: Final = frozenset(b"0123456789abcdefsx")


def _indexed() -> dict[int, tuple[tuple[bytes, str], ...]]:
    by_first: dict[int, list[tuple[bytes, str]]] = {}
    for magic, name in _AT_START:
        by_first.setdefault(magic[0], []).append((magic, name))
    return {first: tuple(sorted(found, key=lambda one: -len(one[0]))) for first, found in by_first.items()}


_BY_FIRST: Final = _indexed()


def by_magic(content: bytes) -> str:
    """The type by its signature; empty where none is known. `zip` and `ole` stand for all that is made of them."""
    if not content:
        return "empty"
    for magic, name in _BY_FIRST.get(content[0], ()):
        if content.startswith(magic):
            check = _CHECKS.get(name)
            if check is None or check(content):
                return name
    structured = _STRUCTURED.get(content[0])
    found = structured(content) if structured else ""
    return found or _elsewhere(content)


def _elsewhere(content: bytes) -> str:
    for offset, magic, name in _ELSEWHERE:
        if content.startswith(magic, offset):
            check = _CHECKS.get(name)
            if check is None or check(content):
                return name
    if content[4:8] == b"ftyp":
        return _media_container(content)
    if content[2:5] in (b"-lh", b"-lz", b"-pm") and content[5] in _LHA_METHODS and content[6:7] == b"-":
        return "lha"
    if content[40:44] == b" EMF" and content[:4] == b"\x01\0\0\0":
        return "emf"
    return _disk(content) or _tar_without_magic(content)


def _disk(content: bytes) -> str:
    if len(content) < 1024:
        return ""
    if content[-512:-508] == b"koly":
        return "dmg"
    if content[-512:-504] == b"conectix":
        return "vhd"
    if content[512:520] == b"EFI PART":
        return "img"
    if _file_system(content):
        return "img"
    if content[510:512] != b"\x55\xaa":
        return ""
    # A table of partitions: each is marked as bootable or not, and at least one has a type and a length.
    entries = [content[446 + 16 * number : 462 + 16 * number] for number in range(4)]
    fine = all(entry[0] in (0, 0x80) for entry in entries)
    return "img" if fine and any(entry[4] and any(entry[12:16]) for entry in entries) else ""


def _file_system(content: bytes) -> bool:
    """Whether a file system begins here: NTFS, exFAT, ext, HFS, APFS, BitLocker, FAT."""
    if content[3:11] in (b"NTFS    ", b"EXFAT   ", b"-FVE-FS-") or content[32:36] == b"NXSB":
        return True
    if content[1024:1028] in (b"H+\0\4", b"HX\0\5") or content[1080:1082] == b"\x53\xef":
        return content[:1] in (b"\0", b"\xeb") or len(content) % 512 == 0
    return _fat(content)


def _fat(content: bytes) -> bool:
    """Whether the fields of a FAT's first sector agree; what it calls itself there no system reads."""
    jumps = content[:1] == b"\xe9" or (content[:1] == b"\xeb" and content[2:3] == b"\x90")
    sector, cluster = int.from_bytes(content[11:13], "little"), content[13]
    sized = sector in (512, 1024, 2048, 4096) and cluster > 0 and not cluster & (cluster - 1)
    return jumps and sized and content[14:16] != b"\0\0" and content[16] in (1, 2) and content[21] >= 0xF0


def _tar_without_magic(content: bytes) -> str:
    """A tar of the first kind has no signature, only the sum of its header."""
    if len(content) < 512 or content[156:157] not in (b"\0", b"0", b"1", b"2", b"5") or not content[0]:
        return ""
    stated = content[148:156].strip(b" \0")
    if not stated.isdigit():
        return ""
    header = content[:512]
    try:
        return "tar" if int(stated, 8) == sum(header) - sum(header[148:156]) + 256 else ""
    except ValueError:
        return ""


def _media_container(content: bytes) -> str:
    brand = content[8:12]
    if brand in _HEIC_BRANDS:
        return "heic"
    return _PLAIN_BRANDS.get(brand, "mp4")


def _program(content: bytes) -> str:
    """What begins with MZ: a program of DOS, or of Windows in one of its forms."""
    if content[:2] not in (b"MZ", b"ZM"):
        return ""
    at = int.from_bytes(content[60:64], "little")
    if content[at : at + 4] == b"PE\0\0":
        characteristics = int.from_bytes(content[at + 22 : at + 24], "little")
        subsystem = int.from_bytes(content[at + 92 : at + 94], "little")
        if subsystem == 1:
            return "sys"
        return "dll" if characteristics & 0x2000 else "exe"
    # Text may begin with these letters; a program's header has zeros.
    return "exe" if b"\0" in content[:64] else ""


def _java_or_macho(content: bytes) -> str:
    if content[:4] != b"\xca\xfe\xba\xbe" and content[:4] != b"\xca\xfe\xba\xbf":
        return ""
    return "macho" if int.from_bytes(content[4:8], "big") < 40 else "class"


def _bitmap_or_bzip(content: bytes) -> str:
    if content[:3] == b"BZh" and content[3:4].isdigit():
        return "bz2" if content[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90") else ""
    if content[:2] == b"BM" and int.from_bytes(content[14:18], "little") in _BITMAP_HEADERS:
        return "bmp"
    return ""


def _riff_or_rtf(content: bytes) -> str:
    return _RIFF.get(content[8:12], "") if content[:4] in (b"RIFF", b"RIFX") else ""


def _brace(content: bytes) -> str:
    return "rtf" if content[:3].lower() == b"{\\r" else ""


def _lzma(content: bytes) -> str:
    """LZMA alone has no signature, only a plausible header: usual properties, a round dictionary, a sane size."""
    dictionary = int.from_bytes(content[1:5], "little")
    size = int.from_bytes(content[5:13], "little")
    fine = len(content) > 13 and dictionary and not dictionary & (dictionary - 1) and content[13] == 0
    return "lzma" if fine and (size == 2**64 - 1 or size < 1 << 40) else ""


def _icon(content: bytes) -> str:
    count = int.from_bytes(content[4:6], "little")
    return (
        "ico"
        if (content[:3] == b"\0\0\x01" and content[3] == 0 and 0 < count < 200)
        or (content[:4] == b"\0\0\x02\0" and 0 < count < 200 and content[9:10] == b"\0")
        else ""
    )


def _form(content: bytes) -> str:
    return "aif" if content[:4] == b"FORM" and content[8:12] in (b"AIFF", b"AIFC") else ""


def _sound(content: bytes) -> str:
    """MPEG audio and AAC begin with a frame's header only."""
    second = content[1:2]
    if second in (b"\xfb", b"\xf3", b"\xf2", b"\xfa", b"\xe3", b"\xe2") and content[2:3] not in (b"\xff", b""):
        return "mp3"
    return "aac" if second in (b"\xf1", b"\xf9") else ""


def _der(content: bytes) -> str:
    """A sequence of ASN.1 (X.690): what it holds tells PKCS #7, certificates and PKCS #12 apart."""
    length = content[1:2]
    if content[2:12] == b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07":
        return "p7s" if content[12:13] == b"\x02" else "p7m"
    if length not in (b"\x80", b"\x82", b"\x83", b"\x84", b"\x81"):
        return ""
    inner = content[2 + (length[0] & 0x7F) :][:60] if length != b"\x80" else content[2:62]
    if inner.startswith(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"):
        return "p7s" if inner[10:11] == b"\x02" else "p7m"
    if inner.startswith(b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"):
        return "p7m"
    if inner.startswith(b"\x02\x01\x03\x30"):
        return "pfx"
    tbs = inner[2 + (inner[1] & 0x7F) :] if inner[:1] == b"\x30" and len(inner) > 2 and inner[1] & 0x80 else b""
    return "cer" if tbs.startswith((b"\xa0\x03\x02\x01", b"\x02")) else ""


def _pcx(content: bytes) -> str:
    return (
        "pcx"
        if content[1:2] in (b"\0", b"\2", b"\3", b"\5") and content[2:4] in (b"\1\1", b"\1\2", b"\1\4", b"\1\x08")
        else ""
    )


def _pnm(content: bytes) -> str:
    return "pnm" if content[1:2] in b"1234567" and content[2:3] in b" \t\r\n" and len(content) > 8 else ""


def _binary(content: bytes) -> bool:
    return b"\0" in content[:512]


_STRUCTURED: Final[dict[int, Callable[[bytes], str]]] = {
    ord("M"): _program,
    ord("Z"): _program,
    0xCA: _java_or_macho,
    ord("B"): _bitmap_or_bzip,
    ord("R"): _riff_or_rtf,
    ord("{"): _brace,
    0x5D: _lzma,
    0: _icon,
    ord("F"): _form,
    0xFF: _sound,
    0x30: _der,
    0x0A: _pcx,
    ord("P"): _pnm,
}
_CHECKS: Final[dict[str, Callable[[bytes], bool]]] = {
    "swf": lambda content: 0 < content[3:4][0] < 60 if len(content) > 8 else False,
    "mp3": lambda content: len(content) > 10 and content[3] < 10,
    "arj": lambda content: content[:2] == b"\x60\xea" and 10 <= int.from_bytes(content[2:4], "little") <= 2600,
    "eot": lambda content: content[8:12] in (b"\1\0\2\0", b"\2\0\2\0", b"\0\0\1\0", b"\1\0\1\0"),
    "cpio": lambda content: content[:1] == b"0" or _binary(content),
    "jxl": lambda content: content[:1] == b"\0" or _binary(content),
    "z": lambda content: len(content) > 4,
    "pfb": lambda content: content[:1] == b"%" or content[6:8] == b"%!",
    "ttf": lambda content: 0 < int.from_bytes(content[4:6], "big") < 100,
    "wk": lambda content: len(content) > 32,
    "tif": lambda content: len(content) > 8,
}
"""What has to hold besides a short signature."""
