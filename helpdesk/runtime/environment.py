"""What a deployment knows: read the environment once, fail loudly, and say what to set."""

import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
REPOSITORY = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Environment:
    """The deployment's own facts, as strings and paths."""

    data: Path
    embedded: bool
    secret_key: str
    public_url: str
    redis_url: str
    email_url: str
    demo: bool
    debug: bool

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or "127.0.0.1"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")


def read_flag(name: str, default: bool = False) -> bool:
    """Return the boolean meaning of environment variable `name` (1, true, yes, on)."""
    value = os.environ.get(name, "").strip().lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def read_secret(name: str, *, shortest: int) -> str:
    """Return the secret in environment variable `name`, empty when there is none.

    Raises ImproperlyConfigured when it has fewer than `shortest` characters, since it could be guessed.
    """
    value = os.environ.get(name, "").strip()
    if value and len(value) < shortest:
        raise ImproperlyConfigured(
            f"{name} is too short to be safe: give it at least {shortest} characters "
            "(`openssl rand -hex 32` makes some), or leave it empty."
        )
    return value


def read_addresses(name: str) -> frozenset[str]:
    """Return the IP addresses in environment variable `name`, separated by commas or spaces.

    Raises ImproperlyConfigured for what is no single address: a network or a name would never match.
    """
    words = os.environ.get(name, "").replace(",", " ").split()
    for text in words:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} takes IP addresses such as 127.0.0.1, separated by commas, and {text} is none."
            ) from None
    return frozenset(words)


def read_names(name: str) -> list[str]:
    """Return the words in environment variable `name`, separated by commas or spaces."""
    return os.environ.get(name, "").replace(",", " ").split()


def data_folder() -> Path:
    """Return the folder of this installation's own data."""
    return Path(os.environ.get("TANDEM_DATA") or REPOSITORY / ".tandem").absolute()


def load_environment() -> Environment:
    """Read the environment; without DATABASE_URL the installation is embedded."""
    data = data_folder()
    embedded = not os.environ.get("DATABASE_URL")
    port = os.environ.get("PORT") or "8000"
    public_url = (os.environ.get("TANDEM_PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    return Environment(
        data=data,
        embedded=embedded,
        secret_key=os.environ.get("SECRET_KEY") or _own_secret(data, embedded),
        public_url=public_url,
        redis_url=os.environ.get("REDIS_URL", ""),
        email_url=os.environ.get("EMAIL_URL", ""),
        demo=read_flag("TANDEM_DEMO", default=embedded),
        debug=_debug(embedded, public_url),
    )


def _debug(embedded: bool, public_url: str) -> bool:
    """Return whether faults are shown with their code, which `make dev` wants and nobody else may have.

    Raises ImproperlyConfigured where others than the developer could see such a page.
    """
    wanted = read_flag("TANDEM_DEBUG")
    if wanted and not (embedded and urlsplit(public_url).hostname in THIS_MACHINE):
        raise ImproperlyConfigured(
            "TANDEM_DEBUG shows code and settings to whoever meets a fault. It is for `make dev` on this "
            "machine: without DATABASE_URL, and without a TANDEM_PUBLIC_URL that others reach."
        )
    return wanted


def _own_secret(data: Path, embedded: bool) -> str:
    """Return the embedded installation's own key, made once and kept with its data."""
    if not embedded:
        raise ImproperlyConfigured("Set SECRET_KEY to a long random text: it signs links and sessions.")
    path = data / "secret_key"
    if path.exists():
        return path.read_text().strip()
    data.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
