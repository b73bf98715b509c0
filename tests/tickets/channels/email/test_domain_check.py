"""What a sending domain has published: found by asking a real name server."""

import pytest
from django.urls import reverse

from tickets.channels.email.mailboxes import domain_check
from tickets.channels.email.outbound import signing
from tickets.models import SigningKey

SERVER = "203.0.113.7"


def txt(text):
    return " ".join(f'"{text[place : place + 200]}"' for place in range(0, len(text), 200))


@pytest.fixture
def published(nameserver):
    """Return a function that publishes TXT and other records of demo.example."""

    def publish(*, spf=None, dmarc=None, mx=None, **more):
        for name, kind, values in (
            ("demo.example", "TXT", [txt(spf)] if isinstance(spf, str) else [txt(one) for one in spf or ()]),
            ("_dmarc.demo.example", "TXT", [txt(dmarc)] if dmarc else []),
            ("demo.example", "MX", [mx] if mx else []),
        ):
            if values:
                nameserver.records[name, kind] = values
        for name, value in more.items():
            nameserver.records[name.replace("_", "."), "TXT"] = [txt(value)]

    return publish


def tones(server=SERVER):
    found = domain_check.check_domain("demo.example", server=server)
    return dict(zip(("mx", "spf", "dkim", "dmarc"), [finding.tone for finding in found], strict=True))


@pytest.mark.django_db
def test_nothing_published_says_what_to_publish(nameserver):
    mx, spf, dkim, dmarc = domain_check.check_domain("demo.example", server=SERVER)
    assert (mx.tone, spf.tone, dkim.tone, dmarc.tone) == ("bad", "bad", "warn", "warn")
    assert spf.record == "v=spf1 ip4:203.0.113.7 ~all"
    assert (dmarc.name, dmarc.record[:8]) == ("_dmarc.demo.example", "v=DMARC1")


@pytest.mark.django_db
def test_all_published_is_good(published, nameserver):
    key = SigningKey.objects.create(
        domain="demo.example", private_key=signing.generate_private_key(), is_active=True
    )
    nameserver.records["tandem._domainkey.demo.example", "TXT"] = [
        txt(signing.build_public_record(key.private_key))
    ]
    published(spf=f"v=spf1 ip4:{SERVER} -all", dmarc="v=DMARC1; p=reject", mx="10 mx.demo.example.")
    assert set(tones().values()) == {"ok"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spf", "tone"),
    [
        ("v=spf1 ip4:203.0.113.0/24 ~all", "ok"),
        ("v=spf1 include:other.example -all", "ok"),
        ("v=spf1 mx -all", "ok"),
        ("v=spf1 ip4:198.51.100.1 -all", "warn"),
        ("v=spf1 +all", "bad"),
        ("v=spf1 all", "bad"),
        (["v=spf1 -all", "v=spf1 ~all"], "bad"),
        ("v=spf1 " + " ".join(f"exists:e{n}.example" for n in range(11)) + " -all", "bad"),
        ("v=spf10 -all", "bad"),
    ],
)
def test_who_may_send(published, nameserver, spf, tone):
    published(spf=spf, mx="10 mx.demo.example.", other_example=f"v=spf1 ip4:{SERVER} -all")
    nameserver.records["mx.demo.example", "A"] = [SERVER]
    assert tones()["spf"] == tone


@pytest.mark.django_db
def test_an_include_that_includes_itself_ends(published):
    published(spf="v=spf1 include:other.example -all", other_example="v=spf1 include:other.example -all")
    assert tones()["spf"] == "warn"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dmarc", "tone"),
    [("v=DMARC1; p=none", "warn"), ("v=DMARC1; p=quarantine", "ok"), ("v=DMARC1; x=1", "bad")],
)
def test_policy(published, dmarc, tone):
    published(dmarc=dmarc)
    assert tones()["dmarc"] == tone


@pytest.mark.django_db
def test_another_key_than_ours_is_told(published, nameserver):
    SigningKey.objects.create(domain="demo.example", private_key=signing.generate_private_key())
    nameserver.records["tandem._domainkey.demo.example", "TXT"] = [txt("v=DKIM1; k=rsa; p=MIIB")]
    assert tones()["dkim"] == "bad"


@pytest.mark.django_db
def test_a_silent_name_server_is_told_as_that(nameserver, monkeypatch):
    monkeypatch.setattr(domain_check, "SECONDS", 0.2)
    nameserver.silent = True
    found = domain_check.check_domain("demo.example")
    assert {finding.tone for finding in found} == {"warn"}
    assert "did not answer" in found[0].sentence


def test_supervisors_see_the_domains_of_their_mailboxes(cast, client, published):
    published(spf="v=spf1 -all")
    client.force_login(cast.carol)
    assert (
        reverse("email:domain", args=["demo.example"])
        in client.get(reverse("email:domains")).content.decode()
    )
    shown = client.get(reverse("email:domain", args=["demo.example"])).content.decode()
    assert "v=spf1 -all" in shown
    assert client.get(reverse("email:domain", args=["other.example"])).status_code == 404


def test_agents_are_not_asked_to_look_after_it(cast, client):
    client.force_login(cast.alice)
    assert client.get(reverse("email:domains")).status_code == 403
