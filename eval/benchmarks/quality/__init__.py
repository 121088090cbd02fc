"""How often what is found, answered and marked is right: one benchmark a file.

conflicts   sources that disagree are shown as such
embedder    the embedder by itself: dense search and sentence similarity
followups   a follow-up freed of its chat finds what the full question finds
fusion      the hybrid search against the better of its two halves
generators  ways to run one language model on a processor
injection   orders and lies that documents were made to hold
manners     questions with a greeting, a request, thanks, without marks
neighbours  questions in French and Portuguese over Spanish documents
probes      phrases known to stand in files are read, on their page
qa_model    the QA model by itself, the paragraph given
rerank      the weight of the QA model against the search before it
retrieval   the answer's text stands in the passages found
support     the marks «supported», «partly», «not found» of an answer's sentences
"""
