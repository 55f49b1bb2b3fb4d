"""The skills that everybody writes differently."""

from alumni.members import skill_aliases


def after_migrate(using: str) -> None:
    """Make those that are missing."""
    skill_aliases.ensure(using)
