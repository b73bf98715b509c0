"""What customers of the demonstration answered when they were asked how easy it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from metrics.models import Survey
from metrics.surveys import answering, inviting

COMMENTS = {
    "en": {
        7: ("Bob rang me back within ten minutes. That is how it should be.",
            "One mail, one answer, done.",
            "Alice remembered me from last time, I did not have to explain anything again."),
        6: ("Quick, and I understood every word.", "Friendly. The link in the mail was handy."),
        5: ("Fine in the end, though I would have liked the delivery date at once.",),
        3: ("I had to send the photo twice.",),
        2: ("Three mails until somebody looked at my bank details.",),
        1: ("I took a morning off for nothing.",),
    },
    "fr": {
        7: ("Réponse en une heure, par quelqu’un qui connaissait mon dossier.",
            "Farid m’a tout expliqué au téléphone, le meuble est monté !",
            "Simple et humain."),
        6: ("Rapide, et très aimable.", "Très bien, même si j’aurais préféré un rappel le soir."),
        5: ("C’est réglé, mais il a fallu demander deux fois.",),
        3: ("J’ai dû renvoyer la photo.",),
        2: ("Trop de messages pour un remboursement.",),
        1: ("Personne n’est venu le jour dit.",),
    },
}  # fmt: skip
SCORES = (7, 7, 7, 7, 6, 6, 6, 6, 5, 5, 5, 4, 3, 2, 1)
ANSWERING = 0.42
WITH_A_SENTENCE = 0.6


def collect_answers(*, now: datetime, days: int, random: Random) -> int:
    """Ask after each resolution as the sweep does, week by week, and let some answer; return how many did."""
    for week in range(days // 7, -1, -1):
        inviting.invite_due(now=now - timedelta(days=7 * week, hours=7))
    surveys = Survey.objects.filter(state=Survey.State.INVITED).select_related("ticket", "customer")
    count = sum(_answer(survey, now=now, random=random) for survey in surveys.order_by("created_at", "id"))
    inviting.expire_due(now=now)
    return count


def _answer(survey: Survey, *, now: datetime, random: Random) -> bool:
    at = survey.created_at + timedelta(minutes=random.randint(5, 3000))
    score, speaks = random.choice(SCORES), random.random() < WITH_A_SENTENCE
    if random.random() > ANSWERING or at >= now:
        return False
    comments = COMMENTS[survey.language].get(score, ("",)) if speaks else ("",)
    return answering.record_answer(survey, score, random.choice(comments), now=at)
