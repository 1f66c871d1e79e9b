import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import integration_hub.models.common
import integration_hub.words
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0005_home'),
        ('integration_hub', '0011_search_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ListColumns',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('names', models.TextField()),
            ],
            options={
                'db_table': 'list_columns',
            },
        ),
        migrations.CreateModel(
            name='OwnerTotal',
            fields=[
                ('owner', integration_hub.models.common.KeyField(max_length=120, primary_key=True, serialize=False)),
                ('as_of', models.DateField()),
                ('counts', models.JSONField(default=dict)),
                ('sums', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'rollup_owner',
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('query', models.TextField(blank=True, default='')),
                ('shared', models.BooleanField(default=False)),
                ('position', models.PositiveIntegerField(default=0)),
            ],
            options={
                'db_table': 'saved_view',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SavedViewCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('computed_at', models.DateTimeField()),
                ('customers', models.PositiveIntegerField()),
            ],
            options={
                'db_table': 'saved_view_count',
            },
        ),
        migrations.AddIndex(
            model_name='customer',
            index=django.contrib.postgres.indexes.GinIndex(integration_hub.words.SearchWords('search_text'), name='customer_words'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(django.db.models.functions.comparison.Collate(django.db.models.functions.text.Left('search_text', 60), 'C'), name='customer_starts'),
        ),
        migrations.AddField(
            model_name='listcolumns',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='list_columns', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedview',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedviewcount',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedviewcount',
            name='view',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='customers.savedview'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('user', 'name'), name='saved_view_name_once'),
        ),
        migrations.AddConstraint(
            model_name='savedviewcount',
            constraint=models.UniqueConstraint(fields=('view', 'user'), name='saved_view_count_once'),
        ),
    ]
