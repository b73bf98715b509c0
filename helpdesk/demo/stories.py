"""What customers of a furniture shop write, and what people answer, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

PRODUCTS = {
    "en": ["oak table", "reading lamp", "bookshelf", "armchair", "children's bed", "garden bench", "mirror", "desk"],
    "fr": ["table en chêne", "lampe de lecture", "bibliothèque", "fauteuil", "lit d'enfant", "banc de jardin",
           "miroir", "bureau"],
}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """One matter: `turns` are ("in" | "out" | "note", text), the first one the customer's.

    `photo` names the picture that comes with the first mail.
    """

    language: str
    queue: str
    channel: str
    motive: str
    subject: str
    turns: tuple[tuple[str, str], ...]
    ends: str = "solved"
    photo: str = ""


STORIES = (
    Story("en", "orders", "email", "delivery-date", "When will my {product} arrive?", (
        ("in", "Hello,\n\nI ordered a {product} under {order} and was told two weeks. That was three weeks ago. "
               "Could somebody tell me when it comes?\n\nThank you"),
        ("note", "Carrier says the truck leaves Thursday."),
        ("out", "Hello {name},\n\nI called the carrier: your {product} leaves our warehouse on Thursday and is with "
                "you on Friday between 9 and 13. They ring half an hour before.\n\nI am sorry for the wait."),
    )),
    Story("en", "refunds", "email", "refund-missing", "Still no refund for the broken {product}", (
        ("in", "Good morning, the {product} arrived broken. I sent the photo on Monday. Nobody has told me when the "
               "{amount} € come back."),
        ("out", "Hello {name}, the photo is here, thank you. The {amount} € leave our bank today and are on your "
                "account by Tuesday at the latest."),
        ("in", "Thank you, but it is Wednesday and there is nothing on my account. This is the third time I write."),
        ("note", "Finance: transfer was rejected, wrong IBAN digit on our side. Done again at 10:40."),
        ("out", "{name}, you are right, three messages are two too many. Our bank had refused the transfer because we "
                "had one digit wrong. It left again this morning, as an instant transfer: it is there now."),
    )),
    Story("en", "installation", "web", "missing-part", "Screws missing for the {product}", (
        ("in", "We unpacked the {product} ({order}) and bag C with the long screws is not in the box."),
        ("out", "Hello {name}, bag C left with today's post as a letter, you have it tomorrow or the day after. If you "
                "get stuck before, page 7 can wait: pages 8 to 12 do not need it."),
    )),
    Story("en", "orders", "web", "address-change", "Another address for {order}", (
        ("in", "I am moving on the first. Can {order} go to my new address instead: 12 Mill Lane, Leeds?"),
        ("out", "Done: {order} now goes to 12 Mill Lane, Leeds. A good move to you!"),
    )),
    Story("en", "refunds", "email", "return", "Sending the {product} back", (
        ("in", "The {product} is lovely but too large for our room. How do I send it back?"),
        ("out", "No problem, {name}. Somebody picks it up: would Tuesday or Thursday suit you, between 8 and 12?"),
        ("in", "Thursday please."),
        ("out", "Thursday it is. The driver has a form with him; the {amount} € are back within three days after."),
    )),
    Story("en", "orders", "email", "invoice", "Invoice with the wrong VAT number", (
        ("in", "Our accountant says the invoice for {order} lacks our VAT number. Can you send a corrected one?"),
        ("out", "Hello {name}, what is the VAT number to be? I shall send the corrected invoice within the hour."),
    ), ends="pending"),
    Story("en", "refunds", "email", "damaged", "Scratch on the {product}", (
        ("in", "Good morning,\n\nthere is a long scratch on the top of the {product} ({order}), see the photo. Do I have to "
               "return all of it, or can you send another board?\n\nKind regards\n{name}"),
    ), ends="new", photo="scratch-{order}.png"),
    Story("en", "orders", "email", "delivery-date", "Where is {order}?", (
        ("in", "The tracking has said 'in transit' for six days. Is {order} lost?"),
        ("out", "Hello {name}, I have asked the carrier to search their depot; they answer within a day and I will write "
                "to you then, whatever they say."),
    ), ends="on_hold"),
    Story("en", "installation", "email", "how-to", "Which drill for the {product}?", (
        ("in", "Which drill bit do I need to fix the {product} to a plaster wall?"),
    ), ends="new"),
    Story("fr", "orders", "email", "delivery-date", "Quand arrive ma commande {order} ?", (
        ("in", "Bonjour,\n\nJ'ai commandé un article ({product}, {order}) il y a trois semaines. On m'avait dit quinze "
               "jours. Pouvez-vous me dire quand il arrive ?\n\nMerci d'avance"),
        ("out", "Bonjour {name},\n\nJe viens d'appeler le transporteur : la livraison part jeudi et arrive chez vous "
                "vendredi entre 9 h et 13 h. Le chauffeur vous téléphone une demi-heure avant.\n\nPardon pour l'attente."),
    )),
    Story("fr", "refunds", "email", "refund-missing", "Toujours pas remboursé : {product}", (
        ("in", "Bonjour, l'article ({product}) est arrivé cassé. J'ai envoyé la photo lundi. Personne ne m'a dit quand "
               "les {amount} € reviennent."),
        ("note", "Photo bien reçue, remboursement validé par la compta."),
        ("out", "Bonjour {name}, la photo est bien arrivée, merci. Les {amount} € partent aujourd'hui et seront sur votre "
                "compte mardi au plus tard."),
    )),
    Story("fr", "installation", "web", "missing-part", "Il manque des vis ({product})", (
        ("in", "Nous avons déballé l'article ({product}, {order}) et le sachet C avec les vis longues n'y est pas."),
        ("out", "Bonjour {name}, le sachet C est parti au courrier d'aujourd'hui, vous l'avez demain ou après-demain. En "
                "attendant, les pages 8 à 12 se montent sans lui."),
    )),
    Story("fr", "orders", "web", "address-change", "Changement d'adresse pour {order}", (
        ("in", "Je déménage le premier. Est-ce que {order} peut aller à ma nouvelle adresse, 4 rue des Lilas à Lyon ?"),
        ("out", "C'est fait : {order} va au 4 rue des Lilas à Lyon. Bon déménagement !"),
    )),
    Story("fr", "installation", "email", "how-to", "Fixer au mur : {product}", (
        ("in", "Quelle cheville faut-il pour fixer l'article ({product}) sur une cloison en plâtre ?"),
        ("out", "Bonjour {name}, pour le plâtre prenez des chevilles à bascule de 8 mm, deux par fixation. La charge tient "
                "alors 25 kg."),
        ("in", "Et pour du béton cellulaire ?"),
        ("out", "Pour le béton cellulaire, des chevilles spéciales de 10 mm : je vous en mets un sachet au courrier, c'est "
                "pour nous."),
    )),
    Story("fr", "refunds", "email", "damaged", "Rayure : {product}", (
        ("in", "Bonjour,\n\nIl y a une longue rayure sur le dessus ({product}, {order}), voir la photo. Dois-je tout renvoyer, "
               "ou pouvez-vous envoyer une autre planche ?\n\nCordialement\n{name}"),
    ), ends="new", photo="rayure-{order}.png"),
    Story("fr", "orders", "email", "invoice", "Facture sans numéro de TVA", (
        ("in", "Notre comptable dit que la facture de {order} n'indique pas notre numéro de TVA. Pouvez-vous la corriger ?"),
        ("out", "Bonjour {name}, quel numéro faut-il indiquer ? Je vous renvoie la facture dans l'heure."),
    ), ends="pending"),
    Story("fr", "installation", "web", "how-to", "Notice introuvable ({product})", (
        ("in", "Je ne trouve pas la notice de montage dans le carton. Où puis-je la télécharger ? ({product})"),
    ), ends="new"),
    Story("fr", "orders", "email", "delivery-date", "Où est {order} ?", (
        ("in", "Bonjour, le suivi affiche « en transit » depuis six jours. {order} est-elle perdue ?"),
        ("out", "Bonjour {name}, j’ai demandé au transporteur de chercher dans son dépôt ; il répond sous un jour et je vous "
                "écris aussitôt, quoi qu’il dise."),
    ), ends="on_hold"),
    Story("en", "orders", "email", "delivery-date", "Nobody came for {order}", (
        ("in", "I took the morning off for {order} and nobody came. What happens now?"),
        ("out", "Hello {name}, I am sorry, the truck broke down and nobody told you. Would tomorrow between 9 and 13 suit, or "
                "Saturday morning?"),
        ("in", "Saturday. But please, this time somebody should really come: it is my third attempt."),
    ), ends="open"),
    Story("fr", "refunds", "email", "refund-missing", "Toujours rien sur mon compte", (
        ("in", "Bonjour, vous m’aviez annoncé {amount} € pour mardi. Nous sommes jeudi et je n’ai rien reçu."),
        ("out", "Bonjour {name}, je vérifie avec notre banque et vous écris avant ce soir."),
        ("note", "Banque : virement rejeté, un chiffre de l’IBAN était faux chez nous. À refaire demain matin."),
        ("in", "Toujours rien ce matin. C’est la troisième fois que j’écris, pouvez-vous m’appeler ?"),
    ), ends="open"),
    Story("en", "installation", "email", "how-to", "The {product} wobbles", (
        ("in", "We built the {product} yesterday and it wobbles on our old floor. Are there feet one can adjust?"),
        ("out", "Hello {name}, yes: set M8, four feet, they screw in where the felt pads are. Shall I post you a set? It is "
                "on us."),
        ("in", "Yes please! And can it carry a television of 30 kg?"),
    ), ends="open"),
    Story("en", "orders", "email", "stock", "Six chairs for a meeting room", (
        ("in", "Hello,\n\nwe would like six chairs and one {product} for our meeting room. Can they come in one delivery, and "
               "is there a price for companies?\n\nBest wishes\n{name}"),
    ), ends="new"),
    Story("fr", "orders", "email", "stock", "Six chaises pour une salle de réunion", (
        ("in", "Bonjour,\n\nNous cherchons six chaises et un article ({product}) pour notre salle de réunion. Une seule "
               "livraison est-elle possible, et avez-vous un tarif pour les entreprises ?\n\nBien à vous\n{name}"),
    ), ends="new"),
    Story("fr", "installation", "email", "missing-part", "Pied cassé à l’ouverture ({product})", (
        ("in", "Bonjour, un des pieds était cassé à l’ouverture du carton ({order}). Photo jointe. Faut-il tout renvoyer ?"),
    ), ends="new", photo="pied-{order}.png"),
    Story("en", "orders", "web", "address-change", "New flat, same street", (
        ("in", "We move two houses down before {order} arrives: number 16 instead of 12. Can you change it?"),
    ), ends="new"),
    Story("fr", "orders", "web", "return", "Annuler {order} ?", (
        ("in", "Est-il encore possible d’annuler {order} ? Nous avons commandé deux fois par erreur."),
    ), ends="new"),
)  # fmt: skip

# What has come in since the people who are there went for a break.
WAITING = (
    Story("fr", "orders", "email", "delivery-date", "Livreur introuvable", (
        ("in", "Bonjour, le livreur dit être passé à 10 h, mais nous étions là et personne n’a sonné. Où est {order} ?"),
    ), ends="new"),
    Story("en", "orders", "email", "damaged", "Mirror arrived cracked", (
        ("in", "Hi,\n\nthe mirror ({order}) has a crack in the corner. Photo attached. It is a present for Saturday, is there any "
               "chance of another one before?\n\n{name}"),
    ), ends="new", photo="crack.png"),
    Story("fr", "refunds", "web", "refund-missing", "Remboursement de {amount} €", (
        ("in", "Je vois {amount} € de moins que prévu sur mon remboursement. Pouvez-vous vérifier ?"),
    ), ends="new"),
)  # fmt: skip
