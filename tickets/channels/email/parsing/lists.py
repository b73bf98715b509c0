"""Read from the headers by what a mail was sent: the addresses of a mailing list, a web site's script."""

import re

from tickets.channels.email.parsing.addresses import parse_addresses
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.headers import Headers

WRITTEN_TO = ("list-post", "mailing-list", "x-mailing-list", "x-google-group-address", "x-beenthere")
LIST_ID = re.compile(rb"<\s*([\w+-]{1,64})\.([\w.-]{1,190})\s*>")
LISTED = 10
# Headers that PHP and the form programs of web sites add; a person's mail program adds none of them.
SCRIPT_HEADERS = ("x-php-originating-script", "x-php-script", "x-php-filename", "x-wpforms", "x-form-id")
SCRIPT_MAILERS = re.compile(
    r"phpmailer|\bphp\b|wordpress|wp mail|drupal|joomla|typo3|prestashop|swiftmailer|symfony|formmail"
    r"|contact form|nodemailer",
    re.IGNORECASE,
)


def list_addresses(headers: Headers, decoder: Decoder) -> tuple[str, ...]:
    """Return the addresses, in lower case, to which people write to reach the list that a mail came by."""
    values = [value.replace(b"list ", b" ", 1) for name in WRITTEN_TO for value in headers.all(name)[:3]]
    found = [box.address.lower() for box in parse_addresses(values, decoder) if box.address]
    if named := LIST_ID.search(headers.get("list-id")[:500]):
        found.append(b"@".join(named.groups()).decode("ascii", "replace").lower())
    return tuple(dict.fromkeys(found))[:LISTED]


def is_by_program(headers: Headers) -> bool:
    """Tell whether a web site's script sent the mail, by the headers that such scripts add."""
    if any(name in headers for name in SCRIPT_HEADERS):
        return True
    program = f"{headers.text('x-mailer')} {headers.text('user-agent')}"
    return bool(SCRIPT_MAILERS.search(program))
