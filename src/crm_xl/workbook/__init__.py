"""The .xlsx file: package, cells, tables, sheet layouts, the lossless writer."""
