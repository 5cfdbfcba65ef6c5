-- grain: query; the syntax tree of the query `query_text`, or why it has none: only SELECT statements have
SELECT json_serialize_sql(getvariable('query_text'))::VARCHAR AS parsed
