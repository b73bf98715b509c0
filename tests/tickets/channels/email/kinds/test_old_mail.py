"""Old mail is folded whatever program wrote its introduction; what a person wrote is not."""

import pytest

from tickets.channels.email.parsing import parse_email
from tickets.channels.email.reply import new_text

NEW = "It still does not work."
AT = "support@demo.example"

OLD = {
    "fr, wrapped inside the verb": f"Le lun. 3 mai 2027 à 08:12, Service client <{AT}> a\nécrit :\n\n> Bonjour",
    "fr, wrapped before the colon": f"Le lun. 3 mai 2027 à 08:12, Service client <{AT}> a écrit\n:\n\n> Bonjour",
    "fr, wrapped inside the date": f"Le lun. 3\nmai 2027 à 08:12, Service client <{AT}> a écrit :\n\n> Bonjour",
    "fr, no marks": f"Le lundi 3 mai 2027 à 09:00:00 UTC+2, Support <{AT}> a écrit :\n\nBonjour",
    "fr, text on the line": f"Le lundi 3 mai 2027 à 09:00, Support <{AT}> a écrit : Bonjour, essayez ceci.",
    "fr, decomposed": "Le 3 mai 2027 a\u0300 09:00, Support a e\u0301crit :\n\nBonjour",
    "fr, narrow spaces": "Le\u202f3\u202fmai 2027 à\u202f09:00, Support a écrit\u202f:\n\nBonjour",
    "fr, Samsung": f"-------- Message d’origine --------De : Support <{AT}> Date : 03/05/2027 09:00 À : d@x.example",
    "fr, Samsung without gap": f"-------- Message d'origine --------\nDe : Support <{AT}>\nDate : 3 mai\n\nBonjour",
    "fr, Orange": f"> Message du 03/05/27 09:00\n> De : \"Support\" <{AT}>\n> A : dana@x.example\n> Objet : Lampe\n>\n> Bonjour",
    "fr, SFR": "----- Mail original -----\n\nBonjour",
    "fr, Zimbra": f"De: \"Support\" <{AT}>\nÀ: \"Dana\" <d@x.example>\nEnvoyé: Lundi 3 Mai 2027 09:00:00\nObjet: Lampe\n\nBonjour",
    "fr, Outlook web": "De : Support\nEnvoyé le : lundi 3 mai 2027 09:00\nÀ : Dana\nObjet : Lampe\n\nBonjour",
    "ca, Gmail": f"Missatge de Support <{AT}> del dia dl., 3 de maig 2027 a les 9:00:\n\n> Hola",
    "ca, Apple": f"El 3 maig 2027, a les 9:00, Support <{AT}> va\nescriure:\n\n> Hola",
    "ca, Thunderbird": "El 3/5/27 a les 9:00, Support ha escrit:\n> Hola",
    "ca, Outlook": f"De: Support <{AT}>\nEnviat el: dilluns, 3 de maig 2027 9:00\nPer a: Dana\nAssumpte: Llum\n\nHola",
    "nl, Gmail": f"Op ma 3 mei 2027 om 09:00 schreef Support <{AT}>:\n\n> Hallo",
    "nl, wrapped": f"Op ma 3 mei 2027 om 09:00 schreef Support <\n{AT}>:\n\n> Hallo",
    "nl, Outlook": f"Van: Support <{AT}>\nVerzonden: maandag 3 mei 2027 09:00\nAan: Dana\nOnderwerp: Lamp\n\nHallo",
    "nl, title": "-------- Oorspronkelijk bericht --------\nVan: Support\n\nHallo",
    "pl, Gmail": f"pon., 3 maj 2027 o 09:00 Support <{AT}> napisał(a):\n\n> Cześć",
    "pl, Apple": f"Wiadomość napisana przez Support <{AT}> w dniu 3 maj 2027, o godz. 09:00:\n\nCześć",
    "pl, Thunderbird": "W dniu 03.05.2027 o 09:00, Support pisze:\n> Cześć",
    "pl, o2": f"Dnia 3 maja 2027 09:00 Support <{AT}> napisał(a):\n\nCześć",
    "pl, Outlook": f"Od: Support <{AT}>\nWysłano: poniedziałek, 3 maja 2027 09:00\nDo: Dana\nTemat: Lampa\n\nCześć",
    "pl, title": "-------- Oryginalna wiadomość --------\n\nCześć",
    "pt, Gmail": f"Em seg., 3 de mai. de 2027 às 09:00, Support <{AT}> escreveu:\n\n> Olá",
    "pt, Portugal": f"Support <{AT}> escreveu (segunda, 3/05/2027 à(s) 09:00):\n\n> Olá",
    "pt, Outlook": f"De: Support <{AT}>\nEnviada em: segunda-feira, 3 de maio de 2027 09:00\nPara: Dana\nAssunto: Lâmpada\n\nOlá",
    "pt, title": "-------- Mensagem original --------De: Support <a@b.example> Data: 03/05/2027 09:00 Para: x",
    "it, Gmail": f"Il giorno lun 3 mag 2027 alle ore 09:00 Support <{AT}> ha scritto:\n\n> Ciao",
    "it, wrapped": f"Il giorno lun 3 mag 2027 alle ore 09:00 Support <{AT}> ha\nscritto:\n\n> Ciao",
    "it, Outlook": f"Da: Support <{AT}>\nInviato: lunedì 3 maggio 2027 09:00\nA: Dana\nOggetto: Lampada\n\nCiao",
    "it, title": "-------- Messaggio originale --------\nDa: Support\nData: 03/05/27 09:00\n\nCiao",
    "es, Gmail": f"El lun, 3 may 2027 a las 9:00, Support (<{AT}>) escribió:\n\n> Hola",
    "es, Yahoo": f"El lunes, 3 de mayo de 2027, 09:00:00 CEST, Support <{AT}> escribió:\n\nHola",
    "es, Yahoo on a telephone": f"  El lun., 3 de mayo de 2027 a la(s) 9:00, Support<{AT}> escribió:   Hola, pruebe esto.",
    "es, Outlook": f"De: Support <{AT}>\nEnviado el: lunes, 3 de mayo de 2027 9:00\nPara: Dana\nAsunto: Lámpara\n\nHola",
    "es, title": "-------- Mensaje original --------\n\nHola",
    "de, Gmail": f"Am Mo., 3. Mai 2027 um 09:00 Uhr schrieb Support <{AT}>:\n\n> Hallo",
    "de, after the name": f"Support <{AT}> schrieb am Mo., 3. Mai 2027, 09:00:\n\n> Hallo",
    "de, GMX": f"Gesendet: Montag, 03. Mai 2027 um 09:00 Uhr\nVon: \"Support\" <{AT}>\nAn: d@x.example\nBetreff: Lampe\n\nHallo",
    "de, Samsung": f"-------- Ursprüngliche Nachricht --------Von: Support <{AT}> Datum: 03.05.27 09:00 An: d@x.example",
    "de, Original-Nachricht": "-------- Original-Nachricht --------\n\nHallo",
    "he": "\u200fבתאריך יום ב׳, 3 במאי 2027 ב-9:00 מאת \u202aSupport\u202c\u200f <\u202asupport@demo.example\u202c\u200f>:\u202c\n\n> שלום",
    "he, wrote": f"ב-3 במאי 2027, בשעה 9:00, Support <{AT}> כתב/ה:\n\n> שלום",
    "ar": f"في الاثنين، 3 مايو 2027 في 9:00 ص كتب Support <{AT}>:\n\n> مرحبا",
    "fa": f"در تاریخ دوشنبه 3 مه 2027 9:00، Support <{AT}> نوشت:\n\n> سلام",
    "en, Yahoo on a telephone": f"  On Mon, May 3, 2027 at 9:00 AM, Support<{AT}> wrote:   Hello, try this.",
    "en, wrapped and text": f"On Mon, May 3, 2027 at 9:00 AM, Support\n<{AT}> wrote: Hello, try this.",
    "en, Samsung": f"-------- Original message --------From: Support <{AT}> Date: 5/3/27  09:00  To: d@x.example",
    "sv": f"Den mån 3 maj 2027 kl 09:00 skrev Support <{AT}>:\n\n> Hej",
    "da": f"Den man. 3. maj 2027 kl. 09.00 skrev Support <{AT}>:\n\n> Hej",
    "ru": f"пн, 3 мая 2027 г. в 09:00, Support <{AT}>:\n\n> Привет",
    "tr": f"Support <{AT}>, 3 May 2027 Pzt, 09:00 tarihinde şunu yazdı:\n\n> Merhaba",
    "ja": f"2027年5月3日(月) 9:00 Support <{AT}>:\n\n> こんにちは",
}  # fmt: skip


@pytest.mark.parametrize("shape", OLD)
def test_old_mail_below_is_folded(shape):
    assert new_text(f"{NEW}\n\n{OLD[shape]}") == NEW


@pytest.mark.parametrize("shape", OLD)
def test_old_mail_below_a_telephones_line_is_folded(shape):
    assert new_text(f"{NEW}\n\nEnvoyé de mon Redmi Note 9\n\n{OLD[shape]}") == NEW


DEVICES = [
    "Envoyé de mon Redmi Note 9", "Envoyé depuis mon OnePlus", "Envoyé à partir de mon Fairphone 5",
    "Envoyé de mon\u202fXiaomi", "Provenance : Courrier pour Windows", "Provenance\u202f: Courrier pour Windows 10",
    "Envoyé depuis l'application Mail Orange", "Von meinem Fairphone gesendet", "Gesendet von meinem Poco X3",
    "Enviado desde mi Redmi", "Enviado do meu Moto G", "Inviato dal mio OPPO A54", "Verzonden vanaf mijn Fairphone",
    "Wysłane z mojego Xiaomi", "Enviat des del meu Redmi", "Sent from my Redmi Note 9",
    "Yahoo Mail: Search, Organize, Conquer", "Yahoo Mail : Cherchez, organisez, simplifiez",
    "Get BlueMail for Android", "Obtenez BlueMail pour Android", "Télécharger Outlook pour iOS",
    "Enviado desde Correo para Windows", "Inviato da Posta per Windows", "Skickat från min Galaxy",
]  # fmt: skip


@pytest.mark.parametrize("line", DEVICES)
def test_a_line_of_any_make_is_folded(line):
    assert new_text(f"{NEW}\n\n{line}") == NEW


SAID = [
    "Hello,\nthe parcel came\nFrom: the wrong warehouse\nSent: last Friday\nand nobody told me.",
    "Bonjour,\n\nDe : Paris\nEnvoyé : vendredi\n\nOù est mon colis ?",
    "Colis\nVon: Berlin\nGesendet: Freitag\nAn: mich\nund nichts kam an.",
    "On Monday I wrote: nothing happened. Then I wrote: please answer.",
    "Le 3 mai votre collègue m'a écrit : nous remboursons. Où est l'argent ?",
    "On my account dana@petit.example I see 3 things:\n- one\n- two\n\nWhat now?",
    "I ordered at 9:00 with dana@petit.example:\n1 lamp\n2 bulbs",
    "Envoyé de mon bureau",
    "Message du vendeur : la lampe est cassée.\n\nQue faire ?",
    "Two problems\n-------\nOriginal messages of your shop never come.\n-------\nBye",
    "I have the model from the list:\nDate: 3 May\nSubject: lamps\nAnd it fails.",
    "Objet : ma lampe\n\nElle ne marche plus.",
    "Here is what I typed:\n\nName: Dana\nFrom: Paris\nTo: Lyon\nSubject: train\n\nand it failed.",
    "My colleague said on 3 May: wait. I waited until 10:00 and wrote to you: no answer.",
    "Yahoo is my provider and Mail is slow.",
]


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("is_reply", [True, False])
def test_a_customers_own_lines_stay(text, is_reply):
    assert new_text(text, is_reply=is_reply) == text


def test_an_answer_inside_the_quote_stays():
    intro = f"Le lun. 3 mai 2027 à 08:12, Service client <{AT}> a\nécrit :"
    text = f"{intro}\n\n> Quelle lampe ?\n\nLa bleue.\n\n> Depuis quand ?\n\nMai."
    assert new_text(text) == "> Quelle lampe ?\n\nLa bleue.\n\n> Depuis quand ?\n\nMai."


FORM = "You have a new message.\n\nFrom: Dana <dana@petit.example>\nSubject: Lamp\nDate: 3 May 2027 09:00\n\nIt is broken."


def test_a_forms_fields_are_no_old_mail():
    assert new_text(FORM, is_reply=False) == FORM


HEAD = "From: Dana <dana@petit.example>\nSubject: Re: Lamp\nIn-Reply-To: <x@demo.example>\n"


def answer_of(html):
    return parse_email(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{html}".encode()).reply_text


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote>Step 3: turn</blockquote>",
        '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">Step 3: turn</blockquote>',
    ],
)
def test_what_a_customer_sets_in_stays(quote):
    assert answer_of(f"<p>This fails</p>{quote}") == "This fails\n\n> Step 3: turn"


@pytest.mark.parametrize(
    "quote",
    [
        '<blockquote type="cite">old</blockquote>',
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">old</blockquote>',
        '<blockquote style="margin-left:5px;border-left:2px solid #1010FF">old</blockquote>',
        f"<div>On Mon, May 3, 2027 at 9:00 AM Support &lt;{AT}&gt; wrote:<blockquote>old</blockquote></div>",
        '<div id="ydp1a2b3cyahoo_quoted_4455" class="ydp1a2b3cyahoo_quoted"><div>Ddydd Llun: old</div></div>',
    ],
)
def test_what_a_program_quotes_is_folded(quote):
    assert answer_of(f"<p>This fails</p>{quote}") == "This fails"


def test_what_is_set_in_stays_in_the_text_that_goes_with_it():
    mail = (
        f"{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nThis fails\n\n"
        "> Step 3: turn\n--b\nContent-Type: text/html\n\n<p>This fails</p><blockquote>Step 3: turn</blockquote>\n--b--"
    )
    assert parse_email(mail.encode()).reply_text == "This fails\n\n> Step 3: turn"
