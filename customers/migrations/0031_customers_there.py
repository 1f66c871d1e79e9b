"""The view of past days lists customers that were there then, no others."""

from pathlib import Path

from django.db import migrations

VIEWS = Path(__file__).resolve().parents[1] / "sql" / "operation_views.sql"


class Migration(migrations.Migration):
    dependencies = [("customers", "0030_operation_views")]

    # Replaced in place: rights that were given on the view stay.
    operations = [migrations.RunSQL(VIEWS.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
