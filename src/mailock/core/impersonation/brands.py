"""Brands that are often imitated, and the domains that are truly theirs.

A name is what a reader takes for the brand in the name of a sender; a label is what he takes for it in a domain. Who is
missing is added by the setting `impersonation.brand`. Names that are common words (Apple, Chase, Target) only count as
a whole name, or with a word of business behind them.
"""

from dataclasses import dataclass
from typing import Final

from mailock.core.impersonation.listing import words
from mailock.core.impersonation.wording import plain

_APART: Final = str.maketrans(dict.fromkeys(",.-_\"'()[]:!", " "))


def apart(name: str) -> str:
    """A folded name as words, with one blank between them and one at each end."""
    return f" {' '.join(name.translate(_APART).split())} "


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """One of them."""

    name: str
    """As people write it."""
    names: tuple[str, ...]
    """What it calls itself, folded."""
    labels: tuple[str, ...]
    """The names of its sites, before the dot."""
    phrases: tuple[str, ...]
    """The names with blanks around and between their words."""
    sites: frozenset[str]
    """Its registrable domains; one that ends with a dot stands for the label under every suffix."""

    regional: frozenset[str] = frozenset()
    """Suffixes under which its many members have its name before their own: `sparkasse-ort.de`."""

    def owns(self, site: str) -> bool:
        """Whether a registrable domain is the brand's."""
        label, _, suffix = site.partition(".")
        if suffix in self.regional and label.partition("-")[0] in self.labels:
            return True
        return site in self.sites or f"{label}." in self.sites


_PLAIN_LABELS: Final = words(
    "office live windows teams outlook azure bing msn skype mac post poste orange chase web gov tax wise meta visa"
    " visaeurope apple zoom ups ing booking ledger steam target mail free symantec android blogger metamail transfer"
    " acrobat nhs bund nhs bvr hermes norton kraken dsgv elster discover post-ch"
)
"""Labels that stand in honest names of others; a domain is not held against anybody for them."""


def brand(name: str, sites: str, others: str = "", regional: str = "") -> Brand:
    """A brand with its sites, and other names, with a bar between them."""
    owned = frozenset(sites.split())
    labels = tuple(dict.fromkeys(site.partition(".")[0] for site in sites.split()))
    labels = tuple(label for label in labels if len(label) > 2 and label not in _PLAIN_LABELS)
    names = tuple(plain(one) for one in (name, *filter(None, others.split("|"))))
    return Brand(
        name=name, names=names, labels=labels, phrases=tuple(map(apart, names)), sites=owned, regional=words(regional)
    )


SHIPPED: Final = (
    brand("Microsoft", "microsoft. microsoftonline.com office.com office365.com outlook.com live.com hotmail."
      " sharepoint.com"
          " onmicrosoft.com windows.com azure.com msn.com skype.com xbox.com onedrive.com teams.com bing.com"
          " microsoftstore.com", "Microsoft 365|Office 365|Office365|Outlook|OneDrive|SharePoint|Microsoft"
          " Teams|MS Office"),
    brand("Google", "google. gmail.com googlemail.com youtube.com youtube-nocookie.com googleusercontent.com"
      " blogger.com"
          " android.com", "Gmail|Google Drive|Google Workspace|Google Docs"),
    brand("Apple", "apple.com icloud.com me.com mac.com", "Apple ID|iCloud|Apple Support|Apple Pay|App Store|iTunes"),
    brand("Amazon", "amazon. amazonaws.com amazonses.com primevideo.com amazonpay.com", "Amazon Prime|Amazon.com|AWS"),
    brand("PayPal", "paypal. paypal-communication.com paypal-customerfeedback.com paypalobjects.com"
      " braintreepayments.com"),
    brand("Netflix", "netflix. netflixstudios.com"),
    brand("Facebook", "facebook.com facebookmail.com fb.com meta.com metamail.com", "Meta|Meta for Business|Meta"
      " Support"),
    brand("Instagram", "instagram.com facebookmail.com facebook.com meta.com"),
    brand("WhatsApp", "whatsapp.com facebook.com facebookmail.com meta.com"),
    brand("LinkedIn", "linkedin.com"),
    brand("eBay", "ebay. ebayinc.com"),
    brand("Adobe", "adobe.com adobesign.com echosign.com adobecc.com acrobat.com", "Adobe Sign|Adobe"
      " Acrobat|Acrobat Sign"),
    brand("DocuSign", "docusign. docusign.net docusign.com docusign.eu"),
    brand("Dropbox", "dropbox.com dropboxmail.com hellosign.com dropboxpartners.com"),
    brand("WeTransfer", "wetransfer.com we.tl wetransfer.net"),
    brand("Zoom", "zoom.us zoom.com zoomgov.com", "Zoom Meeting"),
    brand("DHL", "dhl. dpdhl.com deutschepost.de dhl-news.com dhlparcel.nl dhlecs.com", "DHL Express|DHL Paket"),
    brand("Deutsche Post", "deutschepost.de dhl. dpdhl.com"),
    brand("FedEx", "fedex.com"),
    brand("UPS", "ups.com upsemail.com", "United Parcel Service|UPS Express"),
    brand("USPS", "usps.com usps.gov", "US Postal Service|United States Postal Service"),
    brand("DPD", "dpd. dpdgroup.com dpd-news.com"),
    brand("Hermes", "hermesworld.com myhermes. evri.com hermes-germany.de", "Evri"),
    brand("Royal Mail", "royalmail.com parcelforce.com", "Parcelforce"),
    brand("La Poste", "laposte. chronopost.fr colissimo.fr laposte.info", "Chronopost|Colissimo|La Banque Postale"),
    brand("Correos", "correos."),
    brand("Poste Italiane", "poste.it posteitaliane.it", "PosteItaliane|Postepay|BancoPosta"),
    brand("PostNL", "postnl."),
    brand("InPost", "inpost."),
    brand("Swiss Post", "post.ch swisspost.ch", "SwissPost"),
    brand("GLS", "gls-group.eu gls-group.com gls-pakete.de gls-italy.com gls-spain.es"),
    brand("American Express", "americanexpress.com aexp.com", "AmericanExpress|Amex"),
    brand("Chase", "chase.com jpmorgan.com", "JPMorgan Chase|Chase Bank|Chase Online"),
    brand("Bank of America", "bankofamerica.com bofa.com", "BankofAmerica|BofA"),
    brand("Wells Fargo", "wellsfargo.com", "WellsFargo"),
    brand("Citibank", "citi.com citibank.com citibank."),
    brand("Capital One", "capitalone.com", "CapitalOne"),
    brand("HSBC", "hsbc."),
    brand("Barclays", "barclays. barclaycard."),
    brand("Lloyds Bank", "lloydsbank.co.uk lloydsbank.com lloydsbanking.com"),
    brand("NatWest", "natwest.com"),
    brand("Santander", "santander. gruposantander.com openbank.es"),
    brand("BBVA", "bbva."),
    brand("CaixaBank", "caixabank. caixabank.es lacaixa.es"),
    brand("Sparkasse", "sparkasse. sparkassen.de dsgv.de s-finanzgruppe.de", regional="de at"),
    brand("Volksbank", "volksbank. vr.de vr-bank.de bvr.de", "Volksbank Raiffeisenbank", "de at it"),
    brand("Commerzbank", "commerzbank."),
    brand("Deutsche Bank", "deutsche-bank. db.com deutschebank."),
    brand("Postbank", "postbank.de"),
    brand("ING", "ing. ing-diba.de ing.com", "ING-DiBa|ING DiBa"),
    brand("DKB", "dkb.de"),
    brand("N26", "n26.com"),
    brand("Comdirect", "comdirect.de"),
    brand("Rabobank", "rabobank."),
    brand("ABN AMRO", "abnamro."),
    brand("BNP Paribas", "bnpparibas. bnpparibas.net mabanque.bnpparibas"),
    brand("Crédit Agricole", "credit-agricole. credit-agricole.fr"),
    brand("Société Générale", "societegenerale. socgen.com"),
    brand("Intesa Sanpaolo", "intesasanpaolo.com"),
    brand("UniCredit", "unicredit. unicreditgroup.eu unicredit.it"),
    brand("UBS", "ubs.com"),
    brand("PostFinance", "postfinance.ch"),
    brand("Revolut", "revolut.com"),
    brand("Wise", "wise.com transferwise.com"),
    brand("Klarna", "klarna."),
    brand("Visa", "visa. visaeurope.com"),
    brand("Mastercard", "mastercard."),
    brand("Western Union", "westernunion. westernunion.com"),
    brand("Coinbase", "coinbase.com"),
    brand("Binance", "binance.com"),
    brand("Kraken", "kraken.com"),
    brand("MetaMask", "metamask.io consensys.net consensys.io"),
    brand("Ledger", "ledger.com"),
    brand("Trezor", "trezor.io"),
    brand("Blockchain.com", "blockchain.com blockchain.info"),
    brand("Norton", "norton.com nortonlifelock.com symantec.com gendigital.com", "Norton LifeLock|NortonLifeLock"),
    brand("McAfee", "mcafee.com trellix.com"),
    brand("Geek Squad", "geeksquad.com bestbuy.com", "GeekSquad|Best Buy"),
    brand("Walmart", "walmart."),
    brand("Costco", "costco."),
    brand("Lidl", "lidl."),
    brand("IKEA", "ikea."),
    brand("MediaMarkt", "mediamarkt. mediamarktsaturn.com"),
    brand("Telekom", "telekom. t-online.de telekom-dienste.de t-mobile. magenta.de", "Deutsche"
      " Telekom|T-Online|T-Mobile"),
    brand("Vodafone", "vodafone."),
    brand("Orange", "orange. orange.fr orange.com", "Orange Bank"),
    brand("SFR", "sfr.fr sfr.com"),
    brand("Bouygues Telecom", "bouyguestelecom.fr bouygues-telecom.fr"),
    brand("1&1", "1und1.de ionos. ionos.com", "IONOS|1und1"),
    brand("Strato", "strato.de strato."),
    brand("GoDaddy", "godaddy.com secureserver.net"),
    brand("OVH", "ovh. ovhcloud.com"),
    brand("Comcast", "comcast.net comcast.com xfinity.com", "Xfinity"),
    brand("AT&T", "att.com att.net", "ATT"),
    brand("Verizon", "verizon.com verizonwireless.com"),
    brand("Yahoo", "yahoo. yahoo-inc.com yahoogroups.com ymail.com yahooinc.com", "Yahoo Mail"),
    brand("AOL", "aol.com aol."),
    brand("Web.de", "web.de 1und1.de gmx.net"),
    brand("GMX", "gmx. gmx.net 1und1.de"),
    brand("Spotify", "spotify.com"),
    brand("Disney+", "disneyplus.com disney.com", "Disney Plus"),
    brand("Steam", "steampowered.com steamcommunity.com valvesoftware.com"),
    brand("Airbnb", "airbnb."),
    brand("Booking.com", "booking.com", "Booking"),
    brand("IRS", "irs.gov", "Internal Revenue Service"),
    brand("HMRC", "hmrc.gov.uk www.gov.uk gov.uk tax.service.gov.uk", "HM Revenue|HM Revenue and Customs|GOV.UK"),
    brand("DVLA", "dvla.gov.uk gov.uk"),
    brand("TV Licensing", "tvlicensing.co.uk spp-cr.com"),
    brand("NHS", "nhs.uk nhs.net"),
    brand("Finanzamt", "elster.de bund.de bzst.de bundesfinanzministerium.de", "ELSTER|Bundeszentralamt für Steuern"),
    brand("ADAC", "adac.de"),
    brand("Impots", "impots.gouv.fr dgfip.finances.gouv.fr", "impots.gouv|Direction générale des Finances publiques"),
    brand("Ameli", "ameli.fr assurance-maladie.fr", "Assurance Maladie|L'Assurance Maladie|CPAM"),
    brand("Agencia Tributaria", "agenciatributaria.gob.es agenciatributaria.es aeat.es"),
    brand("Agenzia delle Entrate", "agenziaentrate.gov.it agenziaentrate.it"),
    brand("INPS", "inps.it"),
    brand("Belastingdienst", "belastingdienst.nl"),
    brand("DigiD", "digid.nl"),
    brand("E-ZPass", "e-zpassny.com ezpassnj.com e-zpassiag.com", "EZPass|E-ZPass|SunPass|FasTrak"),
    brand("SwissPass", "swisspass.ch sbb.ch", "SBB CFF FFS"),
    brand("Ticketmaster", "ticketmaster."),
    brand("cPanel", "cpanel.net cpanel.com", "cPanel Webmail|Roundcube|Zimbra"),
    brand("Mercado Libre", "mercadolibre. mercadopago. mercadolivre.com.br", "MercadoLibre|Mercado Pago"),
    brand("Itaú", "itau.com.br itau."),
    brand("Bradesco", "bradesco.com.br"),
    brand("Nubank", "nubank.com.br"),
    brand("Rakuten", "rakuten. rakuten.co.jp rakuten-card.co.jp", "楽天|楽天市場|楽天カード"),
    brand("Mercari", "mercari.com mercari.jp", "メルカリ"),
    brand("JCB", "jcb.co.jp jcb.com", "JCBカード"),
    brand("SMBC", "smbc-card.com smbc.co.jp vpass.ne.jp", "三井住友カード|三井住友銀行"),
    brand("Allegro", "allegro.pl allegro."),
    brand("PKO BP", "pkobp.pl pko.pl ipko.pl", "PKO Bank Polski|iPKO"),
    brand("mBank", "mbank.pl mbank."),
)  # fmt: skip  # a brand a line
COMMON_WORDS: Final = frozenset(
    {"apple", "chase", "orange", "wise", "ledger", "meta", "visa", "hermes", "booking", "steam", "ups", "ing", "strato"}
    | {"zoom", "amazon", "google", "yahoo", "outlook", "kraken", "dpd", "gls", "norton", "sfr", "aws", "att", "allegro"}
    | {"irs", "target", "microsoft", "ebay", "spotify", "telekom", "impots"}
)
"""Names that also begin those of other senders ("Apple Daily", "Chase Adams", "Google Groups"): these count only where
nothing but a word of business stands beside them.
"""
