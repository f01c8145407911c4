"""The maths: arrays in, arrays out. Knows neither Excel nor files, and never asks for today's date."""
