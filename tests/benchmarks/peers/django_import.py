"""django-import-export: a resource of a model, imported dry, with its options for bulk on."""

import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ValidationError

from tests.benchmarks.peers.rules import LENGTHS, PERIOD, REQUIRED, SIDES

settings.configure(
    INSTALLED_APPS=["import_export"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    USE_TZ=False,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

import tablib  # noqa: E402  # django is to be set up first
from django.core.validators import RegexValidator  # noqa: E402  # the same
from django.db import connection, models  # noqa: E402  # the same
from import_export import resources  # noqa: E402  # the same


def _field(name: str) -> Any:
    is_blank = name not in REQUIRED
    match name:
        case "amount":
            return models.DecimalField(max_digits=15, decimal_places=2)
        case "transDateTime":
            return models.DateField()
        case "period":
            return models.CharField(max_length=7, validators=[RegexValidator(f"^{PERIOD}$")])
        case "transaction":
            return models.CharField(max_length=1, choices=[(side, side) for side in SIDES])
    return models.CharField(max_length=LENGTHS.get(name, 40), blank=is_blank, default="")


NAMES = ("journal", "line", *LENGTHS, "transaction", "amount", "transDateTime", "period")
Line: Any = type(
    "Line",
    (models.Model,),
    {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "import_export"}),
        **{name: _field(name) for name in NAMES},
    },
)


class LineResource(resources.ModelResource):  # type: ignore[misc] # the library has no types
    """The rows as lines; nothing is compared with what is there."""

    class Meta:
        model = Line
        fields = NAMES
        import_id_fields: tuple[str, ...] = ()
        clean_model_instances = True
        skip_diff = True
        use_bulk = True
        batch_size = 1000
        report_skipped = False


def bad_cells(path: str) -> int:
    """Cells that the model does not take."""
    with connection.schema_editor() as editor:
        editor.create_model(Line)
    table = tablib.Dataset().load(Path(path).read_bytes(), format="xlsx")
    result = LineResource().import_data(table, dry_run=True)
    refused = sum(_fields_of(row.error) for row in result.invalid_rows)
    return refused + sum(len(errors) for _, errors in result.row_errors())


def _fields_of(error: ValidationError) -> int:
    return len(error.message_dict)


if __name__ == "__main__":
    print(bad_cells(sys.argv[1]))
