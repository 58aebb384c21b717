"""Honest mail that looks a little like lures, written for these tests."""

from tests.parts.letters import Letter, button

HONEST: tuple[Letter, ...] = (
    Letter(
        name="shop-newsletter",
        sender='"Buchladen Morgen" <newsletter@buchladen-morgen.example>',
        subject="Neu im Mai: 20 % Rabatt und ein Gewinnspiel",
        html="<p>Liebe Anna, unsere neuen Bücher sind da.</p>"
        + button("https://click.mailer.example/c/1?e=anna.berger@kontor.example", "Ansehen"),
        headers=(("List-Unsubscribe", "<https://click.mailer.example/u/1>"),),
    ),
    Letter(
        name="paypal-true",
        sender='"PayPal" <service@paypal.com>',
        subject="Your payment to Buchladen Morgen",
        html="<p>You sent a payment of 12.00 EUR. If you did not authorise it, log in to your account.</p>"
        + button("https://www.paypal.com/activity", "View transaction"),
    ),
    Letter(
        name="saas-verify",
        sender='"Taskwell" <no-reply@taskwell.example>',
        subject="Verify your email address",
        html="<p>Welcome! Please verify your email address to activate your account.</p>"
        + button("https://app.taskwell.example/verify?token=9f3", "Verify email"),
    ),
    Letter(
        name="list-post",
        sender='"Karl Mensch" <karl@uni.example>',
        subject="Re: [dev] password hashing",
        text="You should verify the password before you update the account record. I would not let it expire.\r\n",
        headers=(("List-Id", "<dev.lists.example>"), ("In-Reply-To", "<a@b>")),
    ),
    Letter(
        name="bounce",
        sender='"Mail Delivery System" <MAILER-DAEMON@mx.example>',
        subject="Undelivered Mail Returned to Sender",
        text="Your message could not be delivered. The mailbox of the recipient is full (552 5.2.2 over quota).",
    ),
    Letter(
        name="invoice",
        sender='"Stadtwerke" <rechnung@stadtwerke.example>',
        subject="Ihre Rechnung 2026/03",
        text="Sehr geehrte Frau Berger, anbei Ihre Rechnung. Der Betrag wird am 15. von Ihrem Konto abgebucht.",
    ),
    Letter(
        name="colleague",
        sender='"Martin Feld" <martin.feld@kontor.example>',
        subject="Bist du im Büro?",
        text="Hallo Anna, bist du im Büro? Ich bin in einer Besprechung bis 3, danach habe ich Zeit. Martin",
    ),
    Letter(
        name="dhl-true",
        sender='"DHL Paket" <noreply@dhl.de>',
        subject="Ihr Paket kommt morgen",
        html="<p>Ihre Sendung wird morgen zugestellt.</p>"
        + button("https://www.dhl.de/sendung/1", "Sendung verfolgen"),
    ),
    Letter(
        name="google-alert",
        sender='"Google" <no-reply@accounts.google.com>',
        subject="Security alert",
        html="<p>A new sign-in on Linux. Was this you?</p>" + button("https://accounts.google.com/x", "Check activity"),
    ),
    Letter(
        name="travel",
        sender='"Anna privat" <anna.berger81@gmail.com>',
        subject="Fotos vom Urlaub",
        text="Hallo, hier sind die Bilder: https://photos.app.goo.gl/abc Liebe Grüße, Anna",
    ),
    Letter(
        name="password-reset",
        sender='"Forge" <noreply@forge.example>',
        subject="[Forge] Please reset your password",
        text="We heard that you lost your password. Sorry about that! You can use the following link to reset your"
        " password:\n\nhttps://forge.example/password_reset/9f31c\n\nIf you don't use this link within 3 hours, it will"
        " expire.\n\nThanks,\nThe Forge Team",
        headers=(("X-Auto-Response-Suppress", "All"),),
    ),
    Letter(
        name="order",
        sender='"Radhaus" <bestellung@radhaus.example>',
        subject="Ihre Bestellung 100-2231 ist unterwegs",
        html="<p>Guten Tag Anna Berger,</p><p>wir haben Ihr Paket heute an DHL übergeben. Die Lieferung kommt"
        " voraussichtlich"
        " am Freitag.</p>"
        + button("https://www.dhl.de/sendung/0034", "Sendung verfolgen")
        + "<p>Summe: 89,00 EUR, bezahlt mit"
        " PayPal.</p>",
    ),
    Letter(
        name="review-request",
        sender='"Karl Mensch" <notifications@forge.example>',
        subject="Re: [kontor/lager] Fix the rounding of totals (PR #212)",
        text="@karl approved this pull request.\n\n--\nReply to this email directly or view it on Forge:\n"
        "https://forge.example/kontor/lager/pull/212#review-1\n",
        headers=(
            ("List-Id", "kontor/lager <lager.kontor.forge.example>"),
            ("In-Reply-To", "<kontor/lager/pull/212@forge>"),
            ("Precedence", "list"),
        ),
    ),
    Letter(
        name="calendar",
        sender='"Martin Feld" <martin.feld@kontor.example>',
        subject="Einladung: Quartalsplanung, Do 12. März, 10:00",
        html="<p>Martin Feld hat Sie zu einem Termin eingeladen.</p>"
        + button("https://meet.video.example/abc-defg", "An der Besprechung teilnehmen"),
    ),
    Letter(
        name="bank-statement",
        sender='"Volksbank Musterstadt" <service@volksbank-musterstadt.de>',
        subject="Neuer Kontoauszug in Ihrem Postfach",
        text="Sehr geehrte Frau Berger,\n\nin Ihrem elektronischen Postfach liegt ein neuer Kontoauszug. Bitte"
        " melden Sie sich"
        " wie gewohnt im Online-Banking an. Aus Sicherheitsgründen enthält diese E-Mail keinen Link.",
    ),
    Letter(
        name="code",
        sender='"Taskwell" <security@taskwell.example>',
        subject="Your sign-in code: 482913",
        text="Your verification code is 482913. It expires in 10 minutes. If this was not you, change your password.",
    ),
    Letter(
        name="expiry-it",
        sender='"IT-Service" <it@kontor.example>',
        subject="Ihr Passwort läuft in 7 Tagen ab",
        text="Guten Tag Anna, dein Passwort läuft in 7 Tagen ab. Bitte ändere es am Rechner mit Strg+Alt+Entf."
        " Fragen an"
        " Durchwahl 112. Dein IT-Service",
    ),
    Letter(
        name="payment-failed",
        sender='"Taskwell Billing" <billing@taskwell.example>',
        subject="We could not charge your card",
        html="<p>Hi Anna,</p><p>Your payment for the March invoice failed. Please update your payment method to"
        " keep your plan"
        " active.</p>" + button("https://app.taskwell.example/billing", "Update payment method"),
    ),
    Letter(
        name="newsletter-us",
        sender='"Northwind Outfitters" <hello@e.northwind.example>',
        subject="Last chance: 30% off everything ends tonight!",
        html="<h1>Ends tonight</h1><p>Use code SPRING30 at checkout. Free shipping on orders over $50.</p>"
        + button("https://click.e.northwind.example/?qs=9f1b2c", "Shop now")
        + "<p>You receive this because you signed up."
        ' <a href="https://click.e.northwind.example/unsub?qs=1">Unsubscribe</a></p>',
        headers=(
            ("List-Unsubscribe", "<mailto:u@e.northwind.example>, <https://click.e.northwind.example/u>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
    ),
    Letter(
        name="newsletter-press",
        sender='"The Morning Brief" <brief@news.example>',
        subject="Bank shares fall, and what the budget means for you",
        html="<p>Good morning. Shares of large banks fell on Tuesday after a million dollars of transfers were"
        " held up. In"
        " other news, PayPal and Amazon reported results.</p>"
        + button("https://news.example/a/1?src=brief", "Read on"),
        headers=(("List-Unsubscribe", "<https://news.example/u/1>"), ("List-Id", "<brief.news.example>")),
    ),
    Letter(
        name="supplier-invoice",
        sender='"Lieferant GmbH" <buchhaltung@lieferant.example>',
        subject="Rechnung 4471 vom 02.03.2026",
        text="Sehr geehrte Frau Berger,\n\nanbei erhalten Sie unsere Rechnung über 1.190,00 EUR mit Zahlungsziel"
        " 14 Tage. Unsere"
        " Bankverbindung finden Sie auf der Rechnung.\n\nMit freundlichen Grüßen\nPetra Klein",
    ),
    Letter(
        name="share-colleague",
        sender='"Martin Feld (via Cloudbox)" <no-reply@cloudbox.example>',
        subject='Martin Feld shared "Angebot.docx" with you',
        html="<p>Martin Feld (martin.feld@kontor.example) invited you to view a document.</p>"
        + button("https://cloudbox.example/s/9f1", "Open document"),
        reply_to='"Martin Feld" <martin.feld@kontor.example>',
    ),
    Letter(
        name="private-fr",
        sender='"Claire Petit" <claire.petit@orange.fr>',
        subject="Samedi",
        text="Salut Anna, tu viens toujours samedi ? Confirme-moi vite, j'ai réservé pour huit. Bises, Claire",
    ),
    Letter(
        name="donation",
        sender='"Tierheim Musterstadt" <info@tierheim.example>',
        subject="Danke für Ihre Spende",
        text="Liebe Frau Berger, herzlichen Dank für Ihre Spende über 50 Euro. Die Bescheinigung für das"
        " Finanzamt folgt.",
    ),
    Letter(
        name="webinar",
        sender='"Data Week" <team@dataweek.example>',
        subject="Your webinar starts in 1 hour",
        html="<p>Hi Anna, the session begins at 16:00. Join with your personal link.</p>"
        + button("https://events.dataweek.example/join?u=anna.berger@kontor.example", "Join now"),
    ),
    Letter(
        name="delay-notice",
        sender='"Mail Delivery Subsystem" <mailer-daemon@mx.kontor.example>',
        subject="Delivery Status Notification (Delay)",
        text="THIS IS A WARNING MESSAGE ONLY. Delivery to the following recipient has been delayed:"
        " bob@far.example. The message"
        " will be retried for 2 more days.",
    ),
)
