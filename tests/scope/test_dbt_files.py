from cases import each
from dot.base.errors import Location
from dot.dbt.project_paths import ProjectPath
from dot.scope.dbt_files import Folders


def folders(**named: str) -> Folders:
    usual = {"model-paths": "models", "seed-paths": "./seeds/", "snapshot-paths": "snapshots", "test-paths": "tests"}
    others = {"macro-paths": "macros", "analysis-paths": "analyses", "function-paths": "functions"}
    given = {name.replace("_", "-"): folder for name, folder in named.items()}
    paths = (usual | others | given).items()
    return Folders(ProjectPath(setting, folder, lambda: Location("dbt_project.yml")) for setting, folder in paths)


@each(
    "path, kind",
    [
        ("models/a.sql", "model"),
        ("models/deep/er/a.PY", "model"),
        ("models/a.yml", "properties"),
        ("models/a.md", "documentation"),
        ("models/a.csv", "other"),
        ("models/.gitkeep", "ignored"),
        ("models.sql", "other"),
        ("models2/a.sql", "other"),
        ("seeds/a.csv", "seed"),
        ("seeds/a.sql", "other"),
        ("seeds/a.yaml", "properties"),
        ("snapshots/a.sql", "snapshot"),
        ("functions/a.py", "function"),
        ("tests/a.sql", "test"),
        ("tests/generic/a.sql", "other"),
        ("tests/deep/generic/a.sql", "other"),
        ("tests/fixtures/a.csv", "other"),
        ("tests/fixtures/a.sql", "other"),
        ("macros/a.sql", "other"),
        ("macros/a.yml", "other"),
        ("analyses/a.sql", "analysis"),
        ("analyses/a.yml", "properties"),
        ("dbt_project.yml", "other"),
        ("packages.yml", "other"),
        ("dot_vars.yml", "other"),
        ("data/a.csv", "other"),
        ("README.md", "ignored"),
        ("deep/README.md", "other"),
        (".github/workflows/ci.yml", "ignored"),
        (".gitignore", "ignored"),
        (".gitattributes", "other"),
        (".gitlab-ci.yml", "ignored"),
        ("deep/.gitlab-ci.yml", "other"),
    ],
)
def test_what_a_file_is_follows_from_its_folder_and_its_ending(path: str, kind: str) -> None:
    assert folders().classify(path) == kind


def test_a_folder_may_be_the_whole_project_or_within_another() -> None:
    assert folders(model_paths=".").classify("a.sql") == "model"
    assert folders(macro_paths="models/macros").classify("models/macros/a.sql") == "other"
    assert folders(local="models/house").classify("models/house/a.sql") == "other"
    assert folders(docs_paths="pages").classify("pages/a.md") == "documentation"


def test_folders_out_of_the_project_and_those_that_jinja_names_are_told_apart() -> None:
    assert [*folders(local="../house", model_paths="../shared/models").outside] == ["../shared/models", "../house"]
    assert not folders(model_paths="{{ var('x') }}").is_known
    assert ([*folders().outside], folders().is_known) == ([], True)
