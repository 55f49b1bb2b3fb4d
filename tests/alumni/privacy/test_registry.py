"""Every table says what it holds on a person and how that is erased, or says that it holds nothing."""

import pytest
from django.apps import apps
from django.db.models import CASCADE, Model

from alumni import ROOMS as ALUMNI_ROOMS
from alumni.accounts.models import User
from alumni.members.models import Member
from alumni.privacy import registry
from notifications import ROOMS as NOTIFICATIONS_ROOMS

# Tables that hold nothing on a member. A table that is not here, and that no room declares, fails the test below.
IMPERSONAL = {
    # Django and the parts
    *("auth.Group", "auth.Permission", "contenttypes.ContentType"),
    # the company, its words and what it asks
    *("alumni.Organisation", "alumni.Skill", "alumni.SkillAlias"),
    *("alumni.Notice", "alumni.NoticeText", "alumni.LedgerHead"),
    # what HR writes; the people in it are HR
    *("notifications.Audience", "notifications.PostVersion", "notifications.PostText", "notifications.VersionSkill"),
    "alumni.Import",
    # counts, and what everybody gets
    *("notifications.RunPost", "notifications.Edition", "notifications.EditionItem"),
}


def points_to_member(model: type[Model]) -> bool:
    """Whether a chain of foreign keys leads from the model to a member, or it belongs to a user who may be one."""
    seen, todo = set(), [model]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        for field in current._meta.get_fields(include_hidden=True):
            if field.is_relation and field.concrete and field.related_model:
                if field.related_model is Member:
                    return True
                if field.related_model is not User:
                    todo.append(field.related_model)
                elif current is model and field.remote_field.on_delete is CASCADE:
                    return True
    return False


def test_every_room_with_personal_data_is_found_highest_first():
    names = [holder.__name__ for holder in registry.holders()]
    expected = [
        f"{app}.{room}.personal_data"
        for app, rooms in (("notifications", NOTIFICATIONS_ROOMS), ("alumni", ALUMNI_ROOMS))
        for room in reversed(rooms)
    ]
    assert names == [name for name in expected if name in names]
    for needed in (
        *("alumni.accounts", "alumni.members", "alumni.consent", "alumni.joining", "alumni.privacy"),
        *("notifications.mail", "notifications.digests"),
    ):
        assert f"{needed}.personal_data" in names


def test_every_holder_says_what_how_and_does_it():
    for holder in registry.holders():
        assert holder.MODELS, holder.__name__
        assert all(isinstance(model, type) and issubclass(model, Model) for model in holder.MODELS)
        assert all(words.strip() for words in holder.MODELS.values())
        assert callable(holder.export)
        assert callable(holder.erase)
        assert holder.erase.__doc__, holder.__name__


def test_every_model_with_a_path_to_a_member_is_declared():
    declared = registry.declared()
    models = [model for model in apps.get_models() if points_to_member(model)]
    assert [model._meta.label for model in models if model not in declared] == []


def test_every_other_table_is_known_to_hold_nothing_on_a_person():
    declared = registry.declared()
    labels = {model._meta.label for model in apps.get_models() if model not in declared}
    assert labels - IMPERSONAL == set()


def test_nothing_is_both_declared_and_called_impersonal():
    assert {model._meta.label for model in registry.declared()} & IMPERSONAL == set()


def test_no_table_is_declared_by_two_rooms():
    models = [model for holder in registry.holders() for model in holder.MODELS]
    assert len(models) == len(set(models))


def test_a_model_that_nobody_declared_would_be_seen(monkeypatch):
    from alumni.consent import personal_data
    from alumni.consent.models import UndoLink

    monkeypatch.delitem(personal_data.MODELS, UndoLink)
    with pytest.raises(AssertionError, match=r"alumni\.UndoLink"):
        test_every_model_with_a_path_to_a_member_is_declared()
