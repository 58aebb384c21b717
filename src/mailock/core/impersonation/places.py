"""Places where anybody may put a page or a mailbox: who leads there, or writes from there, has shown nothing by it."""

from typing import Final

from mailock.core.impersonation.listing import listed, words

FREE_MAIL: Final = words(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com aol.com aim.com icloud.com me.com mac.com"
    " gmx.net gmx.de gmx.com gmx.at gmx.ch web.de mail.com email.com usa.com mail.ru bk.ru list.ru inbox.ru"
    " yandex.ru yandex.com rambler.ru ukr.net proton.me protonmail.com pm.me tutanota.com tuta.io zoho.com"
    " zohomail.com qq.com 163.com 126.com sina.com sohu.com yeah.net naver.com daum.net hanmail.net rediffmail.com"
    " libero.it virgilio.it tiscali.it alice.it orange.fr wanadoo.fr free.fr sfr.fr laposte.net t-online.de"
    " freenet.de arcor.de wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz abv.bg bigpond.com optusnet.com.au"
    " btinternet.com comcast.net verizon.net att.net earthlink.net terra.com.br uol.com.br bol.com.br consultant.com"
    " lycos.com excite.com netscape.net fastmail.com hushmail.com inbox.lv yahoo.com ymail.com rocketmail.com"
)
"""Domains at which anybody gets an address."""
_FREE_LABELS: Final = frozenset({"yahoo", "hotmail", "live", "outlook", "gmx"})
HOSTING: Final = listed(
    ".weebly.com .weeblysite.com .web.app .firebaseapp.com .r2.dev .pages.dev .workers.dev .github.io .gitlab.io"
    " .netlify.app .vercel.app .onrender.com .herokuapp.com .glitch.me .repl.co .replit.app .surge.sh .blogspot.com"
    " .wixsite.com .wix.com .wixstudio.io .wordpress.com .webflow.io .square.site .godaddysites.com"
    " .000webhostapp.com .azurewebsites.net .web.core.windows.net .blob.core.windows.net .azurefd.net .azureedge.net"
    " .amazonaws.com .cloudfront.net .digitaloceanspaces.com .ondigitalocean.app .fly.dev .fleek.co .ipfs.io"
    " .dweb.link .mybluehost.me .myftpupload.com .plesk.page .duckdns.org .ddns.net .hopto.org .zapto.org .no-ip.org"
    " .serveo.net .ngrok.io .ngrok-free.app .trycloudflare.com .typedream.app .notion.site .framer.app"
    " .framer.website .carrd.co .strikingly.com .mystrikingly.com .jimdosite.com .jimdofree.com .yolasite.com"
    " .site123.me .ucraft.site .zyrosite.com .tilda.ws .ukit.me .translate.goog .canva.site .my.canva.site .ct.ws"
    " .rf.gd .infinityfreeapp.com .byethost.com .atwebpages.com .cprapid.com .contaboserver.net .secureserver.net"
    " .appspot.com .run.app .cloudns.ph .sharepoint.com"
)
"""Ends of hosts below which anybody may put a page."""
HOSTED: Final = listed(
    "docs.google.com/forms forms.gle/ sites.google.com/ forms.office.com/ drive.google.com/ storage.googleapis.com/"
    " firebasestorage.googleapis.com/ script.google.com/ lookerstudio.google.com/ jotform.com/ form.jotform.com/"
    " typeform.com/ surveymonkey.com/ cognitoforms.com/ formstack.com/ ipfs.io/ cloudflare-ipfs.com/"
    " gateway.pinata.cloud/ telegra.ph/ t.me/ wa.me/ linktr.ee/ www.canva.com/design app.box.com/ indd.adobe.com/"
    " express.adobe.com/ transfer.sh/ anonfiles.com/ mediafire.com/ pub-"
)
"""Beginnings of URLs, without their scheme, behind which anybody may put a page."""
SHORTENERS: Final = words(
    "bit.ly bitly.com tinyurl.com t.co goo.gl ow.ly is.gd v.gd cutt.ly rb.gy rebrand.ly shorturl.at short.io t.ly"
    " tiny.cc buff.ly lnkd.in s.id qrco.de qr.page l.ead.me me-qr.com u.to clck.ru shorturl.asia urlz.fr tinyurl.is"
    " 2u.pw rotf.lol urlzs.com bl.ink soo.gd kutt.it dub.sh n9.cl acortar.link t1p.de kurzelinks.de shrtco.de adf.ly"
    " x.gd qrto.org scnv.io q-r.to linkin.bio"
)
ODD_SUFFIXES: Final = words(
    "top xyz icu cyou sbs cfd buzz click link club online site website space store shop live rest monster quest"
    " bond work fit cam beauty hair skin makeup autos boats yachts homes lol mom pics zip mov ru su cn tk ml ga cf"
    " gq pw cc ws info biz vip win loan men date bid stream download racing review party trade"
)
"""Suffixes that cost next to nothing, and are found more often in lures than in honest mail."""


def is_free(domain: str) -> bool:
    """Whether anybody gets an address at a domain."""
    return domain in FREE_MAIL or domain.partition(".")[0] in _FREE_LABELS


def hosted(url: str, host: str) -> str:
    """What a place is where anybody may put a page, in words; empty where it is none."""
    if host.removeprefix("www.") in SHORTENERS:
        return "a shortened link"
    if host.endswith(HOSTING):
        return "a place where anybody may put a page"
    rest = url.partition("://")[2]
    if rest.removeprefix("www.").startswith(HOSTED):
        return "a place where anybody may put a page"
    return ""
