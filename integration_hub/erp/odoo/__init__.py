"""Odoo 15 to 19."""
