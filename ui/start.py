"""What `rag chat` starts: Streamlit, which takes its options from our flags alone.

Streamlit would obey `.streamlit/config.toml` of the home and of the working directory too, and
read secrets there. Run as a script, it needs nothing on the module path but Streamlit.
"""

from __future__ import annotations

from streamlit import config
from streamlit.web import cli


def main() -> None:
    """Runs `streamlit` with the arguments of this process."""
    # nothing has been read yet: Streamlit asks for these names when it starts to run
    config.get_config_files = _none
    cli.main(prog_name="streamlit")


def _none(file_name: str) -> list[str]:
    """Returns the places of a configuration file of that name: nowhere."""
    return []


if __name__ == "__main__":
    main()
