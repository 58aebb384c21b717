"""Dutch, Polish, Czech, Swedish, Danish and Norwegian."""

from typing import Final

from mailock.core.impersonation.themes import Signs, Theme, near, said

SIGNS: Final[Signs] = {
    Theme.ACCOUNT: (
        near(
            "verifiëren verifieer bevestigen bevestig bijwerken valideren activeren heractiveren"
            " zweryfikuj potwierdź zaktualizuj aktywuj zweryfikować potwierdzić zaloguj odblokować"
            " ověřte potvrďte aktualizujte verifiera bekräfta uppdatera bekræft opdater bekreft oppdater",
            "account rekening gegevens identiteit toegang bankpas digid konto dane danych tożsamość konta profil"
            " účet údaje"
            " uppgifter kontot oplysninger opplysninger kontoen bankid mitid",
        ),
        near(
            "geblokkeerd beperkt opgeschort gedeactiveerd zablokowane zawieszone ograniczone zablokowany"
            " zablokován spärrat"
            " begränsat spærret suspendert",
            "account rekening toegang bankpas konto dostęp konta účet kontot kontoen",
        ),
    ),
    Theme.MAILBOX: (
        near("mailbox postvak skrzynka skrzynki poczta schránka", "vol limiet pełna przekroczyła limit plná"),
    ),
    Theme.PASSWORD: (
        near(
            "wachtwoord hasło heslo lösenord adgangskode passord",
            "verloopt verlopen wygasa wygaśnie vyprší wygasło upphör udløber utløper",
        ),
    ),
    Theme.PARCEL: (
        near(
            "pakket zending bezorging levering paczka przesyłka przesyłki paczki zásilka balíček paket pakken pakke",
            "douane kosten verzendkosten mislukt wacht opłata dopłata wstrzymana magazynie clo poplatek tull"
            " avgift gebyr"
            " levereras afgift doręczenia dopłaty bezorgd told",
        ),
    ),
    Theme.PAYMENT: (
        near(
            "betaling factuur faktura płatność rachunek platba betalning betalingen regning faktury",
            "mislukt openstaand"
            " geweigerd aanmaning odrzucona zaległa nieopłacona zaległość nezaplacená misslyckades afvist forfalden",
        ),
    ),
    Theme.BANK_CHANGE: (
        near(
            "nieuwe gewijzigd nowy zmiana zmieniony nové nytt ændret",
            "iban rekeningnummer konta bankowego bankgegevens účtu bankuppgifter bankoplysninger",
        ),
    ),
    Theme.REFUND: (
        near(
            "teruggave terugbetaling zwrot vrácení återbetalning refusion",
            "belasting belastingdienst podatku środków daně skatt skatteverket skat",
        ),
    ),
    Theme.PRIZE: (
        near(
            "gewonnen geselecteerd wygrał wygrana gratulacje vyhráli vunnit grattis vundet tillykke",
            "prijs cadeau nagroda nagrodę voucher výhru pris vinst præmie",
        ),
    ),
    Theme.FAVOUR: (said("ben je beschikbaar", "bent u beschikbaar", "czy jesteś dostępny", "är du tillgänglig"),),
    Theme.GIFT_CARD: (
        near("cadeaukaarten karty dárkové presentkort gavekort", "kopen podarunkowe karty köpa købe codes"),
    ),
    Theme.EXTORTION: (
        near("bitcoin btc bitcoinů", "uur betalen video godzin zapłać nagranie hodin timmar timer filmet"),
    ),
    Theme.SHARED_FILE: (
        near("document bestand dokument plik soubor", "gedeeld udostępniony udostępnił delat delt sdílený"),
    ),
    Theme.URGENCY: (
        near("binnen ciągu inom inden do", "24 48 72 uur godzin godziny hodin timmar timer dni"),
        said(
            "onmiddellijk", "dringend", "natychmiast", "pilne", "ostatnie wezwanie", "omedelbart", "laatste herinnering"
        ),
    ),
    Theme.NO_NAME: (
        said(
            "beste klant",
            "geachte klant",
            "drogi kliencie",
            "szanowny kliencie",
            "szanowni państwo",
            "vážený zákazníku",
            "kära kund",
            "kære kunde",
            "kjære kunde",
            "geachte heer/mevrouw",
        ),
    ),
    Theme.SCAN: (said("kod qr", "qr-kod", "qr-code"),),
}
