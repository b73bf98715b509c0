"""The tables of tickets: customers, channels, the ledger, tickets, messages, outbox and event log.

May import actor, states, events, wording and platform.
"""

from tickets.models.api_answer import ApiAnswer
from tickets.models.channels.apikey import ApiKey
from tickets.models.channels.call import Call, Callback
from tickets.models.channels.channel import Channel
from tickets.models.channels.chat import ChatSession
from tickets.models.channels.inbound import Inbound, InboundRaw
from tickets.models.channels.mailbox import Mailbox, MailFolder, MailSeen, MailSignIn
from tickets.models.channels.notice import Notice
from tickets.models.company import Company
from tickets.models.contact import Contact
from tickets.models.customers.customer import Customer, CustomerDetails, CustomerMerge, Identity, Organisation
from tickets.models.customers.link import AccessLink
from tickets.models.draft import Draft
from tickets.models.event import AuditSeal, Event
from tickets.models.follower import Follower
from tickets.models.handover import Handover
from tickets.models.message import Attachment, MailReference, Message
from tickets.models.outbound import Outbound, SentMail
from tickets.models.promise import Promise
from tickets.models.queue import Queue, QueueMembership
from tickets.models.rate import RateBucket
from tickets.models.reader import Reader
from tickets.models.sla import Calendar, Holiday, OpeningInterval, OpeningRule, SlaPolicy
from tickets.models.texts.article import Article
from tickets.models.texts.macro import Macro, MailText, Signature
from tickets.models.texts.motive import Motive
from tickets.models.texts.signing import SigningKey
from tickets.models.ticket import Participant, Tag, Ticket, TicketLink

__all__ = [
    "AccessLink",
    "ApiAnswer",
    "ApiKey",
    "Article",
    "Attachment",
    "AuditSeal",
    "Calendar",
    "Call",
    "Callback",
    "Channel",
    "ChatSession",
    "Company",
    "Contact",
    "Customer",
    "CustomerDetails",
    "CustomerMerge",
    "Draft",
    "Event",
    "Follower",
    "Handover",
    "Holiday",
    "Identity",
    "Inbound",
    "InboundRaw",
    "Macro",
    "MailFolder",
    "MailReference",
    "MailSeen",
    "MailSignIn",
    "MailText",
    "Mailbox",
    "Message",
    "Motive",
    "Notice",
    "OpeningInterval",
    "OpeningRule",
    "Organisation",
    "Outbound",
    "Participant",
    "Promise",
    "Queue",
    "QueueMembership",
    "RateBucket",
    "Reader",
    "SentMail",
    "Signature",
    "SigningKey",
    "SlaPolicy",
    "Tag",
    "Ticket",
    "TicketLink",
]
