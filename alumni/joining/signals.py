"""What this room announces."""

from django.dispatch import Signal

# Somebody opted in through their own mailbox (or came back after leaving). Sent inside the transaction that wrote the
# consents, after them. Keyword arguments: `member_id` (int).
member_joined = Signal()
