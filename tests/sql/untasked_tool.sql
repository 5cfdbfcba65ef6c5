-- grain: case; what stands in the way of tasks is told
INSERT INTO server BY NAME SELECT 's' AS server, 'ok' AS status, 'stdio' AS transport, '{}' AS launch, 5 AS tools, TIMESTAMP '2024-05-06' AS seen_at;
INSERT INTO tool BY NAME
SELECT * FROM (
    VALUES
        ('s', 'get_status', '{}', 0, 'h'),
        ('s', 'add_note', '{}', 1, 'h'),
        ('s', 'get_report', '{}', 2, 'h'),
        ('s', 'get_flag', '{}', 3, 'h'),
        ('s', 'get_lost', '{}', 4, 'h')
) AS v (server, tool, input_schema, position, tool_hash);
INSERT INTO call BY NAME
SELECT
    'e' AS episode_id, row_number() OVER () - 1 AS call_index, 's' AS server, tool, arguments, result, result AS reply, is_error,
    'live' AS source, '' AS state_key, md5(result) AS result_hash
FROM (
    VALUES
        ('get_status', '{"id":"abc"}', '{"id":"abc"}', false),
        ('add_note', '{}', '"added"', false),
        ('get_report', '{}', '"All of it is well and nothing has to be done"', false),
        ('get_flag', '{}', 'true', false),
        ('get_lost', '{}', '"no such thing"', true)
) AS v (tool, arguments, result, is_error);
-- expect
SELECT string_agg(tool || ': ' || reason, '; ' ORDER BY tool) AS actual,
    'add_note: it writes, and no reading asks for what; get_flag: it says no more than yes or no; '
    || 'get_lost: no success: arguments refused; get_report: it reports in sentences; '
    || 'get_status: it repeats what it was given' AS expected
FROM untasked_tool
