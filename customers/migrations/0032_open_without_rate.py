"""Open orders without an amount in the reporting currency are kept too."""

from django.db import migrations

import integration_hub.models.common


class Migration(migrations.Migration):
    dependencies = [("customers", "0031_customers_there")]

    operations = [
        migrations.AlterField(
            model_name="openorder",
            name="open_amount",
            field=integration_hub.models.common.MoneyField(decimal_places=4, max_digits=19, null=True),
        ),
        # What is stored leaves out what is open, late or overdue without a rate. The next publish counts everything anew: a
        # day whose basis is not said is of none that is in force.
        migrations.RunSQL("update rollup_day set basis = '' where current", migrations.RunSQL.noop),
    ]
