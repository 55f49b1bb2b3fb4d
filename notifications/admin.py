"""Django looks for admin once an app: this gathers those of the rooms."""

from notifications.rooms import modules

modules("admin")
