-- grain: truth × model; every pair of the catalogue scored without observed flows (`firefly graph measure`): AUC, and recall among the best tenth, with 95% intervals
SELECT
    truth, model, tools, flowing,
    auc, auc_low, auc_high, recall, recall_low, recall_high
FROM graph_measure
ORDER BY truth, starts_with(model, 'without'), model
