"""Numbers of businesses: KvK, the Belgian enterprise number, VAT ids. Checked offline, kept in their compact form.

Rules and check digits: KvK (developers.kvk.nl: 8 digits, no check digit), Kruispuntbank (10 digits, mod 97), the Dutch
btw-id of sole traders since 2020 (ISO 7064 mod 97-10 over `NL…B..`).
"""

import re

from django.utils.translation import gettext as _
from stdnum.be import vat as be_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10
from stdnum.nl import bsn

from backend.http.errors import InvalidInput

_SEPARATORS = re.compile(r"[\s.\-/]")
_DUTCH_VAT = re.compile(r"NL(\d{1,9})B(\d{2})")


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", text).upper()


def kvk(text: str, *, field: str = "kvk") -> str:
    """A KvK number: 8 digits, leading zeros kept. Raises InvalidInput `kvk`; empty stays empty."""
    number = _compact(text)
    if number and not re.fullmatch(r"[0-9]{8}", number):
        digits = sum(c.isdigit() for c in number)
        raise InvalidInput(
            _("A KvK number has 8 digits, with its leading zeros; this has %d.") % digits, code="kvk", field=field
        )
    return number


def enterprise_no(text: str, *, field: str = "enterprise_no") -> str:
    """A Belgian enterprise number: 10 digits, without the dots and without BE. Raises InvalidInput `enterprise_no`."""
    number = _compact(text).removeprefix("BE")
    if number and not (re.fullmatch(r"[01][0-9]{9}", number) and be_vat.is_valid(number)):
        raise InvalidInput(
            _("This is no Belgian enterprise number: 10 digits that begin with 0 or 1, like 0403.019.261."),
            code="enterprise_no",
            field=field,
        )
    return number


def vat_id(text: str, *, field: str = "vat_id") -> str:
    """A VAT id of an EU country, in capitals without spaces. Raises InvalidInput `vat_id`.

    A Dutch number that passes the 11-proof only is of the old kind, which is the sole trader's BSN: refused as
    `old_vat_id`, and the message does not repeat it, so that it is kept nowhere.
    """
    number = _compact(text)
    if dutch := _DUTCH_VAT.fullmatch(number):
        digits, suffix = dutch[1].zfill(9), dutch[2]
        number = f"NL{digits}B{suffix}"
        if mod_97_10.is_valid(number):
            return number
        if bsn.is_valid(digits):
            raise InvalidInput(
                _("This old VAT number contains a national number. We do not keep it. Fill in your new VAT id."),
                code="old_vat_id",
                field=field,
            )
    try:
        checked = eu_vat.validate(number) if number and not dutch else ""
    except ValidationError:
        checked = ""
    if number and not checked:
        raise InvalidInput(
            _("This is no VAT id. A Dutch one looks like NL002455799B11, a Belgian one like BE0403019261."),
            code="vat_id",
            field=field,
        )
    return str(checked)
