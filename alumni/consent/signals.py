"""What consent announces."""

from django.dispatch import Signal

# Sent inside the transaction that wrote the events, once a member, as its last step: `member_id` (int), `purposes`
# (list of str: those that changed). What a receiver writes is committed or rolled back with the consent itself.
consent_changed = Signal()
