"""What `streamlit run` serves: the app behind its gate.

Streamlit finds `app` in this file and gives it to uvicorn, with all options of the command line set
before the import. Without a secret in the environment nothing is served: `rag chat` sets it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Streamlit puts the folder of this file first on the path, where `ui/files.py` would be `files`
# for every library; what must be found there is the package `ui`.
_HERE = Path(__file__).resolve().parent
sys.path[:] = [str(_HERE.parent), *(entry for entry in sys.path if entry and Path(entry) != _HERE)]

from starlette.middleware import Middleware  # noqa: E402
from streamlit import config  # noqa: E402
from streamlit.starlette import App  # noqa: E402

from ui import entry  # noqa: E402
from ui.access import ORIGIN, VARIABLE  # noqa: E402
from ui.gate import Gate  # noqa: E402

# A page is drawn with many small queries, each of which lets go of the interpreter's lock: while a
# question is searched or a file is read, it would wait this long after each to have it back.
sys.setswitchinterval(0.001)

app = App(
    _HERE / "streamlit_app.py",
    routes=entry.routes(),
    middleware=[
        # taken out, so that no child of this process inherits it
        Middleware(
            Gate,
            os.environ.pop(VARIABLE),
            int(config.get_option("server.port")),
            os.environ.get(ORIGIN, ""),
        )
    ],
)
