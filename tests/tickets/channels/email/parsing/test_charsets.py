"""Text out of bytes whose charset is wrong, missing or means something else."""

import pytest

from tickets.channels.email.parsing.encoding.charsets import Decoder, find_codec

NAMES = {
    "gb2312": "gb18030",
    "KS_C_5601-1987": "cp949",
    "Shift_JIS": "cp932",
    "iso-8859-1": "cp1252",
    "US-ASCII": "cp1252",
    "iso-8859-8-i": "cp1255",
    "windows-874": "cp874",
    "cp-850": "cp850",
    "IBM_850": "cp850",
    "x-windows-949": "cp949",
    "WinCP1251": "cp1251",
    "8859_15": "iso8859-15",
    "csUnicode11UTF7": "utf-7",
    "csKSC56011987": "cp949",
    "koi8r": "koi8-r",
    "CESU-8": "utf-8",
    "Windows-28592": "iso8859-2",
    '"utf-8"': "utf-8",
    "utf-8*en": "utf-8",
    "utf8; format=flowed": "utf-8",
    "windows-1252http-equiv": "cp1252",
    "x-unknown": "",
    "idna": "",
    "rot13": "",
    "zip": "",
    "unicode_escape": "",
    "": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_name_means_this_codec(name):
    assert find_codec(name) == NAMES[name]


TEXTS = [
    ("Größe 10 €".encode("cp1252"), "iso-8859-1", "Größe 10 €"),
    ("Größe".encode(), "us-ascii", "Größe"),
    ("Größe".encode("cp1252"), "utf-8", "Größe"),
    ("Größe".encode(), "x-martian", "Größe"),
    ("\ufeffGröße".encode(), "", "Größe"),
    ("Größe".encode("utf-16"), "", "Größe"),
    ("Größe".encode("utf-16-le"), "utf-16le", "Größe"),
    (b"Gr+APYA3w-e", "utf-7", "Größe"),
    (b"\x1b$B-!-j\x1b(B", "iso-2022-jp", "①㈱"),
    ("①".encode("cp932"), "shift_jis", "①"),
    ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),
    (b"a\x00b", "utf-8", "ab"),
    (b"Gr+APYA3w-e", "unicode-1-1-utf-7", "Größe"),
    (b"Gr+APYA3w-e", "x-unicode-2-0-utf-7", "Größe"),
    (b"caf\x82", "IBM_850", "café"),
    ("😀".encode("utf-16-be").hex().encode(), "utf-8", "d83dde00"),
    (b"Merci \xed\xa0\xbd\xed\xb8\x80", "utf-8", "Merci 😀"),
    (b"Merci \xed\xa0\xbd\xed\xb8\x80", "CESU-8", "Merci 😀"),
    ("Łódź – „tak”".encode("cp1250")[4:], "iso-8859-2", " – „tak”"),
    ("שלום – ₪".encode("cp1255"), "iso-8859-8-i", "שלום – ₪"),
    ("Αθήνα “ναι”".encode("cp1253"), "ISO_8859-7:1987", "Αθήνα “ναι”"),
    ("สวัสดี…".encode("cp874"), "tis-620", "สวัสดี…"),
    ("ÇĞİ € –".encode("cp1254"), "latin5", "ÇĞİ € –"),
    ("안녕 똠".encode("cp949"), "euc-kr", "안녕 똠"),
    ("long text é ".encode() * 20 + b"\xff", "utf-8", "long text é " * 20 + "\ufffd"),
]


@pytest.mark.parametrize(("data", "charset", "text"), TEXTS)
def test_text_is_read(data, charset, text):
    assert Decoder().decode(data, charset) == text


def test_text_without_charset_follows_the_other_parts():
    decoder = Decoder()
    decoder.fallback = "koi8-r"
    assert decoder.decode("Привет".encode("koi8-r")) == "Привет"


def test_long_text_without_charset_is_guessed():
    text = "Уважаемые господа, моя лампа сломалась вчера вечером, прошу вас прислать мне новую лампу. " * 5
    assert Decoder().decode(text.encode("cp1251")) == text


def test_only_three_texts_of_a_mail_are_guessed():
    decoder = Decoder()
    for _ in range(10):
        decoder.decode("Уважаемые господа, ".encode("cp1251") * 20)
    assert decoder.guesses == 0
