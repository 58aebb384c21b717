"""Phrases of unasked trade and fraud. One row a subject, in English first; letters folded, as `phrases` says."""

from collections.abc import Mapping
from typing import Final

TRADE: Final[Mapping[str, str]] = {
    "say.pharmacy": (
        "viagra,cialis,levitra,xanax,valium,vicodin,ambien,phentermin*,tramadol,hydrocodon*,oxycontin,percocet,"
        "meridia,zoloft,prozac,propecia,tamiflu,kamagra,sildenafil,tadalafil,modafinil,ativan,klonopin,adipex,"
        "lipitor,online pharmac*,canadian pharmac*,canadian drug*,pharmacy online,internet pharmacy,"
        "online drugstore,no prescription,without prescription,without a prescription,prescription drug*,"
        "prescription medic*,cheap med*,cheap pill*,generic med*,generic drug*,discount med*,med* online,"
        "lowest drug price*,prescription needed,prescription required,rx med*,my canadian,your meds,pain relief,"
        "hgh,human growth hormone,male enhancement pill*,erectile,erection pill*,quality medic*,buy med*,"
        "usa licensed,us licensed,fda approved,doctor* approved,weight loss pill*,online apotheke,ohne rezept,"
        "potenzmittel,rezeptfrei*,sans ordonnance,pharmacie en ligne,sin receta,farmacia online,farmacia en linea,"
        "senza ricetta,sem receita,bez recepty,виагр*,сиалис,левитра,без рецепта,cbd gumm*,cbd oil,keto gumm*,"
        "blood sugar,tinnitus,prostate,neuropathy"
    ),
    "say.enlarge": (
        "penis,enlarge your,enlargement,enlarge it,longer and thicker,bigger and harder,penis size,your manhood,"
        "your penis,your dick,bigger dick,larger penis,your size,male enhanc*,harder erection*,stronger erection*,"
        "longer erection*,rock hard,last longer in bed,longer in bed,in bed,your girlfriend,satisfy her,"
        "satisfy your,please her,please your woman,please your partner,sexual performance,sexual desire,sex drive,"
        "libido,premature ejaculation,your ejaculat*,sperm,more orgasm*,intense orgasm*,gain inches,extra inches,"
        "add inches,inches to your,impotence,sexual power,bedroom performance,your love life,your sex life,"
        "size matters,penisverlanger*,groesserer penis,vergroesser* ihr*,mehr spass im bett,alargar su pene,"
        "agrandir votre penis"
    ),
    "say.adult": (
        "xxx,porno*,free porn,hardcore porn,hardcore,hot girls,horny,teen sex,adult site,adult sites,"
        "adult entertainment,adult content,webcam*,live girls,nude,naked,lolita*,barely legal,lesbian*,cum shot*,"
        "cumshot*,blowjob*,sluts,sexy girls,sex video*,sex movies,free sex,hot sex,cheating wives,lonely wives,"
        "lonely housewi*,housewives,single women,russian bride*,russian women,russian girls,ukrainian women,"
        "ukrainian girls,dating site,adult dating,meet singles,singles in your area,local singles,hookup,hook up,"
        "no strings attached,i am a nice girl,nice girl that would like,nice pretty girl,chat with you,"
        "i am bored tonight,would like to chat,my pics,my photos,see my picture*,looking for a man,"
        "looking for serious relation*,looking for love,find love,erotik,sexkontakte,seitensprung,heisse girls,"
        "partnersuche,femmes russes,chicas,citas,rencontres coquines,секс,порно,знакомства,девушки"
    ),
    "say.replica": (
        "replica watch*,replicas,luxury replica,replica rolex,rolex,rolexes,breitling,cartier,omega watches,"
        "tag heuer,patek philippe,luxury watch*,swiss watch*,designer watch*,designer handbag*,designer bag*,"
        "designer shoes,louis vuitton,gucci,prada,chanel,hermes,montblanc,mont blanc,tiffany,exact cop*,"
        "quality watches,fake watches,imitation watch*,luxury goods,luxury replica*,uhren replik*,montres de luxe,"
        "relojes de lujo,orologi di lusso,реплик*,копии часов,ray ban"
    ),
    "say.casino": (
        "casino,casinos,online casino,vip casino,royal casino,online poker,blackjack,roulette,slot machine*,slots,"
        "jackpot,gambling,sign up bonus,signup bonus,welcome bonus,deposit bonus,first deposit,free chips,"
        "free spins,bonus on your,casino bonus,sports betting,sportsbook,bet now,willkommensbonus,freispiele,"
        "spielautomaten,bonus de bienvenue,bono de bienvenida,giros gratis,bonus di benvenuto,казино,ставки"
    ),
    "say.stock": (
        "otc,otcbb,pink sheets,pinksheets,otc bb,strong buy,buy alert,stock alert,hot stock,stock pick*,"
        "penny stock*,small cap,smallcap,microcap,micro cap,target price,price target,current price,"
        "short term target,day target,long term target,forward looking statement*,investor alert,investors alert,"
        "trading alert,stock profile,breaking news for,watch this stock,this stock,about to explode,"
        "ready to explode,huge promo*,massive promo*,on your radar,radar screen,volume spike,stock symbol,ticker,"
        "wkn,aktie*,kursziel,kurspotenzial,boerse,rallye,issued and outstanding,section 27a,securities act of,"
        "financial advisor before,paid by a third party,undervalued,investment opportunit*,get in before,"
        "get in now,trading platform,forex,binary option*,profit potential,price per share,акции компании"
    ),
    "say.loan": (
        "mortgage,mortgages,mortgage rate*,refinanc*,refinance,home loan*,home equity,home owner*,homeowner*,"
        "low rates,lowest rates,interest rate*,low interest,fixed rate,your credit,bad credit,poor credit,"
        "no credit check,credit history,credit repair,credit rating,credit report*,credit score,credit card debt,"
        "get out of debt,out of debt,debt free,consolidat*,debt consolidation,eliminate debt,your debts,cash loan*,"
        "personal loan*,business loan*,payday loan*,payday,cash advance,unsecured,loan offer,instant approval,"
        "pre approved,preapproved,been approved,you are approved,have been accepted,lenders,equity line,"
        "second mortgage,merchant account*,accept credit cards,unsecured credit,loan application,loan amount,"
        "we offer loans,kredit*,sofortkredit,schufa,ohne schufa,darlehen,pret personnel,credit immobilier,"
        "prestamo*,emprestimo*,prestito,prestiti,pozyczk*,кредит*,займ*,ипотек*"
    ),
    "say.degree": (
        "university diploma*,university degree*,college degree*,college diploma,diploma*,bachelors,bachelor s,"
        "masters,master s,doctorate,degree program,non accredited,nonaccredited,unaccredited,no required tests,"
        "no tests,no classes,no exams,life experience,prestigious*,get your degree,earn your degree,your degree,"
        "become a doctor,diplome universitaire,доктор наук,диплом,дипломы"
    ),
    "say.software": (
        "oem,oem software,cheap software,discount software,cheapest software,software at,adobe photoshop,"
        "photoshop cs*,adobe acrobat,adobe cs*,creative suite,office 2003,office 2007,office xp,office pro*,"
        "windows xp,windows vista,xp professional,vista ultimate,microsoft office,norton antivirus,autocad,"
        "autodesk,macromedia,corel draw,coreldraw,retail price,our price,you save,off retail,software downloadable,"
        "download it now,instant download,cd key,original software,all software,popular software,best software,"
        "billige software,logiciels pas chers,cable descrambler,descrambler,dvd copy,copy dvds,spy software,"
        "copy any dvd"
    ),
    "say.advance": (
        "next of kin,deceased,late husband,my late,late client,my late client,late father,late president,"
        "fund transfer,transfer of,foreign partner,business proposal,urgent business,mutual benefit,"
        "strictly confidential,utmost confiden*,confidential business,this transaction,the transaction,beneficiary,"
        "beneficiaries,million united,million us,million dollars,million usd,million pounds,million euro*,"
        "us million,m usd,usd million,united states dollars,bank account,foreign account,your account number,"
        "security company,consignment,diplomatic,diplomat,barrister,attorney at law,solicitor,sierra leone,nigeria,"
        "nigerian,ivory coast,cote d ivoire,abidjan,lagos,burkina faso,ouagadougou,benin republic,"
        "republic of benin,ghana,accra,togo,lome,zimbabwe,congo,liberia,johannesburg,central bank of,"
        "bank of africa,inheritance,dormant account,abandoned fund,unclaimed,will and testament,contract sum,"
        "over invoiced,god bless you,remain blessed,i am dying,of cancer,with cancer,orphanage,donate,donation of,"
        "widow,widower,i am mrs,i am mr,my name is mrs,am barrister,dr mrs,trust you,can be trusted,trustworthy,"
        "assist me,your assistance,assistance in,private email,reply urgently,atm card,western union,money gram,"
        "moneygram,compensation fund,scam victim*,united nations,payment file,percent of the total,"
        "of the total sum,your share,for your effort,risk free,hitch free,no risk,full names,your full name,"
        "your direct telephone,private telephone,contact address,occupation,erbschaft,verstorben*,millionen euro,"
        "defunt,millones,herencia,eredita,heranca,philanthrop*,вклад,наследств*"
    ),
    "say.lottery": (
        "lottery,lotto,lotteries,loteria,winning number*,winning numbers,lucky number*,lucky winner*,ticket number,"
        "reference number,ref number,batch number,serial number,claims agent,claim agent,claims officer,"
        "fiduciary agent,fiduciary claims,prize award*,award notification,winning notification,"
        "your email address won,email address won,you have won,you won,you are a winner,has won,have emerged,"
        "ballot,promotions manager,promotion department,award promo*,award winning,to claim your,claim your prize,"
        "cash prize,prize money,lump sum,international promo*,microsoft award*,coca cola,toyota,bbc national,"
        "uk national,national lottery,staatsloterij,el gordo,sweepstake*,payout of,gewonnen,gewinner,"
        "gewinnbenachrichtigung,vous avez gagne,gagnant,ha ganado,ganador,hai vinto,vincitore,voce ganhou,wygrales,"
        "вы выиграли,лотере*"
    ),
    "say.work": (
        "work from home,work at home,working from home,home based business,home business,home based,based business,"
        "own boss,own business,extra income,extra cash,extra money,additional income,residual income,"
        "passive income,financial freedom,financially independent,financial independence,make money,making money,"
        "make big money,earn money,earn up to,earn big,earn extra,a week from,a month from,a day from,from home,"
        "multi level,mlm,network marketing,no experience,no selling,business opportunit*,income opportunit*,"
        "once in a lifetime,opportunity of a lifetime,be a millionaire,millionaire*,get rich,get paid,turnkey,"
        "envelope stuffing,stuffing envelopes,part time job,part time work,job offer,vacanc*,financial manager,"
        "transfer manager,payment agent,regional manager,our representative,representatives needed,"
        "company representat*,money transfer,receive payments,process payments,hours a day,hours per day,"
        "hours a week,hours per week,salary,monthly income,mystery shopper,secret shopper,data entry,nebenjob,"
        "heimarbeit,nebenverdienst,geld verdienen,revenus,gagner de l argent,travail a domicile,ganar dinero,"
        "trabajar desde casa,guadagnare,lavoro da casa,ganhar dinheiro,praca w domu,заработ*,удаленная работа,"
        "affiliate program,downline,upline,chain letter,five dollars,report 1"
    ),
    "say.slim": (
        "weight loss,lose weight,loose weight,losing weight,lose pounds,pounds in,fat burning,burn fat,burns fat,"
        "body fat,belly fat,diet,diet pill*,hoodia,anatrim,slim,slimming,keto,acai,garcinia,metaboli*,appetite,"
        "anti aging,anti ageing,wrinkle*,look younger,years younger,hair loss,growth hormone,age reversal,abnehmen,"
        "diaet,perdre du poids,maigrir,bajar de peso,adelgazar,perdere peso,dimagrire,emagrecer,odchudz*,похуде*,"
        "cellulite,lipozene,miracle,breakthrough"
    ),
    "say.ranking": (
        "search engine*,search engine optim*,seo,seo service*,google rank*,page rank,pagerank,first page of,"
        "page of google,top of google,rank on google,website ranking,ranking of your,web traffic,website traffic,"
        "traffic to your,hits to your,backlinks,back links,link building,guest post*,web design,website design,"
        "web development,website development,app development,redesign your,your website and,visited your website,"
        "across your website,looking at your website,email marketing,bulk email,bulk e mail,bulk mail,mass mail*,"
        "email addresses,e mail addresses,email list*,e mail list*,mailing list of,million email*,"
        "million addresses,opt in list*,targeted email*,direct email,email blast*,lead generation,leads for,"
        "qualified leads,digital marketing,marketing company,marketing agency,increase your sales,promote your,"
        "advertise your,your advertis*,suchmaschinenoptimierung,referencement,posicionamiento,attendees list,"
        "user list,b2b list,mailing data*,раскрутк*,рассылк*,реклам*,семинар*,тренинг*,налогообложен*"
    ),
    "say.insurance": (
        "life insurance,auto insurance,car insurance,health insurance,term life,insurance quote*,free quote*,"
        "quotes from,insurance rates,insurance premium*,term insurance,auto warranty,car warranty,"
        "extended warranty,home warranty,warranty expire*,your vehicle,medicare,health plan,solar panel*,timeshare,"
        "krankenversicherung,privatpatient,assurance auto,mutuelle,pannelli,seguro de"
    ),
    "say.goods": (
        "special offer*,limited offer*,special price*,best price*,lowest price*,low price*,great price*,cheapest,"
        "wholesale,discount*,huge savings,save up to,save big,percent off,off everything,today only,clearance,"
        "satisfaction guarantee*,money back guarantee,money back,guarantee*,toner,ink cartridge*,cartridges,"
        "printer ink,cigarettes,cable tv,satellite tv,free shipping,worldwide shipping,fast shipping,"
        "ships worldwide,order today,order now,buy now,shop now,call now,best quality,high quality,manufacturer*,"
        "our products,our factory,price list,moq,supplier*,led light*,product range,we are a professional,"
        "years experience,amazing,incredible,revolutionary,sonderangebot*,rabatt*,guenstig*,jetzt bestellen,"
        "offre speciale,promotion*,oferta*,descuento*,precios,sconto,offerta,desconto,promocao,rabat,promocj*,"
        "скидк*,цены"
    ),
    "say.free": (
        "absolutely free,completely free,totally free,free trial,free sample*,free gift*,free bonus,free access,"
        "free membership,free info*,free report*,free offer*,free consult*,free download,free tv,free cell*,"
        "free phone*,free vacation*,free ipod*,no cost,no obligation*,at no cost,no fees,no hidden,no purchase,"
        "complimentary,bonus*,kostenlos*,gratis,entierement gratuit*,bezplatn*,darmo*,бесплатн*"
    ),
    "say.act": (
        "act now,act fast,act today,act immediately,don t miss,dont miss,do not miss,don t delay,don t wait,hurry,"
        "hurry up,limited time,time is limited,limited quantit*,offer expires,expires soon,while supplies last,"
        "supplies are limited,call today,call now,call toll free,toll free,respond now,don t hesitate,order today,"
        "visit us,visit our,visit now,click now,click below,click here,click the link,click on the link,"
        "click this link,clicking here,check it out,check this out,see for yourself,find out more,start today,"
        "join today,sign up today,apply now,risk free,what are you waiting,hier klicken,klicken sie hier,"
        "cliquez ici,haga clic,clique aqui,clicca qui,kliknij,нажмите,звоните,copy and paste,type in browser,"
        "in your browser,into your browser,type the,remove the space"
    ),
    "say.opt_out": (
        "this is not spam,never spam,not intended to be spam,cannot be considered spam,considered spam,"
        "this is a one time,one time mailing,one time message,you have opted in,you opted in,opted in to,"
        "opt in to receive,opt in email,our opt in,affiliates websites,one of our partner*,our partner*,"
        "third party partner*,received this email in error,removed from our,removed from this,removed from future,"
        "to be removed,be removed,remove in the subject,remove me,remove you,remove your,removal instructions,"
        "for removal,remove please,opt out,optout,no further mailings,further mailings,future mailings,section 301,"
        "s 1618,bill s,title iii,united states federal,can spam,not wish to receive,wish to be removed,"
        "rather not receive,if you don t want,if you do not want,if this email has reached,reached you in error,"
        "please disregard,we apologize,sorry for any inconvenience,this message is sent in compliance,"
        "in compliance with,sent in compliance,not a permanent,no longer wish"
    ),
    "say.dear": (
        "dear friend,dear sir,dear sirs,dear sir madam,dear madam,dear beneficiary,dear winner,dear customer,"
        "dear user,dear client,dear member,dear homeowner,dear home owner,dear consumer,dear beloved,dearest one,"
        "dear investor,dear valued,dear account,dear email,dear webmail,dear web user,dear partner,dear manager,"
        "valued customer,valued member,hello dear,my dear,dear in christ,dearly beloved,greetings to you,"
        "attention dear,attn,good day,compliments of,sehr geehrter kunde,sehr geehrte kundin,lieber kunde,"
        "liebe kundin,cher client,chere cliente,cher ami,estimado cliente,estimado usuario,gentile cliente,"
        "prezado cliente,caro cliente,beste klant,geachte klant,drogi kliencie,szanowny kliencie,уважаемый клиент,"
        "уважаемые"
    ),
    "say.card": (
        "ecard,e card,greeting card,postcard,greeting ecard,greetings card,digital card,sent you a greeting,"
        "sent you an ecard,a family member,from a friend,school mate,class mate,a worshipper,funny postcard,"
        "view your card,your card,pick up your,postcard from"
    ),
    "say.chain": (
        "forward this,forward it to,send this to,send to everyone,pass this on,pass it on,everyone you know,"
        "bad luck,good luck will,this letter,do not ignore this"
    ),
}
