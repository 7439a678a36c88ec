"""Samples of dimensions and addresses, and of all three forms in one workbook."""

from collections.abc import Mapping
from datetime import date

from tests.samples.month import Month, Row

Rows = Mapping[str, list[Row]]
"""The rows of each sheet by the name of its form."""


def dimensions() -> list[Row]:
    """New codes, with and without a lookup; a changed name; a code closed; one whose lookup is emptied."""
    return [
        {
            "action": "create",
            "catId": "07",
            "code": "PR0004",
            "lookup": "CEIBA",
            "name": "Imprenta La Ceiba",
            "prohibitPosting": "0",
        },
        {"action": "create", "catId": "07", "code": "EM0044", "name": "Uc Balam, Rebeca"},
        {"catId": "09", "code": "WELL2018", "name": "Well of the Youth Camp"},
        {"catId": "04", "code": "MUSIC01", "name": "Music", "lookup": "MUSIC01"},
        {"action": "update", "catId": "06", "code": "C0103", "name": "Southern Church, Kanasín"},
        {"action": "update", "catId": "09", "code": "CAMP2019", "prohibitPosting": "1"},
        {"action": "update", "catId": "07", "code": "DP0122", "lookup": "(empty)"},
    ]


def addresses() -> list[Row]:
    """Two new addresses with the analysis codes that the company requires, and a change of one that is there."""
    return [
        _church("1002003005", "Templo del Norte", "NORTE", "+52 (999) 555-0120"),
        _church("1002003006", "Templo del Sur", "SUR", "+52 (999) 555-0121"),
        {
            "action": "update",
            "addressCode": "PR/0001",
            "telephoneNumber": "+52 (999) 555-0178",
            "emailAddress": "ventas@el-faisan.example",
        },
    ]


def _church(code: str, name: str, lookup: str, telephone: str) -> Row:
    return {
        "action": "create",
        "addressCode": code,
        "addressLine1": name,
        "addressLine3": "Mérida, Yucatán",
        "lookupCode": lookup,
        "status": "1",
        "postalCode": "97000",
        "telephoneNumber": telephone,
        **required_codes("CHURCH"),
    }


def required_codes(type_of_who: str) -> Row:
    """The analysis codes that the company requires; it knows itself what category and entry they are."""
    return {
        "analysis1.code": "RFC",
        "analysis2.code": "AR",
        "analysis3.code": "CULTO",
        "analysis4.code": type_of_who,
    }


def all_in_one() -> Rows:
    """A new supplier and a new project, the supplier's address, and the journals that use them."""
    month = Month()
    bill = month.journal("AP", date(2018, 6, 19), "POZOS-0119")
    bill.debit("651140", "46400.00", "Well of the youth camp", fund="50", function="YOUTH01", project="POZO2018")
    bill.debit("141130", "7424.00", "Value added tax", fund="50")
    bill.credit_the_rest("211110", "Well of the youth camp", fund="50", who="PR0010")
    paid = month.journal("JV", date(2018, 6, 27), "POZOS-PAID")
    paid.debit("211110", "53824.00", "Well of the youth camp", fund="50", who="PR0010")
    paid.credit_the_rest("111110", "Paid by transfer", fund="50", details="TRANSF")
    return {
        "dimensions": [
            {"action": "create", "catId": "07", "code": "PR0010", "lookup": "POZOS", "name": "Pozos del Mayab"},
            {"action": "create", "catId": "09", "code": "POZO2018", "name": "Well of the Camp"},
        ],
        "addresses": [
            {
                "action": "create",
                "addressCode": "PR/0010",
                "addressLine1": "Pozos del Mayab",
                "lookupCode": "POZOS",
                "status": "1",
                "telephoneNumber": "+52 (999) 555-0190",
                **required_codes("SUPPL"),
            }
        ],
        "journals": month.rows,
    }
