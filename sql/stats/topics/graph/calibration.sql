-- grain: bin of the score; what the score promises and what happened, on recorded calls that the weights were not fitted to
SELECT least, most, pairs, predicted, flowed, round(flowed / nullif(pairs, 0), 4) AS share FROM graph_calibration ORDER BY least
