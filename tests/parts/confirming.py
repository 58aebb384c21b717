"""Letters that ask to confirm an address, as every service sends them, and lures that say the same; for these tests."""

from tests.parts.letters import Letter, button

CONFIRMING: tuple[Letter, ...] = (
    Letter(
        name="verify-forge",
        sender='"Forge" <noreply@forge.example>',
        subject="[Forge] Please verify your email address",
        html="<p>Almost done, anna! To secure your Forge account, we just need to verify your email address.</p>"
        + button("https://forge.example/users/anna/emails/9312/confirm_verification/1f3c9d", "Verify email address")
        + "<p>Once verified, you can start using all of Forge's features. If you did not sign up for Forge, you can"
        " safely ignore this email.</p>",
    ),
    Letter(
        name="verify-shop",
        sender='"Northwind Outfitters" <accounts@northwind.example>',
        subject="Confirm your email",
        html="<p>Hi Anna,</p><p>Thanks for signing up. Please confirm your email address so that we can send you your"
        " receipts.</p>"
        + button("https://www.northwind.example/account/verify?token=8c1e", "Confirm my address")
        + "<p>The link is good for 24 hours. If you didn't create an account, please ignore this email.</p>",
    ),
    Letter(
        name="verify-plain",
        sender='"Meetings" <hello@meetings.example>',
        subject="Verify your email address",
        text="Welcome to Meetings!\n\nPlease verify your email address by opening this link:\n\n"
        "https://meetings.example/verify-email/4f21b8\n\nIf you did not request this, you can ignore this message.\n",
    ),
    Letter(
        name="verify-de",
        sender='"Stadtbücherei" <konto@stadtbuecherei.example>',
        subject="Bitte bestätigen Sie Ihre E-Mail-Adresse",
        html="<p>Guten Tag Anna Berger,</p><p>danke für Ihre Anmeldung. Bitte bestätigen Sie Ihre E-Mail-Adresse, damit"
        " wir Ihnen Vormerkungen mitteilen können.</p>"
        + button("https://konto.stadtbuecherei.example/bestaetigen/77ab", "Adresse bestätigen")
        + "<p>Wenn Sie sich nicht angemeldet haben, ignorieren Sie diese Nachricht.</p>",
    ),
    Letter(
        name="verify-fr",
        sender='"Randonnées Alpines" <contact@randonnees-alpines.example>',
        subject="Confirmez votre adresse e-mail",
        html="<p>Bonjour Anna,</p><p>Merci de votre inscription. Confirmez votre adresse pour recevoir le programme des"
        " sorties.</p>" + button("https://www.randonnees-alpines.example/confirmation/21", "Confirmer mon adresse"),
    ),
    Letter(
        name="verify-es",
        sender='"Biblioteca Norte" <no-responder@bibliotecanorte.example>',
        subject="Confirma tu correo",
        html="<p>Hola Anna:</p><p>Gracias por registrarte. Confirma tu correo para activar tu carné de lectora.</p>"
        + button("https://bibliotecanorte.example/confirmar/5", "Confirmar"),
    ),
    Letter(
        name="subscribe",
        sender='"The Morning Brief" <brief@news.example>',
        subject="Please confirm your subscription",
        html="<p>You asked for The Morning Brief at this address. Confirm your subscription and the first issue comes"
        " tomorrow.</p>"
        + button("https://news.example/subscribe/confirm?c=77f", "Yes, subscribe me")
        + "<p>Was it not you? Then do nothing and nothing will be sent.</p>",
        headers=(("List-Unsubscribe", "<https://news.example/u/7>"),),
    ),
    Letter(
        name="new-address",
        sender='"Radhaus" <konto@radhaus.example>',
        subject="Neue Adresse bestätigen",
        text="Hallo Anna,\n\ndu hast in deinem Kundenkonto eine neue Adresse angegeben. Bitte bestätige deine"
        " Adresse:\n\nhttps://www.radhaus.example/konto/adresse/a81f\n\nDein Radhaus\n",
    ),
)
MIMICS: tuple[Letter, ...] = (
    Letter(
        name="verify-elsewhere",
        sender='"Forge Security" <noreply@forge-accounts.top>',
        subject="Verify your email address now",
        html="<p>Dear user,</p><p>Please verify your email address within 24 hours or your account will be"
        " suspended.</p>" + button("https://secure-login.forge-verify.xyz/verify", "Verify email address"),
    ),
    Letter(
        name="verify-mailbox",
        sender='"Mail Administrator" <info@pension-seeblick.example>',
        subject="Confirm your email address to avoid shutdown",
        html="<p>Dear anna.berger@kontor.example,</p><p>Your mailbox is out of date. Confirm your email address to keep"
        " your password, or pending messages will be deleted.</p>"
        + button("https://webmail-check.weebly.com/#anna.berger@kontor.example", "Confirm now"),
    ),
    Letter(
        name="verify-brand",
        sender='"PayPal" <service@pp-konto-hilfe.com>',
        subject="Bitte bestätigen Sie Ihre E-Mail-Adresse",
        html="<p>Sehr geehrter Kunde,</p><p>Ihr Konto wurde eingeschränkt. Bestätigen Sie Ihre E-Mail-Adresse und Ihre"
        " Daten innerhalb von 48 Stunden.</p>" + button("https://paypal.pp-konto-hilfe.com/signin", "Konto bestätigen"),
    ),
    Letter(
        name="verify-wallet",
        sender='"MetaMask" <support@wallet-notice.com>',
        subject="Welcome back: confirm your email and wallet",
        html="<p>Confirm your email and verify your wallet with your recovery phrase to avoid losing access.</p>"
        + button("https://metamask-verify.pages.dev/", "Verify wallet"),
    ),
)
