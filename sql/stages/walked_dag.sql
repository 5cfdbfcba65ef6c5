-- grain: sub-DAG; those that a policy has walked
SELECT DISTINCT dag_id FROM episode WHERE policy = getvariable('policy')
