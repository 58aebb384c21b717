"""French, Spanish, Italian and Portuguese, which share so many words that they are searched together."""

from typing import Final

from mailock.core.impersonation.themes import Signs, Theme, near, said

SIGNS: Final[Signs] = {
    Theme.ACCOUNT: (
        near(
            "vérifier vérifiez confirmer confirmez valider validez actualiser réactiver débloquer mettre activer"
            " verificar verifique confirmar confirme actualizar actualice validar valide reactivar desbloquear activar"
            " verificare verifica verifichi confermare conferma confermi aggiornare aggiorna aggiorni riattivare"
            " sbloccare"
            " atualizar atualize reativar regularizar regularize validação",
            "compte informations identité coordonnées accès cuenta datos información identidad acceso clave"
            " conto account dati informazioni identità accesso utenza profilo conta dados informações identidade acesso"
            " cadastro cpf espace",
        ),
        near(
            "suspendu bloqué limité restreint désactivé suspendida bloqueada limitada restringida desactivada"
            " suspendido"
            " bloqueado sospeso bloccato limitato disattivato sospesa suspensa bloqueada restrita sospensione",
            "compte carte accès cuenta tarjeta acceso conto carta account accesso conta cartão acesso servizio",
        ),
        said(
            "activité inhabituelle",
            "actividad inusual",
            "attività insolita",
            "atividade suspeita",
            "actividad sospechosa",
        ),
        said("attività sospetta", "activité suspecte", "atividade incomum"),
    ),
    Theme.MAILBOX: (
        near(
            "messagerie boîte buzón correo casella bandeja caixa",
            "pleine quota espace lleno lleno límite piena capienza"
            " almacenamiento cheia pendientes attente archiviazione",
        ),
    ),
    Theme.PASSWORD: (
        near(
            "passe contraseña password senha",
            "expire expirer expiré caduca expira caducado scade scadenza scaduta"
            " expirar expirou conserver mantener mantenere",
        ),
    ),
    Theme.SIGN_IN: (
        near(
            "connexion inicio accesso login acesso",
            "inhabituelle inusual insolito suspecte sospechoso sospetto suspeito",
        ),
    ),
    Theme.PARCEL: (
        near(
            "colis livraison paquete envío entrega pacco spedizione consegna encomenda pacote",
            "frais douane attente retenu échec tasas aduana pendiente retenido fallida gastos spese dogana sospeso"
            " trattenuto fallita giacenza giacenze alfândega taxa retida pendente correos poste",
        ),
    ),
    Theme.PAYMENT: (
        near(
            "paiement facture prélèvement amende pago factura recibo multa pagamento fattura bolletta fatura cobrança",
            "refusé échec impayée impayé retard régler rechazado vencida pendiente impago fallito scaduta sospeso"
            " rifiutato"
            " recusado vencida atraso pendente",
        ),
        said(
            "moyen de paiement", "método de pago", "metodo di pagamento", "forma de pagamento", "nota fiscal", "boleto"
        ),
    ),
    Theme.BANK_CHANGE: (
        near(
            "nouveau nouvelles changement nuevos cambio cambiado nuove nuovo cambiato novos mudança",
            "rib iban bancaires bancarios bancarie bancários nómina salaire stipendio coordinate",
        ),
    ),
    Theme.REFUND: (
        near(
            "remboursement reembolso rimborso devolución restituição",
            "impôts impôt caf ameli hacienda agencia impuestos"
            " fiscale agenzia inps receita bénéficier solicitar richiedere imposto tributaria montant importe",
        ),
    ),
    Theme.PRIZE: (
        near(
            "gagné gagnant sélectionné félicitations ganado ganador seleccionado felicidades vinto vincitore"
            " selezionato"
            " congratulazioni ganhou parabéns sorteado",
            "prix cadeau lot premio regalo lotería sorteo omaggio buono prêmio iphone brinde loterie",
        ),
    ),
    Theme.FUND: (
        near(
            "héritage bénéficiaire millions don donation herencia beneficiario millones donación eredità milioni"
            " donazione"
            " herança milhões doação",
            "euros dollars banque défunt dólares banco fallecido euro dollari banca defunto"
            " viúva falecido dieu dios dio",
        ),
    ),
    Theme.GIFT_CARD: (
        near("carte cartes tarjetas tarjeta carta cartões", "cadeau cadeaux regalo presente pcs transcash"),
    ),
    Theme.FAVOUR: (
        said("êtes-vous disponible", "es-tu disponible", "está disponible", "estás disponible", "sei disponibile"),
        said("è disponibile", "está disponível", "en réunion", "en una reunión", "in riunione", "numéro de téléphone"),
    ),
    Theme.EXTORTION: (
        near(
            "bitcoin btc",
            "heures payer vidéo horas pagar vídeo ore pagare video enviar envoyer grabado registrato filmé",
        ),
    ),
    Theme.WALLET: (
        near("wallet portefeuille billetera portafoglio carteira", "vérifier verificar verificare conectar"),
    ),
    Theme.SHARED_FILE: (
        near(
            "document fichier documento archivo file arquivo fattura mensaje messaggio",
            "partagé compartido condiviso"
            " compartilhado consulter visualizar visualizzare firmar firmare signer adjunto allegato",
        ),
    ),
    Theme.URGENCY: (
        near("dans sous dentro entro en em", "24 48 72 heures horas ore jours días giorni"),
        said(
            "immédiatement", "urgent", "dernier rappel", "inmediatamente", "urgente", "último aviso", "immediatamente"
        ),
        said("ultimo avviso", "imediatamente", "sans délai", "de toute urgence", "entro e non oltre"),
    ),
    Theme.NO_NAME: (
        said("cher client", "chère cliente", "estimado cliente", "estimada cliente", "gentile cliente", "caro cliente"),
        said(
            "prezado cliente",
            "cher utilisateur",
            "estimado usuario",
            "gentile utente",
            "cher(e) client(e)",
            "cher abonne",
        ),
    ),
    Theme.SCAN: (said("code qr", "código qr", "codice qr", "flashez", "escanea", "scansiona", "scannez"),),
}
