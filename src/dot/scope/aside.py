"""Files that nothing is built from, in a dbt project and in a bundle."""

_FOLDERS = (
    *(".azuredevops", ".buildkite", ".circleci", ".devcontainer", ".fleet", ".git-hooks", ".github", ".gitlab"),
    *(".husky", ".idea", ".vscode", ".zed"),
)
"""Of editors, code hosts and CI systems."""

_FILES = (
    *(".editorconfig", ".gitlab-ci.yml", ".pre-commit-config.yaml", ".travis.yml", "azure-pipelines.yml"),
    *("bitbucket-pipelines.yml", "CODEOWNERS", "Jenkinsfile", "LICENSE"),
)


def is_aside(path: str) -> bool:
    """Whether it is of an editor or a CI system, a page at the top, or keeps an empty folder."""
    top, _, below = path.partition("/")
    name = path.rpartition("/")[2]
    return name == ".gitkeep" or (top in _FOLDERS if below else top in _FILES or top.endswith(".md"))
