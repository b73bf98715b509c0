"""The demonstration's own texts: signatures, macros, answers of the help page, notes about customers."""

from __future__ import annotations

from tickets.models import Article, Customer, CustomerDetails, Macro, Organisation, Signature

MACROS = (
    ("Ask for a photo", "Demander une photo",
     "Could you send us a photo of the damage and of the label on the box? Then I can settle it at once.",
     "Pouvez-vous nous envoyer une photo du dégât et de l’étiquette du carton ? Je règle alors cela aussitôt."),
    ("Carrier rings before", "Le transporteur appelle",
     "The carrier rings half an hour before.",
     "Le transporteur vous appelle une demi-heure avant."),
    ("Refund on its way", "Remboursement parti",
     "The money leaves our bank today and is on your account within two working days.",
     "L’argent part de notre banque aujourd’hui et sera sur votre compte sous deux jours ouvrés."),
    ("Which day suits you?", "Quel jour vous convient ?",
     "Would Tuesday or Thursday suit you, between 8 and 12?",
     "Préférez-vous mardi ou jeudi, entre 8 h et 12 h ?"),
)  # fmt: skip

ARTICLES = (
    ("delivery", "How long does delivery take?", "Combien de temps dure la livraison ?",
     "What is in stock leaves the next working day and takes two to four days. We write to you when it leaves.",
     "Ce qui est en stock part le jour ouvré suivant et met deux à quatre jours. Nous vous écrivons au départ."),
    ("return", "How do I send something back?", "Comment renvoyer un article ?",
     "Within 30 days, write to us: somebody comes to fetch it, and the money is back within three days after.",
     "Sous 30 jours, écrivez-nous : nous venons le chercher, et l’argent revient dans les trois jours qui suivent."),
    ("missing-part", "A part is missing. What now?", "Il manque une pièce. Que faire ?",
     "Tell us its letter from page 2 of the manual. Small parts leave as a letter the same day, free of charge.",
     "Dites-nous sa lettre, page 2 de la notice. Les petites pièces partent le jour même par courrier, sans frais."),
    ("wall", "Which plugs do I need for my wall?", "Quelles chevilles pour mon mur ?",
     "Plasterboard: toggle plugs of 8 mm, two for each fixing. Brick: plain plugs of 8 mm. When in doubt, send us a "
     "picture of the wall and of the dust that the drill makes.",
     "Plâtre : chevilles à bascule de 8 mm, deux par fixation. Brique : chevilles simples de 8 mm. En cas de doute, "
     "envoyez-nous une photo du mur et de la poussière du perçage."),
)  # fmt: skip

NOTES = {
    "Dana Petit": "Prefers the phone, after 14:00. Third floor, no lift.",
    "Émile Moreau": "Tutoie tout le monde, aime les réponses courtes.",
    "Jana Kovář": "Writes English, reads Czech. The entrance is at the back.",
}
COMPANY = "Atelier Brun"
SIGNATURE = "{agent}\n{company}"


def write_texts() -> None:
    """Make signatures, macros and the articles of the help page."""
    for language in ("en", "fr"):
        Signature.objects.create(language=language, text=SIGNATURE)
    for name_en, name_fr, text_en, text_fr in MACROS:
        Macro.objects.create(name_en=name_en, name_fr=name_fr, text_en=text_en, text_fr=text_fr)
    for position, (slug, name_en, name_fr, text_en, text_fr) in enumerate(ARTICLES):
        Article.objects.create(
            slug=slug, name_en=name_en, name_fr=name_fr, text_en=text_en, text_fr=text_fr, position=position
        )


def write_notes() -> None:
    """Write down what the shop has learnt about some customers, beside where they live."""
    for name, notes in NOTES.items():
        CustomerDetails.objects.filter(customer__name=name, customer__is_demo=True).update(notes=notes)
    workshop = Organisation.objects.create(name=COMPANY, domains="brun.example")
    Customer.objects.filter(name=COMPANY, is_demo=True).update(organisation=workshop)
