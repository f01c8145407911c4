"""Any table from anywhere (xlsx, csv, parquet ...) as our fields."""
