"""Excel itself: the workbook that is open, the ribbon's buttons, worksheet functions, the add-in."""
