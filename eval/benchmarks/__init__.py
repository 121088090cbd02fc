"""Experiments behind design decisions. Nothing in the product imports them.

quality  how often what is found, answered and marked is right
speed    seconds, memory and disk
crash    kills, power cuts, full disks, damaged files
hostile  files and folders that mean harm
helpers  what the benchmarks share; nothing in it is run by itself
"""
