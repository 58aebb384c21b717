"""Phrases of deceit, and of mail that people want; and those of languages without blanks."""

from collections.abc import Mapping
from typing import Final

MORE: Final[Mapping[str, str]] = {
    "say.account": (
        "verify your account,verify your identity,verify your information,verify your details,"
        "confirm your account,confirm your identity,confirm your information,confirm your details,"
        "update your account,update your information,update your billing,update your payment,"
        "update your details,validate your account,account verification,account has been,account will be,"
        "account is,your account was,account suspen*,account suspended,has been suspended,been limited,is limited,"
        "been locked,been restricted,temporarily suspended,temporarily limited,temporarily locked,"
        "temporarily blocked,temporarily restricted,limited access,account access,restore your,restore access,"
        "reactivate your,unlock your,account on hold,unusual activit*,unusual sign,unusual login,"
        "suspicious activit*,suspicious login,suspicious sign,unauthorized access,unauthorized login,"
        "unauthorized transaction*,unrecognized device,new device,new sign in,sign in attempt,login attempt*,"
        "failed login,security alert,security notice,security update,security reasons,security measure*,"
        "fraud prevention,billing information,billing problem,payment declined,payment failed,"
        "could not process your payment,unable to process your,problem with your,online banking,internet banking,"
        "account holder,failure to do,failure to comply,within 24 hours,within 48 hours,in 24 hours,"
        "protect your account,secure your account,social security,ihr konto,konto wurde,konto gesperrt,"
        "eingeschraenkt,voruebergehend,ungewoehnliche,verifizier*,bestaetigen sie,aktualisieren sie,"
        "sicherheitsgruenden,daten bestaetigen,push tan,pushtan,photo tan,sparkasse,volksbank,votre compte,"
        "compte a ete,compte sera,suspendu,verifier votre,confirmer votre,mettre a jour,activite inhabituelle,"
        "espace client,su cuenta,cuenta ha sido,cuenta sera,verifique su,confirmar su,actividad inusual,suspendida,"
        "bloqueada,tu cuenta,il suo conto,suo account,tuo account,conto e stato,verifica il,attivita insolita,"
        "sospeso,bloccato,sua conta,conta foi,confirme seus,suspensa,uw account,uw rekening,account geblokkeerd,"
        "bevestig uw,twoje konto,konto zostalo,zablokowan*,potwierdz,vash akkaunt,ваш аккаунт,ваша учетная запись,"
        "заблокирован*,подтвердите"
    ),
    "say.confirm": (
        "verify your email address,verify your e mail address,verify your address,verify this email,"
        "confirm your email address,confirm your e mail address,confirm your address,confirm your email,"
        "verify your email,confirm this email,confirm your subscription,confirm your registration,"
        "confirm your sign up,complete your registration,finish signing up,thanks for signing up,"
        "thank you for signing up,thanks for registering,thank you for registering,thanks for joining,welcome to,"
        "did not sign up,didn t sign up,did not create an account,didn t create an account,did not create this,"
        "did not request this,didn t request this,safely ignore,can ignore this,ignore this email,"
        "ignore this message,ignore this mail,e mail adresse bestaetigen,e mail adresse zu bestaetigen,"
        "bestaetigen sie ihre e mail,bestaetigen sie ihre adresse,bestaetigen sie ihre anmeldung,"
        "bestaetige deine e mail,bestaetige deine adresse,bestaetige deine anmeldung,anmeldung bestaetigen,"
        "danke fuer ihre anmeldung,danke fuer deine anmeldung,danke fuer ihre registrierung,willkommen bei,"
        "nicht angemeldet,ignorieren sie diese,ignoriere diese,confirmez votre adresse,confirmer votre adresse,"
        "confirmez votre inscription,confirmer votre inscription,merci de votre inscription,bienvenue,"
        "ignorez ce message,ignorer ce message,confirma tu correo,confirme su correo,confirmar tu correo,"
        "confirma tu direccion,gracias por registrarte,bienvenido a,ignora este mensaje,ignorar este mensaje,"
        "conferma il tuo indirizzo,confermare il tuo indirizzo,conferma la tua iscrizione,grazie per esserti,"
        "benvenuto,ignora questo messaggio,confirme seu e mail,obrigado por se cadastrar,bem vindo,"
        "bevestig je e mailadres,bevestig uw e mailadres,bedankt voor je aanmelding,potwierdz swoj adres,"
        "dziekujemy za rejestracj*,potwierdz rejestracj*"
    ),
    "say.mailbox": (
        "your mailbox,mailbox is,mailbox quota,mailbox storage,mailbox size,mailbox full,mailbox almost,"
        "storage limit,storage quota,quota limit,quota exceed*,exceeded the,storage is full,storage full,"
        "almost full,out of storage,password expire*,password will expire,password expir*,password is,"
        "password has expired,your password,keep same password,keep current password,keep my password,"
        "keep your password,same password,email account,e mail account,webmail,web mail,email upgrade,upgrade your,"
        "account upgrade,email administrator,mail administrator,system administrator,it helpdesk,it help desk,"
        "help desk,helpdesk,it support,it department,email verification,email validation,re validate,revalidate,"
        "pending messages,pending emails,pending mails,undelivered messages,undelivered mails,held messages,"
        "messages held,incoming messages,incoming mails,incoming emails,messages failed,failed to deliver,"
        "release messages,release pending,release to inbox,quarantined messages,messages in quarantine,sync error,"
        "server error,email server,deactivat*,de activat*,deactivation request,shut down,shutdown,termination,"
        "terminate your,your email will,email will be,stop receiving mail*,postfach,speicherplatz,passwort laeuft,"
        "passwort ablauf*,ihr passwort,boite mail,boite aux lettres,mot de passe,boite de reception,buzon,"
        "contrasena caduca*,su contrasena,casella di posta,casella postale,password scad*,caixa de correio,"
        "caixa postal,senha expira*,sua senha,skrzynk*,haslo wygas*,почтовый ящик,ваш пароль,two factor,"
        "multi factor,authenticator,mfa,2fa,re authenticate,reauthenticate"
    ),
    "say.document": (
        "shared a file,shared a document,shared a folder,shared with you,has shared,sent you a document,"
        "sent you a file,document for you,document for your,document to review,review and sign,review document,"
        "view document,view the document,open document,access document,view file,view shared,download document,"
        "secure document,secure message,encrypted message,encrypted document,confidential document,secured message,"
        "sign document,signature required,needs your signature,pending signature,awaiting your signature,docusign,"
        "docu sign,adobe sign,e signature,esign,sharepoint,onedrive,one drive,google docs,google drive,dropbox,"
        "wetransfer,we transfer,files received,received files,files attached,completed document,scanned document,"
        "scan from,scanned from,efax,e fax,new fax,fax received,fax message,fax document,kindly review,"
        "dokument freigegeben,zur unterschrift,document partage,signature requise,documento compartido,"
        "documento condiviso,documento compartilhado,employee handbook,revised handbook,appraisal,"
        "salary adjustment,salary increase,bonus payment,remittance advice"
    ),
    "say.parcel": (
        "your package,your parcel,your shipment,your delivery,package could not,parcel could not,parcel is,"
        "delivery failed,delivery attempt,failed delivery,missed delivery,unable to deliver,could not deliver,"
        "could not be delivered,delivery address,incomplete address,shipping address,shipping fee,shipping cost*,"
        "delivery fee,customs fee*,customs dut*,customs charge*,reschedule delivery,reschedule your,redelivery,"
        "tracking number,tracking code,track your,awaiting delivery,delivery on hold,held at,pending delivery,dhl,"
        "fedex,ups delivery,usps,royal mail,hermes,dpd,ihr paket,paket konnte,sendung,zustellung,zollgebuehr*,"
        "lieferung,votre colis,colis est,livraison,frais de douane,su paquete,paquete,envio,aduana,il tuo pacco,"
        "pacco,consegna,spedizione,sua encomenda,encomenda,uw pakket,pakket,bezorging,paczk*,przesylk*,посылк*,"
        "доставк*,correos,chronopost,la poste,poste italiane,postnl,bpost,post ag,swiss post,australia post,"
        "canada post,evri"
    ),
    "say.bill": (
        "invoice attached,attached invoice,invoice for,overdue invoice,invoice is,unpaid invoice,"
        "outstanding invoice,outstanding payment,payment due,past due,overdue payment,overdue,pay now,"
        "payment advice,payment copy,payment slip,swift copy,wire transfer,bank transfer,bank details,"
        "banking details,remittance,proof of payment,purchase order,request for quotation,rfq,quotation,new order,"
        "po attached,statement of account,attached file,see attached,find attached,attached herewith,ach payment,"
        "eft payment,payment confirmation,payment receipt,rechnung,mahnung,zahlungserinnerung,offener betrag,"
        "ueberweisung,inkasso,facture,impaye*,virement,paiement,factura,pago,transferencia,fattura,bonifico,"
        "pagamento,fatura,boleto,factuur,betaling,faktur*,platnosc,zaplat*,счет,оплат*"
    ),
    "say.renewal": (
        "has been renewed,will be renewed,auto renew*,auto renewal,automatic renewal,renewed successfully,"
        "subscription has,subscription will,your subscription,membership has,renewal invoice,renewal notice,"
        "renewal confirmation,successfully charged,has been charged,will be charged,been debited,be debited,"
        "auto debit*,auto pay,cancel this order,cancel the order,cancel this subscription,cancel your subscription,"
        "cancel or,did not authorize,didn t authorize,not authorized by you,did not place,didn t place,"
        "customer support number,customer care,helpline,help line,call us at,call us immediately,contact us at,"
        "toll free number,geek squad,geeksquad,norton,mcafee,lifelock,total protection,antivirus plan,best buy,"
        "billing department,transaction id,customer id,invoice no,invoice number,order id,subscription plan,"
        "threat detected,viruses detected,protection expired,subscription expired,renew now,renew your,"
        "domain renewal"
    ),
    "say.crypto": (
        "bitcoin,bitcoins,btc,crypto asset*,cryptocurrenc*,crypto wallet,your wallet,metamask,coinbase,binance,"
        "trust wallet,trezor,ledger,ethereum,airdrop,seed phrase,recovery phrase,secret phrase,private key,"
        "blockchain,usdt,nft,token sale,crypto mining,kraken,exodus,wallet verification,verify your wallet,kyc,"
        "staking,krypto*"
    ),
    "say.extort": (
        "recorded you,recorded a video,video of you,your webcam,your camera,through your camera,masturbat*,"
        "pleasure yourself,pleasuring yourself,satisfying yourself,adult website*,porn site*,porn website*,"
        "your contacts,all your contacts,your friends and,family and friends,relatives and,infected with,"
        "malware on,remote access,keylogger,full access,access to your device*,hacked your,i hacked,i am a hacker,"
        "have been hacked,was hacked,your device was,your operating system,know your password,is your password,"
        "one of your password*,transfer the money,send the money,bitcoin wallet,bitcoin address,my bitcoin,"
        "btc wallet,btc address,hours to pay,hours to make,after payment,delete the video,destroy the video,"
        "i will delete,will send the video,send this video,do not try to,not contact the police,ddos,"
        "ich habe sie aufgenommen,ihre kamera,zugriff auf ihr,je vous ai filme,votre camera,su camara,"
        "la tua webcam,sua camera,twoja kamer*,вашу камеру,dirty secret*,embarrass*"
    ),
    "say.favour": (
        "are you available,are you at your desk,are you free,are you in the office,quick task,quick favor,"
        "quick favour,quick request,a favor,a favour,need a favor,need you to,need your help,i need you,your cell,"
        "your mobile number,your phone number,cell number,text me,whatsapp,whats app,gift card*,giftcard*,"
        "itunes card*,google play card*,apple card*,steam card*,amazon card*,scratch the,purchase some,"
        "in a meeting,in meetings,can t talk,cannot talk,can t take calls,going into a meeting,discreet*,"
        "strictly confidential,keep this between,get back to me,let me know if you can,kindly,as soon as possible,"
        "urgent,urgently,sent from my iphone,sent from my mobile,process a payment,make a payment,wire out,"
        "geschenkkart*,gutscheinkart*,sind sie verfuegbar,carte* cadeau*,etes vous disponible,tarjeta* regalo,"
        "carte regalo,cartao presente"
    ),
    "say.payroll": (
        "direct deposit,payroll,my bank,new bank,bank information,bank details,banking information,change my bank,"
        "change of bank,change our bank,new account details,updated bank,updated account,account details have,"
        "our bank account has,before the next pay*,next payroll,next paycheck,pay date,routing number,"
        "our previous account,under audit,beneficiary bank,gehaltskonto,neue bankverbindung,bankverbindung,"
        "nouveau rib,changement de rib,nuevas cuentas,nuova coordinate,iban,dati bancari,datos bancarios"
    ),
    "say.reward": (
        "you have been selected,been selected,you ve been,been chosen,you are chosen,short survey,quick survey,"
        "our survey,complete the survey,take the survey,exclusive reward,your reward,claim your,claim now,"
        "claim reward,reward points,points expire,unclaimed reward,free iphone,win a,chance to win,congratulations,"
        "congrats,gift waiting,your gift,voucher,coupon,loyalty,yeti,stanley,power tool*,walmart,costco,lowe s,"
        "home depot,ace hardware,dewalt,cookware,air fryer,emergency kit,car kit,ausgewaehlt,umfrage,gewinnspiel,"
        "gutschein,selectionne,enquete,cadeau,seleccionado,encuesta,selezionato,sondaggio,buono,selecionado,"
        "pesquisa,ankiet*,nagrod*,поздравля*"
    ),
    "say.refund": (
        "tax refund,tax return,refund of,refund is,your refund,eligible to receive,eligible for,tax rebate,"
        "stimulus,stimulus payment,hmrc,irs,internal revenue,inland revenue,tax credit,tax office,tax authority,"
        "government grant*,relief fund,overpaid,over paid,refund amount,unclaimed refund,steuererstattung,"
        "rueckerstattung,finanzamt,elster,remboursement,impots,ameli,reembolso,agencia tributaria,hacienda,"
        "rimborso,agenzia delle entrate,inps,receita federal,restituicao,terugbetaling,belastingdienst,"
        "zwrot podatku"
    ),
    "say.voice": (
        "voicemail,voice mail,voice message,new voice,missed call,audio message,voice note,call from,caller id,"
        "play message,listen to your message,listen to message,vm message,sprachnachricht,message vocal,"
        "mensaje de voz,messaggio vocale"
    ),
    "say.follow": (
        "click here to,click the link below,click the button,click on the button,button below,link below,"
        "follow the link,follow this link,following link,log in to,login to,log in here,login here,sign in to,"
        "sign in here,log on to,verify now,update now,confirm now,continue here,get started,view details,"
        "visit the link,click below to,open the attach*,download the attach*,open attach*,klicken sie,auf den link,"
        "hier anmelden,jetzt bestaetigen,jetzt aktualisieren,cliquez sur,cliquant sur,connectez vous,haga click,"
        "pulse aqui,siguiente enlace,clicca sul,accedi,seguente link,clique no,acesse,klik hier,klik op,"
        "kliknij tutaj,zaloguj,перейдите по,по ссылке"
    ),
    "say.footer": (
        "unsubscribe,unsubscribe from,manage your subscription,manage subscription*,manage preferences,"
        "email preferences,update your preferences,update preferences,notification settings,"
        "communication preferences,view in browser,view this email,view online,view it in your browser,"
        "trouble viewing,having trouble viewing,web version,you are receiving this,you received this,"
        "you re receiving this,this email was sent to,this message was sent to,all rights reserved,privacy policy,"
        "privacy statement,terms of service,terms of use,forward to a friend,subscribe,add us to your address book,"
        "newsletter,abmelden,abbestellen,abmeldung,im browser,datenschutz,impressum,newsletter abbestellen,"
        "se desabonner,desinscrire,desinscription,version en ligne,darse de baja,cancelar suscripcion,disiscriviti,"
        "cancellati,cancelar inscricao,descadastrar,afmelden,uitschrijven,wypisz,отписаться"
    ),
    "say.talk": (
        "wrote,writes,i think,i don t,i ve,i m,i d,i ll,isn t,doesn t,didn t,wasn t,couldn t,thanks,thx,"
        "thank you for your help,cheers,best wishes,regards,see you,talk to you,fyi,btw,imho,imo,afaik,sounds good,"
        "makes sense,good point,let s,meeting,lunch,tomorrow,yesterday,last night,schrieb,viele gruesse,"
        "liebe gruesse,mit freundlichen,danke,a ecrit,cordialement,merci,bonne journee,escribio,saludos,gracias,"
        "ha scritto,saluti,grazie,escreveu,abracos,obrigado,schreef,groeten,napisal,pozdrawiam,dzieki,писал,"
        "спасибо"
    ),
    "say.order": (
        "your order,order confirmation,order number,order total,has shipped,has been shipped,your booking,"
        "booking reference,your reservation,itinerary,your ticket*,boarding,receipt for,your receipt,"
        "thanks for your order,thank you for your order,thank you for your purchase,subtotal,ihre bestellung,"
        "bestellnummer,buchung,votre commande,numero de commande,su pedido,il tuo ordine,seu pedido,uw bestelling,"
        "zamowieni*"
    ),
}

_UNSPACED: Final[Mapping[str, str]] = {
    "say.account": (
        "アカウント,お支払い方法,本人確認,ご利用制限,不正利用,カードの利用,"
        "账户,账号异常,帳戶,身份验证,계정,본인 확인,บัญชีของคุณ"
    ),
    "say.mailbox": "邮箱,信箱,密码过期,容量,メールボックス,パスワード,메일함,비밀번호",
    "say.parcel": "お荷物,配達,宅配,包裹,快递,택배,배송",
    "say.bill": "发票,發票,开票,代开,增值税,請求書,お支払い,세금계산서",
    "say.work": "副業,兼职,赚钱,稼げる,高収入",
    "say.adult": "出会い,人妻,無料登録,セフレ,裸,性感",
    "say.ranking": "培训,课程,研讨会,营销,推广,优惠,客户,广告",
    "say.follow": "こちら,点击,點擊,ログイン,登录,클릭,คลิก",
    "say.casino": "カジノ,赌场,博彩,카지노",
}
UNSPACED: Final = {kind: tuple(text.split(",")) for kind, text in _UNSPACED.items()}
"""Pieces of text in languages that put no blanks between words, as they stand."""
