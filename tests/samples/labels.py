"""The headings of the templates as people read them, written down here once more: a script that fills one in goes by
these, not by the program's own words."""

from collections.abc import Mapping

from importer.translations import Language

_IN_ENGLISH_SPANISH_FRENCH: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "journals": {
        "journal": ("Journal", "Póliza", "Écriture"),
        "line": ("Line", "Línea", "Ligne"),
        "journalType": ("Journal type", "Tipo de póliza", "Type de journal"),
        "account": ("Account", "Cuenta", "Compte"),
        "treference": ("Transaction reference", "Referencia", "Référence"),
        "source": ("Resource", "Recurso", "Ressource"),
        "tfww": ("TFWW", "TFWW", "TFWW"),
        "fund": ("Fund", "Fondo", "Fonds"),
        "function": ("Function", "Función", "Fonction"),
        "restriction": ("Restriction", "Restricción", "Restriction"),
        "sdaOrganization": ("SDA organization", "Organización ASD", "Organisation adventiste"),
        "who": ("Who", "Quién", "Qui"),
        "flag": ("Flag", "Bandera", "Marqueur"),
        "project": ("Project", "Proyecto", "Projet"),
        "details": ("Details", "Detalles", "Détails"),
        "description": ("Description", "Descripción", "Libellé"),
        "transaction": ("Debit or credit", "Cargo o abono", "Débit ou crédit"),
        "amount": ("Amount", "Importe", "Montant"),
        "debit": ("Debit", "Cargo", "Débit"),
        "credit": ("Credit", "Abono", "Crédit"),
        "currency": ("Currency", "Moneda", "Devise"),
        "transDateTime": ("Transaction date", "Fecha de transacción", "Date de transaction"),
        "period": ("Accounting period", "Periodo contable", "Période comptable"),
    },
    "dimensions": {
        "action": ("Action", "Acción", "Action"),
        "catId": ("Dimension number", "Número de dimensión", "Numéro de dimension"),
        "code": ("Analysis code", "Código de análisis", "Code d'analyse"),
        "lookup": ("Lookup code", "Clave de búsqueda", "Code de recherche"),
        "name": ("Name", "Nombre", "Nom"),
        "prohibitPosting": ("Prohibit posting", "Prohibir contabilización", "Interdire la comptabilisation"),
    },
    "addresses": {
        "action": ("Action", "Acción", "Action"),
        "addressCode": ("Address code", "Código de dirección", "Code d'adresse"),
        "addressLine1": ("Address line 1", "Línea de dirección 1", "Ligne d'adresse 1"),
        "addressLine5": ("Address line 5", "Línea de dirección 5", "Ligne d'adresse 5"),
        "lookupCode": ("Lookup code", "Clave de búsqueda", "Code de recherche"),
        "status": ("Status", "Estado de la dirección", "Statut"),
        "area": ("Area", "Área", "Zone"),
        "shortHeading": ("Short heading", "Encabezado corto", "Intitulé court"),
        "postalCode": ("Postal code", "Código postal", "Code postal"),
        "telephoneNumber": ("Telephone", "Teléfono", "Téléphone"),
        "faxNumber": ("Fax", "Fax", "Télécopie"),
        "emailAddress": ("E-mail", "Correo electrónico", "Adresse e-mail"),
        "webPageAddress": ("Web page", "Página web", "Page web"),
        **{
            f"analysis{number}.code": (
                f"Analysis {number}: code",
                f"Análisis {number}: código",
                f"Analyse {number} : code",
            )
            for number in range(1, 5)
        },
    },
}

TITLES: Mapping[str, tuple[str, str, str]] = {
    "journals": ("Journals", "Pólizas", "Écritures"),
    "dimensions": ("Dimensions", "Dimensiones", "Dimensions"),
    "addresses": ("Addresses", "Direcciones", "Adresses"),
}

_ORDER = (Language.EN, Language.ES, Language.FR)


def title(form: str, language: Language) -> str:
    """The name of a form's sheet."""
    return TITLES[form][_ORDER.index(language)]


def label(form: str, name: str, language: Language) -> str:
    """The heading of a column."""
    return _IN_ENGLISH_SPANISH_FRENCH[form][name][_ORDER.index(language)]
