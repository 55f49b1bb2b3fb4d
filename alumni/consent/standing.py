"""A member's consents as they see them: per purpose that is asked, how it stands and what the notice says."""

import datetime as dt
from dataclasses import dataclass

from alumni.consent import notices, projection
from alumni.consent.models import ConsentState, NoticeText
from alumni.members.models import Member


@dataclass(frozen=True)
class Standing:
    """One purpose: the notice that is asked today, and the member's answer (None: never answered)."""

    notice_text: NoticeText
    state: ConsentState | None
    in_force: bool

    @property
    def notice_url(self) -> str:
        """Where that notice stands for ever."""
        notice = self.notice_text.notice
        return notices.url(purpose=notice.purpose, version=notice.version, language=self.notice_text.language)


def of_member(member: Member, *, at: dt.datetime) -> list[Standing]:
    """In the order in which purposes are asked. Four queries."""
    states = {state.purpose: state for state in ConsentState.objects.filter(member=member)}
    material = notices.material_since()
    return [
        Standing(
            notice_text=text,
            state=states.get(purpose),
            in_force=projection.standing(states.get(purpose), material_since=material.get(purpose, 1), at=at) == "ok",
        )
        for purpose, text in notices.current(member.language).items()
    ]
