"""The view of past days in the schema `reporting`."""

from pathlib import Path

from django.db import migrations

VIEWS = Path(__file__).resolve().parents[1] / "sql" / "operation_views.sql"


class Migration(migrations.Migration):
    dependencies = [("customers", "0029_sfquotes"), ("integration_hub", "0025_operation_views")]

    operations = [
        migrations.RunSQL(
            VIEWS.read_text(encoding="utf-8"),
            "drop view if exists reporting.customer_day;",
        ),
    ]
