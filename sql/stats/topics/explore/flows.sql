-- grain: kind of walk × tier of the edge a value went along, by the evidence without observed flows; flows into calls that succeeded
WITH flown AS (
    SELECT
        CASE WHEN d.shape IN ('survey', 'cover', 'mixed', 'miss', 'state') THEN 'over all tools' ELSE 'drawn' END AS walk,
        s.server AS src_server,
        s.tool AS src_tool,
        t.server AS dst_server,
        t.tool AS dst_tool,
        split_part(f.dst_pointer, '/', 2) AS dst_param
    FROM flow AS f
    INNER JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
    INNER JOIN call AS t ON t.episode_id = f.episode_id AND t.call_index = f.dst_call
    INNER JOIN episode AS e ON e.episode_id = f.episode_id
    LEFT JOIN dag AS d ON d.dag_id = e.dag_id
    WHERE NOT t.is_error AND t.source = 'live' AND (s.server, s.tool) <> (t.server, t.tool)
),

-- What a flow has added to an edge is taken off again: where would the value have gone without having been seen to?
best AS (
    SELECT src_server, src_tool, dst_server, dst_tool, dst_param, max(prior) AS prior
    FROM edge
    GROUP BY ALL
),

least AS (
    SELECT
        min(prior) FILTER (tier = 'high') AS high,
        min(prior) FILTER (tier IN ('high', 'medium')) AS medium
    FROM edge
    WHERE flow_evidence = 0 AND judge_evidence IS NULL
),

placed AS (
    SELECT
        f.*,
        CASE
            WHEN b.prior >= l.high THEN 'high'
            WHEN b.prior >= l.medium THEN 'medium'
            WHEN b.prior IS NOT NULL THEN 'low or by flow alone'
            ELSE 'no edge'
        END AS tier
    FROM flown AS f
    CROSS JOIN least AS l
    LEFT JOIN best AS b
        ON b.src_server = f.src_server AND b.src_tool = f.src_tool AND b.dst_server = f.dst_server AND b.dst_tool = f.dst_tool
        AND b.dst_param = f.dst_param
)

SELECT
    walk,
    tier,
    count(*) AS flows,
    round(100 * count(*) / sum(count(*)) OVER (PARTITION BY walk), 1) AS percent,
    count(DISTINCT (src_server, src_tool, dst_server, dst_tool)) AS pairs
FROM placed
GROUP BY walk, tier
ORDER BY walk, flows DESC
