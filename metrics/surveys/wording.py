"""The question in its fixed words. An instrument, not a text: another wording is another version.

Customer Effort Score 2.0 (CEB): an odd scale of seven, from disagreement to agreement.
"""

from __future__ import annotations

from dataclasses import dataclass

from tickets.platform import placeholders

SCALE = range(1, 8)
CURRENT = 1


@dataclass(frozen=True)
class Wording:
    """The question with {company} for the name, and what each answer means, from 1 to 7."""

    question: str
    answers: tuple[str, ...]

    def asked_by(self, company: str) -> str:
        """Return the question in a company's name."""
        return placeholders.fill_placeholders(self.question, {"company": company})

    def answer(self, score: int) -> str:
        """Return the label of a score."""
        return self.answers[score - 1]


WORDINGS: dict[int, dict[str, Wording]] = {
    1: {
        "en": Wording(
            "{company} made it easy for me to handle my request.",
            (
                "Strongly disagree",
                "Disagree",
                "Somewhat disagree",
                "Neither agree nor disagree",
                "Somewhat agree",
                "Agree",
                "Strongly agree",
            ),
        ),
        "fr": Wording(
            "{company} m'a permis de traiter facilement ma demande.",
            (
                "Pas du tout d'accord",
                "Pas d'accord",
                "Plutôt pas d'accord",
                "Ni d'accord ni pas d'accord",
                "Plutôt d'accord",
                "D'accord",
                "Tout à fait d'accord",
            ),
        ),
    }
}


def wording(version: int, language: str) -> Wording:
    """Return the words of a version in a language."""
    return WORDINGS[version]["fr" if language.startswith("fr") else "en"]
