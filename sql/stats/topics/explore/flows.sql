-- grain: tier of the edge a value went along; values that flowed into calls that succeeded
WITH flown AS (
    SELECT s.server AS src_server, s.tool AS src_tool, d.server AS dst_server, d.tool AS dst_tool, f.dst_pointer
    FROM flow AS f
    INNER JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
    INNER JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
    WHERE NOT d.is_error AND d.source = 'live' AND (s.server, s.tool) <> (d.server, d.tool)
),

best AS (
    SELECT src_server, src_tool, dst_server, dst_tool, dst_param, max(score) AS score, arg_max(tier, score) AS tier
    FROM edge
    GROUP BY ALL
)

SELECT
    coalesce(b.tier, 'no edge') AS tier,
    count(*) AS flows,
    round(100 * count(*) / sum(count(*)) OVER (), 1) AS percent,
    count(DISTINCT (f.src_server, f.src_tool, f.dst_server, f.dst_tool)) AS pairs
FROM flown AS f
LEFT JOIN best AS b
    ON b.src_server = f.src_server AND b.src_tool = f.src_tool AND b.dst_server = f.dst_server AND b.dst_tool = f.dst_tool
    AND b.dst_param = split_part(f.dst_pointer, '/', 2)
GROUP BY ALL
ORDER BY flows DESC
