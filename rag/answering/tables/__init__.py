"""Figures computed from the cells of tables, each of them cited."""

from rag.answering.tables.computed import computed as computed
