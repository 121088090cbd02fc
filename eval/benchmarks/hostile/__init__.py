"""Files and folders that mean harm: one benchmark a file.

archives         ZIP files that lie, overlap, nest or unpack to too much
bad_files        bad files of every sort among good ones, through the real command
index_mutations  index files that have been tampered with
markup           entities that grow, markup that asks for files and addresses
parser_faults    parsers that hang, swell, crash, flood or fork
pdf_attacks      PDF files built to exhaust, trap or crash whoever reads them
trees            links in circles, pipes, devices, files that are not there
unicode_spans    passages and citations stand letter by letter in any script
"""
