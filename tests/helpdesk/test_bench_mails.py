"""The benchmark's mails: the same for the same name, of the sizes that are promised."""

from helpdesk.bench.mails import ANSWERS, SENDERS, make_batch, make_opening_mails
from tickets.channels.email.parsing import parse_email


def test_a_batch_is_the_same_every_time():
    read = [[parse_email(raw) for raw in make_batch("a", 5, 1)] for _ in range(2)]
    assert [mail.text for mail in read[0]] == [mail.text for mail in read[1]]
    assert sorted(sum(file.size for file in mail.attachments) for mail in read[0]) == [0, 0, 0, 0, 0, 200_000]


def test_some_mails_answer_the_first_of_their_sender():
    firsts = {parse_email(raw).message_id for raw in make_opening_mails()}
    answers = [mail for mail in map(parse_email, make_batch("b", 100, 0)) if mail.in_reply_to]
    assert len(firsts) == SENDERS
    assert 100 / ANSWERS / 2 < len(answers) < 100 / ANSWERS * 2
    assert {mail.in_reply_to[0] for mail in answers} <= firsts
