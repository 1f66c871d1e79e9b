"""The views of operation in the schema `reporting`."""

from pathlib import Path

from django.db import migrations

VIEWS = Path(__file__).resolve().parents[1] / "sql" / "operation_views.sql"


class Migration(migrations.Migration):
    dependencies = [("integration_hub", "0024_sfquotes")]

    operations = [
        migrations.RunSQL(
            VIEWS.read_text(encoding="utf-8"),
            "drop view if exists reporting.alert, reporting.audit, reporting.schedule_pause, reporting.schedule_time, reporting.api_use, reporting.parked_account;",
        ),
    ]
