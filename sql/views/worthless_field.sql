-- grain: server × tool × field pattern; fields that are not worth asking for, with the reason
SELECT server, tool, pattern, 'it changes between equal calls' AS reason FROM volatile_field
UNION ALL
SELECT server, tool, field AS pattern, 'the tool always gives the same' AS reason FROM constant_field
UNION ALL
SELECT t.server, t.tool, e.pattern, 'it belongs to the envelope of the server''s results' AS reason
FROM envelope_field AS e
INNER JOIN tool AS t ON t.server = e.server
