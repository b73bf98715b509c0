"""The demonstration's agents and customers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Worker:
    """Somebody who works at the shop; home workers have shorter slots in their own time zone."""

    name: str
    language: str
    languages: tuple[str, ...]
    is_home: bool
    queues: tuple[str, ...]
    skills: tuple[tuple[str, int], ...]
    time_zone: str = "Europe/Paris"

    @property
    def email(self) -> str:
        return f"{_plain(self.name.split()[0])}@demo.example"


WORKERS = (
    Worker("Alice Laurent", "en", ("en", "fr"), False, ("orders", "refunds"), (("billing", 4), ("shipping", 3))),
    Worker("Bob Lewis", "en", ("en", "fr"), True, ("orders", "refunds"), (("billing", 3), ("shipping", 4))),
    Worker("Chloé Martin", "fr", ("fr", "en"), True, ("orders", "installation"), (("shipping", 4), ("assembly", 3))),
    Worker("David Osei", "en", ("en",), False, ("installation", "orders"), (("assembly", 5), ("shipping", 2))),
    Worker("Emma Roche", "fr", ("fr",), False, ("refunds",), (("billing", 5),)),
    Worker("Farid Benali", "fr", ("fr", "en"), True, ("installation", "refunds"), (("assembly", 4), ("billing", 2))),
    Worker("Gaëlle Le Goff", "fr", ("fr",), True, ("orders", "refunds"), (("shipping", 3), ("billing", 3)),
           time_zone="Indian/Reunion"),
    Worker("Hugo Stern", "en", ("en", "fr"), True, ("installation", "orders"), (("assembly", 3), ("shipping", 3)),
           time_zone="Europe/London"),
)  # fmt: skip

QUEUES = (
    ("orders", "Orders", "Commandes", "shipping"),
    ("refunds", "Refunds", "Remboursements", "billing"),
    ("installation", "Installation", "Installation", "assembly"),
)

SKILLS = (
    ("billing", "Invoices and refunds", "Factures et remboursements"),
    ("shipping", "Delivery", "Livraison"),
    ("assembly", "Assembly", "Montage"),
)

MOTIVES = (
    ("delivery-date", "Delivery date", "Date de livraison", True),
    ("refund-missing", "Refund missing", "Remboursement attendu", True),
    ("missing-part", "Missing part", "Pièce manquante", True),
    ("address-change", "Change of address", "Changement d’adresse", True),
    ("how-to", "How to assemble", "Aide au montage", True),
    ("stock", "In stock?", "Disponibilité", True),
    ("return", "Return", "Retour", False),
    ("invoice", "Invoice", "Facture", True),
    ("damaged", "Damaged item", "Article abîmé", True),
)

CUSTOMERS = (
    ("Dana Petit", "en"), ("Émile Moreau", "fr"), ("Jana Kovář", "en"), ("Tom Sellers", "en"),
    ("Atelier Brun", "fr"), ("Zoé Lambert", "fr"), ("Noah Clarke", "en"), ("Inès Garnier", "fr"),
    ("Oliver Hughes", "en"), ("Lucas Perrin", "fr"), ("Maya Patel", "en"), ("Léa Fontaine", "fr"),
    ("George Wright", "en"), ("Anaïs Chevalier", "fr"), ("Ruth Abbott", "en"), ("Théo Marchand", "fr"),
    ("Sophie Barnes", "en"), ("Camille Renaud", "fr"), ("Harry Coleman", "en"), ("Manon Giraud", "fr"),
    ("Amelia Foster", "en"), ("Jules Lemoine", "fr"), ("Daniel Reid", "en"), ("Clara Masson", "fr"),
    ("Ella Simmons", "en"), ("Hélène Royer", "fr"), ("Peter Novak", "en"), ("Margaux Picard", "fr"),
    ("Grace Holland", "en"), ("Antoine Barbier", "fr"), ("Leo Bishop", "en"), ("Juliette Colin", "fr"),
    ("Ivy Lawson", "en"), ("Maxime Leclerc", "fr"), ("Owen Pearce", "en"), ("Élodie Benoît", "fr"),
    ("Mia Garrett", "en"), ("Nathan Rolland", "fr"), ("Freya Walsh", "en"), ("Sarah Guillot", "fr"),
)  # fmt: skip


PLACES = {
    "en": ("Leeds", "Bristol", "York", "Dublin", "Norwich"),
    "fr": ("Lyon", "Nantes", "Lille", "Bruxelles", "Strasbourg"),
}


def customer_address(name: str) -> str:
    """Return the mail address of a demonstration customer (a reserved domain)."""
    first, _, last = name.partition(" ")
    return f"{_plain(first)}@{_plain(last.replace(' ', ''))}.example"


def customer_phone(place: int, language: str) -> str:
    """Return a number of the ranges kept free for fiction (ARCEP, Ofcom), in E.164."""
    return f"+3363998{place:04d}" if language == "fr" else f"+447700900{place:03d}"


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())
