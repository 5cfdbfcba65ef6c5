-- grain: episode; the episodes that others recorded
SELECT episode_id FROM trace
