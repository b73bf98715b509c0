"""Sample mails written for these tests: one file for each thing a mail may do."""

from pathlib import Path

FOLDER = Path(__file__).parent


def read(name: str) -> bytes:
    """Return one sample as it would arrive."""
    return (FOLDER / f"{name}.eml").read_bytes()


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.eml"))
