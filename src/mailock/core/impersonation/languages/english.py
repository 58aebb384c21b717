"""English."""

from typing import Final

from mailock.core.impersonation.themes import Signs, Theme, near, said

SIGNS: Final[Signs] = {
    Theme.ACCOUNT: (
        near(
            "verify confirm validate revalidate re-validate re-confirm reactivate restore unlock authenticate"
            " reconfirm",
            "account accounts identity information details profile ownership credentials login billing access records"
            " webmail email mailbox membership",
        ),
        near("update", "billing credentials kyc"),
        near(
            "suspended limited locked restricted disabled deactivated blocked terminated deactivation suspension closed"
            " compromised flagged",
            "account accounts access card profile service wallet membership",
        ),
        said(
            "your account will be", "irregular activity", "unusual activity", "suspicious activity", "keep my account"
        ),
        said("account information", "log in to your account", "verification required", "action required"),
    ),
    Theme.MAILBOX: (
        near(
            "mailbox mail-box webmail inbox email e-mail messages mails storage quota",
            "full exceeded quota upgrade undelivered pending quarantined suspended migration deactivate held limit",
        ),
        said("validate your mailbox", "incoming messages", "release messages", "stuck on the server", "out of storage"),
        said("blocked incoming", "pending messages", "undelivered messages", "message delivery failure", "clear cache"),
    ),
    Theme.PASSWORD: (
        near(
            "password passwords passcode authentication mfa 2fa",
            "expire expires expiring expired expiration expiry keep retain same current",
        ),
        said("keep current password", "keep same password", "keep my password", "password reset required"),
    ),
    Theme.SIGN_IN: (
        near(
            "unusual suspicious unrecognized unrecognised unauthorized new unknown", "sign-in signin login logon device"
        ),
        said(
            "was this you",
            "wasn't you",
            "was not you",
            "secure your account",
            "multi-factor",
            "2fa",
            "mfa",
            "re-authenticate",
        ),
    ),
    Theme.PARCEL: (
        near(
            "package parcel shipment delivery item courier",
            "held hold failed undelivered undeliverable redelivery reschedule customs fee unpaid pending unable"
            " attempted"
            " incorrect incomplete warehouse waiting depot suspended",
        ),
        said("delivery attempt", "confirm your address", "shipping fee", "import duty"),
    ),
    Theme.PAYMENT: (
        near(
            "payment invoice card billing subscription transaction transfer toll bill",
            "declined failed overdue unpaid outstanding problem hold update unsuccessful due pending remittance swift",
        ),
        near("paid unpaid outstanding", "toll tolls invoice balance"),
        said("payment method", "remittance advice", "payment advice", "update your payment", "proof of payment"),
        said("swift copy", "wire transfer", "payment confirmation", "could not be processed", "couldn't process"),
    ),
    Theme.BANK_CHANGE: (
        near(
            "change changed update updated new switch",
            "bank banking iban account-details payroll salary paycheck direct-deposit",
        ),
        near("direct", "deposit"),
        said(
            "bank details", "banking details", "new account details", "account has changed", "ach form", "under audit"
        ),
    ),
    Theme.REFUND: (
        near("refund rebate compensation", "claim tax eligible approved pending due irs hmrc unclaimed process owed"),
        said("tax refund", "claim your refund", "you are eligible", "overpaid"),
    ),
    Theme.PRIZE: (
        near(
            "won winner selected chosen congratulations awarded lucky", "prize reward lottery gift award promo iphone"
        ),
        said(
            "claim your", "exclusive reward", "claim now", "answer a short survey", "gift card giveaway", "you've won"
        ),
    ),
    Theme.FUND: (
        near(
            "inheritance beneficiary next-of-kin fund funds deceased late million billion consignment",
            "dollars usd euros pounds kin bank transfer client deposited claim trunk widow barrister foreign partner",
        ),
        said("next of kin", "million dollars", "million united states", "business proposal", "god bless", "dearest"),
        said("strictly confidential", "mutual benefit", "atm card", "donation", "diplomat", "contact my", "widow"),
        said("compensation fund", "unclaimed", "late husband", "charity", "foreign affairs", "your assistance"),
    ),
    Theme.GIFT_CARD: (
        near("gift itunes steam amazon google apple ebay", "card cards"),
        said("scratch the", "gift cards", "physical cards", "back of the card", "send me the codes", "store nearby"),
    ),
    Theme.FAVOUR: (
        said("are you available", "are you at your desk", "are you free", "are you in the office", "quick favor"),
        said("quick task", "i need a favor", "i need you to", "in a meeting", "can't take calls", "cell number"),
        said(
            "mobile number", "whatsapp number", "keep this between", "discreet", "get back to me asap", "quick favour"
        ),
        said("urgent task", "can you handle", "do you have a moment", "reply as soon as you", "personal number"),
    ),
    Theme.EXTORTION: (
        near(
            "bitcoin btc wallet litecoin usdt cryptocurrency",
            "send pay transfer hours days address recorded video webcam delete payment",
        ),
        said(
            "i recorded you", "your webcam", "adult sites", "adult websites", "your contacts", "i have access to your"
        ),
        said(
            "i hacked",
            "hacked your",
            "spyware",
            "trojan",
            "masturbat",
            "your device was",
            "full access",
            "rat software",
        ),
    ),
    Theme.WALLET: (
        near(
            "wallet metamask ledger trezor coinbase binance trust", "verify connect sync upgrade validate suspended kyc"
        ),
        said(
            "recovery phrase", "seed phrase", "secret phrase", "wallet connect", "airdrop", "withdrawal request", "kyc"
        ),
    ),
    Theme.RENEWAL: (
        near(
            "renewal renewed auto-renewal subscription membership charged debited purchase order invoice",
            "norton mcafee geek squad paypal antivirus defender call helpline toll-free debited charged",
        ),
        said("call us", "customer support number", "to cancel", "toll free", "did not authorize", "cancel this"),
        said("if you did not make this", "helpdesk", "help line", "billing department", "will be charged"),
    ),
    Theme.SHARED_FILE: (
        near(
            "document documents file voicemail voice fax contract proposal invoice message statement scan",
            "shared received review sign view sent completed waiting secured encrypted pages duration caller access",
        ),
        said("view document", "review document", "open in", "docusign", "sharepoint", "onedrive", "voice message"),
        said("shared with you", "has sent you", "you have received", "secure message", "play voicemail", "e-sign"),
    ),
    Theme.URGENCY: (
        near("within next", "24 48 12 72 hours hrs"),
        said("immediately", "final notice", "final warning", "last warning", "urgent", "as soon as possible", "asap"),
        said("failure to", "permanently", "immediate action", "action required", "last reminder", "as soon as"),
    ),
    Theme.NO_NAME: (
        said("dear customer", "dear user", "dear valued", "dear client", "dear friend", "dear sir", "dear member"),
        said(
            "dear beneficiary", "dear account", "dear email", "dear webmail", "attention", "hello dear", "dear winner"
        ),
        said("hi dear", "dear email user", "dear account owner", "good day", "dear sir/madam", "dear sir madam"),
    ),
    Theme.SCAN: (said("scan the", "scan this", "scan with", "qr code", "qr-code", "your phone camera"),),
}
