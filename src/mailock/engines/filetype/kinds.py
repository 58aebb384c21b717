"""Every type that is known: the name by which rules know it, its family, its media type, and the extensions that fit.

A line of the table holds the name, the family, the media type, and then extensions under which such a file is ordinary.
The name itself fits always. A line that begins with blanks goes on with the one before.
"""

from collections.abc import Mapping
from typing import Final

from mailock.core.evidence.filetype import Family

_TABLE: Final = """
txt text text/plain text log md markdown rst csv tsv nfo diff patch ini cfg conf json yaml yml toml c h cpp hpp cc
    java css tex bib srt po sql asc eml p7s pgp cgi php rb go rs ts lua pm vcs mbox dat me out m3u pls rpt lst prn ics
    vcf xml html htm rtf doc svg key pub pem crt cer list tmp plist properties gitignore s asm f pas el lisp
csv text text/csv txt tsv xls
json text application/json txt js ipynb map har geojson
vcf text text/vcard vcard
html html text/html htm xhtml xht shtml mht asp aspx php jsp xls doc txt tpl cgi hta dhtml
svg html image/svg+xml xml
hta script application/hta
xml xml application/xml xsl xslt xsd dtd rss atom plist kml gpx rels config resx wsdl xaml xul opml doc xls rdf txt
    html htm csproj pom dae tcx xmp xspf mml musicxml edmx fb2
pdf pdf application/pdf ai
fdf pdf application/vnd.fdf xfdf
docx ooxml application/vnd.openxmlformats-officedocument.wordprocessingml.document doc
docm ooxml application/vnd.ms-word.document.macroEnabled.12 doc
dotx ooxml application/vnd.openxmlformats-officedocument.wordprocessingml.template dot docx
dotm ooxml application/vnd.ms-word.template.macroEnabled.12 dot
xlsx ooxml application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xls
xlsm ooxml application/vnd.ms-excel.sheet.macroEnabled.12 xls
xltx ooxml application/vnd.openxmlformats-officedocument.spreadsheetml.template xlt xlsx
xltm ooxml application/vnd.ms-excel.template.macroEnabled.12 xlt
xlam ooxml application/vnd.ms-excel.addin.macroEnabled.12 xla
xlsb ooxml application/vnd.ms-excel.sheet.binary.macroEnabled.12 xls
pptx ooxml application/vnd.openxmlformats-officedocument.presentationml.presentation ppt pps
pptm ooxml application/vnd.ms-powerpoint.presentation.macroEnabled.12 ppt
ppsx ooxml application/vnd.openxmlformats-officedocument.presentationml.slideshow pps pptx ppt
ppsm ooxml application/vnd.ms-powerpoint.slideshow.macroEnabled.12 pps
potx ooxml application/vnd.openxmlformats-officedocument.presentationml.template pot pptx
potm ooxml application/vnd.ms-powerpoint.template.macroEnabled.12 pot
ppam ooxml application/vnd.ms-powerpoint.addin.macroEnabled.12 ppa
vsdx ooxml application/vnd.ms-visio.drawing vstx vssx
vsdm ooxml application/vnd.ms-visio.drawing.macroEnabled.12 vstm vssm
xps ooxml application/vnd.ms-xpsdocument oxps dwfx
opc ooxml application/zip zip thmx glox nupkg 3mf slx mlx
odt odf application/vnd.oasis.opendocument.text ott odm sxw
ods odf application/vnd.oasis.opendocument.spreadsheet ots sxc
odp odf application/vnd.oasis.opendocument.presentation otp sxi
odg odf application/vnd.oasis.opendocument.graphics otg sxd
odf odf application/vnd.oasis.opendocument.formula odc odi odb oxt
doc ole application/msword dot wiz wbk
xls ole application/vnd.ms-excel xlt xla xlm xlw
ppt ole application/vnd.ms-powerpoint pps pot ppa
vsd ole application/vnd.visio vss vst
pub ole application/x-mspublisher
mpp ole application/vnd.ms-project mpt
msg ole application/vnd.ms-outlook oft
msi ole application/x-msi msp mst msm
hwp ole application/x-hwp
mso ole application/x-mso dat bin doc xls
thumbs ole application/x-thumbs db
encrypted-office ole application/encrypted docx docm dotx dotm xlsx xlsm xlsb xltx xltm pptx pptm ppsx ppsm potx doc
    xls ppt
ole ole application/x-ole-storage doc xls ppt dot bin ole max ipt iam sldprt sldasm wps wdb mdb snp fpx mix jnb suo
    dwfx
rtf rtf application/rtf doc dot wri
one onenote application/onenote onetoc2
zip archive application/zip war ear cbz kmz xmind ipa aar whl egg wsz wmz sketch fla pk3 key pages numbers gz idml
    zipx appxsym crx imscc h5p vsix xpi epub docx jar saz sldx maff
epub archive application/epub+zip
7z archive application/x-7z-compressed cb7
rar archive application/vnd.rar cbr rev r00
tar archive application/x-tar gem ova cbt
gz archive application/gzip tgz svgz emz wmz adz dia gzip gnucash xcfgz rds
bz2 archive application/x-bzip2 tbz tbz2 bz
xz archive application/x-xz txz
lzma archive application/x-lzma tlz
lz archive application/x-lzip
zst archive application/zstd tzst
lz4 archive application/x-lz4
lzo archive application/x-lzop
z archive application/x-compress taz
cab archive application/vnd.ms-cab-compressed msu onepkg diagcab wsp xsn thmx
arj archive application/x-arj
lha archive application/x-lzh-compressed lzh
ace archive application/x-ace-compressed
zoo archive application/x-zoo
arc archive application/x-arc
alz archive application/x-alz
egg archive application/x-egg
sit archive application/x-stuffit sitx
cpio archive application/x-cpio
ar archive application/x-archive a lib
deb archive application/vnd.debian.binary-package udeb ipk
rpm archive application/x-rpm
xar archive application/x-xar pkg xip safariextz
wim archive application/x-ms-wim swm esd
iso archive application/x-iso9660-image img udf cdr bin toast
udf archive application/x-udf iso img
img archive application/x-raw-disk-image ima dd raw bin vfd flp iso
vhd archive application/x-vhd
vhdx archive application/x-vhdx avhdx
vmdk archive application/x-vmdk
vdi archive application/x-vdi
squashfs archive application/vnd.squashfs sqsh snap sfs
cramfs archive application/x-cramfs
nsis archive application/x-nsis
qcow2 archive application/x-qcow2 qcow
dmg archive application/x-apple-diskimage smi
chm archive application/vnd.ms-htmlhelp
hlp archive application/winhlp
szdd archive application/x-ms-compress ex_ dl_
kwaj archive application/x-ms-compress-kwaj
png image image/png apng
jpg image image/jpeg jpeg jpe jfif jif thm mpo
gif image image/gif
bmp image image/bmp dib
webp image image/webp
tif image image/tiff tiff dng cr2 nef arw pef
ico image image/vnd.microsoft.icon cur
psd image image/vnd.adobe.photoshop psb
jp2 image image/jp2 j2k jpx jpf
jxl image image/jxl
heic image image/heic heif hif
avif image image/avif
emf image image/emf
wmf image image/wmf
xcf image image/x-xcf
djvu image image/vnd.djvu djv
pcx image image/x-pcx
pnm image image/x-portable-anymap pbm pgm ppm pam
dds image image/x-dds
mp3 media audio/mpeg mp2 mpga
mp4 media video/mp4 m4v m4a m4b 3gp 3g2 f4v m4r mov
mov media video/quicktime qt
ogg media audio/ogg oga ogv opus spx
flac media audio/flac
wav media audio/wav
avi media video/x-msvideo
mkv media video/x-matroska webm mka
wmv media video/x-ms-wmv asf wma
flv media video/x-flv
swf media application/x-shockwave-flash
mid media audio/midi midi kar rmi
amr media audio/amr
aac media audio/aac
aif media audio/aiff aiff aifc
mpg media video/mpeg mpeg m2p vob m1v
au media audio/basic snd
exe executable application/vnd.microsoft.portable-executable scr com pif cpl dll ocx ax efi mui tlb acm xll wll bin
    drv sys fon node pyd
dll executable application/x-msdownload ocx cpl ax efi mui tlb acm xll wll xla drv sys fon node pyd exe winmd arx lng
    res
sys executable application/x-windows-driver drv exe
com executable application/x-dosexec
elf executable application/x-elf so ko o axf bin run out ppk prx puff mod
macho executable application/x-mach-binary dylib bundle o
class executable application/java-vm
jar executable application/java-archive war ear zip apk
apk executable application/vnd.android.package-archive apks xapk aab
msix executable application/msix appx msixbundle appxbundle
vsix executable application/vsix
xpi executable application/x-xpinstall
crx executable application/x-chrome-extension
dex executable application/x-dex odex
wasm executable application/wasm
pyc executable application/x-python-code pyo
nso executable application/x-netware-nlm nlm
js script text/javascript mjs cjs jsx gs es
jse script text/jscript.encode
vbs script text/vbscript vb
vbe script text/vbscript.encode
ps1 script text/x-powershell psm1 psd1 ps1xml psc1
bat script application/x-bat cmd nt btm
wsf script application/x-wsf ws
wsc script text/scriptlet sct
py script text/x-python pyw pyi
sh script application/x-sh bash zsh ksh csh command run
pl script text/x-perl pm cgi
rb script text/x-ruby
php script application/x-php phtml phar inc
applescript script text/x-applescript scpt
reg script text/x-ms-regedit
iqy script text/x-ms-iqy oqy rqy dqy
slk script application/x-sylk sylk
inf script application/x-setupscript
au3 script text/x-autoit
ahk script text/x-autohotkey
msc script application/x-msc
jnlp script application/x-java-jnlp-file
application script application/x-ms-application
lua script text/x-lua
tcl script application/x-tcl
lnk shortcut application/x-ms-shortcut
url shortcut application/x-mswinurl website
desktop shortcut application/x-desktop
webloc shortcut application/x-webloc
scf shortcut application/x-scf
settingcontent-ms shortcut application/x-settingcontent
library-ms shortcut application/x-library searchconnector-ms
search-ms shortcut application/x-search
appref-ms shortcut application/x-ms-appref
rdp shortcut application/x-rdp
theme shortcut application/x-theme themepack
job shortcut application/x-ms-job
eml message message/rfc822 txt mht mhtml nws email
mht message multipart/related mhtml eml doc xls
mbox message application/mbox
tnef message application/ms-tnef dat
ics calendar text/calendar ical ifb vcs
ttf font font/ttf
otf font font/otf
ttc font font/collection
woff font font/woff
woff2 font font/woff2
eot font application/vnd.ms-fontobject
pfb font application/x-font-type1 pfa
p7s key application/pkcs7-signature
p7m key application/pkcs7-mime p7c p7b spc
cer key application/pkix-cert crt der
pfx key application/x-pkcs12 p12
pem key application/x-pem-file crt cer key csr p7b p7s txt
pgp key application/pgp-encrypted gpg asc sig txt
jks key application/x-java-keystore keystore
kdbx other application/x-keepass2
ps other application/postscript eps epsf ai prn
mdb other application/x-msaccess accdb accde mde accda adp ldb laccdb
sqlite other application/vnd.sqlite3 db db3 sqlite3
pst other application/vnd.ms-outlook-pst ost
dbf other application/x-dbf
wpd other application/vnd.wordperfect wp
wri other application/x-mswrite doc
wk other application/vnd.lotus-1-2-3 wk1 wk3 wk4 wks
torrent other application/x-bittorrent
pcap other application/vnd.tcpdump.pcap pcapng cap
bin other application/octet-stream
empty empty application/x-empty
"""

DOCUMENTS: Final = frozenset({
    "pdf", "doc", "docx", "docm", "dot", "dotx", "dotm", "xls", "xlsx", "xlsm", "xlsb", "xlt", "ppt", "pptx", "pptm",
    "pps", "ppsx", "odt", "ods", "odp", "odg", "rtf", "txt", "csv", "html", "htm", "jpg", "jpeg", "png", "gif", "bmp",
    "tif", "tiff", "webp", "heic", "svg", "mp3", "mp4", "mpg", "mpeg", "mov", "avi", "wav", "wmv", "mkv", "eml",
    "msg", "xml", "json", "ics", "vcf", "pages", "numbers", "key", "epub", "log", "md", "one", "pub", "vsd", "wpd",
    "zip", "rar", "7z",
})  # fmt: skip  # packed: a word a line would be longer than it is worth
"""Extensions that people open without a second thought: behind one of them nothing should run."""
RUN: Final[Mapping[str, str]] = {
    extension: kind
    for kind, extensions in {
        "executable": "exe scr com pif cpl dll ocx sys msi msp msix appx msixbundle appxbundle jar apk app gadget xll"
        " wll deb rpm pkg mpkg dmg vsix xpi crx msu appimage efi class",
        "script": "js jse vbs vbe vb ps1 psm1 ps1xml psc1 bat cmd nt btm hta wsf wsh ws wsc sct py pyw sh bash csh ksh"
        " zsh command reg iqy oqy rqy dqy slk inf ins isp au3 ahk msc jnlp application appinstaller chm hlp php pl rb"
        " lua tcl scpt applescript mde ade xbap mst shb shs diagcab cdxml msh msh1 msh2 mshxml vsmacros mjs",
        "shortcut": "lnk url desktop webloc scf settingcontent-ms library-ms search-ms searchconnector-ms appref-ms"
        " rdp theme themepack deskthemepack job website pol contact",
    }.items()
    for extension in extensions.split()
}
"""Extensions that a system runs or follows when they are opened, and what they are then."""
MISLEADS: Final = frozenset(["scr", "com", "pif", "cpl"])
"""Extensions of programs that hardly anybody knows as such."""


def _parsed() -> tuple[dict[str, tuple[Family, str]], dict[str, frozenset[str]]]:
    types: dict[str, tuple[Family, str]] = {}
    fitting: dict[str, set[str]] = {}
    for line in _TABLE.strip().replace("\n    ", " ").splitlines():
        name, family, media, *extensions = line.split()
        types[name] = Family(family), media
        for extension in (name, *extensions):
            fitting.setdefault(extension, set()).add(name)
    return types, {extension: frozenset(names) for extension, names in fitting.items()}


TYPES, FITTING = _parsed()
"""Family and media type by name; and the names of the types that are ordinary under an extension."""


def family(name: str) -> Family:
    """The family of a type."""
    return TYPES[name][0]


def by_media() -> dict[str, str]:
    """The type by its media type; several names of one media type give the first of them."""
    known: dict[str, str] = {}
    for name, (_, media) in TYPES.items():
        known.setdefault(media.lower(), name)
    return known
