"""Small samples of journals: a few for each mistake, a week by debit and credit, a school's June in Spanish."""

from datetime import date

from tests.samples.month import Month, Row, cents


def office(number: int) -> list[Row]:
    """Three journals of four lines each: bills (rows 2 to 5 of the sheet), payroll (6 to 9), offerings (10 to 13).
    Those of two numbers (1 to 28) are never equal."""
    month, day = Month(), date(2018, 6, number)
    bills = month.journal("AP", day, f"BILLS-{number:02d}")
    usual = {"function": "ADMIN01", "who": "PR0002"}
    bills.debit("631110", cents(number, 2100, 2900), "Electricity of the office", **usual)
    bills.debit("631130", cents(number + 40, 1210, 1890), "Telephone and internet", **usual, source="001")
    bills.debit("141130", cents(number + 80, 210, 590), "Value added tax")
    bills.credit_the_rest("211110", "Bills of the office", who="PR0002")
    pay = month.journal("PAY", day, f"PAY-2018-{number:02d}")
    who = {"function": "MINI01", "who": "EM0031"}
    pay.debit("611110", cents(number + 120, 9100, 9800), "Salary, Tamayo Ruiz, Josué", **who)
    pay.debit("611160", cents(number + 160, 2310, 2390), "Housing, Tamayo Ruiz, Josué", **who)
    pay.credit("212120", cents(number + 200, 800, 990), "Income tax withheld")
    pay.credit_the_rest("111120", "Net pay by transfer", details="TRANSF")
    gifts = month.journal("CR", day, f"GIFTS-{number:02d}")
    for place, (account, what) in enumerate((("411110", "Tithe"), ("412110", "World mission"), ("412130", "Budget"))):
        gifts.credit(account, cents(number + 240 + place, 3100, 9900), what, sdaOrganization="C0101")
    gifts.debit_the_rest("111110", "Deposit, Central Church")
    return month.rows


def bookstore() -> list[Row]:
    """A week of the bookstore: daily sales, a purchase, the bank's charges."""
    month = Month()
    for number, day in enumerate((4, 5, 6, 7, 8), start=1):
        sales = month.journal("CR", date(2018, 6, day), f"BOOKSTORE-{number:02d}")
        for place, what in enumerate(("Books", "Bibles", "Magazines")):
            sales.credit("441110", cents(number * 7 + place, 420, 2600), what)
        sales.debit("101120", cents(number * 11, 100, 400), "Cash of the day", details="CASH")
        sales.debit_the_rest("111110", "Card payments")
    bought = month.journal("AP", date(2018, 6, 7), "FAISAN-2302")
    bought.debit("131110", cents(131, 9000, 14000), "Books for the shelves")
    bought.debit("141130", cents(137, 900, 1400), "Value added tax")
    bought.credit_the_rest("211110", "Books for the shelves", who="PR0001")
    charges = month.journal("JV", date(2018, 6, 8), "BANK-BOOKSTORE")
    charges.debit("641140", cents(139, 60, 480), "Charges of the card terminal", function="PUBL01")
    charges.credit_the_rest("111110", "Charges of the card terminal")
    return month.rows


def by_sides(rows: list[Row]) -> list[Row]:
    """The same rows with the columns `debit` and `credit` in place of `transaction` and `amount`."""
    return [_by_side(row) for row in rows]


def _by_side(row: Row) -> Row:
    side = "debit" if row["transaction"] == "D" else "credit"
    return {name: value for name, value in row.items() if name not in ("transaction", "amount")} | {side: row["amount"]}


def junio() -> list[Row]:
    """Twelve journals of a school, in Spanish."""
    month = Month()
    for week, day in enumerate((1, 8, 15, 22, 29), start=1):
        fees = month.journal("DP", date(2018, 6, day), f"COLEGIATURAS-{week:02d}")
        for family in range(1, 5):
            what, account = ("Colegiatura", "421110") if family % 2 else ("Inscripción", "421120")
            amount = cents(week * 31 + family, 900, 3200)
            fees.credit(account, amount, f"{what}, familia {week}{family}", sdaOrganization="E0201")
        fees.debit_the_rest("111140", "Depósito de colegiaturas", tfww="1002")
    for number, (account, what, day) in enumerate(
        (("631110", "Energía eléctrica", 6), ("631120", "Agua potable", 7), ("661110", "Útiles escolares", 12)), start=1
    ):
        bill = month.journal("AP", date(2018, 6, day), f"FACTURA-{number:03d}")
        bill.debit(account, cents(number * 43, 1200, 6400), what, function="EDUC01")
        bill.debit("141130", cents(number * 47, 190, 990), "IVA acreditable")
        bill.credit_the_rest("211110", what, who="PR0002")
    for half, day in enumerate((15, 29), start=1):
        pay = month.journal("PAY", date(2018, 6, day), f"NÓMINA-ESCUELA-{half}")
        pay.debit("611120", cents(half * 53, 38000, 46000), "Sueldos de maestros", function="EDUC01")
        pay.credit("212120", cents(half * 59, 4000, 5200), "ISR retenido")
        pay.credit("212130", cents(half * 61, 900, 1300), "IMSS retenido")
        pay.credit_the_rest("111120", "Nómina por transferencia", details="TRANSF")
    last = month.journal("JV", date(2018, 6, 30), "DEPRECIACIÓN-06")
    last.debit("671120", "1842.36", "Depreciación de mobiliario", function="EDUC01")
    last.credit("151230", "1842.36", "Depreciación acumulada")
    grants = month.journal("JV", date(2018, 6, 30), "BECAS-06")
    grants.debit("661120", "2150.00", "Beca, Balam Chan, Noemí", fund="40", function="EDUC01", who="ST0451")
    grants.credit_the_rest("121140", "Abonado a colegiaturas", fund="40", tfww="1002", who="ST0451")
    return month.rows
