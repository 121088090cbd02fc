"""Everything on a subject: every passage that could say it is read, and what is found is listed."""

from rag.answering.everything.request import (
    Request as Request,
    everything_asked as everything_asked,
)
from rag.answering.everything.survey import (
    PassageSource as PassageSource,
    Survey as Survey,
    Surveyor as Surveyor,
)
