-- grain: server × tool × arguments × result × scalar; the scalars of what explored calls gave
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments in canonical JSON.
-- leaf: The scalar: pointer, pattern, value and kind.
-- started_at: When the first episode that saw it began.
-- wall_us: How long that episode took, in microseconds.
SELECT server, tool, arguments, unnest(json_leaves(result)) AS leaf, started_at, wall_us FROM seen_result
