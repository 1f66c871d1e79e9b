"""A configuration error that names the place and the fix."""


class ConfigurationError(Exception):
    """hub.toml cannot be used. `where` is file and line or key path, `fix` says what to change."""

    def __init__(self, where: str, problem: str, fix: str) -> None:
        self.where, self.problem, self.fix = where, problem, fix
        super().__init__(f"{where}: {problem} {fix}")
