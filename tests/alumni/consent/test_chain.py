"""Whatever happens in whatever order: the chain holds, and the current state is the fold over it."""

import datetime as dt

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alumni.accounts.models import Organisation
from alumni.consent import expiry, export, gate, ledger, notices, projection, verifier
from alumni.consent.acts import Act, Channel, Method
from alumni.consent.models import OFFERED_PURPOSES, ConsentEvent, ConsentEvidence, ConsentState
from alumni.consent.months import add_months
from alumni.members.models import Member

START = dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)
PURPOSES = st.sampled_from([str(purpose) for purpose in OFFERED_PURPOSES])
WHO = st.integers(0, 1)


def act(method, language="nl"):
    channel = Channel.SYSTEM if method == Method.EXPIRY else Channel.WEB
    return Act(method=method, channel=channel, form_version="x/1", locale=language)


class Ledger(RuleBasedStateMachine):
    """Two people give, withdraw, renew, let expire, and are asked anew; a model of a few lines says what must be.

    Each example runs in a savepoint that is rolled back.
    """

    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()

    def teardown(self):
        transaction.savepoint_rollback(self.before)

    @initialize()
    def begin(self):
        Organisation.objects.update_or_create(
            pk=1,
            defaults={
                "name": "Maasveld",
                "network_name": "Maasveld-netwerk",
                "street": "Keulsekade 140",
                "postcode": "3532 AA",
                "city": "Utrecht",
                "privacy_email": "privacy@maasveld.example",
                "languages": ["nl", "en"],
            },
        )
        notices.publish_defaults()
        self.members = [
            Member.objects.create(
                given_name=name, family_name="X", email=f"{name}@thuis.example", is_alumnus=True, joined_at=START
            )
            for name in ("een", "twee")
        ]
        self.now = START
        self.model = {}  # {(member, purpose): (state, valid until or None, notice version)}
        self.material = dict.fromkeys(map(str, OFFERED_PURPOSES), 1)
        self.length = 0

    def counts(self, key):
        state, until, version = self.model.get(key, (None, None, 0))
        return state in {"given", "renewed"} and until > self.now and version >= self.material[key[1]]

    def enter(self, key, state):
        self.length += 1
        version = self.newest(key[1]) if state in {"given", "renewed", "refused"} else self.model[key][2]
        until = add_months(self.now, 24) if state in {"given", "renewed"} else None
        self.model[key] = (state, until, version)

    def newest(self, purpose):
        return notices.current("nl")[purpose].notice.version

    @rule(who=WHO, purpose=PURPOSES, language=st.sampled_from(["nl", "en"]))
    def say_yes(self, who, purpose, language):
        ledger.choose(
            member=self.members[who], choices={purpose: True}, act=act("preference_page", language), at=self.now
        )
        if not self.counts((who, purpose)):
            self.enter((who, purpose), "given")

    @rule(who=WHO, purpose=PURPOSES)
    def say_no(self, who, purpose):
        ledger.choose(member=self.members[who], choices={purpose: False}, act=act("preference_page"), at=self.now)
        state = self.model.get((who, purpose), (None,))[0]
        if state in {"given", "renewed"}:
            self.enter((who, purpose), "withdrawn")
        elif state is None:
            self.enter((who, purpose), "refused")

    @rule(who=WHO, purposes=st.sets(PURPOSES, min_size=1))
    def one_click(self, who, purposes):
        ledger.withdraw(member=self.members[who], purposes=purposes, act=act("rfc8058_one_click"), at=self.now)
        for purpose in purposes:
            if self.model.get((who, purpose), (None,))[0] in {"given", "renewed"}:
                self.enter((who, purpose), "withdrawn")

    @rule(who=WHO, purpose=PURPOSES)
    def renew(self, who, purpose):
        ledger.renew(member=self.members[who], purposes=[purpose], act=act("preference_page"), at=self.now)
        state, until, _version = self.model.get((who, purpose), (None, None, 0))
        if state in {"given", "renewed"} and until > self.now:
            self.enter((who, purpose), "renewed")

    @rule(months=st.integers(1, 14))
    def time_passes(self, months):
        self.now = add_months(self.now, months)

    @rule()
    def the_nightly_job_runs(self):
        expiry.expire(at=self.now)
        for key, (state, until, _version) in sorted(self.model.items()):
            if state in {"given", "renewed"} and until <= self.now:
                self.enter(key, "expired")

    @rule(purpose=PURPOSES)
    @precondition(lambda self: max(self.material.values()) < 4)
    def a_material_notice_is_published(self, purpose):
        notices.publish(purpose=purpose, change_kind="material")
        self.material[purpose] = self.newest(purpose)

    @rule(who=WHO)
    def evidence_is_blanked(self, who):
        uid = self.members[who].uid
        ConsentEvidence.objects.filter(event__principal_uid=uid).update(person=None, link=None)

    @invariant()
    def the_state_is_what_the_model_says(self):
        rows = ConsentState.objects.all()
        index = {member.pk: i for i, member in enumerate(getattr(self, "members", []))}
        found = {(index[r.member_id], r.purpose): (r.state, r.valid_until, r.notice_version) for r in rows}
        assert found == getattr(self, "model", {})

    @invariant()
    def the_state_is_the_fold_over_the_events(self):
        assert [differing for _seen, differing in projection.rebuild(mend=False)] in ([0], [])

    @invariant()
    def the_chain_holds_and_has_no_gap(self):
        report = verifier.verify(export.lines())
        assert report.problems == []
        assert report.events == getattr(self, "length", 0) == ConsentEvent.objects.count()

    @invariant()
    def the_gate_says_the_same(self):
        for i, member in enumerate(getattr(self, "members", [])):
            for purpose in map(str, OFFERED_PURPOSES):
                verdict = gate.may_send(member=member, kind="digest", purpose=purpose, at=self.now)
                assert verdict.allowed == self.counts((i, purpose))


def test_any_sequence_of_acts_leaves_a_chain_that_holds_and_a_state_that_follows_from_it(db):
    steps = settings(max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Ledger, settings=steps)
