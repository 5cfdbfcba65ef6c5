-- grain: sub-DAG, or reason why turns gave none; as asked for by the variables
FROM drawn_dags(
    seed := getvariable('seed'),
    n := getvariable('n'),
    multi_server := getvariable('multi_server'),
    max_nodes := getvariable('max_nodes'),
    max_share := getvariable('max_share')
)
