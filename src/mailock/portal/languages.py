"""The languages of the pages. A text is named by what it says in English; where one is not translated it stays so.

What mailflow refuses is translated as a whole sentence, for it says few of them to recipients.
"""

from typing import Final

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "de", "fr")
_LOCKED: Final = (
    "What is attached is locked, so nobody could look into it. With its password it is opened and examined, and comes "
    "to you if nothing is wrong with it."
)
_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "Mail gateway": ("Mail-Gateway", "Passerelle de messagerie"),
    # What is kept.
    "Mail that is kept from you": ("Zurückgehaltene Mails an Sie", "Messages retenus qui vous sont adressés"),
    "{recipient} · this page can be opened until {until}": (
        "{recipient} · diese Seite lässt sich bis {until} öffnen",
        "{recipient} · cette page peut être ouverte jusqu’au {until}",
    ),
    "Message": ("Nachricht", "Message"),
    "Why": ("Grund", "Raison"),
    "Since": ("Seit", "Depuis"),
    "Ends": ("Endet", "Fin"),
    "Look": ("Ansehen", "Voir"),
    "asked for": ("angefordert", "demandé"),
    "There is more than one page shows: these are the newest.": (
        "Es sind mehr, als eine Seite zeigt: dies sind die neuesten.",
        "Il y en a plus qu’une page n’en montre : voici les plus récents.",
    ),
    "Nothing is kept from you": ("Es wird nichts zurückgehalten", "Aucun message n’est retenu"),
    "You need not do anything.": ("Sie müssen nichts tun.", "Vous n’avez rien à faire."),
    "When you are told": ("Wann Sie benachrichtigt werden", "Quand vous êtes informé"),
    "Mail about what is kept from you comes": (
        "Mails über Zurückgehaltenes kommen",
        "Les avis sur les messages retenus arrivent",
    ),
    "with every digest": ("mit jeder Übersicht", "avec chaque récapitulatif"),
    "once a week": ("einmal in der Woche", "une fois par semaine"),
    "never": ("nie", "jamais"),
    "Keep it so": ("So festhalten", "Enregistrer"),
    # One message.
    "Says to be from": ("Angeblich von", "Expéditeur indiqué"),
    "Kept since": ("Zurückgehalten seit", "Retenu depuis"),
    "Ends by itself": ("Endet von selbst", "Expire"),
    "Size": ("Größe", "Taille"),
    "Do you know its password?": ("Kennen Sie das Passwort?", "Connaissez-vous son mot de passe ?"),
    _LOCKED: (
        (
            "Der Anhang ist verschlossen, darum konnte niemand hineinsehen. Mit dem Passwort wird er geöffnet und "
            "geprüft, und kommt zu Ihnen, wenn nichts dagegen spricht."
        ),
        (
            "La pièce jointe est verrouillée : personne n’a pu l’examiner. Avec son mot de passe elle est ouverte et "
            "examinée, et vous parvient si rien ne s’y oppose."
        ),
    ),
    "Password of the file": ("Passwort der Datei", "Mot de passe du fichier"),
    "Open it with this password": ("Mit diesem Passwort öffnen", "Ouvrir avec ce mot de passe"),
    "Do you want it?": ("Möchten Sie sie haben?", "Le voulez-vous ?"),
    "Anybody can write what stands above. Let it go only where you know that it is what it says.": (
        "Was oben steht, kann jeder schreiben. Geben Sie sie nur frei, wenn Sie wissen, dass es stimmt.",
        "N’importe qui peut écrire ce qui figure ci-dessus. Ne le libérez que si vous savez que c’est exact.",
    ),
    "Let it go": ("Freigeben", "Libérer"),
    "Delete it": ("Löschen", "Supprimer"),
    "You asked for it": ("Sie haben sie angefordert", "Vous l’avez demandé"),
    "An administrator decides. It comes to you when he lets it go.": (
        "Die Administration entscheidet. Nach der Freigabe kommt sie zu Ihnen.",
        "Un administrateur décide. Le message vous parvient une fois libéré.",
    ),
    "It may do harm, so an administrator decides whether it is let go.": (
        "Sie kann Schaden anrichten, darum entscheidet die Administration über die Freigabe.",
        "Il peut être nuisible : un administrateur décide de sa libération.",
    ),
    "Ask for it": ("Anfordern", "Demander"),
    # What was done.
    "It is on its way to you.": ("Sie ist auf dem Weg zu Ihnen.", "Le message est en route."),
    "An administrator was asked, and decides.": (
        "Die Administration wurde gefragt und entscheidet.",
        "Un administrateur a été sollicité et décidera.",
    ),
    "It is deleted.": ("Sie ist gelöscht.", "Le message est supprimé."),
    "It was opened and examined, and is on its way to you.": (
        "Sie wurde geöffnet und geprüft und ist auf dem Weg zu Ihnen.",
        "Il a été ouvert et examiné, et il est en route.",
    ),
    "That is noted.": ("Das ist vermerkt.", "C’est noté."),
    # Why it is kept.
    "unwanted mail": ("unerwünscht", "indésirable"),
    "phishing": ("Phishing", "hameçonnage"),
    "suspicious": ("verdächtig", "suspect"),
    "locked by a password": ("mit Passwort verschlossen", "verrouillé par mot de passe"),
    "could not be examined": ("konnte nicht geprüft werden", "n’a pas pu être examiné"),
    "may be read in two ways": ("auf zwei Arten lesbar", "lisible de deux façons"),
    "kept by a rule": ("durch eine Regel zurückgehalten", "retenu par une règle"),
    "malicious": ("bösartig", "malveillant"),
    "came too late": ("kam zu spät", "arrivé trop tard"),
    # The first page.
    "A link to it is sent to your address.": (
        "Ein Link dorthin wird an Ihre Adresse geschickt.",
        "Un lien est envoyé à votre adresse.",
    ),
    "Your mail address": ("Ihre Mailadresse", "Votre adresse électronique"),
    "Send me a link": ("Link schicken", "Envoyez-moi un lien"),
    "That is no mail address: write one such as anna@example.com.": (
        "Das ist keine Mailadresse: schreiben Sie eine wie anna@example.com.",
        "Ce n’est pas une adresse électronique : écrivez par exemple anna@example.com.",
    ),
    "Look into your mail": ("Sehen Sie in Ihre Mail", "Consultez votre messagerie"),
    "If anything is kept from {address}, a mail with a link is on its way there.": (
        "Wenn etwas für {address} zurückgehalten wird, ist eine Mail mit einem Link dorthin unterwegs.",
        "Si un message destiné à {address} est retenu, un courriel avec un lien y est en route.",
    ),
    # Links of mail.
    "A link from your mail": ("Ein Link aus Ihrer Mail", "Un lien de votre message"),
    "This page is blocked": ("Diese Seite ist gesperrt", "Cette page est bloquée"),
    "It is known to be dangerous. It was not opened, and should not be.": (
        "Sie ist als gefährlich bekannt. Sie wurde nicht geöffnet und sollte es auch nicht werden.",
        "Elle est connue comme dangereuse. Elle n’a pas été ouverte et ne doit pas l’être.",
    ),
    "There are doubts about this page": ("Diese Seite ist zweifelhaft", "Cette page est douteuse"),
    "Open it only where you know whose it is, and type no password there.": (
        "Öffnen Sie sie nur, wenn Sie wissen, wem sie gehört, und geben Sie dort kein Passwort ein.",
        "Ne l’ouvrez que si vous savez à qui elle appartient, et n’y saisissez aucun mot de passe.",
    ),
    "This page could not be checked": (
        "Diese Seite konnte nicht geprüft werden",
        "Cette page n’a pas pu être vérifiée",
    ),
    "Nothing is known of it at this moment. Open it only where you know whose it is.": (
        "Im Augenblick ist nichts über sie bekannt. Öffnen Sie sie nur, wenn Sie wissen, wem sie gehört.",
        "On n’en sait rien pour le moment. Ne l’ouvrez que si vous savez à qui elle appartient.",
    ),
    "Nothing is known of it at this moment. It may not be opened unchecked: try again later.": (
        "Im Augenblick ist nichts über sie bekannt. Ungeprüft darf sie nicht geöffnet werden: versuchen Sie es später.",
        "On n’en sait rien pour le moment. Elle ne peut être ouverte sans vérification : réessayez plus tard.",
    ),
    "Nothing is known against it at this moment. Is it where you want to go?": (
        "Im Augenblick ist nichts gegen sie bekannt. Möchten Sie dorthin?",
        "Rien n’est connu contre elle pour le moment. Est-ce bien là que vous voulez aller ?",
    ),
    "Open this page": ("Diese Seite öffnen", "Ouvrir cette page"),
    # What cannot be.
    "Back": ("Zurück", "Retour"),
    "This message is not kept any more": (
        "Diese Nachricht wird nicht mehr zurückgehalten",
        "Ce message n’est plus retenu",
    ),
    "It was let go, deleted, or its time was over.": (
        "Sie wurde freigegeben oder gelöscht, oder ihre Zeit war um.",
        "Il a été libéré ou supprimé, ou son délai a expiré.",
    ),
    "There is nothing of that kind to do.": ("So etwas gibt es hier nicht zu tun.", "Cette action n’existe pas ici."),
    "There is nothing of that kind to wish.": ("Das kann man hier nicht wünschen.", "Ce choix n’existe pas ici."),
    "This cannot be done": ("Das geht nicht", "C’est impossible"),
    "There is nothing here": ("Hier ist nichts", "Il n’y a rien ici"),
    "Not now": ("Im Augenblick nicht", "Pas maintenant"),
    "The mail gateway does not answer at the moment. Nothing was lost: try again in a minute.": (
        "Das Mail-Gateway antwortet im Augenblick nicht. Es ging nichts verloren: versuchen Sie es in einer Minute.",
        "La passerelle ne répond pas pour le moment. Rien n’est perdu : réessayez dans une minute.",
    ),
    # What mailflow refuses.
    "This is no link of ours, or it was cut on its way.": (
        "Das ist kein Link von uns, oder er wurde unterwegs abgeschnitten.",
        "Ce lien n’est pas de nous, ou il a été tronqué.",
    ),
    "This is no link of ours.": ("Das ist kein Link von uns.", "Ce lien n’est pas de nous."),
    "This link was signed with a key that is no longer in use.": (
        "Dieser Link wurde mit einem Schlüssel unterschrieben, der nicht mehr gilt.",
        "Ce lien a été signé avec une clé qui n’est plus utilisée.",
    ),
    "This link has expired.": ("Dieser Link ist abgelaufen.", "Ce lien a expiré."),
    "This link leads to something that is no web page.": (
        "Dieser Link führt zu etwas, das keine Webseite ist.",
        "Ce lien ne mène pas à une page web.",
    ),
    "A new one comes with the next digest, or by the first page of this site.": (
        "Einen neuen bringt die nächste Übersicht oder die erste Seite hier.",
        "Un nouveau arrive avec le prochain récapitulatif ou par la première page de ce site.",
    ),
    "This link was not made by us, or it was changed.": (
        "Dieser Link ist nicht von uns, oder er wurde verändert.",
        "Ce lien n’a pas été créé par nous, ou il a été modifié.",
    ),
    "This message is not kept from you (any more).": (
        "Diese Nachricht wird Ihnen nicht (mehr) vorenthalten.",
        "Ce message ne vous est pas (ou plus) retenu.",
    ),
    "Another message of yours is looked at just now: try again in a moment.": (
        "Gerade wird eine andere Nachricht von Ihnen geprüft: versuchen Sie es gleich noch einmal.",
        "Un autre de vos messages est en cours d’examen : réessayez dans un instant.",
    ),
    "The policy of this gateway does not let you do that with this message.": (
        "Die Regeln dieses Gateways erlauben Ihnen das bei dieser Nachricht nicht.",
        "Les règles de cette passerelle ne vous le permettent pas pour ce message.",
    ),
    "It was found to be dangerous, so it stays where it is; an administrator was told.": (
        "Sie wurde als gefährlich erkannt und bleibt, wo sie ist; die Administration weiß davon.",
        "Il a été jugé dangereux et reste retenu ; un administrateur est informé.",
    ),
    "It could not be examined just now: try again in a minute.": (
        "Sie konnte gerade nicht geprüft werden: versuchen Sie es in einer Minute.",
        "Il n’a pas pu être examiné : réessayez dans une minute.",
    ),
    "Too many passwords were tried on it: try again in an hour.": (
        "Es wurden zu viele Passwörter versucht: versuchen Sie es in einer Stunde.",
        "Trop de mots de passe ont été essayés : réessayez dans une heure.",
    ),
    "This password does not open it, or not all of it.": (
        "Dieses Passwort öffnet sie nicht, oder nicht ganz.",
        "Ce mot de passe ne l’ouvre pas, ou pas entièrement.",
    ),
    "This page is known to be dangerous.": (
        "Diese Seite ist als gefährlich bekannt.",
        "Cette page est connue comme dangereuse.",
    ),
    "This page could not be checked just now, and may not be opened unchecked: try again later.": (
        (
            "Diese Seite konnte gerade nicht geprüft werden und darf ungeprüft nicht geöffnet werden: "
            "versuchen Sie es später."
        ),
        "Cette page n’a pas pu être vérifiée et ne peut être ouverte sans vérification : réessayez plus tard.",
    ),
}


def preferred(accepted: str) -> str:
    """The language that a browser likes best of those that there are (Accept-Language, RFC 9110, section 12.5.4)."""
    best, most = ENGLISH, 0.0
    for part in accepted.split(",")[:20]:
        name, _, weight = part.strip().partition(";")
        language = name.partition("-")[0].strip().lower()
        try:
            liked = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and liked > most:
            best, most = language, liked
    return best


def said(text: str, language: str, **values: object) -> str:
    """A text in a language, with what stands in it."""
    known = _TEXTS.get(text)
    told = text if language == ENGLISH or known is None else known[LANGUAGES.index(language) - 1]
    return told.format(**values) if values else told
