"""Plausible sentences by the thousand: common words are common, and each ticket has a word of its own."""

from __future__ import annotations

from random import Random

SUBJECTS = (
    "Delivery of my order", "Refund not received", "Broken on arrival", "Question about assembly", "Wrong colour sent",
    "Livraison de ma commande", "Remboursement non reçu", "Article cassé", "Question de montage", "Mauvaise couleur",
)  # fmt: skip
OPENINGS = ("Hello,", "Good morning,", "Dear team,", "Bonjour,", "Madame, Monsieur,")
SENTENCES = (
    "I ordered a table three weeks ago and nothing has arrived yet.",
    "The parcel was open and one of the legs is scratched.",
    "Could somebody tell me when the refund comes to my account?",
    "The screws of bag C are missing and I cannot go on with page seven.",
    "Your colleague promised to call me back on Tuesday afternoon.",
    "We would like to change the address before the delivery.",
    "The carrier says that the truck leaves the warehouse on Thursday.",
    "I have attached a photo of the damage and of the label.",
    "J'ai commandé une lampe il y a trois semaines et rien n'est arrivé.",
    "Le colis était ouvert et un pied est rayé.",
    "Pouvez-vous me dire quand le remboursement arrive sur mon compte ?",
    "Il manque les vis du sachet C et je ne peux pas continuer.",
    "Votre collègue avait promis de me rappeler mardi après-midi.",
    "Nous voudrions changer l'adresse avant la livraison.",
    "Le transporteur dit que le camion part jeudi de l'entrepôt.",
    "Je joins une photo du dégât et de l'étiquette.",
)
FIRST = ("Anna", "Bruno", "Chloé", "Denis", "Eva", "Félix", "Gina", "Henri", "Iris", "Jonas", "Karim", "Lina")
LAST = (
    "Arnaud",
    "Baker",
    "Caron",
    "Dubois",
    "Evans",
    "Faure",
    "Girard",
    "Hill",
    "Jones",
    "Klein",
    "Lopez",
    "Morel",
)


class Words:
    """A seeded source of names, subjects and texts."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._texts = [self._paragraph() for _ in range(2000)]

    def name(self) -> str:
        return f"{self._random.choice(FIRST)} {self._random.choice(LAST)}"

    def subject(self, number: int) -> str:
        return f"{self._random.choice(SUBJECTS)} {rare_word(number)}"

    def text(self) -> str:
        return self._random.choice(self._texts)

    def _paragraph(self) -> str:
        sentences = self._random.sample(SENTENCES, k=self._random.randint(3, 7))
        return f"{self._random.choice(OPENINGS)}\n\n{' '.join(sentences)}\n\n{self.name()}"


def rare_word(number: int) -> str:
    """Return a word that stands in exactly one ticket's subject."""
    letters = "bcdfghjklmnpqrstvwxz"
    word = ""
    while True:
        number, place = divmod(number, len(letters))
        word += letters[place] + "aeiou"[place % 5]
        if not number:
            return f"zx{word}"
