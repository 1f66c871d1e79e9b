"""The views of customers and links in the schema `reporting`."""

from pathlib import Path

from django.db import migrations

VIEWS = Path(__file__).resolve().parents[1] / "sql" / "reporting_views.sql"


class Migration(migrations.Migration):
    dependencies = [("customers", "0022_archive"), ("integration_hub", "0021_run_pages")]

    operations = [
        migrations.RunSQL(
            VIEWS.read_text(encoding="utf-8"), "drop view if exists reporting.link, reporting.customer;"
        ),
    ]
