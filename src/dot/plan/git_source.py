"""Where Databricks fetches a repository from, by the URL of a remote here."""

import re
from typing import NamedTuple

from dot.base.errors import UsageError

PROVIDERS = (
    *("awsCodeCommit", "azureDevOpsServices", "bitbucketCloud", "bitbucketServer", "gitHub", "gitHubEnterprise"),
    *("gitLab", "gitLabEnterpriseEdition"),
)
"""The hosts that Databricks knows."""

_KNOWN = {
    "github.com": "gitHub",
    "gitlab.com": "gitLab",
    "bitbucket.org": "bitbucketCloud",
    "dev.azure.com": "azureDevOpsServices",
    "ssh.dev.azure.com": "azureDevOpsServices",
}
_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?!//)(?P<path>[^\\]+)\Z")
_URL = re.compile(r"(?P<scheme>\w+)://(?:[^@/]*@)?(?P<host>[\w.-]+)(?P<port>:\d+)?/(?P<path>.+)\Z")
_AZURE_SSH = re.compile(r"v3/([^/]+)/([^/]+)/([^/]+)\Z")


class GitSource(NamedTuple):
    """A repository as Databricks is told of it: who hosts it, and an HTTPS URL without a password."""

    provider: str
    url: str


def find_git_source(url: str, provider: str | None) -> GitSource:
    """What Databricks is told of the repository behind a remote's URL. Raises `UsageError` for what it cannot reach."""
    if provider and provider not in PROVIDERS:
        raise UsageError.of(f"`--git-provider {provider}` is unknown", hint=f"it takes {', '.join(PROVIDERS)}")
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    scheme = match.groupdict().get("scheme") or "ssh" if match else "file"
    if not match or scheme not in ("https", "http", "ssh", "git"):
        raise UsageError.of(
            "Databricks cannot fetch from a remote that is no URL of a host",
            hint="`--remote` names another one, of those that `git remote` lists",
        )
    host, path = match["host"].lower(), match["path"].strip("/")
    found = provider or _KNOWN.get(host) or ("azureDevOpsServices" if host.endswith(".visualstudio.com") else None)
    if not found:
        hint = f"`--git-provider` says it: {', '.join(PROVIDERS)}"
        raise UsageError.of(f"nothing tells which provider `{host}` is", hint=hint)
    if host == "ssh.dev.azure.com" and (parts := _AZURE_SSH.fullmatch(path)):
        host, path = "dev.azure.com", f"{parts[1]}/{parts[2]}/_git/{parts[3]}"
    port = match.groupdict().get("port") or "" if scheme in ("https", "http") else ""
    return GitSource(found, f"https://{host}{port}/{path}")
