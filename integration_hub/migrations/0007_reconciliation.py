import integration_hub.models.common
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integration_hub', '0006_erp_sources'),
    ]

    operations = [
        migrations.AddField(
            model_name='rejectedrow',
            name='document',
            field=integration_hub.models.common.KeyField(blank=True, default='', max_length=120),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='after_load',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='compared_groups',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='confirmed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='groups',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='hash_agrees',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='waiting',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='reconciliation',
            index=models.Index(fields=['stream', '-id'], name='hub_reconciliation_latest'),
        ),
    ]
