-- grain: server × tool; what calls of the tool have been measured to be like
-- server: Server of the tool.
-- tool: The tool.
-- calls: Calls made, repeats included.
-- ok: Of them, those that succeeded.
-- error_rate: Share that failed in any way.
-- soft_rate: Share that said so in their text alone.
-- median_ms: Milliseconds from request to reply, the median of successes.
-- p95_ms: The same, of the slowest twentieth.
-- repeats: Times the same call was made again in the same state.
-- deterministic: Whether each repeat gave the same; null where none was made.
-- volatile_fields: Fields that changed between equal calls, or tell the time.
-- probes: Times a reading call was made before and after a call of this tool.
-- changes: Of them, those in which it gave something else afterwards.
-- purity: `pure` (probed, nothing changed), `changes` (something did) or null where it was not probed.
-- claims: What the tool's annotations claim: `reads`, `writes`, or null where they say nothing.
-- refuted: Whether what was measured goes against the claim.
WITH live AS (
    SELECT * FROM call WHERE source = 'live'
),

said AS (
    SELECT
        server,
        tool,
        count(*) AS calls,
        count(*) FILTER (NOT is_error) AS ok,
        round(avg(is_error::INT), 4) AS error_rate,
        round(avg((error_kind IS NOT DISTINCT FROM 'soft')::INT), 4) AS soft_rate,
        round(median(latency_us) FILTER (NOT is_error) / 1000, 2) AS median_ms,
        round(quantile_cont(latency_us, 0.95) FILTER (NOT is_error) / 1000, 2) AS p95_ms
    FROM live
    GROUP BY ALL
),

repeated AS (
    SELECT
        r.server, r.tool, count(*) AS repeats, bool_and(r.result_hash IS NOT DISTINCT FROM f.result_hash) AS deterministic
    FROM live AS r
    INNER JOIN live AS f ON f.episode_id = r.episode_id AND f.call_index = r.repeat_of AND f.state_key = r.state_key
    WHERE NOT f.is_error AND NOT r.is_error
    GROUP BY ALL
),

moving AS (
    SELECT server, tool, count(*) AS volatile_fields FROM volatile_field GROUP BY ALL
),

probed AS (
    SELECT c.server, c.tool, count(*) AS probes, count(s.witness) AS changes
    FROM probe AS p
    INNER JOIN live AS c ON c.episode_id = p.episode_id AND c.call_index = p.call_index
    LEFT JOIN seen_change AS s ON s.episode_id = p.episode_id AND s.call_index = p.call_index AND s.witness = p.witness
    GROUP BY ALL
),

claimed AS (
    SELECT
        server,
        tool,
        CASE annotations ->> 'readOnlyHint' WHEN 'true' THEN 'reads' WHEN 'false' THEN 'writes' END AS claims
    FROM tool
)

SELECT
    s.*,
    coalesce(r.repeats, 0) AS repeats,
    r.deterministic,
    coalesce(m.volatile_fields, 0) AS volatile_fields,
    coalesce(p.probes, 0) AS probes,
    coalesce(p.changes, 0) AS changes,
    CASE WHEN p.changes > 0 THEN 'changes' WHEN p.probes > 0 THEN 'pure' END AS purity,
    c.claims,
    c.claims = 'reads' AND coalesce(p.changes, 0) > 0 AS refuted
FROM said AS s
LEFT JOIN repeated AS r USING (server, tool)
LEFT JOIN moving AS m USING (server, tool)
LEFT JOIN probed AS p USING (server, tool)
LEFT JOIN claimed AS c USING (server, tool)
