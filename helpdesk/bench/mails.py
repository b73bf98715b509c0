"""The mails of the benchmark: plain ones of 1.4 kB, and ones with a file of 200 kB; a fifth answer earlier ones."""

from __future__ import annotations

from email.message import EmailMessage
from random import Random

MAILBOX = "support@demo.example"
SENDERS = 300
SENTENCES = (
    "I ordered the oak table three weeks ago and it has not arrived.",
    "The tracking page says that it left the warehouse on Tuesday.",
    "Could you tell me on which day I should stay at home?",
    "The invoice names another address than the one I gave you.",
    "One of the chairs has a scratch on its left arm.",
    "I would like to change the colour of the lamp, if that is still possible.",
    "My neighbour could take the parcel in on Friday after four.",
    "Thank you for your help, the last time you were very quick.",
)
ANSWERS = 5  # every fifth mail answers an earlier one of its sender


def make_batch(name: str, plain: int, large: int) -> list[bytes]:
    """Return that many mails of each kind, mixed, the same for the same name."""
    chance = Random(name)  # noqa: S311  (mails of a benchmark)
    kinds = [False] * plain + [True] * large
    chance.shuffle(kinds)
    return [_mail(f"{name}-{number}", chance, with_file=kind) for number, kind in enumerate(kinds)]


def make_opening_mails() -> list[bytes]:
    """Return one first mail of each sender, which later ones answer."""
    chance = Random("openings")  # noqa: S311
    return [_mail(f"first-{number}", chance, sender=number) for number in range(SENDERS)]


def _mail(name: str, chance: Random, *, sender: int | None = None, with_file: bool = False) -> bytes:
    number = chance.randrange(SENDERS) if sender is None else sender
    mail = EmailMessage()
    mail["From"] = f"Sender {number} <sender{number}@visitor.example>"
    mail["To"], mail["Message-ID"] = MAILBOX, f"<{name}@visitor.example>"
    mail["Subject"] = f"Question {name} about an order"
    mail["Date"] = "Wed, 18 Nov 2026 12:00:00 +0000"
    mail["Received"] = (
        "from mx.visitor.example by mail.demo.example with ESMTPS; Wed, 18 Nov 2026 12:00:01 +0000"
    )
    if sender is None and chance.randrange(ANSWERS) == 0:
        mail["In-Reply-To"] = mail["References"] = f"<first-{number}@visitor.example>"
    mail.set_content("\n".join(chance.choice(SENTENCES) for _ in range(16)) + f"\n\n{name}\n")
    if with_file:
        mail.add_attachment(chance.randbytes(200_000), maintype="image", subtype="jpeg", filename="photo.jpg")
    return mail.as_bytes()
