"""German."""

from typing import Final

from mailock.core.impersonation.themes import Signs, Theme, near, said

SIGNS: Final[Signs] = {
    Theme.ACCOUNT: (
        near(
            "bestätigen bestätigung verifizieren verifizierung aktualisieren aktualisierung reaktivieren entsperren"
            " überprüfen freischalten legitimieren aktualisiert",
            "konto kontos kundenkonto daten zugang identität kundendaten angaben benutzerkonto online-banking phototan"
            " pushtan tan-verfahren kontodaten informationen",
        ),
        near(
            "gesperrt eingeschränkt deaktiviert sperrung blockiert limitiert",
            "konto zugang karte account benutzerkonto",
        ),
        said("ungewöhnliche aktivität", "ungewöhnliche aktivitäten", "verdächtige aktivität", "ihr konto wird"),
    ),
    Theme.MAILBOX: (
        near(
            "postfach mailbox e-mail speicher speicherplatz nachrichten",
            "voll überschritten zurückgehalten ausstehende",
        ),
        near("postfach mailbox", "aktualisieren upgrade deaktiviert speicherlimit bestätigen gesperrt"),
    ),
    Theme.PASSWORD: (near("passwort kennwort", "läuft abgelaufen ablaufen abläuft beibehalten ändern erneuern"),),
    Theme.SIGN_IN: (
        near(
            "ungewöhnliche neue unbekannte verdächtige neues unbekanntes",
            "anmeldung anmeldeversuch login gerät zugriff",
        ),
    ),
    Theme.PARCEL: (
        near(
            "paket sendung lieferung zustellung päckchen",
            "zugestellt zustellversuch zollgebühr zollgebühren versandkosten gebühr fehlgeschlagen lager wartet zoll"
            " angehalten zurückgehalten nachzahlung konnte ausstehend",
        ),
        said("ihr paket", "neue zustellung", "zustellung planen"),
    ),
    Theme.PAYMENT: (
        near(
            "zahlung rechnung abbuchung lastschrift zahlungsmethode",
            "fehlgeschlagen überfällig offen abgelehnt mahnung aktualisieren ausstehend inkasso",
        ),
        said("letzte mahnung", "zahlungsaufforderung", "offene rechnung", "zahlungsinformationen", "zahlungsmittel"),
    ),
    Theme.BANK_CHANGE: (
        near(
            "neue geänderte geändert änderung aktualisiert ändern",
            "bankverbindung kontodaten iban gehaltskonto bankdaten gehaltsabrechnung",
        ),
    ),
    Theme.REFUND: (
        near(
            "rückerstattung erstattung steuererstattung steuerrückerstattung rückzahlung",
            "anspruch beantragen finanzamt elster erhalten steuer bestätigen konto",
        ),
    ),
    Theme.PRIZE: (
        near("gewonnen gewinner ausgewählt glückwunsch herzlichen", "gewinn preis lotterie gutschein belohnung iphone"),
    ),
    Theme.FUND: (
        near(
            "erbschaft begünstigter nachlass millionen spende erbe", "euro dollar verstorben bank kunde witwe spenden"
        ),
    ),
    Theme.GIFT_CARD: (
        near("geschenkkarten gutscheinkarten guthabenkarten geschenkkarte", "kaufen besorgen codes code"),
    ),
    Theme.FAVOUR: (
        said("sind sie verfügbar", "bist du verfügbar", "sind sie im büro", "bist du im büro", "vertraulich behandeln"),
        said("haben sie kurz zeit", "hast du kurz zeit", "ich bin in einer besprechung", "handynummer", "diskret"),
    ),
    Theme.EXTORTION: (
        near("bitcoin btc wallet", "stunden überweisen zahlen aufgenommen video webcam adresse senden"),
        said("ich habe sie aufgenommen", "ich habe dich gefilmt", "ihre webcam", "deine webcam", "ihre kontakte"),
    ),
    Theme.WALLET: (near("wallet krypto metamask ledger", "bestätigen verifizieren gesperrt synchronisieren"),),
    Theme.SHARED_FILE: (
        near(
            "dokument datei sprachnachricht fax rechnung vertrag",
            "freigegeben erhalten anzeigen geteilt signieren ansehen unterzeichnen bereitgestellt",
        ),
    ),
    Theme.URGENCY: (
        near("innerhalb binnen", "24 48 72 stunden tagen"),
        said("umgehend", "sofort", "dringend", "letzte warnung", "letzte erinnerung", "unverzüglich", "andernfalls"),
    ),
    Theme.NO_NAME: (
        said("sehr geehrter kunde", "lieber kunde", "sehr geehrte kundin", "sehr geehrter nutzer", "lieber nutzer"),
        said("guten tag kunde", "sehr geehrte/r kunde", "sehr geehrtes mitglied", "werter kunde", "hallo kunde"),
    ),
    Theme.SCAN: (said("qr-code", "qr code", "scannen sie", "scanne den"),),
}
