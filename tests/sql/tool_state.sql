-- grain: case; names are believed before claims
INSERT INTO tool BY NAME
SELECT * FROM (
    VALUES
        ('s', 'get_order', '{}', NULL, 0, 'h'),
        ('s', 'case_create', '{}', '{"readOnlyHint": true}', 1, 'h'),
        ('s', 'moderation_status_get', '{}', NULL, 2, 'h'),
        ('s', 'orbit', '{}', '{"destructiveHint": true}', 3, 'h'),
        ('s', 'orbit_info', '{}', NULL, 4, 'h')
) AS v (server, tool, input_schema, annotations, position, tool_hash);
-- expect
SELECT string_agg(tool || '=' || reads, ' ' ORDER BY tool) AS actual,
    'case_create=false get_order=true moderation_status_get=true orbit=false orbit_info=true' AS expected
FROM tool_state
