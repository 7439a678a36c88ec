"""`importer.toml` as it stands: which file it is, its profiles, its schedule, where notices go. `importer.settings`
reads the values."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from importer import APPLICATION
from importer.credentials import check_profile_name
from importer.errors import SetupError, unusable_file
from importer.files import UnusableFile, read_plain_file

FILE = "importer.toml"
_MOST_BYTES = 1024**2


def values_in_file(profile: str | None) -> tuple[str, dict[str, Any]]:
    """Where the settings file stands, and what it says for a profile (None: for nobody's), its own in place of
    everybody's. Raises SetupError for a file that is none and for a profile that it does not have."""
    if profile is not None:
        check_profile_name(profile)
    file, tables = _tables()
    if file is None:
        if profile is not None:
            raise SetupError("unknown-profile", name=profile, source=FILE)
        return FILE, {}
    profiles = tables.pop("profile", {})
    tables.pop("schedule", None)
    if profile is not None and profile not in profiles:
        raise SetupError("unknown-profile", name=profile, source=str(file))
    own = profiles[profile] if profile is not None else {}
    if profile is not None and ("url" in own or "url" not in tables):
        # A name stands for an address: that of another one is not its own.
        tables.pop("installation", None)
    chosen = tables | own
    chosen.pop("notices", None)
    return str(file), chosen


def profile_names() -> list[str]:
    """`""` for no profile, then those of the settings file in its order. Raises SetupError for a file that is none."""
    return ["", *_tables()[1].get("profile", {})]


@dataclass(frozen=True, slots=True)
class ScheduledFolder:
    """A line of `[schedule]`: the workbooks of `folder` are submitted under `profile` (`""`: none) whenever the cron
    line `at` says (UTC)."""

    name: str
    at: str
    folder: str
    profile: str = ""
    check_only: bool = False


def scheduled_folders() -> list[ScheduledFolder]:
    """The lines of `[schedule]` in the settings file. Raises SetupError."""
    file, tables = _tables()
    given = tables.get("schedule", {})
    try:
        found = [ScheduledFolder(name, **line) for name, line in given.items()]
        if not all(isinstance(text, str) for one in found for text in (one.at, one.folder, one.profile)):
            raise TypeError
    except (TypeError, AttributeError) as error:
        facts = {"name": "schedule", "value": str(given), "source": str(file)}
        raise SetupError("bad-setting", **facts, expected="schedule") from error
    return found


def notices_table(profile: str | None) -> tuple[str, Any]:
    """The table `[notices]` as the settings file has it for a profile, its own in place of everybody's, and where it
    stands; `importer.team.notices` reads it. Raises SetupError."""
    file, tables = _tables()
    own = tables.get("profile", {}).get(profile or "", {})
    return str(file or FILE), own.get("notices", tables.get("notices", {}))


def mappings_folder() -> Path:
    """Where the user's mappings lie."""
    return user_config_path(APPLICATION, appauthor=False) / "mappings"


def _tables() -> tuple[Path | None, dict[str, Any]]:
    """The settings file and what it holds; None where there is none. Raises SetupError."""
    places = (Path(FILE), user_config_path(APPLICATION, appauthor=False) / FILE)
    file = next((path for path in places if path.exists()), None)
    if file is None:
        return None, {}
    try:
        tables = dict(_parsed(read_plain_file(file, _MOST_BYTES)))
    except UnusableFile as error:
        raise unusable_file(file, _MOST_BYTES, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SetupError("bad-settings-file", source=str(file), detail=str(error)) from error
    profiles = tables.get("profile", {})
    if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
        raise SetupError("bad-settings-file", source=str(file), detail="profile: [profile.NAME]")
    return file, tables


@lru_cache(maxsize=1)
def _parsed(content: bytes) -> dict[str, Any]:
    """Kept by its content: a worker reads the settings of every profile, and a file of 200 takes 20 ms to parse."""
    return tomllib.loads(content.decode())
