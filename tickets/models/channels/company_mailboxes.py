"""The company's mailboxes: load them, find one by its address, and choose one for a queue."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.models.channels.channel import Channel


def load_mailboxes() -> list[Channel]:
    """Return every mailbox, inactive ones too, by id. The secrets are deferred: decrypting them is costly."""
    return list(Channel.objects.mailboxes().defer("secret", "previous_secret").order_by("id"))


def load_open_mailboxes() -> list[Channel]:
    """Return the active mailboxes that have an address, the oldest first."""
    return [mailbox for mailbox in load_mailboxes() if mailbox.is_active and mailbox.address]


def find_open_mailboxes(addresses: Iterable[str]) -> list[Channel]:
    """Return the open mailboxes among `addresses`, each once, in the order of the addresses.

    A part after a plus sign is ignored: support+x@… is the mailbox support@….
    """
    known = {mailbox.address.lower(): mailbox for mailbox in load_open_mailboxes()}
    normalised = dict.fromkeys(normalise_mailbox(address) for address in addresses)
    return [known[address] for address in normalised if address in known]


def is_mailbox_address(address: str, mailboxes: Iterable[Channel]) -> bool:
    """Tell whether an address, with or without a part after a plus sign, belongs to one of `mailboxes`."""
    bare = normalise_mailbox(address)
    return any(mailbox.address.lower() == bare for mailbox in mailboxes)


def choose_mailbox(
    mailboxes: Iterable[Channel], *, language: str, queue_id: int | None = None
) -> Channel | None:
    """Return the mailbox from which to write, among the active ones; None if there is none.

    The queue's own comes first, then one of the same language, then the oldest.
    """
    return min(
        (mailbox for mailbox in mailboxes if mailbox.is_active),
        key=lambda box: (box.queue_id != queue_id, box.language != language, box.pk),
        default=None,
    )


def normalise_mailbox(address: str) -> str:
    """Return an address in lower case, without angle brackets and without the part after a plus sign."""
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
