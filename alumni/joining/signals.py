"""What this room announces."""

from django.dispatch import Signal

# Somebody opted in through their own mailbox (or came back after leaving). Sent inside the transaction that wrote the
# consents, after them. Keyword arguments: `member_id` (int).
member_joined = Signal()

# A person must go: they asked never to be contacted, or were imported and never answered. The room of privacy listens
# and erases them, in the transaction of the sender. Keyword arguments: `member_id` (int), `on_request` (bool: the
# person asked for it, so a keyed hash of the address stays suppressed). No mail is sent about it.
erasure_wanted = Signal()
