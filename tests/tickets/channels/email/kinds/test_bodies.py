"""The right part is the body, whatever the others are for."""

import base64

import pytest

from tickets.channels.email.parsing import parse_email

HEAD = "From: Dana <dana@petit.example>\nSubject: Lamp\nMIME-Version: 1.0\n"
WORDS = "Where is my lamp?"
HTML = f"<p>{WORDS}</p>"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def part(kind, body, *headers):
    return "\n".join(["--b", f"Content-Type: {kind}", *headers, "", body, ""])


def multipart(kind, *parts, parameters=""):
    return parse_email(
        f"{HEAD}Content-Type: multipart/{kind}; boundary=b{parameters}\n\n{''.join(parts)}--b--".encode()
    )


STAND_INS = [
    "", " ", "\u00a0\u200b", "-", "--\n", "\ufeff", "...", "\u200c \u034f",
    "This message is in HTML format. Please use an HTML capable mail program.",
    "Your email client does not support HTML emails.",
    "Votre logiciel de messagerie ne permet pas d'afficher les messages HTML.",
    "Ihr E-Mail-Programm kann keine HTML-Nachrichten anzeigen.",
    "Su programa de correo no muestra HTML.",
    "View this email in your browser: https://shop.example/m/1",
    "Si ce message ne s'affiche pas, vous pouvez le consulter dans votre navigateur : https://shop.example",
    "This email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
    "---\nCe courrier a été analysé : aucun virus.",
    "Sent from my iPhone",
    "Envoyé de mon Redmi Note 9",
]  # fmt: skip


@pytest.mark.parametrize("text", STAND_INS)
def test_what_stands_in_for_a_text_gives_way_to_the_html(text):
    mail = multipart("alternative", part("text/plain; charset=utf-8", text), part("text/html", HTML))
    assert (mail.text, mail.reply_text) == (WORDS, WORDS)


@pytest.mark.parametrize("text", ["Zobacz wersję online.", "Lampa"])
def test_a_short_text_that_says_something_else_follows_the_html(text):
    mail = multipart("alternative", part("text/plain; charset=utf-8", text), part("text/html", HTML))
    assert mail.text == f"{WORDS}\n\n{text}"


@pytest.mark.parametrize(
    "text", ["I have a virus on my lamp.", "Your mail shows no HTML.", "Hi", "Sent from my iPhone"]
)
def test_a_persons_own_short_text_is_not_lost(text):
    mail = multipart("alternative", part("text/plain", text), part("text/html", f"<p>{text}</p>"))
    assert mail.text == text


def test_a_text_of_which_one_sentence_stands_in_stays():
    text = "My lamp is broken. Your mail program shows no HTML."
    html = "<p>The lamp is broken.</p>"
    assert multipart("alternative", part("text/plain", text), part("text/html", html)).text == text


def test_a_text_beside_html_without_words_stays():
    mail = multipart(
        "alternative", part("text/plain", "Sent from my iPhone"), part("text/html", "<img src='cid:x'>")
    )
    assert mail.text == "Sent from my iPhone"


@pytest.mark.parametrize(
    "parameters", ['; type="text/html"; start="<root@x>"', '; type="text/html"', '; start="root@x"', ""]
)
def test_the_root_of_related_parts_is_the_body_wherever_it_stands(parameters):
    picture = part("image/png", PIXEL, "Content-ID: <p1@x>", "Content-Transfer-Encoding: base64")
    root = part("text/html", f'{HTML}<img src="cid:p1@x">', "Content-ID: <root@x>")
    mail = multipart("related", picture, root, parameters=parameters)
    assert (mail.text, [file.inline for file in mail.attachments]) == (WORDS, [True])


def test_a_named_root_is_taken_before_another_readable_part():
    other = part("text/html", "<p>other</p>", "Content-ID: <other@x>")
    mail = multipart(
        "related", other, part("text/html", HTML, "Content-ID: <root@x>"), parameters='; start="<root@x>"'
    )
    assert mail.text == WORDS
    assert [file.content for file in mail.attachments] == [b"<p>other</p>"]


def test_an_alternative_is_the_root_of_related_parts():
    inner = f"--c\nContent-Type: text/plain\n\n{WORDS}\n--c\nContent-Type: text/html\n\n{HTML}\n--c--"
    picture = part("image/png", PIXEL, "Content-ID: <p1@x>", "Content-Transfer-Encoding: base64")
    mail = multipart("related", picture, part("multipart/alternative; boundary=c", inner))
    assert (mail.text, mail.html) == (WORDS, HTML)


@pytest.mark.parametrize("disposition", ["inline", 'inline; filename="text.html"'])
def test_named_parts_of_an_alternative_are_text(disposition):
    mail = multipart(
        "alternative",
        part('text/plain; name="text.txt"', WORDS, f"Content-Disposition: {disposition}"),
        part('text/html; name="text.html"', HTML, f"Content-Disposition: {disposition}"),
    )
    assert (mail.text, mail.html, mail.attachments) == (WORDS, HTML, ())


def test_a_named_text_beside_a_text_stays_a_file():
    mail = multipart("mixed", part("text/plain", WORDS), part('text/plain; name="log.txt"', "log"))
    assert (mail.text, [file.filename for file in mail.attachments]) == (WORDS, ["log.txt"])


@pytest.mark.parametrize("name", ["", '; filename="mail.txt"'])
def test_all_a_mail_says_is_its_text_whatever_its_disposition(name):
    raw = f"{HEAD}Content-Type: text/plain\nContent-Disposition: attachment{name}\n\n{WORDS}"
    mail = parse_email(raw.encode())
    assert (mail.text, len(mail.attachments)) == (WORDS, 1 if name else 0)


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_multipart_that_was_encoded_as_a_whole_is_read(encoding):
    inner = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{WORDS}\n--b--\n"
    body = (
        base64.encodebytes(inner.encode()).decode()
        if encoding == "base64"
        else inner.replace("=", "=3D").replace("--b", "=2D-b")
    )
    head = f"{HEAD}Content-Type: multipart/alternative; boundary=b\nContent-Transfer-Encoding: {encoding}"
    raw = f"{head}\n\n{body}"
    assert parse_email(raw.encode()).text == WORDS


HIDDEN = [
    '<div style="display:none">PRE</div>',
    '<div style="DISPLAY : none !important;max-height:0">PRE</div>',
    '<span style="visibility:hidden;opacity:0">PRE <b>more</b></span>',
    '<div style="max-height:0;overflow:hidden">PRE<div>deep</div></div>',
    "<div hidden>PRE</div>",
    "<style>p{}</style><table><tr><td style='display:none'>PRE</td></tr></table>",
]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_a_mail_hides_is_no_text(hidden):
    raw = f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{hidden}{HTML}"
    mail = parse_email(raw.encode())
    assert mail.text == WORDS
    assert "display:none" in mail.html.replace(" ", "") or "hidden" in mail.html


@pytest.mark.parametrize(
    "html",
    [
        f'<div style="display:none">{WORDS}',
        f'<div style="display:none">{WORDS}</div>',
        f'<p style="font-size:0"><span style="font-size:14px">{WORDS}</span></p>',
        f'<div style="opacity:0.9">{WORDS}</div>',
    ],
)
def test_words_are_not_lost_with_what_seems_hidden(html):
    assert parse_email(f"{HEAD}Content-Type: text/html\n\n{html}".encode()).text == WORDS
