-- grain: server × tool × field pattern; fields nothing should flow from: what changes between equal calls, and envelopes
SELECT server, tool, pattern FROM volatile_field
UNION
SELECT t.server, t.tool, e.pattern
FROM envelope_field AS e
INNER JOIN tool AS t ON t.server = e.server
