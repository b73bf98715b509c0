"""The metrics' docstrings as translators see them. Made by `manage.py metric_docs`."""

# ruff: noqa: E501
# fmt: off
from django.utils.translation import gettext_noop as _

FORMULAS = (
    _("Issues resolved at their first contact, after which the customer did not come back about the same matter on any channel within the repeat window and nothing was reopened, divided by all mature issues whose first contact lies in the period."),
    _("An issue is mature when its repeat window has passed since the resolution, or as soon as it has failed, or when it is 30 days old (unresolved by then, it has failed). Others are provisional. An answer to our question is a contact. What a customer writes while an earlier message still waits is the same contact. Messages that needed no action (\"thank you\") are no contacts."),
    _("Left out: spam, issues we opened without a word of the customer, live contacts abandoned before anybody answered, and issues that repeat an earlier one within the window, which count there."),
    _("Beware: without a reason on the tickets, coming back by a new ticket is not recognised."),
    _("Answers of 5, 6 or 7 to \"[Company] made it easy for me to handle my request\", from 1 (strongly disagree) to 7 (strongly agree), divided by all answers to invitations of the period."),
    _("How often each answer was given is shown beside it; the mean is a second view only. A customer is asked once in a while, after a resolution, never at an agent's choice. Of one invitation the latest answer counts. The neutral 4 is not \"easy\"."),
    _("Left out: invitations not answered (yet), and mails that did not arrive. Who answers may differ from who does not: read it with survey health."),
    _("The time from a customer's first message to the first public answer of a person (in writing, or by speaking on the phone), of all tickets whose first message lies in the period, at the 50th, 90th and 95th percentile."),
    _("Twice: around the clock, and in the business hours that were in force at each instant. The person who wrote the answer has given it, whoever has the ticket today. Automatic replies and notes are no answers. Customers who still wait are not dropped: their time so far counts as a duration that has not ended."),
    _("Left out: spam, duplicates merged into another ticket, tickets we opened, tickets resolved or closed without a written answer, and live contacts abandoned before anybody answered."),
    _("Tickets that are not solved at one instant, by whom they wait on, with the age of each since the customer's first message."),
    _("The instant is now, or the end of the period when that has passed; any instant can be asked for, because it is computed from the waits themselves and not from snapshots. A ticket counts in the queue it was in at that instant. The ages run around the clock."),
    _("Left out: spam, and duplicates merged into another ticket."),
    _("Promises of an answer, a call back or a person's word that were fulfilled in time, divided by all promises that fell due in the period."),
    _("The first thing that happened to a promise counts: one that broke and was answered later stays broken. A promise we replaced by a later one is broken, and the new one counts for itself."),
    _("Left out: spam, and promises changed at the customer's own wish. Not due yet is provisional."),
    _("Contacts that follow an earlier contact about the same matter, on any channel, within the repeat window, divided by all contacts that began in the period."),
    _("The same matter: the same ticket, tickets joined by merging or an explicit link, or another ticket of the customer with the same reason. A customer who came back five times weighs five times."),
    _("Left out: spam, messages that needed no action, and what a customer added while an earlier message still waited for an answer, which belongs to that contact."),
    _("Issues that were reopened within 30 days of their first resolution, divided by all issues first resolved in the period."),
    _("Whoever reopened them: the customer, one of us, or a reply that could not be delivered. A message that needed no action (\"thank you\") reopens nothing. Provisional until the 30 days have passed."),
    _("Left out: spam. Issues that closed by themselves were never resolved and do not appear."),
    _("The time from a customer's first message to the resolution that lasted, of all tickets resolved in the period, at the 50th, 90th and 95th percentile."),
    _("Twice: around the clock and in business hours. After a reopening the later resolution counts, with all the time since the first message."),
    _("Left out: spam, duplicates merged into another ticket, tickets we opened, and tickets that closed by themselves, which nobody confirmed as resolved."),
    _("Invitations answered, divided by all invitations of the period that arrived and whose time is over or that were answered."),
    _("Without it no survey can be read: a few answers of many asked say little about the rest. Opening a mail or a page is not recorded, because programs open them too."),
    _("Left out, each with its reason: customers who were not asked, and mails that did not arrive. Invitations still open are provisional."),
)
