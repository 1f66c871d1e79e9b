"""What an average of orders is divided by: of an order that a rule divides between accounts only the part."""

from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0032_open_without_rate")]

    operations = [
        migrations.AddField(
            model_name="customerrollup",
            name="order_parts_12m",
            field=models.DecimalField(db_default=Decimal(0), decimal_places=8, default=Decimal(0), max_digits=18),
        ),
        # Every day keeps the averages that it has.
        migrations.RunSQL(
            "update rollup_customer set order_parts_12m = priced_order_count_12m where priced_order_count_12m <> 0",
            migrations.RunSQL.noop,
        ),
        # Where something is divided, the next publish counts anew: a day whose basis is not said is of none in force.
        migrations.RunSQL(
            "update rollup_day set basis = '' where current "
            "and exists (select from account_link where part_to is not null)",
            migrations.RunSQL.noop,
        ),
    ]
