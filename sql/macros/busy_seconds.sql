-- grain: episode; seconds of an episode in which no earlier one of the same `part` ran: what lies between runs is no part of them
CREATE MACRO busy_seconds(started_at, ended_at, part) AS (
    greatest(
        epoch(ended_at) - greatest(
            epoch(started_at),
            coalesce(epoch(max(ended_at) OVER (PARTITION BY part ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), 0)
        ),
        0
    )
);
