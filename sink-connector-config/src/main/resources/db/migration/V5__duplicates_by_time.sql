-- GET /duplicates lists the newest duplicates. Without an index, PostgreSQL sorts the whole table.
CREATE INDEX duplicate_messages_by_time ON duplicate_messages (detected_at);
CREATE INDEX duplicate_messages_conflicts_by_time ON duplicate_messages (detected_at) WHERE conflict;
