"""The files of the user's that dot may offer to edit: what stands in them, and what git says of them."""

from collections.abc import Iterable
from pathlib import Path

from dot.base.file_edit import File
from dot.base.wording import show_path
from dot.plan.gather_workspace import Workspace
from dot.setup.startup_offers import EditorFacts, IgnoreFacts
from dot.system.git import is_ignored
from dot.system.user_files import read_user_file

EDITOR_FOLDER = ".vscode"


def read_file(here: Workspace, path: Path) -> File:
    """The file as it stands. Raises `StorageError`."""
    return File(path=path, name=show_path(path, here.cwd), text=read_user_file(path))


def gather_ignoring(here: Workspace, names: Iterable[str]) -> IgnoreFacts | None:
    """The `.gitignore` beside `dbt_project.yml`, and which names git ignores nowhere; nothing in no repository."""
    answers = {name: is_ignored(here.project, name) for name in names}
    if None in answers.values():
        return None
    missing = tuple(name for name, answer in answers.items() if not answer)
    return IgnoreFacts(file=read_file(here, here.project / ".gitignore"), missing=missing)


def gather_editor(here: Workspace) -> EditorFacts:
    """The settings of VS Code: of the folder nearest to the project that has any, else of the whole repository."""
    folders = _list_folders(here.project)
    found = next((folder for folder in folders if (folder / EDITOR_FOLDER).is_dir()), None)
    is_used = found is not None or here.environ.get("TERM_PROGRAM") == "vscode"
    path = (found or folders[-1]) / EDITOR_FOLDER / "settings.json"
    return EditorFacts(file=read_file(here, path), is_used=is_used)


def _list_folders(project: Path) -> tuple[Path, ...]:
    """The project and what is above it, up to the top of its repository: at home `.vscode` holds extensions."""
    folders = (project, *project.parents)
    top = next((index for index, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    return folders[: top + 1]
