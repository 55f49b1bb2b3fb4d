"""Django looks for models once an app: this gathers those of the rooms."""

from alumni.accounts.models import *  # noqa: F403
from alumni.consent.models import *  # noqa: F403
from alumni.joining.models import *  # noqa: F403
from alumni.members.models import *  # noqa: F403
