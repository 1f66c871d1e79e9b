"""Programs that run inside Tryton's own virtual environment, as processes; the test suite never imports them."""
