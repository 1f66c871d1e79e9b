"""The view of comparisons says what becomes of rows in quarantine."""

from django.db import migrations

WORDS = """
    comment on column reporting.reconciliation.source_rows is
        'All rows at the source, those in quarantine too; null where it does not count.';
    comment on column reporting.reconciliation.mirror_rows is
        'Rows here that are compared: without older versions of rows in quarantine.';
    comment on column reporting.reconciliation.source_sums is
        'Sums at the source of the rows that are compared, without those in quarantine: column, then currency, then amount as text.';
    comment on column reporting.reconciliation.mirror_sums is
        'The same here, without older versions of rows in quarantine, which stand in the figures.';
"""


class Migration(migrations.Migration):
    dependencies = [("integration_hub", "0026_registration_number")]

    operations = [migrations.RunSQL(WORDS, migrations.RunSQL.noop)]
