"""The words: fields, tables, labels and messages in Chinese and English. No logic."""
