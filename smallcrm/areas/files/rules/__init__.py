"""The rules of files, a file a noun. Importing this registers what must hold whoever writes a file's record."""

from smallcrm.areas.files.rules.erasing import Attached, erase_about, of_records
from smallcrm.areas.files.rules.placing import find_place, need_place, takes_files
from smallcrm.areas.files.rules.reading import find_content, is_masked, on_record, opened
from smallcrm.areas.files.rules.uploading import Kept, attach, keep, need_create, released_on_failure, upload

__all__ = [
    "Attached", "Kept", "attach", "erase_about", "find_content", "find_place", "is_masked", "keep", "need_create",
    "need_place", "of_records", "on_record", "opened", "released_on_failure", "takes_files", "upload",
]  # fmt: skip
