-- What was taken out of a document, by class, and the model that looked for names, if one did: JSON. None of documents that were kept before this
-- was written down, and of those from which nothing was to be taken.
ALTER TABLE knowledge_documents ADD COLUMN redaction TEXT COLLATE "C";
