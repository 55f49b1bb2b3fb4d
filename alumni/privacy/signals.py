"""What privacy announces."""

from django.dispatch import Signal

# A member was erased. Sent inside the transaction that erased, after every room forgot them: `member_uid` (UUID).
member_erased = Signal()
