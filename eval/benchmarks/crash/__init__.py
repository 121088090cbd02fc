"""Kills, power cuts, full disks and damaged files: one benchmark a file.

crash     kills of `rag ingest` at random moments
crasher   the same for as long as you like, while questions are asked without a pause
faults    a kill, a full disk or a damaged file at every step of a change
power     a power cut at every sync, an error at every write
recovery  what was removed is gone from the disk, old formats open, models never mix
resume    an ingest killed while it reads a thousand files, and what the next one does again
"""
