"""Money as the API shows it: `{"min": "80.00", "max": "95.00", "currency": "EUR", "unit": "hour"}`."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

UNITS = ("hour", "day", "month", "year", "fixed")


class MoneySerializer(serializers.Serializer[Any]):
    """A range of money. Amounts are strings with two decimals; `unit` is what they are for."""

    min = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=Decimal("0.01"))
    max = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=Decimal("0.01"))
    currency = serializers.ChoiceField(choices=[("EUR", "EUR")], default="EUR")
    unit = serializers.ChoiceField(choices=UNITS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["min"] > attrs["max"]:
            raise serializers.ValidationError(
                {"max": _("The highest rate is below the lowest. Swap them.")}, code="order"
            )
        return attrs
