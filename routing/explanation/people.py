"""The agents whom a decision compared, as the explanation shows them."""

from __future__ import annotations

from dataclasses import dataclass

from routing.models import Agent


@dataclass(frozen=True)
class Part:
    """One term of a score: its name, its customer-seconds, and the length of its bar from 0 to 100."""

    name: str
    seconds: int
    share: int

    @property
    def points(self) -> str:
        """The seconds with a plus or minus sign, so that a disadvantage is not read as an advantage."""
        return f"+{self.seconds}" if self.seconds > 0 else f"\N{MINUS SIGN}{-self.seconds}"

    @property
    def speaks_against(self) -> bool:
        return self.seconds < 0


@dataclass(frozen=True)
class Person:
    """An agent who was compared: the chosen one or a runner-up, with the score and its parts."""

    agent: Agent | None
    facts: str
    total: int
    parts: list[Part]
    is_chosen: bool = False
    is_elsewhere: bool = False
