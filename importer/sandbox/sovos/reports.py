"""The consumption report of a month as CSV (four blocks, S-13) and as PDF."""

from datetime import date, datetime

from importer.sandbox.sovos.balance import Balance
from importer.sandbox.switches import Switches


def write_csv(balance: Balance, now: datetime, switches: Switches) -> bytes:
    """Head, state of the RFCs, total, detail, with empty lines between; a blank behind each RFC (S-16)."""
    registered, authorised, with_stamps = (
        (0, 1, 1) if switches.sample_counters else (balance.registered, balance.authorised, balance.with_stamps)
    )
    account = balance.account
    lines = [
        "Cuenta,TipoConsumo,FechaInicioConsulta,FechaFinConsulta,FechaActual",
        f"{account.name},{account.consumption},{balance.first_day},{balance.last_day},{now:%Y-%m-%dT%H:%M:%S}",
        "",
        "Estado de los RFC",
        f"Registrados,{registered}",
        f"Autorizados,{authorised}",
        f"Generaron Timbre,{with_stamps}",
        "",
        "Transacciones",
        f"Consumo de todos los RFC:,{balance.transactions}",
        "",
        "RFC,Fecha,Tipo movimiento,Monto",
        *(f"{one.rfc} ,{_american(one.day)},{one.type},{one.count}" for one in balance.movements),
        "",
    ]
    text = ("\r\n" if switches.report_crlf else "\n").join(lines)
    if switches.report_windows_1252:
        return text.encode("windows-1252")
    return text.encode("utf-8-sig" if switches.report_bom else "utf-8")


def _american(day: date) -> str:
    """Month first, midnight in twelve hours (S-14)."""
    return f"{day:%m/%d/%Y} 12:00:00 AM"


def write_pdf(balance: Balance, now: datetime) -> bytes:
    """The same facts on a page."""
    from importer.sandbox.printing.pages import Pages, printable

    account = balance.account
    title = f"Reporte de consumo {balance.month}"
    pages = Pages(title, (216, 279), 15, f"{account.name} · Página", now.date())
    pages.write_line(title, 15, "B")
    for line in (
        f"Cuenta: {account.name} ({account.consumption})",
        f"Del {balance.first_day[:10]} al {balance.last_day[:10]}, consultado el {now:%Y-%m-%d %H:%M:%S}",
        f"RFC registrados: {balance.registered}, autorizados: {balance.authorised}, "
        f"generaron timbre: {balance.with_stamps}",
        f"Consumo de todos los RFC: {balance.transactions}",
    ):
        pages.write_line(line)
    pages.ln(4)
    with pages.table(text_align=("LEFT", "LEFT", "LEFT", "RIGHT")) as table:
        table.row(["RFC", "Fecha", "Tipo movimiento", "Monto"])
        for one in balance.movements:
            table.row([printable(text) for text in (one.rfc, one.day.isoformat(), one.type, str(one.count))])
    return bytes(pages.output())
