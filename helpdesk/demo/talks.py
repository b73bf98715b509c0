"""Stories told live: chats and phone calls, in both languages.

A turn is ("in" | "out" | "note", text); on the phone ("call", the agent's note), ("voicemail", what was
said), ("missed", "") and ("called", the note of our own call).
"""

from __future__ import annotations

from helpdesk.demo.stories import Story

TALKS = (
    Story("en", "orders", "chat", "stock", "Is the {product} in stock?", (
        ("in", "Hi! Is the {product} in stock in walnut?"),
        ("out", "Hello {name}, {agent} here. Four are left in walnut; if you order today, one leaves tomorrow."),
        ("in", "Would it be here before the 14th?"),
        ("out", "Yes. It takes two to four days from tomorrow, and the driver rings half an hour before."),
        ("in", "Perfect, I will take one."),
    )),
    Story("en", "orders", "chat", "delivery-date", "Hello, is my {product} leaving today?", (
        ("in", "Hello, is my {product} leaving today? Order {order}"),
        ("out", "Hello {name}! One moment, I am looking at the loading list."),
        ("out", "It is on the truck: it left at 7:40. You have it tomorrow between 8 and 12."),
        ("in", "Great, and can the driver bring it up to the second floor?"),
        ("out", "I have added it to the order, no charge. Two people come."),
        ("in", "You are wonderful, thank you"),
    )),
    Story("en", "installation", "chat", "how-to", "Step 7 of the {product} manual", (
        ("in", "I am at step 7 of the {product} and the two holes do not line up"),
        ("out", "That happens when panels B and C are swapped. Is the sticker with the arrow on your left?"),
        ("in", "On my right"),
        ("out", "Then they are swapped. Take the four screws of step 5 out, turn both panels, and step 7 fits."),
        ("in", "It does!! Thanks"),
    )),
    Story("en", "refunds", "chat", "invoice", "Receipt for {order}", (
        ("in", "I need a receipt for {order} for my landlord"),
        ("out", "Of course. I send it to your email address now: {amount} €, paid by card."),
        ("in", "got it"),
    )),
    Story("fr", "orders", "chat", "stock", "Encore en stock : {product} ?", (
        ("in", "Bonjour, est-ce que cet article est encore disponible en noyer ? ({product})"),
        ("out", "Bonjour {name}, c’est {agent}. Il en reste quatre en noyer ; commandé aujourd’hui, il part demain."),
        ("in", "Et en chêne ?"),
        ("out", "En chêne, la prochaine livraison arrive le 12. Je peux vous en réserver un si vous voulez."),
        ("in", "Oui, je veux bien, merci beaucoup."),
        ("out", "C’est réservé à votre nom jusqu’au 15. Bonne journée !"),
    )),
    Story("fr", "installation", "chat", "how-to", "Porte qui frotte ({product})", (
        ("in", "La porte frotte en bas, j’ai pourtant suivi la notice ({product})"),
        ("out", "Je vois ce que c’est. Tournez la vis arrière de la charnière du haut d’un demi-tour vers la gauche."),
        ("in", "Ça marche !"),
    )),
    Story("fr", "refunds", "chat", "refund-missing", "Où est mon remboursement ?", (
        ("in", "Bonjour, où en est mon remboursement de {amount} € ?"),
        ("out", "Bonjour {name}, je regarde avec la comptabilité, deux minutes."),
        ("note", "Virement parti ce matin, référence {order}."),
        ("out", "Le virement est parti ce matin. Vous l’avez demain, mardi au plus tard si votre banque traîne."),
        ("in", "Super, merci d’avoir répondu si vite"),
    )),
    Story("fr", "orders", "chat", "address-change", "Changer l’adresse de {order}", (
        ("in", "Je me suis trompée de numéro de rue pour {order}, c’est le 14 et pas le 4"),
        ("out", "Merci d’avoir prévenu, c’est corrigé : 14 rue des Lilas. Rien n’était encore parti."),
    )),
    Story("en", "installation", "phone", "how-to", "Doors of the {product} do not close", (
        ("call", "Doors of the {product} do not close. Rear screw of each hinge half a turn to the left: done together "
                 "on the phone, they close."),
    )),
    Story("en", "orders", "phone", "delivery-date", "Delivery of {order} on a Saturday", (
        ("call", "Cannot be at home on weekdays. Saturday morning agreed with the carrier, {order}."),
        ("out", "Hello {name}, as we said on the phone: the carrier comes on Saturday between 9 and 12. He rings half an "
                "hour before."),
    )),
    Story("en", "refunds", "phone", "return", "Taking the {product} back", (
        ("call", "{product} too large, wants to return it. Pick-up offered Tuesday or Thursday, will think about it."),
        ("out", "Hello {name}, here is what we talked about: we fetch the {product} on Tuesday or on Thursday, between 8 "
                "and 12. Which day suits you?"),
        ("in", "Thursday is fine."),
        ("called", "Confirmed Thursday by phone, the gate code is 4417."),
    )),
    Story("en", "orders", "phone", "stock", "Is the {product} in the Leeds shop?", (
        ("voicemail", "Hello, this is {name}. I would like to know whether the {product} is on show in Leeds before we "
                      "drive there. You can call me until six."),
        ("called", "On show on the first floor, two in stock. They come this afternoon."),
    )),
    Story("fr", "refunds", "phone", "return", "Retour : {product}", (
        ("call", "Article trop grand ({product}), veut le rendre. Enlèvement mardi entre 8 h et 12 h."),
        ("out", "Bonjour {name}, comme convenu au téléphone, le transporteur passe mardi entre 8 h et 12 h. Les {amount} € "
                "sont remboursés dans les trois jours qui suivent."),
    )),
    Story("fr", "orders", "phone", "delivery-date", "Livraison de {order} à l’étage", (
        ("call", "Demande une livraison au 3e sans ascenseur ({order}). Deux personnes prévues, sans supplément."),
    )),
    Story("fr", "installation", "phone", "missing-part", "Charnière manquante ({product})", (
        ("voicemail", "Bonjour, {name} à l’appareil. Il manque une charnière dans mon carton, la commande {order}. "
                      "Rappelez-moi quand vous pouvez, merci."),
        ("called", "Charnière envoyée en lettre suivie, arrive demain."),
    )),
    Story("fr", "refunds", "phone", "invoice", "Facture au nom de l’entreprise", (
        ("missed", ""),
        ("called", "Voulait une facture au nom de sa société. SIRET noté, facture à renvoyer."),
        ("out", "Bonjour {name}, voici la facture corrigée au nom de votre société. Dites-moi si quelque chose manque."),
    )),
)  # fmt: skip
