"""The commit that a build is made from."""

from dot.base.frozen import FrozenLenient


class Commit(FrozenLenient):
    """What the ref resolved to. `short_hash` names the build's folder and ends its schemas."""

    hash: str
    short_hash: str
    subject: str
    committed_at: str

    @property
    def suffix(self) -> str:
        """What every schema of the build ends in, before a custom schema's name."""
        return f"_{self.short_hash}"
