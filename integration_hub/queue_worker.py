"""rq's worker, with the code of its jobs loaded before the first of them: a process that is forked for one job has it
then, where it would import the half of the product anew each time.

What was loaded stays as it was when files change on the disk. A worker that such files were changed under ends itself
with its next job (installation.release), and what supervises it starts the new code.
"""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from rq import Worker

from integration_hub.installation import release


class QueueWorker(Worker):
    """For settings.RQ: every queue names in settings.JOBS what its jobs call."""

    def work(self, *args: Any, **named: Any) -> bool:
        """Load, then wait for jobs until asked to stop; whether any job was done."""
        release.note_loaded()
        for name in {each for queue in self.queue_names() for each in settings.JOBS[queue]}:
            import_string(name)
        return super().work(*args, **named)
