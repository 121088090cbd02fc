"""A library that a server holds, used as if it lay in a folder: by the command line and the app.

offered     which methods of a library may be called over a server, and by whom
connection  requests, and their failures as they were stated
stream      an answer while the server writes it
library     `RemoteLibrary`, in the place of `library.Library`
jobs        uploads that the server reads
"""

from rag.remote.jobs import RemoteJobs as RemoteJobs
from rag.remote.library import RemoteLibrary as RemoteLibrary
