"""The number in a company register that an ERP keeps of its customers."""

import integration_hub.models.common
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("integration_hub", "0025_operation_views")]

    operations = [
        migrations.AddField(
            model_name="erpcustomer",
            name="registration_number",
            field=integration_hub.models.common.Label(blank=True, default="", max_length=80),
        ),
    ]
