"""The people whom a decision weighed, as the explanation shows them."""

from __future__ import annotations

from dataclasses import dataclass

from routing.models import Agent


@dataclass(frozen=True)
class Part:
    """One term of a score: what it stands for, its customer-seconds, and a bar from 0 to 100."""

    name: str
    seconds: int
    share: int

    @property
    def points(self) -> str:
        """Return the seconds with their sign: what speaks against somebody is not read as being for them."""
        return f"+{self.seconds}" if self.seconds > 0 else f"\N{MINUS SIGN}{-self.seconds}"

    @property
    def speaks_against(self) -> bool:
        return self.seconds < 0


@dataclass(frozen=True)
class Person:
    """Somebody who was weighed: the chosen one or a runner-up, with the score and its parts."""

    agent: Agent | None
    facts: str
    total: int
    parts: list[Part]
    is_chosen: bool = False
    is_elsewhere: bool = False
