"""Lures as they come in these years, written for these tests. Nobody in them is contacted."""

from tests.parts.letters import Letter, button

LURES: tuple[Letter, ...] = (
    Letter(
        name="m365-password",
        sender='"Microsoft 365 Security" <no-reply@brightfields-edu.org>',
        subject="Password for anna.berger@kontor.example expires today",
        html="<p>Dear anna.berger@kontor.example,</p><p>Your password is set to expire in 24 hours. You can keep"
        " the same"
        " password below.</p>"
        + button("https://pub-9f2e.r2.dev/login.html#anna.berger@kontor.example", "Keep Current Password"),
    ),
    Letter(
        name="mailbox-full",
        sender='"kontor.example Mail Administrator" <info@hotel-lindenhof-spa.it>',
        subject="Mailbox storage almost full",
        html="<p>Your mailbox has used 98% of its quota. 7 incoming messages are pending.</p>"
        + button("https://webmail-upd.weebly.com/", "Increase storage now")
        + "<p>Failure to do so within 48 hours will"
        " permanently deactivate your mailbox.</p>",
    ),
    Letter(
        name="dhl-fee",
        sender='"DHL Express" <service@kundeninfo-versand.top>',
        subject="Ihr Paket konnte nicht zugestellt werden",
        html="<p>Sehr geehrter Kunde,</p><p>Ihr Paket wartet auf die Zustellung. Bitte bezahlen Sie die"
        " Zollgebühren von"
        " 2,99 EUR innerhalb von 48 Stunden.</p>"
        + button("https://dhl-paket.sendung-info.top/pay", "Zustellung planen"),
    ),
    Letter(
        name="docusign",
        sender='"DocuSign Electronic Signature" <dse@mail-notifier-srv.com>',
        subject="Completed: Please review and sign your document",
        html="<p>You have received a document to review and sign.</p>"
        + button(
            "https://storage.googleapis.com/x8d7/doc.html#YW5uYS5iZXJnZXJAa29udG9yLmV4YW1wbGU=", "REVIEW DOCUMENT"
        ),
    ),
    Letter(
        name="bank-es",
        sender='"BBVA" <avisos@cliente-segur0.com>',
        subject="Su cuenta ha sido bloqueada temporalmente",
        html="<p>Estimado cliente:</p><p>Hemos detectado una actividad inusual. Verifique sus datos para desbloquear su"
        " cuenta en 24 horas.</p>" + button("https://bbva-es.acceso-clientes.online/", "Verificar mi cuenta"),
    ),
    Letter(
        name="payroll",
        sender='"Anna Berger" <ceo.office.desk77@gmail.com>',
        subject="Direct deposit change",
        text="Hi,\r\n\r\nI recently changed my bank and I need to update my direct deposit details before the"
        " next payroll."
        " What information do you need? Can it take effect for the current pay period?\r\n\r\nThanks",
        reply_to="anna.b.private@outlook.com",
    ),
    Letter(
        name="gift-cards",
        sender='"Dr. Martin Feld, CEO" <executive.mail3321@gmail.com>',
        subject="Quick task",
        text="Are you available? I am in a meeting and can't take calls. I need you to purchase five Apple gift"
        " cards of"
        " 100 each for a client. Scratch the back and send me the codes. Keep this between us, it is a surprise.",
    ),
    Letter(
        name="voicemail",
        sender='"Kontor Voice Mail" <noreply@ks-bau-mbh.de>',
        subject="New voice message received for anna.berger",
        html="<p>You received a new voicemail of duration 00:43.</p>",
        page=("Voice_Msg_Play.html", "<html><script>location='https://x.example'</script></html>"),
    ),
    Letter(
        name="qr-mfa",
        sender='"IT Helpdesk" <it@vendor-portal-files.com>',
        subject="Action required: re-authenticate your MFA",
        html="<p>Your multi-factor authentication expires today. Scan the QR code below with your phone camera to keep"
        ' access to your account.</p><img src="cid:1">',
        picture=True,
    ),
    Letter(
        name="bec-invoice",
        sender='"Lieferant GmbH Buchhaltung" <buchhaltung@lieferant-gmbh.co>',
        subject="Re: Rechnung 4471",
        text="Sehr geehrte Damen und Herren,\r\nunsere Bankverbindung hat sich geändert. Bitte überweisen Sie offene"
        " Rechnungen ab sofort auf die neue IBAN. Die neuen Kontodaten finden Sie anbei. Die Zahlung ist überfällig.",
        reply_to="lieferant.buchhaltung@gmail.com",
    ),
    Letter(
        name="sextortion",
        sender="anna.berger@kontor.example",
        subject="Your device was hacked",
        text="I hacked your device some months ago and recorded you through your webcam while you visited adult sites."
        " Send 1,200 USD in bitcoin to bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh within 48 hours or all your contacts"
        " get the video.",
    ),
    Letter(
        name="inheritance",
        sender='"Barrister James Okoro" <jokoro.chambers@yahoo.com>',
        subject="Attention Beneficiary",
        text="Dear Friend,\r\nI am the attorney of a late client who died without next of kin and left 12.5"
        " million United"
        " States dollars in a bank. I seek your assistance to claim the fund as beneficiary. This is strictly"
        " confidential. God bless.",
        reply_to="barr.okoro@hotmail.com",
    ),
    Letter(
        name="netflix",
        sender='"NETFLIX" <info@billing-membership-update.com>',
        subject="Your membership is on hold",
        html="<p>Dear customer,</p><p>We could not process your payment. Update your payment details within 24"
        " hours or your"
        " account will be suspended.</p>" + button("https://bit.ly/3xYz", "Update payment"),
    ),
    Letter(
        name="paypal-lookalike",
        sender='"PayPal Service" <service@paypa1.com>',
        subject="Unusual activity in your account",
        html="<p>We noticed unusual activity. Confirm your identity to restore your account access.</p>"
        '<a href="http://198.51.100.23/pp/">https://www.paypal.com/signin</a>',
    ),
    Letter(
        name="tax-refund",
        sender='"HM Revenue & Customs" <refund@gov-claim-service.com>',
        subject="You are eligible for a tax refund of GBP 486.32",
        html="<p>You are due a tax refund. Claim your refund now.</p>"
        + button("https://hmrc-refund.claim.support/", "Claim"),
    ),
    Letter(
        name="impots",
        sender='"Impots.gouv" <contact@dgfip-remboursement.info>',
        subject="Remboursement de vos impôts",
        html="<p>Cher client, vous pouvez bénéficier d'un remboursement d'impôts de 327,45 euros. Veuillez"
        " confirmer vos"
        " coordonnées bancaires sous 48 heures.</p>" + button("https://impots-gouv.web.app", "Accéder"),
    ),
    Letter(
        name="poste-it",
        sender='"PostePay" <avviso@clienti-assistenza.info>',
        subject="Il tuo conto è stato sospeso",
        html="<p>Gentile cliente, il tuo conto è stato limitato. Verifica i tuoi dati entro 24 ore.</p>"
        + button("https://poste.id-verifica.click/", "Verifica ora"),
    ),
    Letter(
        name="geek-squad",
        sender='"Geek Squad Billing" <jonathan.miller8841@gmail.com>',
        subject="Invoice #GS-88213 renewal confirmation",
        text="Dear customer, your subscription to Geek Squad Total Protection was renewed and 399.99 USD will be"
        " charged to"
        " your account within 24 hours. If you did not authorize this, call us at our toll free helpline +1 (808)"
        " 555-0142"
        " to cancel this order.",
    ),
    Letter(
        name="metamask",
        sender='"MetaMask" <support@wallet-verify.io>',
        subject="Your wallet will be suspended",
        html="<p>Verify your wallet by 30 March to stay KYC compliant. You will need your recovery phrase.</p>"
        + button("https://metamask-kyc.pages.dev", "Verify wallet"),
    ),
    Letter(
        name="sharepoint",
        sender='"SharePoint Online" <share@constructionpartners.net>',
        subject='Karl shared "Q3 Remittance Advice.pdf" with you',
        html="<p>A secure document was shared with you. Sign in with anna.berger@kontor.example to view the"
        " document.</p>"
        + button("https://constructionpartners-my.workers.dev/?e=anna.berger@kontor.example", "Open in OneDrive"),
    ),
    Letter(
        name="amazon-jp",
        sender='"Amazon.co.jp" <no-reply@mail.ugsdkw.cn>',
        subject="【重要】お支払い方法の情報を更新してください",
        html="<p>お客様各位</p><p>ご利用のアカウントが一時停止されました。24時間以内にお支払い方法を更新してください。</p>"
        + button("https://amazon-co-jp.ugsdkw.cn/", "更新する"),
    ),
    Letter(
        name="rakuten-cn",
        sender='"系统管理员" <admin@mail.yangguangjiaju.cn>',
        subject="您的邮箱已满，请立即升级",
        html="<p>尊敬的用户，您的邮箱容量不足，邮箱已满，请在24小时内升级，否则邮箱停用。</p>"
        + button("http://mail-upgrade.vip/?u=anna.berger@kontor.example", "立即升级"),
    ),
    Letter(
        name="toll",
        sender='"E-ZPass" <notice@ezpass-payments.cfd>',
        subject="Final notice: unpaid toll invoice",
        text="You have an unpaid toll invoice. Pay the outstanding balance of $6.99 within 12 hours to avoid late fees:"
        " https://e-zpass.com-tollbill.cfd/pay",
    ),
    Letter(
        name="disguised",
        sender='"Mісrosоft Team" <team@outreach-mailer.net>',
        subject="Unusual sign-in activity",
        html="<p>We detected an unusual sign-in to your Micr\u200bosoft account. Secure your acc\u200bount now.</p>"
        + button("https://secure-check.icu/", "Review activity"),
    ),
    Letter(
        name="dpd-pl",
        sender='"InPost" <powiadomienie@paczka-info.click>',
        subject="Twoja paczka została wstrzymana",
        html="<p>Drogi kliencie, Twoja przesyłka czeka na dopłatę 1,99 zł. Ureguluj opłatę w ciągu 24 godzin.</p>"
        + button("https://inpost-doplata.click/p", "Zapłać"),
    ),
    Letter(
        name="ing-nl",
        sender='"ING Bank" <info@mijn-beveiliging.com>',
        subject="Uw bankpas verloopt binnenkort",
        html="<p>Beste klant, uw rekening is tijdelijk geblokkeerd. Bevestig uw gegevens binnen 24 uur.</p>"
        + button("https://ing-veiligheid.online", "Bevestigen"),
    ),
    Letter(
        name="meta-business",
        sender='"Meta Support Team" <case-9921@businesshelp-appeal.com>',
        subject="Your page will be disabled: copyright violation",
        html="<p>Your account has been flagged and will be permanently disabled within 24 hours. Submit an appeal"
        " to confirm"
        " your identity.</p>" + button("https://meta-appeal-case.vercel.app", "Submit appeal"),
    ),
    Letter(
        name="prize",
        sender='"Lidl Gewinnspiel" <news@deine-chance.club>',
        subject="Herzlichen Glückwunsch! Sie wurden ausgewählt",
        html="<p>Lieber Kunde, Sie haben einen Gutschein gewonnen. Bestätigen Sie Ihre Daten umgehend, um den Gewinn zu"
        " erhalten.</p>" + button("https://tinyurl.com/xyz", "Gewinn sichern"),
    ),
)
