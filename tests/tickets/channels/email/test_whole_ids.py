"""Ids leave as they are, however long: threads hang on them."""

from email import message_from_bytes
from email.policy import SMTP

import pytest

from tickets.channels.email.outbound.signing import SignedMail
from tickets.delivery import tokens

DOMAINS = ["demo.example", "a-rather-long-name-of-a-company-with-its-own-support.example.com"]
OUTLOOK = f"<VI1PR0401MB2559{'A0B9E4' * 8}@VI1PR0401MB2559.eurprd04.prod.outlook.com>"


def written(**headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    mail = SignedMail(
        subject="Café " * 30, body="é", from_email="a@b.example", to=["c@d.example"], headers=names
    )
    raw = mail.message(policy=SMTP).as_bytes()
    return raw, message_from_bytes(raw)


@pytest.mark.parametrize("domain", DOMAINS)
def test_our_own_id_stands_beside_its_name(domain):
    ours = tokens.build_message_id("a" * 14, "b" * 14, domain)
    raw, _ = written(Message_ID=ours)
    assert f"Message-ID: {ours}\r\n".encode() in raw


def test_long_ids_of_others_are_cited_as_they_are():
    cited = " ".join([tokens.build_root_id("a" * 14, DOMAINS[1]), OUTLOOK, "<short@id.example>"])
    raw, mail = written(References=cited, In_Reply_To=OUTLOOK)
    assert mail["References"].split() == cited.split()
    assert f"In-Reply-To: {OUTLOOK}\r\n".encode() in raw
    assert b"\r\nSubject: =?utf-8?" in raw


def test_a_long_address_to_unsubscribe_is_no_encoded_word():
    address = f"<https://support.demo.example/s/{'t' * 60}/stop/>"
    _, mail = written(List_Unsubscribe=address)
    assert mail["List-Unsubscribe"] == address
