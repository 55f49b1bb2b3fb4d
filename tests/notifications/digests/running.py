"""A whole run in one call, for the tests of runs and of handing over."""

from alumni.consent import ledger
from notifications.digests import deliver, runs
from notifications.digests.models import RunPost


def run_now(**options):
    run = runs.start(**options)
    assert runs.plan_all(run)
    deliver.hand_over_all()
    runs.finish_ended()
    run.refresh_from_db()
    return run


def act():
    return ledger.Act(method="rfc8058_one_click", channel="web", form_version="1", locale="nl")


def outcomes(run, post):
    return dict(RunPost.objects.filter(run=run, post=post).values_list("outcome", "n"))
