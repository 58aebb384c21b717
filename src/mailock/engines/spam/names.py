"""Names that matter: companies whose name is borrowed, free mail, domains that are thrown away, places for anybody."""

from collections.abc import Mapping
from typing import Final

_BRANDS: Final = (
    "paypal;ebay;amazon:amazonaws,amazonses,media-amazon;apple:icloud,me;microsoft:office,office365,live,outlook,"
    "microsoftonline,sharepoint,windows,azure,hotmail,msn,bing,skype,linkedin;outlook:microsoft,live,office;"
    "office365:microsoft,office,sharepoint;onedrive:microsoft,live,sharepoint;sharepoint:microsoft;"
    "docusign;dropbox:dropboxmail;adobe:adobesign,echosign;netflix;spotify;facebook:facebookmail,fb,meta;"
    "instagram:facebookmail,facebook,meta;whatsapp:facebook,meta;metamask;coinbase;binance;blockchain;trezor;ledger;"
    "dhl:dhl-news,deutschepost;fedex;ups:upsemail;usps;hermes;dpd;gls:gls-group;evri;postnl;wells:wellsfargo;"
    "wellsfargo;chase:jpmorgan;citibank:citi;hsbc;barclays;lloyds:lloydsbank,lloydsbanking;natwest;halifax;"
    "santander;sparkasse:sparkassen;volksbank:volksbanken,vr,fiducia;commerzbank;postbank;ing:ing-diba;n26;"
    "consorsbank;barclaycard;mastercard;visa;amex:americanexpress,aexp;americanexpress:aexp;bankofamerica:bofa;"
    "capitalone;usbank;regions;suntrust;steam:steampowered,steamcommunity;geek:geeksquad,bestbuy;norton:nortonlifelock,"
    "symantec,lifelock,gen;mcafee;walmart;costco;sams:samsclub;netgear;telekom:t-online,magenta;vodafone;orange;"
    "ionos:1und1;strato;godaddy:secureserver;wetransfer;zoom:zoomgov;linkedin;att:att-mail;verizon:vzw;comcast:xfinity;"
    "xfinity:comcast;irs;hmrc;ameli;correos;chronopost;caixabank;bbva;intesa:intesasanpaolo;unicredit;poste:posteitaliane;"
    "itau;bradesco;allegro;inpost;rakuten;mercari;smbc;aeon;sbi;naver;kakao;tiktok;telegram;discord;roblox;"
    "airbnb;booking;uber;yahoo:yahoo-inc;aol;gmail:google;google:youtube,gmail,withgoogle,googlemail,goo;youtube:google"
)
BRANDS: Final[Mapping[str, frozenset[str]]] = {
    brand: frozenset({brand, *others.split(",")}) - {""}
    for brand, _, others in (one.partition(":") for one in _BRANDS.split(";"))
}
"""The word by which a company is known, and the first labels of its own domains."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FREE: Final = _words(
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.com.br yahoo.co.in"
    " yahoo.co.jp ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it live.com"
    " outlook.com outlook.fr outlook.de msn.com aol.com aim.com gmx.de gmx.net gmx.com gmx.at web.de t-online.de"
    " freenet.de mail.com email.com mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com rambler.ru qq.com 163.com"
    " 126.com sina.com sina.cn sohu.com yeah.net tom.com 21cn.com foxmail.com naver.com hanmail.net daum.net"
    " libero.it virgilio.it tiscali.it alice.it orange.fr wanadoo.fr free.fr laposte.net sfr.fr uol.com.br bol.com.br"
    " terra.com.br ig.com.br wp.pl o2.pl onet.pl interia.pl seznam.cz protonmail.com proton.me pm.me tutanota.com"
    " icloud.com me.com mac.com zoho.com rediffmail.com lycos.com excite.com juno.com netzero.net netscape.net"
    " bigfoot.com hushmail.com inbox.com fastmail.fm usa.net mailinator.com consultant.com europe.com post.com"
    " walla.com walla.co.il netscape.com hotpop.com 37.com caramail.com latinmail.com indiatimes.com eudoramail.com"
)
CHEAP: Final = _words(
    "tk ml ga cf gq xyz top icu buzz click link work rest cam monster cyou quest sbs cfd bond autos hair beauty skin"
    " makeup boats homes lol bar fit fun pw club loan win bid date racing review stream trade party science download"
    " gdn men mom kim accountant cricket faith webcam ren vip life live online site website space store tech host press"
    " surf uno best shop today world support rocks guru zip mov live services"
)
"""Top-level domains that cost little and are thrown away."""
ABROAD: Final = _words("ru cn su biz info in.net ua kz by ro br pl vn id ir ng pk bd ws cc nu to st la")
HOSTING: Final = _words(
    "weebly.com wixsite.com blogspot.com web.app firebaseapp.com github.io gitlab.io netlify.app vercel.app pages.dev"
    " workers.dev r2.dev herokuapp.com glitch.me 000webhostapp.com godaddysites.com myshopify.com square.site"
    " sites.google.com docs.google.com forms.gle jotform.com typeform.com azurewebsites.net windows.net"
    " cloudfront.net amazonaws.com digitaloceanspaces.com backblazeb2.com b-cdn.net notion.site canva.site"
    " webflow.io wordpress.com tripod.com geocities.com angelfire.com freewebs.com 50megs.com homestead.com"
    " bravehost.com strikingly.com yolasite.com duckdns.org ddns.net no-ip.org serveo.net ngrok.io ngrok-free.app"
    " trycloudflare.com replit.app repl.co surge.sh plesk.page mystrikingly.com sviluppo.host translate.goog"
    " googleapis.com appspot.com page.link linodeobjects.com myportfolio.com softr.app framer.app fleek.co on-fleek.app"
    " dweb.link"
)
"""Where anybody may put up a page, under somebody else's name."""
SHORT: Final = _words(
    "bit.ly tinyurl.com t.co goo.gl is.gd ow.ly buff.ly rebrand.ly cutt.ly shorturl.at t.ly rb.gy tiny.cc v.gd s.id"
    " lnkd.in qrco.de urlz.fr u.to clck.ru vk.cc bl.ink t.me wa.me shorte.st adf.ly snipurl.com snurl.com notlong.com"
    " tiny.one l.ead.me linktr.ee qr.link me-qr.com urlzs.com x.gd"
)


def is_of(registered: str, brand: str) -> bool:
    """Whether a registrable domain is one of a company's own, by its first label."""
    return registered.partition(".")[0] in BRANDS[brand]
