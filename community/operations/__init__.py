"""The only road to a change of people and places."""

from community.operations.owners import (
    choose_co_owner_voter,
    end_guardianship,
    name_co_owner_voter,
    name_guardian,
)
from community.operations.people import (
    REGISTRARS,
    appoint,
    end_term,
    issue_sign_in_code,
    name_household_representative,
    open_account,
    register_resident,
    revoke_sign_in_codes,
    set_large_type,
    verify_identity,
)
from community.operations.roll import RollImport, import_roll
from community.operations.units import UnitsImport, add_unit, import_units

__all__ = [
    "REGISTRARS",
    "RollImport",
    "UnitsImport",
    "add_unit",
    "appoint",
    "choose_co_owner_voter",
    "end_guardianship",
    "end_term",
    "import_roll",
    "import_units",
    "issue_sign_in_code",
    "name_co_owner_voter",
    "name_guardian",
    "name_household_representative",
    "open_account",
    "register_resident",
    "revoke_sign_in_codes",
    "set_large_type",
    "verify_identity",
]
