"""python-calamine alone: the rows as it gives them, nothing made of them."""

import sys

from python_calamine import CalamineWorkbook

if __name__ == "__main__":
    print(sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows()))
