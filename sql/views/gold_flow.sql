-- grain: task × flow between gold calls; with the value that flowed (a value that flowed from another call is given in the question)
SELECT
    g.task_id,
    g.episode_id,
    g.question,
    f.src_call,
    f.src_pointer,
    f.dst_call,
    f.dst_pointer,
    CASE WHEN f.src_pointer = '' THEN c.result::JSON ELSE json_extract(c.result, f.src_pointer) END ->> '$' AS value,
    json_extract_string(t.input_schema, '/properties' || f.dst_pointer || '/default') AS default_value
FROM gold_call AS g
INNER JOIN flow AS f ON f.episode_id = g.episode_id AND f.dst_call = g.call_index
INNER JOIN gold_call AS s ON s.task_id = g.task_id AND s.call_index = f.src_call
LEFT JOIN tool AS t ON t.server = g.server AND t.tool = g.tool
INNER JOIN call AS c ON c.episode_id = f.episode_id AND c.call_index = f.src_call
