import django.contrib.postgres.indexes
import integration_hub.words
from django.db import migrations, models

# The words of a text, as integration_hub/words.py has them; numbers without leading zeros. A word is cut where an index
# entry would be too long. The stated cost keeps the planner from computing it for every row of a table instead of
# asking the index.
SEARCH_WORDS = r"""
create function search_words(value text) returns tsvector language plpgsql immutable parallel safe cost 5000 as $$
declare
    folded text := replace(lower(regexp_replace(
        normalize(coalesce(value, ''), nfkd), '[\u0300-\u036f]', '', 'g'
    )), 'ß', 'ss');
begin
    return array_to_tsvector(array(
        select case when word ~ '^0+[1-9][0-9]*$' then ltrim(word, '0') else left(word, 100) end
        from regexp_split_to_table(folded, '[\s!-/:-@\[-`{-~]+') word
        where word <> ''
    ));
end
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('integration_hub', '0010_document_days'),
    ]

    operations = [
        migrations.RunSQL(SEARCH_WORDS, "drop function search_words(text)"),
        migrations.RemoveIndex(
            model_name='erpdelivery',
            name='erp_delivery_number',
        ),
        migrations.RemoveIndex(
            model_name='erpinvoice',
            name='erp_invoice_number',
        ),
        migrations.RemoveIndex(
            model_name='erporder',
            name='erp_order_number',
        ),
        migrations.AddIndex(
            model_name='erpcontact',
            index=django.contrib.postgres.indexes.GinIndex(integration_hub.words.SearchWords('name', 'email'), name='erp_contact_words'),
        ),
        migrations.AddIndex(
            model_name='erpdelivery',
            index=models.Index(fields=['number'], name='erp_delivery_starts', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='erpinvoice',
            index=models.Index(fields=['number'], name='erp_invoice_starts', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='erpinvoice',
            index=models.Index(condition=models.Q(('customer_reference', ''), _negated=True), fields=['customer_reference'], name='erp_invoice_reference', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='erporder',
            index=models.Index(fields=['number'], name='erp_order_starts', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='erporder',
            index=models.Index(condition=models.Q(('customer_reference', ''), _negated=True), fields=['customer_reference'], name='erp_order_reference', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='erppayment',
            index=models.Index(fields=['number'], name='erp_payment_starts', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='sfcontact',
            index=django.contrib.postgres.indexes.GinIndex(integration_hub.words.SearchWords('name', 'email'), name='sf_contact_words'),
        ),
        migrations.AddIndex(
            model_name='sfopportunity',
            index=django.contrib.postgres.indexes.GinIndex(integration_hub.words.SearchWords('name'), name='sf_opp_words'),
        ),
    ]
