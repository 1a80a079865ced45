"""What Databricks is told of a repository, by the URL of a remote."""

import pytest

from cases import each
from dot.base.errors import UsageError
from dot.plan.git_source import find_git_source

ACME = "https://github.com/acme/shop.git"


@each(
    "url, provider, expected",
    [
        (ACME, None, ("gitHub", ACME)),
        ("git@github.com:acme/shop.git", None, ("gitHub", ACME)),
        ("ssh://git@github.com/acme/shop.git", None, ("gitHub", ACME)),
        ("ssh://git@github.com:22/acme/shop.git", None, ("gitHub", ACME)),
        ("https://ada:s3cret@github.com/acme/shop.git", None, ("gitHub", ACME)),
        ("https://GitHub.com/acme/shop", None, ("gitHub", "https://github.com/acme/shop")),
        ("https://gitlab.com/a/b/c.git", None, ("gitLab", "https://gitlab.com/a/b/c.git")),
        ("git@bitbucket.org:a/b.git", None, ("bitbucketCloud", "https://bitbucket.org/a/b.git")),
        ("https://dev.azure.com/o/p/_git/r", None, ("azureDevOpsServices", "https://dev.azure.com/o/p/_git/r")),
        ("git@ssh.dev.azure.com:v3/o/p/r", None, ("azureDevOpsServices", "https://dev.azure.com/o/p/_git/r")),
        ("https://o.visualstudio.com/p/_git/r", None, ("azureDevOpsServices", "https://o.visualstudio.com/p/_git/r")),
        ("https://git.acme.example:8443/a/b.git", "gitLabEnterpriseEdition", None),
        ("git@git.acme.example:a/b.git", "gitHubEnterprise", ("gitHubEnterprise", "https://git.acme.example/a/b.git")),
    ],
)
def test_a_url_tells_the_provider_and_holds_no_password(
    url: str, provider: str | None, expected: tuple[str, str] | None
) -> None:
    expected = expected or (provider or "", url)
    assert tuple(find_git_source(url, provider)) == expected


@each(
    "url, provider, message",
    [
        ("https://git.acme.example/a/b.git", None, "nothing tells which provider `git.acme.example` is"),
        ("../remote.git", None, "Databricks cannot fetch from a remote that is no URL of a host"),
        ("/srv/git/shop.git", None, "Databricks cannot fetch"),
        ("file:///srv/git/shop.git", None, "Databricks cannot fetch"),
        ("C:\\git\\shop", None, "Databricks cannot fetch"),
        ("", None, "Databricks cannot fetch"),
        (ACME, "github", "`--git-provider github` is unknown"),
    ],
)
def test_what_databricks_cannot_reach_is_refused(url: str, provider: str | None, message: str) -> None:
    with pytest.raises(UsageError, match="(?s)" + message.replace("`", ".")):
        find_git_source(url, provider)
