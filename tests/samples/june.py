"""June 2018 of an invented conference office: the month of the sample workbooks, for the sandbox's company."""

from datetime import date

from tests.samples.month import Month, Row, cents

CHURCHES = (("C0101", "Central Church"), ("C0102", "Northern Church"), ("C0103", "Southern Church"))
WEEKS = (date(2018, 6, 4), date(2018, 6, 11), date(2018, 6, 18), date(2018, 6, 25))
MINISTERS = (("EM0007", "Canul Ortega, Miguel"), ("EM0031", "Tamayo Ruiz, Josué"))


def june() -> list[Row]:
    """About 40 journals and 300 lines, all of them good."""
    month = Month()
    for write in (_offerings, _petty_cash, _payroll, _suppliers, _tuition, _travel, _remittances, _closing):
        write(month)
    return month.rows


def _offerings(month: Month) -> None:
    for week, day in enumerate(WEEKS, start=1):
        journal = month.journal("CR", day, f"OFFERINGS-W{week}")
        for number, (code, name) in enumerate(CHURCHES, start=1):
            for place, (account, what) in enumerate(
                (
                    ("411110", "Tithe"),
                    ("412110", "World mission"),
                    ("412120", "Sabbath school"),
                    ("412130", "Church budget"),
                )
            ):
                amount = cents(week * 100 + number * 10 + place, 900 if place else 18000, 4200 if place else 46000)
                journal.credit(account, amount, f"{what}, {name}", sdaOrganization=code)
            journal.debit_the_rest("111110", f"Deposit, {name}")


def _petty_cash(month: Month) -> None:
    for week, day in enumerate(WEEKS, start=1):
        journal = month.journal("PC", day, f"PETTY-{week:03d}")
        spent = (
            ("641110", "Office supplies", "PR0001", "ADMIN01", 80, 700),
            ("641130", "Copies for the board", "PR0001", "ADMIN01", 40, 300),
            ("621120", "Fuel and tolls", "EM0007", "MINI01", 300, 1200),
            ("641120", "Courier", "EM0012", "AUCONTA01", 90, 260),
            ("631140", "Locksmith and paint", "EM0012", "MAINT01", 150, 900),
        )
        for place, (account, what, who, function, low, high) in enumerate(spent):
            amount = cents(week * 31 + place, low, high)
            journal.debit(account, amount, what, who=who, function=function, details="CASH")
        journal.credit_the_rest("101120", "Petty cash paid back", details="CASH")


def _payroll(month: Month) -> None:
    for half, day in enumerate((date(2018, 6, 15), date(2018, 6, 29)), start=1):
        journal = month.journal("PAY", day, f"PAYROLL-2018-{10 + half}")
        for code, name in MINISTERS:
            journal.debit("611110", cents(half * 3, 9000, 9900), f"Salary, {name}", function="MINI01", who=code)
            journal.debit("611160", cents(half * 5, 2100, 2600), f"Housing, {name}", function="MINI01", who=code)
        for place, (function, school) in enumerate((("EDUC01", "Benito Juárez"), ("EDUC02", "Sor Juana"))):
            amount = cents(half * 11 + place, 38000, 44000)
            journal.debit("611120", amount, f"Teachers, {school}", function=function)
        journal.debit("611130", cents(half * 13, 21000, 26000), "Salaries of the office", function="ADMIN01")
        journal.debit("611140", cents(half * 17, 9000, 12000), "Social security, employer", function="ADMIN01")
        journal.credit("212120", cents(half * 19, 12000, 15000), "Income tax withheld")
        journal.credit("212130", cents(half * 23, 3000, 4200), "Social security withheld")
        journal.credit("212140", cents(half * 29, 2400, 3100), "Housing fund withheld")
        journal.credit_the_rest("111120", "Net pay by transfer", details="TRANSF")


def _suppliers(month: Month) -> None:
    bills = (
        ("631110", "Electricity, June", "PR0002", "ADMIN01", "CFE-88120", 5),
        ("631110", "Electricity, schools", "PR0002", "EDUC01", "CFE-88121", 5),
        ("631120", "Water, June", "PR0002", "ADMIN01", "JAPAY-4471", 7),
        ("631130", "Telephone and internet", "PR0002", "ADMIN01", "TEL-99130", 8),
        ("661110", "Exercise books", "PR0001", "EDUC01", "FAISAN-2210", 12),
        ("641110", "Paper and toner", "PR0001", "AUCONTA01", "FAISAN-2231", 14),
        ("651120", "Literature for visitors", "PR0001", "EVAN01", "FAISAN-2240", 18),
        ("631140", "Repair of the gate", "PR0003", "MAINT01", "DOSRIOS-017", 20),
        ("641150", "Audit, second part", "PR0003", "TREAS01", "AUDIT-2018-2", 22),
    )
    for seed, (account, what, who, function, reference, day) in enumerate(bills, start=1):
        journal = month.journal("AP", date(2018, 6, day), reference)
        for part in (1, 2, 3):
            amount = cents(seed * 41 + part, 900, 4800)
            journal.debit(account, amount, f"{what} ({part} of 3)", function=function, who=who)
        journal.debit("141130", cents(seed * 43, 200, 760), "Value added tax")
        journal.credit_the_rest("211110", what, who=who)


def _tuition(month: Month) -> None:
    for group, day in enumerate((1, 6, 13, 20, 27), start=1):
        journal = month.journal("DP", date(2018, 6, day), f"TUITION-{group:02d}")
        for number in range(1, 7):
            account, what = ("421110", "Tuition") if number % 3 else ("421130", "School bus")
            school = "E0201" if number % 2 else "E0202"
            journal.credit(
                account,
                cents(group * 53 + number, 850, 2400),
                f"{what}, family {group}{number}",
                sdaOrganization=school,
            )
        journal.debit("121140", cents(group * 59, 400, 900), "Still to be paid", who="ST0451", tfww="1002")
        journal.debit_the_rest("111140", "Deposit of the school fees", tfww="1002")


def _travel(month: Month) -> None:
    for trip, day in enumerate((5, 9, 14, 21, 26), start=1):
        code, name = MINISTERS[trip % 2]
        journal = month.journal("JV", date(2018, 6, day), f"TRAVEL-{trip:02d}")
        for place, what in enumerate(("Lodging", "Meals", "Bus ticket", "Local transport")):
            journal.debit("621110", cents(trip * 61 + place, 180, 2100), f"{what}, {name}", function="MINI01", who=code)
        journal.debit("621120", cents(trip * 67, 300, 1400), f"Fuel, {name}", function="MINI01", who=code)
        journal.credit_the_rest("122110", f"Advance settled, {name}", who=code)


def _remittances(month: Month) -> None:
    for half, day in enumerate((date(2018, 6, 15), date(2018, 6, 29)), start=1):
        journal = month.journal("JV", day, f"REMITTANCE-{half}")
        for code, name in CHURCHES:
            journal.debit(
                "221110",
                cents(half * 71, 9000, 21000),
                f"Tithe in trust, {name}",
                fund="30",
                sdaOrganization=code,
            )
            journal.debit(
                "221120",
                cents(half * 73, 1500, 4800),
                f"Offerings in trust, {name}",
                fund="30",
                sdaOrganization=code,
            )
        journal.credit_the_rest("111130", "Transfer to the Union", fund="30", details="TRANSF")
    for part, (project, account, function) in enumerate(
        (("EVAN2018", "651110", "EVAN01"), ("CAMP2018", "651140", "YOUTH01")), start=1
    ):
        journal = month.journal("JV", date(2018, 6, 23), f"PROJECT-{project}")
        for place, what in enumerate(("Hall", "Sound", "Meals", "Transport", "Printing")):
            journal.debit(
                account,
                cents(part * 79 + place, 600, 5200),
                what,
                fund="50",
                function=function,
                project=project,
            )
        journal.credit_the_rest("111110", "Paid by transfer", fund="50", details="TRANSF")


def _closing(month: Month) -> None:
    last = date(2018, 6, 30)
    for number, day in enumerate((8, 15, 22, 29), start=1):
        journal = month.journal("JV", date(2018, 6, day), f"BANK-{number:02d}")
        journal.debit("641140", cents(number * 83, 60, 480), "Bank charges", function="TREAS01")
        journal.debit("141130", cents(number * 89, 10, 76), "Value added tax on charges")
        journal.credit_the_rest("111110", "Charged by the bank")
    depreciation = month.journal("JV", last, "DEPRECIATION-06")
    for expense, asset, what, amount in (
        ("671110", "151220", "buildings", "18630.10"),
        ("671120", "151230", "furniture", "4218.75"),
        ("671130", "151240", "vehicles", "7930.33"),
    ):
        depreciation.debit(expense, amount, f"Depreciation of {what}", function="ADMIN01")
        depreciation.credit(asset, amount, f"Accumulated, {what}")
    insurance = month.journal("JV", last, "INSURANCE-06")
    insurance.debit("711110", "3120.44", "Insurance, twelfth part", function="ADMIN01")
    insurance.credit("141110", "3120.44", "Insurance, twelfth part")
    interest = month.journal("JV", last, "INTEREST-06")
    interest.debit("111220", "1874.09", "Interest of the time deposit")
    interest.credit("451120", "1874.09", "Interest of the time deposit")
    scholarships = month.journal("JV", last, "SCHOLARSHIPS-06")
    for number in range(1, 6):
        scholarships.debit(
            "661120",
            cents(number * 97, 400, 1900),
            f"Scholarship {number}",
            fund="40",
            function="EDUC01",
            who="ST0451",
        )
    scholarships.credit_the_rest("121140", "Credited to tuition", fund="40", tfww="1002", who="ST0451")
